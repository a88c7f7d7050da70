"""What the tests know of every door: a request that it answers well, and who is refused when.

The questions that every door is asked are made from EXAMPLES; a door of the application without an example fails them.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import urlencode
from uuid import UUID, uuid4

import httpx2
from asyncpg import Connection

import db
from actions.recap import present_month
from app import DOORS
from doors import Door
from routes.masters import PAGES
from tests import exports, images, imports
from tests.client import Client
from tests.conftest import People
from tests.databases import KEYS
from tests.journeys import (
    ADMIN,
    ADMIN_OF_THE_STORE,
    ANI,
    BUDI,
    CITRA,
    DESK,
    DESK_TOO,
    FOR_VENDOR,
    GA,
    HEAD,
    IDENTIFICATION,
    LOG,
    MANAGER,
    NET,
    OF_ANOTHER,
    OF_AREA,
    OF_REGION,
    OF_TWO,
    PIC,
    PIC_TOO,
    REPORT,
    STATUSES,
    WITH_A_NOTE,
    WITH_A_PHOTO,
    YOSEP,
    holders_of,
    problem_in,
    report,
    status_of,
)
from web.confirmation_tokens import issue_confirmation

LINK_KEY = UUID("00000000-0000-4000-8000-000000000009")
LINK = issue_confirmation(KEYS, ANI, LINK_KEY)  # that confirms an address of Ani's
PHOTO, KEPT_BY = images.png(8, 8), "00000000-0000-4000-8000-000000000007"


@dataclass(frozen=True)
class Example:
    """A request to a door that is answered well, and who may make it when.

    `who` makes it, of a problem in `state` (a key of journeys.WAYS); None where the door asks for nobody, or names no
    problem. `values` are the query of a GET, and the fields of a POST, `files` what goes with them.

    `may` says who passes (keys of GROUPS, or of groups_at where it names a problem), of those who see the problem; all others
    are refused. `when` are the statuses in which a problem admits it, of a division only if `in_a_division`; in others it is a
    conflict.

    `given` brings about what the door needs beside a problem; `form` is the page and the action of the form that is sent.
    `status` is that of the answer, `leads` where it leads to; `unfilled` is that to a request with nothing filled in, `inside`
    that to whoever is logged in at a door that asks for nobody. `versioned` is whether the door changes a problem,
    `hidden` whether to all others there is no such thing (404).
    """

    method: str
    path: str
    who: str | None = None
    state: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)
    may: tuple[str, ...] = ("everybody",)
    when: tuple[str, ...] = STATUSES
    in_a_division: bool = False
    given: Callable[[People], Awaitable[object]] | None = None
    form: tuple[str, str] | None = None
    status: int = 200
    leads: str = ""
    unfilled: int = 0
    inside: int = 0
    versioned: bool = True
    hidden: bool = False

    def __post_init__(self) -> None:
        unfilled = self.unfilled or (422 if self.method == "POST" else self.status)
        object.__setattr__(self, "unfilled", unfilled)
        object.__setattr__(self, "inside", self.inside or unfilled)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def at(self, problem: str) -> str:
        """The path of the door at the problem with the path `problem`."""
        return address(self.path, problem)

    def is_admitted(self, state: str) -> bool:
        """Whether a problem in that state of WAYS admits it."""
        return status_of(state) in self.when and not (self.in_a_division and PIC in holders_of(state))

    def passes(self, nik: str, state: str = "") -> bool:
        """Whether that person may make it, of a problem of Ani's in that state."""
        groups = GROUPS | (groups_at(state) if state else {})
        return any(nik in groups[name] for name in self.may)


def groups_at(state: str) -> dict[str, tuple[str, ...]]:
    """Who is who of a problem of Ani's in that state of WAYS; nobody, where the right ends with the state."""
    status, holders, desk = status_of(state), holders_of(state), GROUPS["desk"]
    holders += (OF_TWO,) if NET in holders else ()
    return {
        "holder": holders,
        "sender": desk if status == "escalated" else (),
        "desk elsewhere": () if set(desk) & set(holders) else desk,
        "closer": holders if status == "closed" else (),
        "store": (ANI, BUDI, HEAD, ADMIN_OF_THE_STORE),
        "reporter of what is new": (ANI,) if status == "reported" else (),
    }


