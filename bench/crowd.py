"""People who work on problems as fast as they can, by the forms of the pages; each sends the same form until it is answered."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode

import httpx2

from tests.client import forms
from tests.databases import PIN
from tests.journeys import ANI, BUDI, CITRA, DESK, DESK_TOO, IDENTIFICATION, NET, YOSEP

# Who the people are, by turns: as many handlers as it takes to work on what is reported.
NIKS = (ANI, DESK, NET, CITRA, DESK_TOO, BUDI, DESK, NET, YOSEP, DESK_TOO)
PATIENCE = 20  # seconds for an answer
TEXTS = {"title", "description", "identification", "reason", "comment", "solution"}
RECENT = 15  # problems that handlers look at: the newest

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
BUSY = (500, 502, 503)  # answers after which the same is sent once more


@dataclass
class Act:
    """A form that somebody sent, by its key, which stands in what was typed. Times are in seconds, by the monotonic clock."""

    key: str
    says: bool  # whether something was typed
    began: float
    tried: float = 0.0  # when it was sent the last time
    answered: float = 0.0
    status: int = 0  # of the answer; 0 without one

    @property
    def acknowledged(self) -> bool:
        return self.status == 303


@dataclass
class Crowd:
    """The people at `address`; `acts` is all that they sent, `broken` the answers that nobody should ever get.

    While they are `hasty` they hang up in the middle of what they send, or before they are answered.
    """

    address: str
    size: int
    hasty: bool = False
    acts: list[Act] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)  # paths, in the order of their reports
    people: list["Person"] = field(default_factory=list)

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """They work while the context lasts, and then until what they have sent is answered."""
        if not self.people:
            self.people = [Person(self, NIKS[n % len(NIKS)]) for n in range(self.size)]
            await asyncio.gather(*(person.log_in() for person in self.people))
        gone = asyncio.Event()
        tasks = [asyncio.create_task(person.work(gone)) for person in self.people]
        try:
            yield
        finally:
            gone.set()
            done, late = await asyncio.wait(tasks, timeout=3 * PATIENCE)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        for task in done:
            task.result()

    async def acknowledged_after(self, moment: float, limit: float) -> float | None:
        """Wait until something sent after `moment` is acknowledged: how many seconds after; None if nothing is within `limit`."""
        while time.monotonic() < moment + limit:
            if after := [act.answered for act in self.acts if act.acknowledged and act.tried >= moment]:
                return min(after) - moment
            await asyncio.sleep(0.05)
        return None


class Person:
    """Somebody with a browser of their own."""

    def __init__(self, crowd: Crowd, nik: str) -> None:
        self._crowd, self._nik = crowd, nik
        self._mine: list[str] = []
        self._browser = httpx2.AsyncClient(
            base_url=crowd.address, headers={"Sec-Fetch-Site": "same-origin"}, timeout=PATIENCE
        )

    async def log_in(self) -> None:
        while (status := (await self._send("/login", {"nik": self._nik, "pin": PIN}))[0]) != 303:
            if status not in (0, *BUSY):
                raise RuntimeError(f"nobody can log in: {status}")
            await asyncio.sleep(0.2)

    async def work(self, gone: asyncio.Event) -> None:
        """Do one thing after another until they have `gone`."""
        steps = self._handle if self._nik in (DESK, DESK_TOO, NET) else self._report
        while not gone.is_set():
            await steps()
            await asyncio.sleep(random.uniform(0, 0.05))

    async def _report(self) -> None:
        if self._mine and random.random() < 0.5:
            path = random.choice(self._mine[-RECENT:])
            page, action = random.choice([(path, "comments"), (path, "reopening"), (path, "confirmation")])
            await self._fill_in(page, f"{path}/{action}")
        elif path := await self._fill_in("/problems/new", "/problems"):
            self._mine.append(path)
            self._crowd.problems.append(path)

    async def _handle(self) -> None:
        if not self._crowd.problems:
            return
        path = random.choice(self._crowd.problems[-RECENT:])
        action = random.choice(["opening", "escalation", "acceptance", "return", "closure", "comments"])
        if action in ("acceptance", "return"):
            await self._fill_in(path, f"{path}/escalation/{action}")
        else:
            await self._fill_in(path if action == "comments" else f"{path}/{action}", f"{path}/{action}")

    async def _fill_in(self, page: str, action: str) -> str:
        """Send the form to `action` on `page`, where it is shown to this person; where its answer led."""
        try:
            shown = forms((await self._browser.get(page)).text).get(action)
        except httpx2.TransportError:
            shown = None
        if shown is None:
            return ""
        said = f"bukti {shown['key']}"
        said_in = dict.fromkeys(TEXTS & shown.keys(), said)
        typed = (IDENTIFICATION if "identification" in shown else {}) | said_in
        if "division" in shown or "kind" in shown:
            typed |= {"kind": "it", "division": "IT-NET"}
        return await self._deliver(action, shown | typed, bool(said_in))

    async def _deliver(self, action: str, fields: dict[str, str], says: bool) -> str:
        act = Act(fields["key"], says, time.monotonic())
        self._crowd.acts.append(act)
        while True:
            act.tried = time.monotonic()
            status, location = await self._send(action, fields)
            if status == 500 or location.startswith("/login"):
                self._crowd.broken.append(f"{status} {action.rpartition('/')[2]} {location}")
            if location.startswith("/login"):
                await self.log_in()
            elif status and status not in BUSY:
                act.status, act.answered = status, time.monotonic()
                return location if act.acknowledged else ""
            await asyncio.sleep(random.uniform(0.1, 0.4))

    async def _send(self, action: str, fields: dict[str, str]) -> tuple[int, str]:
        """The status of the answer, 0 if there was none, and where it leads."""
        body, wait = urlencode(fields).encode(), float(PATIENCE)
        head = FORM | {"Content-Length": str(len(body))}
        if self._crowd.hasty and random.random() < 0.7:
            wait = random.uniform(0.002, 0.1)
        whole = wait == PATIENCE or random.random() < 0.7
        try:
            answer = await self._browser.post(
                action, content=_sent(body, whole), headers=head, timeout=wait, follow_redirects=False
            )
        except (httpx2.TransportError, ConnectionError):
            return 0, ""
        return answer.status_code, answer.headers.get("Location", "")


async def _sent(body: bytes, whole: bool) -> AsyncIterator[bytes]:
    """The bytes of a post, or half of them before it hangs up."""
    yield body if whole else body[: len(body) // 2]
    if not whole:
        raise ConnectionAbortedError
