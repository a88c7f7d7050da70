"""People in a browser: each sits at a screen of their own, logs in, and walks through the pages as a person does.

With scripting the form of an action is in a modal, without it is a page; `form_of` opens either.
"""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import ConsoleMessage, FilePayload, Locator, Request, Response, WebError, expect

from demo.accounts import ACCOUNTS
from tests.axe import Axe
from tests.conftest import PIN
from tests.screens import LIGHT, Kind, Screen, Screens, Size

MANAGER_OF_THE_DEMO, NET_OF_THE_DEMO = "40000001", "20000002"
PINS_OF_THE_DEMO = {account.nik: account.pin for account in ACCOUNTS}

PATIENCE = 8000  # milliseconds; a machine that makes thumbnails beside other tests takes its time
expect.set_options(timeout=PATIENCE)

Photos = Sequence[FilePayload]


def photo(content: bytes, name: str = "foto.jpg") -> FilePayload:
    """A photo to be chosen in a form; phones call all of theirs JPEG."""
    return {"name": name, "mimeType": "image/jpeg", "buffer": content}


PHONE = Size(360, 740, touch=True)
DESKTOP = Size(1440, 900)
WIDE = Size(2560, 1440)

OFFLINE = "net::ERR_INTERNET_DISCONNECTED"
NOT_OURS = "htmx: htmx:error: Expected property name"  # what the console says of an answer that names no swap