def address(path: str, problem: str = "/problems/1") -> str:
    """The address of a door, at the problem with the path `problem`, its first photo and its comment; at Citra, at the first
    session and view there was, at the photo of a form and in this month."""
    path = path.replace("/store/employees/{nik}", f"/store/employees/{ANI}")
    path = path.replace("/problems/{id}", problem).replace("{nik}", CITRA).replace("{session}", "1")
    path = path.replace("{key}", KEPT_BY).replace("{digest}", sha256(PHOTO).hexdigest())
    path = path.replace("{code}", CODES.get(path.split("/{code}")[0], ""))
    path = path.replace("{month}", f"{present_month():%Y-%m}")
    form = "comment" if path.startswith("/problems/") else "report"
    for part, value in {"id": "1", "seq": "1", "note": "1", "size": "image", "form": form}.items():
        path = path.replace(f"{{{part}}}", value)
    return path


MANAGERS = (MANAGER, OF_AREA, OF_REGION, OF_ANOTHER)
HANDLERS = (DESK, DESK_TOO, NET, GA, LOG, OF_TWO, PIC, PIC_TOO)
GROUPS = {
    "everybody": (ANI, BUDI, HEAD, CITRA, YOSEP, *HANDLERS, *MANAGERS, ADMIN, ADMIN_OF_THE_STORE),
    "handlers": HANDLERS,
    "overseers": (*HANDLERS, *MANAGERS),
    "desk": (DESK, DESK_TOO),
    "admins": (ADMIN, ADMIN_OF_THE_STORE),
    "store heads": (HEAD,),
}
# Who does not see the problems of Ani's.
OUTSIDERS = (CITRA, YOSEP, ADMIN, OF_ANOTHER)
# Between whom no rule tells, at a problem of Ani's.
ALIKE = (
    OUTSIDERS,
    (GA, LOG, PIC_TOO),
    (DESK, DESK_TOO),
    (BUDI, HEAD, ADMIN_OF_THE_STORE),
    (MANAGER, OF_AREA, OF_REGION),
)

OPENING = {"who": DESK, "state": "reported", "may": ("holder", "desk"), "when": ("reported",)}
CORRECTION = {
    "who": DESK,
    "state": "open at IT-NET",
    "may": ("holder", "desk"),
    "when": ("open", "waiting", "escalated"),
}
WAITING = {"who": NET, "state": "open at IT-NET", "may": ("holder", "desk"), "when": ("open",)}
ASSIGNMENT = {
    "who": DESK,
    "state": "waiting at IT-NET",
    "may": ("holder", "desk"),
    "when": ("open", "waiting"),
    "in_a_division": True,
}
BY_HOLDER = {"who": DESK, "state": "open", "may": ("holder",), "when": ("open", "waiting")}
ANSWER = {"who": NET, "state": "escalated to IT-NET", "may": ("holder",), "when": ("escalated",)}
OUTCOME = {"who": ANI, "state": "closed", "when": ("closed",)}
BY_HANDLER = {"who": DESK, "may": ("handlers",)}
OF_CITRA = {"who": ADMIN, "may": ("admins",), "status": 303, "leads": f"/admin/employees/{CITRA}"}


CODES = {
    "/admin/employees": CITRA,
    "/admin/stores": "T01",
    "/admin/areas": "TIMUR",
    "/admin/divisions": "LOG",
    "/admin/departments": "PRC",
    "/admin/categories": "NET-LAN",
    "/admin/assets": "T01-AC-01",
    "/admin/templates": "GA-HARI",
    "/admin/calendars": "SIAGA",
    "/admin/holidays": "2027-08-17",
    "/admin/targets": "P4",
    "/admin/alarms": "desk",
}  # of each kind of master data one that there is
# What makes one of each kind, and what changes it.
NEW = {
    "/admin/employees": {"code": "10099", "name": "Wayan Sari", "store": "T02"},
    "/admin/divisions": {"code": "IT-SEC", "name": "Keamanan", "kind": "it"},
    "/admin/departments": {"code": "LEG", "name": "Legal"},
    "/admin/categories": {"code": "NET-VPN", "name": "VPN", "parent": "NET", "division": "IT-NET"},
    "/admin/assets": {"code": "T01-AC-02", "name": "AC kantor", "model": "Dingin 2", "store": "T01"},
    "/admin/templates": {
        "code": "GA-BESOK",
        "name": "Besok",
        "division": "GA",
        "purpose": "comment",
        "text": "Besok kami datang.",
    },
    "/admin/areas": {"code": "BARAT", "name": "Wilayah Barat"},
    "/admin/calendars": {
        "code": "MALAM",
        "name": "Jaga malam",
        "closes_on": "none",
        "shifts-0-day": "1-5",
        "shifts-0-opens": "22.00",
        "shifts-0-closes": "24.00",
    },
    "/admin/holidays": {"code": "2027-05-01", "name": "Hari Buruh", "kind": "national"},
    "/admin/targets": {"code": "P1-NET", "name": "Jaringan", "priority": "1", "category": "NET", "resolution": "9 jam"},
    "/admin/stores": {"code": "T09", "name": "Toko Bali", "time_zone": "Asia/Makassar"},
}
# What of each takes over what hangs on the one that there is.
HEIR = {"/admin/stores": {"heir": "HO"}, "/admin/divisions": {"heir": "HD"}, "/admin/departments": {"heir": "HD"}}


