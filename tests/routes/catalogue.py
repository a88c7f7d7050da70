"""What the tests know of every door: a request that it answers well, and who is refused when.

The questions that every door is asked are made from EXAMPLES; a door of the application without an example fails them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode
from uuid import uuid4

import httpx2
from asyncpg import Connection

from app import DOORS
from doors import Door
from tests.client import Client
from tests.journeys import (
    ADMIN,
    ANI,
    BUDI,
    CITRA,
    DESK,
    DESK_TOO,
    GA,
    IDENTIFICATION,
    LOG,
    MANAGER,
    NET,
    PIC,
    PIC_TOO,
    REPORT,
)


@dataclass(frozen=True)
class Example:
    """A request to a door that is answered well, and those that are not.

    `who` may make it, of a problem in `state` (a key of journeys.WAYS); None where the door asks for nobody, or names no
    problem. `values` are the query of a GET, and the fields of a POST. `refused` says who may not although they see the
    problem, `conflicts` who has the right although the state does not admit it; by state.
    """

    method: str
    path: str
    who: str | None = None
    state: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    conflicts: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def at(self, problem: str) -> str:
        """The path of the door at the problem with the path `problem`; at Citra, and at the first session there was."""
        return self.path.replace("/problems/{id}", problem).replace("{nik}", CITRA).replace("{session}", "1")


# Whoever sees a problem of Ani's and has no hand in it. The admin is moved to Ani's store for it.
ONLOOKERS = (BUDI, MANAGER, ADMIN, LOG)

BY_HOLDER = {
    "open": (ANI, *ONLOOKERS, NET, GA, PIC),
    "open at IT-NET": (DESK, DESK_TOO, GA, PIC),
    "open at the PIC": (DESK, NET, PIC_TOO),
}
BY_RECEIVER = {
    "escalated to IT-NET": (ANI, *ONLOOKERS, DESK, GA, PIC),
    "escalated to the PIC": (DESK, NET, PIC_TOO),
}
BY_REPORTER = {"closed": (*ONLOOKERS, DESK, NET, PIC)}
NOT_OPEN = {"reported": DESK, "escalated to IT-NET": NET, "closed": DESK, "confirmed": DESK, "void": DESK}
NOT_ESCALATED = {"reported": DESK, "open at IT-NET": NET, "open at the PIC": PIC, "closed": DESK, "void": DESK}
NOT_CLOSED = {"reported": ANI, "open": ANI, "escalated to IT-NET": ANI, "confirmed": ANI, "void": ANI}

OPENING = {
    "who": DESK,
    "state": "reported",
    "refused": {"reported": (ANI, *ONLOOKERS, NET, GA, PIC), "open at IT-NET": (GA, PIC)},
    "conflicts": {"open": DESK_TOO, "escalated to IT-NET": NET, "open at IT-NET": DESK, "closed": DESK, "void": DESK},
}
ESCALATION = {"who": DESK, "state": "open", "refused": BY_HOLDER, "conflicts": NOT_OPEN}
CLOSURE = {"who": DESK_TOO, "state": "open", "refused": BY_HOLDER, "conflicts": NOT_OPEN}
ANSWER = {"who": NET, "state": "escalated to IT-NET", "refused": BY_RECEIVER, "conflicts": NOT_ESCALATED}
OUTCOME = {"who": ANI, "state": "closed", "refused": BY_REPORTER, "conflicts": NOT_CLOSED}

REASON = {"reason": "Perlu ahlinya."}
BASE = "/problems/{id}"

EXAMPLES = [
    Example("GET", "/"),
    Example("GET", "/login"),
    Example("POST", "/login", values={"nik": ANI, "pin": "482913"}),
    Example("POST", "/login/nik", values={"nik": ANI}),
    Example("POST", "/logout", ANI),
    Example("GET", "/problems", ANI),
    Example("POST", "/problems", ANI, values=REPORT),
    Example("GET", "/problems/new", ANI),
    Example("GET", "/problems/new/reporter", DESK, values={"reporter": BUDI}, refused={"": (ANI, MANAGER, ADMIN)}),
    Example("GET", BASE, BUDI, "reported"),
    Example("POST", f"{BASE}/comments", BUDI, "closed", {"comment": "Terima kasih."}),
    Example("GET", f"{BASE}/opening", **OPENING),
    Example("POST", f"{BASE}/opening", values=IDENTIFICATION, **OPENING),
    Example("GET", f"{BASE}/escalation", **ESCALATION),
    Example("POST", f"{BASE}/escalation", values={"kind": "it", "division": "IT-POS"} | REASON, **ESCALATION),
    Example("GET", f"{BASE}/escalation/fields", values={"kind": "it"}, **ESCALATION | {"conflicts": {}}),
    Example("POST", f"{BASE}/escalation/pic", values={"pic": PIC_TOO, "department": ""} | REASON, **ESCALATION),
    Example("POST", f"{BASE}/escalation/acceptance", **ANSWER),
    Example("POST", f"{BASE}/escalation/return", values=REASON, **ANSWER),
    Example("GET", f"{BASE}/closure", **CLOSURE),
    Example("POST", f"{BASE}/closure", values={"solution": "Kabelnya diganti."}, **CLOSURE),
    Example("POST", f"{BASE}/confirmation", **OUTCOME),
    Example("POST", f"{BASE}/reopening", values={"reason": ""}, **OUTCOME),
    Example(
        "POST",
        f"{BASE}/voiding",
        DESK,
        "reported",
        REASON,
        refused=BY_HOLDER | {"reported": (ANI, *ONLOOKERS, NET)},
        conflicts={"escalated to IT-NET": NET, "closed": DESK, "confirmed": DESK, "void": DESK},
    ),
    Example("GET", "/pin", ANI),
    Example("POST", "/pin", ANI, values={"old_pin": "482913", "new_pin": "715829", "repeat_pin": "715829"}),
    Example("GET", "/sessions", ANI),
    Example("POST", "/sessions/ending", ANI),
    Example("POST", "/sessions/{session}/ending", ANI),
    Example("GET", "/admin/employees", ADMIN, values={"q": "Ani"}),
    Example("GET", "/admin/employees/{nik}", ADMIN),
    Example("POST", "/admin/employees/{nik}/pin", ADMIN),
    Example("POST", "/admin/employees/{nik}/sessions/ending", ADMIN),
    Example("POST", "/admin/employees/{nik}/deactivation", ADMIN),
    Example("POST", "/admin/employees/{nik}/activation", ADMIN),
    Example("GET", "/health/live"),
    Example("GET", "/health/ready"),
]

METHODS_BY_PATH = {door.path: frozenset(door.endpoints) for door in DOORS if isinstance(door, Door)}
PRIVATE = [example for example in EXAMPLES if example.who]
OF_A_PROBLEM = [example for example in EXAMPLES if example.state]
CHANGES = [example for example in OF_A_PROBLEM if example.method == "POST"]


async def ask(
    client: Client, example: Example, problem: str = "", *, htmx: bool = False, **values: str
) -> httpx2.Response:
    """Make the example's request, of the problem with that path; `values` come on top of, or in place of, its own."""
    path, fields = example.at(problem), {**example.values, **values}
    if example.method == "POST":
        return await client.post(path, fields, htmx=htmx)
    return await client.get(f"{path}?{urlencode(fields)}" if fields else path, htmx=htmx)


