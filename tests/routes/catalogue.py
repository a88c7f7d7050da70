"""What the tests know of every door: a request that it answers well, and who is refused when.

The questions that every door is asked are made from EXAMPLES; a door of the application without an example fails them.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode
from uuid import uuid4

import httpx2
from asyncpg import Connection

from app import DOORS
from doors import Door
from tests.client import Client
from tests.conftest import People
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
    problem_in,
    report,
)


@dataclass(frozen=True)
class Example:
    """A request to a door that is answered well, and those that are not.

    `who` may make it, of a problem in `state` (a key of journeys.WAYS); None where the door asks for nobody, or names no
    problem. `values` are the query of a GET, and the fields of a POST. `refused` says who may not although they see the
    problem, `conflicts` who has the right although the state does not admit it; by state.

    `given` brings about what the door needs beside a problem; `form` is the page and the action of the form that is sent.
    `status` is that of the answer, `leads` where it leads to. `versioned` is whether the door changes a problem.
    """

    method: str
    path: str
    who: str | None = None
    state: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    conflicts: Mapping[str, str] = field(default_factory=dict)
    given: Callable[[People], Awaitable[object]] | None = None
    form: tuple[str, str] | None = None
    status: int = 200
    leads: str = ""
    versioned: bool = True

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def at(self, problem: str) -> str:
        """The path of the door at the problem with the path `problem`; at Citra, and at the first session and view there was."""
        path = self.path.replace("/problems/{id}", problem).replace("{nik}", CITRA).replace("{session}", "1")
        form = "comment" if "{id}" in self.path else "report"
        return path.replace("{id}", "1").replace("{seq}", "1").replace("{form}", form)


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
OF_CITRA = {
    "who": ADMIN,
    "refused": {"": (ANI, DESK, MANAGER)},
    "status": 303,
    "leads": f"/admin/employees/{CITRA}",
}
CLOSURE = {"who": DESK_TOO, "state": "open", "refused": BY_HOLDER, "conflicts": NOT_OPEN}
ANSWER = {"who": NET, "state": "escalated to IT-NET", "refused": BY_RECEIVER, "conflicts": NOT_ESCALATED}
OUTCOME = {"who": ANI, "state": "closed", "refused": BY_REPORTER, "conflicts": NOT_CLOSED}

REASON = {"reason": "Perlu ahlinya."}
BASE = "/problems/{id}"


async def report_and_open(people: People) -> None:
    await problem_in(people, "open")


async def save_view(people: People) -> None:
    await (await people(ANI)).submit("/views?status=open", "/views", name="Dibuka")


# What is done with several: with a problem like this, at this version, what is filled in.
BULK = {
    "/problems/openings": (report, "1:1", IDENTIFICATION),
    "/problems/escalations": (report_and_open, "1:2", {"division": "IT-NET"} | REASON),
    "/problems/voidings": (report, "1:1", REASON),
}

EXAMPLES = [
    Example("GET", "/"),
    Example("GET", "/login"),
    Example("POST", "/login", values={"nik": ANI, "pin": "482913"}),
    Example("POST", "/login/nik", values={"nik": ANI}),
    Example("POST", "/logout", ANI, status=303, leads="/login"),
    Example("GET", "/problems", ANI),
    Example(
        "POST", "/problems", ANI, values=REPORT, form=("/problems/new", "/problems"), status=303, leads="/problems/1"
    ),
    Example("GET", "/problems/new", ANI),
    Example("GET", "/problems/new/reporter", DESK, values={"reporter": BUDI}, refused={"": (ANI, MANAGER, ADMIN)}),
    *(
        Example("GET", path, DESK, values={"problem": "1:1"}, refused={"": (ANI, MANAGER, ADMIN)}, given=report)
        for path in BULK
    ),
    *(
        Example(
            "POST",
            path,
            DESK,
            values={"problems": chosen} | values,
            refused={"": (ANI, MANAGER, ADMIN)},
            given=given,
            form=(f"{path}?problem={chosen}", path),
            status=303,
            leads="/problems",
        )
        for path, (given, chosen, values) in BULK.items()
    ),
    Example("GET", BASE, BUDI, "reported"),
    Example("POST", f"{BASE}/comments", BUDI, "closed", {"comment": "Terima kasih."}),
    Example("GET", f"{BASE}/photos/{{seq}}", BUDI, "with a photo"),
    Example("GET", f"{BASE}/photos/{{seq}}/image", BUDI, "with a photo"),
    Example("GET", f"{BASE}/photos/{{seq}}/thumbnail", BUDI, "with a photo"),
    Example("POST", f"{BASE}/drafts/{{form}}", BUDI, "closed", {"comment": "Terima"}, status=204, versioned=False),
    Example("POST", f"{BASE}/drafts/{{form}}/discarding", BUDI, "closed", status=303, leads=BASE, versioned=False),
    Example("POST", f"{BASE}/presence", BUDI, "reported", versioned=False),
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
    Example("GET", "/desk", MANAGER, refused={"": (ANI, ADMIN)}),
    Example("GET", "/desk/next", DESK, refused={"": (ANI, MANAGER, ADMIN)}, status=303, leads="/problems"),
    Example("GET", "/stores", ANI, values={"store": "T01"}),
    Example("GET", "/views", ANI),
    Example(
        "POST",
        "/views",
        ANI,
        values={"name": "Dibuka"},
        form=("/views?status=open", "/views"),
        status=303,
        leads="/problems?year=all&status=open",
    ),
    Example("POST", "/views/{id}/deletion", ANI, given=save_view, status=303, leads="/views"),
    Example("GET", "/help", ANI),
    Example("POST", "/drafts/{form}", ANI, values=REPORT, form=("/problems/new", "/problems"), status=204),
    Example("POST", "/drafts/{form}/discarding", ANI, status=303, leads="/problems/new"),
    Example("GET", "/pin", ANI),
    Example(
        "POST",
        "/pin",
        ANI,
        values={"old_pin": "482913", "new_pin": "715829", "repeat_pin": "715829"},
        status=303,
        leads="/problems",
    ),
    Example("GET", "/sessions", ANI),
    Example("POST", "/sessions/ending", ANI, status=303, leads="/sessions"),
    Example("POST", "/sessions/{session}/ending", ANI, status=303, leads="/sessions"),
    Example("GET", "/admin/employees", ADMIN, values={"q": "Ani"}, refused={"": (ANI, DESK, MANAGER)}),
    Example("GET", "/admin/employees/{nik}", ADMIN, refused={"": (ANI, DESK, MANAGER)}),
    # An initial PIN is shown once, at no address.
    Example("POST", "/admin/employees/{nik}/pin", ADMIN, refused={"": (ANI, DESK, MANAGER)}),
    Example("POST", "/admin/employees/{nik}/sessions/ending", **OF_CITRA),
    Example("POST", "/admin/employees/{nik}/deactivation", **OF_CITRA),
    Example("POST", "/admin/employees/{nik}/activation", **OF_CITRA),
    Example("GET", "/health/live"),
    Example("GET", "/health/ready"),
]

METHODS_BY_PATH = {door.path: frozenset(door.endpoints) for door in DOORS if isinstance(door, Door)}
PRIVATE = [example for example in EXAMPLES if example.who]
OF_A_PROBLEM = [example for example in EXAMPLES if example.state]
CHANGES = [example for example in OF_A_PROBLEM if example.method == "POST" and example.versioned]


async def arrange(example: Example, people: People) -> str:
    """Bring about what the example needs; the path of its problem, if it has one."""
    if example.given:
        await example.given(people)
    return await problem_in(people, example.state) if example.state else ""


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