def of_ending(url: str) -> list[Example]:
    """Those of the doors at which one is made inactive, and active again."""
    one, there, admin = f"{url}/{{code}}", f"{url}/{CODES[url]}", {"who": ADMIN, "may": ("admins",)}
    return [
        Example("GET", f"{one}/deactivation", **admin),
        Example(
            "POST",
            f"{one}/deactivation",
            values=HEIR.get(url, {}),
            form=(f"{there}/deactivation",) * 2,
            status=303,
            leads=there,
            **admin,
        ),
        Example("POST", f"{one}/activation", values={"version": "1"}, status=303, leads=there, **admin),
    ]


def of_fixed(url: str, values: dict[str, str]) -> list[Example]:
    """Those of the doors of a kind to which none can be added."""
    one, there, admin = f"{url}/{{code}}", f"{url}/{CODES[url]}", {"who": ADMIN, "may": ("admins",)}
    return [
        Example("GET", url, **admin),
        Example("GET", one, **admin),
        Example("POST", one, values=values, form=(there,) * 2, status=303, leads=there, **admin),
        *of_ending(url),
    ]


def of_master(url: str) -> list[Example]:
    """Those of the doors of one kind of master data."""
    new, one, there = NEW[url], f"{url}/{{code}}", f"{url}/{CODES[url]}"
    admin = {"who": ADMIN, "may": ("admins",)}
    return [
        Example("GET", url, values={"q": "a"}, **admin),
        Example("POST", url, values=new, form=(f"{url}/new", url), status=303, leads=f"{url}/{new['code']}", **admin),
        Example("GET", f"{url}/new", **admin),
        Example("POST", f"{url}/options", values={"of": "name", "name": "a"}, unfilled=200, **admin),
        Example("GET", one, **admin),
        Example("POST", one, values=new, form=(there,) * 2, status=303, leads=there, **admin),
        *(of_ending(url) if url != "/admin/employees" else []),  # of people there are others
        *(
            [Example("POST", f"{one}/effect", values=new, form=(there,) * 2, unfilled=200, **admin)]
            if url in ("/admin/calendars", "/admin/holidays", "/admin/targets")
            else []
        ),
    ]


OLD_REGISTER = (f"Nomor;Dilaporkan;Toko;Pelapor;Judul\r\n1;24-11-2025;Tk Bandung;{ANI};Printer mati\r\n").encode()
WRONG_AREAS = b"Kode;Nama;Wilayah induk\r\nBARAT;Barat;\r\nUTARA;Utara;KUTUB\r\n"
REASON = {"reason": "Perlu ahlinya."}
BASE = "/problems/{id}"


async def report_and_open(people: People) -> None:
    await problem_in(people, "open")


async def log_in_elsewhere(people: People) -> None:
    await people.elsewhere(ANI)


async def keep_a_photo(people: People) -> None:
    """With a report that is refused."""
    form = await (await people(ANI)).form("/problems/new", "/problems") | {"key": KEPT_BY}
    sent = await (await people(ANI)).post("/problems", form, files={"photo": ("a.png", PHOTO, "image/png")})
    assert sent.status_code == 422


async def save_view(people: People) -> None:
    await (await people(ANI)).submit("/views?status=open", "/views", name="Dibuka")


async def ask_to_confirm(people: People) -> None:
    """Ani waits for the link that confirms an address."""
    async with db.acquire(people._app.state.database) as connection:
        await connection.execute(
            "INSERT INTO profile (nik, pending_email, pending_key) VALUES ($1, 'ani@toko.example', $2)", ANI, LINK_KEY
        )


async def send_table(people: People) -> None:
    await imports.send(await people(ADMIN), "areas", WRONG_AREAS, "wilayah.csv")