async def envelope(connection: Connection, problem: str) -> dict[str, str]:
    """What a form of the problem carries when it is opened now: a key, and the version."""
    number = int(problem.rpartition("/")[2])
    version = await connection.fetchval("SELECT version FROM problem WHERE id = $1", number)
    return {"key": str(uuid4()), "version": str(version)}


async def contents(connection: Connection) -> list[str]:
    """All that the database knows about problems, to see that nothing has changed."""
    tables = ("problem", "event", "custody", "escalation", "submission")
    return [str(row) for table in tables for row in await connection.fetch(f"SELECT t::text FROM {table} t ORDER BY 1")]


def faulty(html: str) -> set[str]:
    """The names of the fields that are marked as being at fault."""
    tags = re.findall(r"<(?:input|select|textarea|fieldset)\b[^>]*>", html)
    return {re.search(r'name="(\w+)"', tag)[1] for tag in tags if 'aria-invalid="true"' in tag}


def message(html: str) -> str:
    """What a form says is wrong on the whole; empty if nothing."""
    found = re.search(r'class="error-summary".*?<h2>.*?</svg>(.*?)</h2>', html, re.DOTALL)
    return found[1] if found else ""


def is_page(response: httpx2.Response) -> bool:
    """Whether the answer is a whole page, rather than a fragment."""
    return response.text.startswith("<!doctype html>")