class Watch:
    """What happens in a context that nobody said would happen."""

    def __init__(self, site: str) -> None:
        self._site = site
        self._expected: set[int | str] = set()
        self._allowed: set[int | str] = set()
        self._seen: set[int | str] = set()
        self._surprises: list[str] = []
        self.elsewhere = ""  # the address to which a page may be sent in vain
        self.requests: list[Request] = []
        self._notes: dict[Any, Callable[[Any], None]] = {
            "request": self._on_request,
            "requestfailed": self._on_failure,
            "response": self._on_response,
            "console": self._on_console,
            "weberror": self._on_error,
        }

    def begin(self, screen: Screen) -> None:
        """Look at what happens there from now on."""
        for event, note in self._notes.items():
            screen.context.on(event, note)
        screen.hear = self._on_violation

    def end(self, screen: Screen) -> None:
        for event, note in self._notes.items():
            screen.context.remove_listener(event, note)

    def expect(self, *outcomes: int | str) -> None:
        """Statuses that are meant to be answered, or errors of the network that are meant to happen, from now on."""
        self._expected |= set(outcomes)

    def allow(self, *outcomes: int | str) -> None:
        """The same, which may happen or not."""
        self._allowed |= set(outcomes)

    def count(self, method: str, path: str) -> int:
        """How many requests of this method went to this path."""
        return Counter((r.method, urlsplit(r.url).path) for r in self.requests)[method, path]

    def check(self) -> None:
        """Nothing happened that was not expected, and all that was expected did."""
        assert not self._surprises, "\n".join(self._surprises)
        assert self._expected <= self._seen, f"did not happen: {self._expected - self._seen}"

    def _on_request(self, request: Request) -> None:
        self.requests.append(request)
        if not request.url.startswith((self._site, "data:", "blob:")) and request.url != self.elsewhere:
            self._surprises.append(f"left this machine: {request.url}")

    def _on_failure(self, request: Request) -> None:
        if request not in self.requests:  # of whoever sat here before
            return
        # A request that was replaced by the next one, or by another page, is given up; that is no failure.
        if request.failure != "net::ERR_ABORTED" and request.url != self.elsewhere:
            self._note(request.failure or "", f"{request.method} {request.url}: {request.failure}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400:
            self._note(response.status, f"{response.request.method} {response.url}: {response.status}")

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.text.startswith(NOT_OURS):
            self._note(NOT_OURS, message.text)
            return
        # The failed load itself is judged by its status, or by how it failed.
        repetition = message.text.startswith(("Failed to load resource", "htmx: htmx:error: Failed to fetch"))
        repetition = repetition or (self.elsewhere and f"attempt to load URL {self.elsewhere}" in message.text)
        if message.type in ("error", "warning") and not repetition:
            self._surprises.append(f"console: {message.text} ({message.location.get('url')})")

    def _on_error(self, error: WebError) -> None:
        self._surprises.append(f"page error: {error.error}")

    def _on_violation(self, text: str) -> None:
        self._surprises.append(f"policy violation: {text}")

    def _note(self, outcome: int | str, text: str) -> None:
        self._seen.add(outcome)
        if outcome not in self._expected | self._allowed:
            self._surprises.append(text)


class Person:
    """Somebody at a screen, with one page open."""

    def __init__(self, screen: Screen, watch: Watch, size: Size) -> None:
        self.context, self.page, self.scripting = screen.context, screen.page, screen.kind.scripting
        self.watch, self.size = watch, size
        self.axe = Axe(screen.page)

    # --- what is on the page

    def field(self, label: str, within: Locator | None = None) -> Locator:
        return (within or self.page).get_by_label(label, exact=True)

    def button(self, name: str, within: Locator | None = None) -> Locator:
        return (within or self.page).get_by_role("button", name=name, exact=True)

    def link(self, name: str, within: Locator | None = None) -> Locator:
        return (within or self.page).get_by_role("link", name=name, exact=True)

    @property
    def modal(self) -> Locator:
        """The modal that is open."""
        return self.page.get_by_role("dialog")

    @property
    def status(self) -> Locator:
        return self.page.locator(".detail-meta .badge").first

    @property
    def history(self) -> Locator:
        return self.page.locator("#history > li")

    @property
    def facts(self) -> Locator:
        return self.page.get_by_role("region", name="Rincian")

    # --- what a person does

    async def go(self, path: str) -> Response:
        response = await self.page.goto(path)
        assert response is not None
        return response

    async def press(self, target: Locator) -> None:
        """With a finger or with the mouse."""
        await (target.tap() if self.size.touch else target.click())

    async def send(self, button: Locator) -> Response:
        """Press the button of a form, and wait for the answer."""
        # Not that to another post of the page, a draft or the fields of a kind, which may be on its way.
        address = await button.evaluate("b => b.hasAttribute('formaction') ? b.formAction : b.form.action")
        sent = lambda response: response.request.method == "POST" and response.url == address  # noqa: E731
        async with self.page.expect_response(sent) as answer:
            await self.press(button)
        return await answer.value

    async def log_in(self, nik: str, pin: str = PIN) -> None:
        """From the login page on; both steps."""
        await self.give_nik(nik)
        await self.field("PIN").fill(pin)
        await self.press(self.button("Masuk"))
        await expect(self.page.locator(".who-nik")).to_have_text(nik)

    async def give_nik(self, nik: str) -> None:
        """The first step, until the PIN is asked for."""
        await self.field("NIK").fill(nik)
        if self.scripting:
            await self.field("NIK").press("Enter")
        else:
            await self.press(self.button("Lanjut"))
        await expect(self.field("PIN")).to_be_visible()

    async def log_out(self) -> None:
        await self.press(self.button("Keluar"))
        await expect(self.field("NIK")).to_be_visible()

    async def alt(self, letter: str) -> None:
        """Press an access key as a keyboard does: Playwright's own leaves out the text that access keys are found by."""
        keyboard = await self.context.new_cdp_session(self.page)
        event = {
            "modifiers": 1,
            "key": letter,
            "code": f"Key{letter.upper()}",
            "windowsVirtualKeyCode": ord(letter.upper()),
        }
        down = {"type": "keyDown", "text": letter, "unmodifiedText": letter}
        await keyboard.send("Input.dispatchKeyEvent", event | down)
        await keyboard.send("Input.dispatchKeyEvent", event | {"type": "keyUp"})
        await keyboard.detach()

    async def write_at(self, percent: int) -> None:
        """Ask the browser for text of that size, as its settings do."""
        settings = await self.context.new_cdp_session(self.page)
        sizes = {"standard": 16 * percent // 100, "fixed": 13 * percent // 100}
        await settings.send("Page.setFontSizes", {"fontSizes": sizes})
        await expect(self.page.locator("html")).to_have_css("font-size", f"{16 * percent // 100}px")
        await settings.detach()

    @asynccontextmanager
    async def offline(self) -> AsyncIterator[None]:
        """Without a network as long as the block lasts, in which something has to be asked of it.

        It goes when the page has all that it fetches by itself, the message for this case among it.
        """
        await self.page.wait_for_load_state("networkidle")
        self.watch.expect(OFFLINE)
        await self.context.set_offline(True)
        try:
            yield
        finally:
            await self.context.set_offline(False)

    async def fill_report(
        self, title: str = "Printer mati", description: str = "Tidak menyala sejak pagi.", photos: Photos = ()
    ) -> None:
        """Fill in a report, which is not sent yet."""
        await self.go("/problems/new")
        await self.field("Judul").fill(title)
        await self.field("Uraian").fill(description)
        if photos:
            await self.field("Lampiran").set_input_files(photos)

    async def send_report(self) -> str:
        """Send the report that is filled in, which has nothing at fault; the path of the problem."""
        await self.press(self.button("Kirim Laporan"))
        await self.page.wait_for_url(re.compile(r"/problems/\d+$"))
        return urlsplit(self.page.url).path

    async def report(
        self, title: str = "Printer mati", description: str = "Tidak menyala sejak pagi.", photos: Photos = ()
    ) -> str:
        """Report a problem; its path."""
        await self.fill_report(title, description, photos)
        path = await self.send_report()
        await expect(self.page.get_by_role("heading", name=title)).to_be_visible()
        return path

    async def form_of(self, action: str) -> Locator:
        """Open the form of an action by its button, or without scripting by the link that stands in its place."""
        if not self.scripting:
            await self.press(self.link(action))
            await expect(self.page.get_by_role("heading", name=action, level=1)).to_be_visible()
            return self.page.get_by_role("main")
        await self.press(self.button(action))
        await expect(self.modal.locator("form").first).to_be_visible()
        return self.modal

    async def fill_identification(self, text: str = "Kabel putus", urgency: str = "2") -> None:
        """Fill in the form of Buka Kendala that is open, which is not sent yet."""
        await self.field("Kategori").select_option("NET-WIFI")
        await self.field("Dampak").select_option("1")
        await self.field("Urgensi").select_option(urgency)
        await self.field("Identifikasi masalah").fill(text)

    async def open(self, path: str) -> None:
        """Buka Kendala, with its identification."""
        await self.go(path)
        form = await self.form_of("Buka Kendala")
        await self.fill_identification()
        await self.press(self.button("Simpan", form))
        await expect(self.status).to_have_text("Dibuka")

    async def choose_kind(self, form: Locator, kind: str) -> None:
        """Choose the kind of an escalation, and wait for its fields."""
        async with self.page.expect_response(lambda response: "/escalation" in response.url):
            await self.field("Jenis penyelesaian", form).select_option(label=kind)
            if not self.scripting:
                await self.press(self.button("Tampilkan isian", form))
        if kind == "Divisi IT":
            await expect(self.field("Divisi tujuan", form)).to_be_visible()
        else:
            await expect(self.field("Divisi tujuan", form)).to_have_count(0)

    async def escalate_to_it(self, path: str, division: str = "IT-NET", reason: str = "Perlu ahli jaringan") -> None:
        await self.go(path)
        form = await self.form_of("Penyelesaian")
        await self.choose_kind(form, "Divisi IT")
        await self.field("Divisi tujuan", form).select_option(division)
        await self.field("Alasan", form).fill(reason)
        await self.press(self.button("Penyelesaian>>", form))
        await expect(self.status).to_have_text("Dialihkan")

    async def escalate_elsewhere(self, path: str, reason: str = "Bukan urusan IT") -> None:
        await self.go(path)
        form = await self.form_of("Penyelesaian")
        await self.choose_kind(form, "Divisi selain IT")
        await self.field("Alasan", form).fill(reason)
        await self.press(self.button("Penyelesaian>>", form))
        await expect(self.status).to_have_text("Dialihkan")

    async def escalate_to_pic(self, path: str, pic: str, reason: str = "Perlu tukang") -> None:
        await self.go(path)
        form = await self.form_of("Penyelesaian")
        await self.choose_kind(form, "Departemen")
        await self.field("Alasan", form).fill(reason)
        await self.press(self.button("Penyelesaian>>", form))
        await self.field("PIC", form).select_option(pic)
        await self.press(self.button("Simpan", form))
        await expect(self.status).to_have_text("Dialihkan")

    async def accept(self, path: str) -> None:
        await self.go(path)
        await self.press(self.button("Terima"))
        await expect(self.status).to_have_text("Dibuka")

    async def close(self, path: str, solution: str = "Kabel diganti") -> None:
        await self.go(path)
        form = await self.form_of("Tutup Kendala")
        await self.field("Solusi", form).fill(solution)
        await self.press(self.button("Simpan", form))
        await expect(self.status).to_have_text("Selesai")

    async def comment(self, path: str, text: str) -> None:
        await self.go(path)
        await self.field("Komentar").fill(text)
        await self.send(self.button("Kirim Komentar"))
        await self.says("Komentar terkirim.")
        await expect(self.history.last).to_contain_text(text)

    # --- what a test looks at

    async def says(self, notice: str) -> None:
        """The page says that it was done."""
        await expect(self.page.get_by_role("status").get_by_text(notice, exact=True)).to_be_visible()

    async def scrolls_sideways(self) -> str:
        """What is wider than the window, or nothing."""
        return await self.page.evaluate(
            """() => {
                const width = document.documentElement.clientWidth
                if (document.documentElement.scrollWidth <= width && document.body.scrollWidth <= width) return ''
                const wide = [...document.body.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > width + 1)
                return wide.map(e => `${e.tagName}.${e.className}`).slice(0, 5).join(', ') || 'the page'
            }"""
        )

    async def violations(self, name: str = "", *colours: dict[str, str]) -> list[str]:
        """What axe finds on the page that is open, called `name`, and in each of these `colours` what colours can change."""
        return await self.axe.violations(name, *colours)

    async def focused(self) -> str:
        """What has the focus: the id, name or text of it, or BODY."""
        return await self.page.evaluate(
            "() => { const e = document.activeElement; return e === document.body ? 'BODY' : e.id || e.name || e.innerText }"
        )


class Crowd:
    """The people of a test, who are all watched until they leave."""

    def __init__(self, screens: Screens, site: str) -> None:
        self._screens, self.site = screens, site
        self._there: list[tuple[Screen, Watch, bool]] = []

    async def __call__(
        self,
        nik: str | None = None,
        *,
        size: Size = DESKTOP,
        scripting: bool = True,
        colours: dict[str, str] = LIGHT,
        fresh: bool = False,
    ) -> Person:
        """Somebody at an empty page; with the session of `nik`, got without the login page.

        `fresh` is for whoever changes the browser for good: its clock, its network, what it measures or has kept.
        """
        screen = await self._screens.take(Kind(self.site, size.touch, scripting), size, colours, fresh=fresh)
        screen.context.set_default_timeout(PATIENCE)
        watch = Watch(self.site)
        watch.begin(screen)
        self._there.append((screen, watch, fresh))
        if nik is not None:
            answer = await screen.context.request.post(
                "/login",
                form={"nik": nik, "pin": PINS_OF_THE_DEMO.get(nik, PIN)},
                headers={"Origin": self.site},
                max_redirects=0,
            )
            assert answer.status == 303, await answer.text()
        return Person(screen, watch, size)

    async def leave(self) -> None:
        """Everybody leaves; whoever saw something unexpected says so."""
        await asyncio.gather(*(self._screens.give_back(screen, fresh=fresh) for screen, _, fresh in self._there))
        for screen, watch, _ in self._there:
            watch.end(screen)
        for _, watch, _ in self._there:
            watch.check()