async def send_register(people: People) -> None:
    await imports.send(await people(ADMIN), "problems", OLD_REGISTER, "lama.csv")


async def export(people: People) -> None:
    await report(people)
    await exports.export(await people(ANI))


# What is done with several: with a problem like this, at this version, what is filled in.
BULK = {
    "/problems/openings": (report, "1:1", IDENTIFICATION),
    "/problems/escalations": (report_and_open, "1:2", {"division": "IT-NET"} | REASON),
    "/problems/assignments": (report_and_open, "1:2", {"assignee": DESK_TOO, "reason": ""}),
    "/problems/takings": (report_and_open, "1:2", {}),
    "/problems/voidings": (report, "1:1", REASON),
}

EXAMPLES = [
    Example("GET", "/", status=303),
    Example("GET", "/login", inside=303),
    Example("POST", "/login", values={"nik": ANI, "pin": "482913"}, status=303),
    Example("POST", "/login/nik", values={"nik": ANI}),
    Example("POST", "/logout", ANI, status=303, leads="/login", unfilled=303),
    Example("GET", "/problems", ANI),
    Example(
        "POST", "/problems", ANI, values=REPORT, form=("/problems/new", "/problems"), status=303, leads="/problems/1"
    ),
    Example("GET", "/problems/new", ANI),
    Example("POST", "/problems/new/reporter", values={"reporter": BUDI}, unfilled=200, **BY_HANDLER),
    *(Example("GET", path, values={"problem": "1:1"}, given=report, unfilled=422, **BY_HANDLER) for path in BULK),
    *(
        Example(
            "POST",
            path,
            values={"problems": chosen} | values,
            given=given,
            form=(f"{path}?problem={chosen}", path),
            status=303,
            leads="/problems",
            **BY_HANDLER,
        )
        for path, (given, chosen, values) in BULK.items()
    ),
    Example("GET", BASE, BUDI, "reported"),
    Example("POST", f"{BASE}/comments", BUDI, "closed", {"comment": "Terima kasih."}),
    Example("POST", f"{BASE}/notes", NET, "closed", {"note": "Toko ini lagi."}, may=("handlers",)),
    Example("GET", f"{BASE}/photos/{{seq}}", BUDI, WITH_A_PHOTO),
    Example("GET", f"{BASE}/photos/{{seq}}/image", BUDI, WITH_A_PHOTO),
    Example("GET", f"{BASE}/photos/{{seq}}/thumbnail", BUDI, WITH_A_PHOTO),
    Example("GET", f"{BASE}/files/{{seq}}", BUDI, WITH_A_PHOTO),
    *(
        Example("GET", f"{BASE}/notes/{{note}}/files/{{seq}}{size}", NET, WITH_A_NOTE, may=("overseers",), hidden=True)
        for size in ("", "/{size}")
    ),
    Example(
        "POST",
        f"{BASE}/drafts/{{form}}",
        BUDI,
        "closed",
        {"comment": "Terima"},
        status=204,
        unfilled=204,
        versioned=False,
    ),
    Example(
        "POST",
        f"{BASE}/drafts/{{form}}/discarding",
        BUDI,
        "closed",
        status=303,
        leads=BASE,
        unfilled=303,
        versioned=False,
    ),
    Example("POST", f"{BASE}/presence", BUDI, "reported", unfilled=200, versioned=False),
    *(
        Example(
            "POST",
            f"{BASE}/following{ending}",
            BUDI,
            "closed",
            status=303,
            leads=BASE,
            versioned=False,
        )
        for ending in ("", "/ending")
    ),
    Example("GET", f"{BASE}/opening", **OPENING),
    Example("POST", f"{BASE}/opening", values=IDENTIFICATION, **OPENING),
    Example("GET", f"{BASE}/identification", **CORRECTION),
    Example("POST", f"{BASE}/identification", values=IDENTIFICATION | {"urgency": "1"}, **CORRECTION),
    Example("GET", f"{BASE}/waiting", **WAITING),
    Example("POST", f"{BASE}/waiting", values=FOR_VENDOR, **WAITING),
    Example("POST", f"{BASE}/resumption", DESK, "waiting at IT-NET", may=("holder", "desk"), when=("waiting",)),
    Example("GET", f"{BASE}/assignment", **ASSIGNMENT),
    Example("POST", f"{BASE}/assignment", values={"assignee": NET, "reason": ""}, **ASSIGNMENT),
    Example("GET", f"{BASE}/escalation", **BY_HOLDER),
    Example("POST", f"{BASE}/escalation", values={"kind": "it", "division": "IT-POS"} | REASON, **BY_HOLDER),
    Example("POST", f"{BASE}/escalation/fields", values={"kind": "it"}, unfilled=200, versioned=False, **BY_HOLDER),
    Example("POST", f"{BASE}/escalation/pic", values={"pic": PIC_TOO, "department": ""} | REASON, **BY_HOLDER),
    Example("POST", f"{BASE}/escalation/acceptance", **ANSWER),
    Example("POST", f"{BASE}/escalation/return", values=REASON, **ANSWER),
    Example("POST", f"{BASE}/escalation/recall", DESK, "escalated to the PIC", REASON, may=("sender",)),
    Example(
        "POST",
        f"{BASE}/takeover",
        DESK,
        "escalated to IT-NET",
        REASON,
        may=("desk elsewhere",),
        when=("reported", "open", "waiting", "escalated"),
    ),
    Example("GET", f"{BASE}/closure", **BY_HOLDER),
    Example("POST", f"{BASE}/closure", values={"solution": "Kabelnya diganti."}, **BY_HOLDER | {"who": DESK_TOO}),
    Example("POST", f"{BASE}/confirmation", may=("store",), **OUTCOME),
    Example("POST", f"{BASE}/reopening", values=REASON, may=("store", "closer"), **OUTCOME),
    Example(
        "POST",
        f"{BASE}/voiding",
        DESK,
        "reported",
        REASON,
        may=("holder", "reporter of what is new"),
        when=("reported", "open", "waiting"),
    ),
    Example("POST", f"{BASE}/restoration", DESK, "void", {"reason": ""}, may=("desk",), when=("void",)),
    Example("GET", "/desk", MANAGER, may=("overseers",)),
    Example("GET", "/desk/next", status=303, leads="/problems", **BY_HANDLER),
    Example("GET", "/recap", MANAGER, may=("overseers",)),
    Example("GET", "/recap/{month}", MANAGER, may=("overseers",)),
    Example("GET", "/recap/{month}/highlights", MANAGER, may=("overseers",)),
    Example(
        "GET", "/recap/{month}/movements", MANAGER, values={"number": "reported"}, may=("overseers",), unfilled=404
    ),
    Example("GET", "/exports", ANI),
    Example(
        "POST",
        "/exports",
        ANI,
        values={"format": "csv"},
        given=report,
        form=("/problems", "/exports"),
        status=303,
        leads="/exports/1",
    ),
    Example("GET", "/exports/{id}", ANI, given=export, unfilled=404),
    Example("GET", "/exports/{id}/file", ANI, given=export, unfilled=404),
    Example("POST", "/stores", ANI, values={"store": "T01"}, unfilled=200),
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
    Example("GET", "/views/{id}/deletion", ANI, given=save_view, unfilled=404),
    Example(
        "POST",
        "/views/{id}/deletion",
        ANI,
        given=save_view,
        form=("/views/1/deletion", "/views/1/deletion"),
        status=303,
        leads="/views",
        unfilled=404,
    ),
    Example("GET", "/notifications", ANI),
    Example(
        "POST",
        "/notifications/reading",
        ANI,
        status=303,
        leads="/notifications",
    ),
    Example("GET", "/profile", ANI),
    Example(
        "POST",
        "/profile",
        ANI,
        values={"email": "ani@toko.example", "quiet_from": "21.00", "quiet_until": "06.00", "target": "daily"},
        form=("/profile", "/profile"),
        status=303,
        leads="/profile",
    ),
    Example("GET", "/profile/confirmation", ANI, values={"token": LINK}, given=ask_to_confirm, unfilled=404),
    Example(
        "POST",
        "/profile/confirmation",
        ANI,
        values={"link": LINK},
        given=ask_to_confirm,
        status=303,
        leads="/profile",
    ),
    Example("GET", "/help", ANI),
    Example("GET", "/appearance", ANI),
    Example(
        "POST",
        "/appearance",
        ANI,
        values={"theme": "dark", "density": "compact"},
        form=("/appearance", "/appearance"),
        status=303,
        leads="/appearance",
    ),
    Example(
        "POST", "/drafts/{form}", ANI, values=REPORT, form=("/problems/new", "/problems"), status=204, unfilled=204
    ),
    Example("GET", "/drafts/{key}/photos/{digest}", ANI, given=keep_a_photo, unfilled=404),
    Example("GET", "/uploads", ANI, values={"key": KEPT_BY}),
    Example("POST", "/drafts/{form}/discarding", ANI, status=303, leads="/problems/new", unfilled=303),
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
    Example("GET", "/sessions/ending", ANI),
    Example("POST", "/sessions/ending", ANI, status=303, leads="/sessions"),
    # In a house that is only looked at, the first session is of somebody else.
    Example("GET", "/sessions/{session}/ending", ANI, given=log_in_elsewhere, unfilled=404),
    Example(
        "POST", "/sessions/{session}/ending", ANI, given=log_in_elsewhere, status=303, leads="/sessions", unfilled=404
    ),
    Example("GET", "/store/employees", HEAD, values={"q": "Ani"}, may=("store heads",)),
    Example("GET", "/store/employees/{nik}", HEAD, may=("store heads",)),
    Example("GET", "/store/employees/{nik}/pin", HEAD, may=("store heads",)),
    Example("POST", "/store/employees/{nik}/pin", HEAD, may=("store heads",)),
    *(
        Example("GET", f"/admin/employees/{{nik}}/{act}", ADMIN, may=("admins",))
        for act in ("pin", "sessions/ending", "deactivation")
    ),
    # An initial PIN is shown once, at no address.
    Example("POST", "/admin/employees/{nik}/pin", ADMIN, may=("admins",)),
    Example("POST", "/admin/employees/{nik}/sessions/ending", **OF_CITRA),
    Example("POST", "/admin/employees/{nik}/deactivation", values={"version": "1"}, **OF_CITRA),
    Example("POST", "/admin/employees/{nik}/activation", values={"version": "1"}, **OF_CITRA),
    *(example for pages in PAGES for example in of_master(pages.url)),
    *of_fixed("/admin/alarms", {"percent": "120"}),
    Example("GET", "/admin/imports", ADMIN, may=("admins",)),
    Example("GET", "/admin/imports/new", ADMIN, may=("admins",)),
    Example(
        "POST",
        "/admin/imports",
        ADMIN,
        values={"kind": "areas"},
        files={"file": ("wilayah.csv", WRONG_AREAS)},
        may=("admins",),
        form=("/admin/imports/new", "/admin/imports"),
        status=303,
        leads="/admin/imports/1",
    ),
    Example("GET", "/admin/imports/template", ADMIN, values={"kind": "areas"}, may=("admins",), unfilled=404),
    *(
        Example(method, f"/admin/imports/{{id}}{rest}", ADMIN, may=("admins",), given=send_table, unfilled=404, **more)
        for method, rest, more in (
            ("GET", "", {}),
            (
                "POST",
                "",
                {"form": ("/admin/imports/1", "/admin/imports/1"), "status": 303, "leads": "/admin/imports/1"},
            ),
            ("GET", "/faults", {}),
            ("POST", "/discarding", {"status": 303, "leads": "/admin/imports"}),
        )
    ),
    Example(
        "POST",
        "/admin/imports/{id}/names",
        ADMIN,
        values={"means_1": "T01"},
        may=("admins",),
        given=send_register,
        form=("/admin/imports/1", "/admin/imports/1/names"),
        status=303,
        leads="/admin/imports/1",
        unfilled=404,
    ),
    Example("GET", "/admin", ADMIN, status=303, inside=303, may=("admins",), leads="/admin/employees"),
    Example("GET", "/admin/history", ADMIN, values={"q": "T01"}, may=("admins",)),
    Example("GET", "/admin/jobs", ADMIN, may=("admins",)),
    Example("POST", "/admin/jobs/{id}/attempts", ADMIN, may=("admins",), status=303, leads="/admin/jobs"),
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
        return await client.post(path, fields, htmx=htmx, files=example.files or None)
    return await client.get(f"{path}?{urlencode(fields)}" if fields else path, htmx=htmx)


async def envelope(connection: Connection, problem: str) -> dict[str, str]:
    """What a form of the problem carries when it is opened now: a key, and the version."""
    number = int(problem.rpartition("/")[2])
    version = await connection.fetchval("SELECT version FROM problem WHERE id = $1", number)
    return {"key": str(uuid4()), "version": str(version)}


async def contents(connection: Connection) -> list[str]:
    """All that the database knows about problems, to see that nothing has changed."""
    tables = ("problem", "event", "note", "note_file", "custody", "escalation", "submission")
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
