"""The life of a problem, step by step, and the ways in which it comes into each state: the one builder of problems.

People go these ways by the forms of the pages, without JavaScript (`problem_in` here); the tests of queries and schema by the
verbs of the actions (`problem_in` of tests/queries/life.py). A step is given the problem's path and returns nothing; it fails
the test unless what was sent was stored. What begins a problem returns its path.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

import httpx2

from actions import registry
from actions.action import Action
from actions.registry import (
    ACCEPTANCE,
    CLOSURE,
    CONFIRMATION,
    ESCALATION,
    OPENING,
    REOPENING,
    RETURN,
    VOIDING,
    WAITING,
)
from tests import images
from tests.client import forms
from tests.conftest import People
from tests.documents import PDF

# The people of company.sql, by what they are for.
ANI, BUDI, CITRA, YOSEP = "10001", "10002", "10003", "10004"  # reports; a colleague in the same store; in other stores
KIKI = "10009"  # deactivated
HEAD = "10011"  # of the store of Ani's
DESK, DESK_TOO = "20001", "20002"
NET, GA, LOG = "20003", "20004", "20005"
PIC, PIC_TOO = "30001", "30002"  # of MNT, of PRC
MANAGER, ADMIN = "40001", "90001"
ADMIN_OF_THE_STORE = "90002"  # who sees Ani's problems as a colleague does; employed where a test needs one
# Managers of the area of the store of Ani's, of the one above it, and of another one: employed by tests/areas.py.
OF_AREA, OF_REGION, OF_ANOTHER = "40011", "40012", "40013"
OF_TWO = "20007"  # of GA, and of IT-NET too: employed where a test needs one

Step = Callable[[People, str], Awaitable[None]]

REPORT = {"title": "Printer mati", "description": "Tidak menyala sejak pagi."}
IDENTIFICATION = {"category": "NET-WIFI", "impact": "1", "urgency": "2", "identification": "Kabelnya putus."}
TO_NET = {"kind": "it", "division": "IT-NET", "reason": "Perlu ahlinya."}
TO_PIC = {"pic": PIC, "department": "", "reason": "Perlu tukang."}
SOLUTION = {"solution": "Kabelnya diganti."}
FOR_VENDOR = {"waiting_for": "vendor", "reason": "Teknisi datang besok.", "until": ""}
TWICE = {"reason": "Laporan ganda."}


async def report(people: People, nik: str = ANI, **values: str) -> str:
    """A problem that `nik` has reported: its path."""
    response = await (await people(nik)).submit("/problems/new", "/problems", **REPORT | values)
    assert response.status_code == 303, response.text
    return response.headers["Location"]


async def do(people: People, path: str, nik: str, action: Action, values: Mapping[str, str]) -> None:
    """`nik` opens the page with the action's form, fills it in and sends it."""
    person, number = await people(nik), int(path.rpartition("/")[2])
    page, address = action.page(number), action.url(number)
    if action is registry.PIC:  # its form follows that of the escalation
        page = ESCALATION.url(number)
        first = await person.submit(page, page, kind="department", reason=values["reason"])
        assert first.status_code == 200, first.text
        stored(await person.post(address, forms(first.text)[address] | values))
    else:
        stored(await person.submit(page, address, **values))


async def open_it(people: People, path: str, nik: str = DESK, **values: str) -> None:
    """The desk takes it up and says what it is."""
    await do(people, path, nik, OPENING, IDENTIFICATION | values)


async def escalate(people: People, path: str, nik: str = DESK, division: str = "IT-NET", **values: str) -> None:
    """To an IT division; or, where `division` is empty, to the one outside IT."""
    kind = "it" if division else "other"
    await do(people, path, nik, ESCALATION, TO_NET | {"kind": kind, "division": division} | values)


async def escalate_to_pic(people: People, path: str, nik: str = DESK, pic: str = PIC) -> None:
    """To a department's PIC, in two steps."""
    await do(people, path, nik, registry.PIC, TO_PIC | {"pic": pic})


async def accept(people: People, path: str, nik: str = NET) -> None:
    """The receiver takes it."""
    await do(people, path, nik, ACCEPTANCE, {})


async def send_back(people: People, path: str, nik: str = NET) -> None:
    """The receiver returns it to who sent it."""
    await do(people, path, nik, RETURN, {"reason": "Bukan bagian kami."})


async def close(people: People, path: str, nik: str = DESK, **values: str) -> None:
    """It has been dealt with."""
    await do(people, path, nik, CLOSURE, SOLUTION | values)


async def confirm(people: People, path: str) -> None:
    """Ani says that it is solved."""
    await do(people, path, ANI, CONFIRMATION, {})


async def reopen(people: People, path: str) -> None:
    """Ani says that it is not."""
    await do(people, path, ANI, REOPENING, {"reason": "Mati lagi."})


async def void(people: People, path: str, nik: str = DESK) -> None:
    """It was reported twice."""
    await do(people, path, nik, VOIDING, TWICE)


async def annotate(people: People, path: str = "/problems/1") -> None:
    """The desk writes a note, with a photo and a document."""
    desk, action = await people(DESK), f"{path}/notes"
    fields = await desk.form(path, action) | {"note": "Toko ini lagi."}
    stored(await desk.post(action, fields, files=[("photo", ("a.png", images.png(8, 8))), ("photo", ("a.pdf", PDF))]))


async def photograph(people: People, path: str) -> None:
    """Ani adds a photo of it, and a document."""
    ani, action = await people(ANI), f"{path}/comments"
    fields = await ani.form(path, action) | {"comment": "Begini rupanya."}
    stored(await ani.post(action, fields, files=[("photo", ("a.png", images.png(8, 8))), ("photo", ("a.pdf", PDF))]))


STATUSES = ("reported", "open", "waiting", "escalated", "closed", "confirmed", "void")


class Deed(NamedTuple):
    """Who does which action, and what is filled in."""

    nik: str
    action: Action
    values: Mapping[str, str]


IDENTIFIED = Deed(DESK, OPENING, IDENTIFICATION)
SENT_TO_NET = Deed(DESK, ESCALATION, TO_NET)
SENT_TO_PIC = Deed(DESK, registry.PIC, TO_PIC)
ACCEPTED = Deed(NET, ACCEPTANCE, {})
CLOSED = Deed(DESK, CLOSURE, SOLUTION)
WITH_A_PHOTO = "reported with a photo"
WITH_A_NOTE = "reported with a note"

# How a problem that Ani reported comes into each state. Its name says the status and, unless it is the desk, the holder.
WAYS: dict[str, tuple[Deed, ...]] = {
    "reported": (),
    "open": (IDENTIFIED,),
    "escalated to IT-NET": (IDENTIFIED, SENT_TO_NET),
    "open at IT-NET": (IDENTIFIED, SENT_TO_NET, ACCEPTED),
    "waiting": (IDENTIFIED, Deed(DESK, WAITING, FOR_VENDOR)),
    "waiting at IT-NET": (IDENTIFIED, SENT_TO_NET, ACCEPTED, Deed(NET, WAITING, FOR_VENDOR)),
    "escalated to the PIC": (IDENTIFIED, SENT_TO_PIC),
    "open at the PIC": (IDENTIFIED, SENT_TO_PIC, Deed(PIC, ACCEPTANCE, {})),
    "closed": (IDENTIFIED, CLOSED),
    "closed at IT-NET": (IDENTIFIED, SENT_TO_NET, ACCEPTED, Deed(NET, CLOSURE, SOLUTION)),
    "confirmed": (IDENTIFIED, CLOSED, Deed(ANI, CONFIRMATION, {})),
    "void": (Deed(DESK, VOIDING, TWICE),),
    WITH_A_PHOTO: (),  # which the verbs know nothing of
    WITH_A_NOTE: (),
}


def way_to(state: str) -> tuple[Deed, ...]:
    """The way to a state of WAYS, or to the first with that status."""
    return WAYS[state] if state in WAYS else next(way for name, way in WAYS.items() if status_of(name) == state)


def status_of(state: str) -> str:
    """The one of STATUSES that a state of WAYS has."""
    return state.split()[0]


def holders_of(state: str) -> tuple[str, ...]:
    """Who holds a problem in a state of WAYS."""
    return (NET,) if state.endswith("IT-NET") else (PIC,) if state.endswith("the PIC") else (DESK, DESK_TOO)


async def problem_in(people: People, state: str) -> str:
    """A problem of Ani's in a state of WAYS: its path."""
    path = await report(people)
    for deed in WAYS[state]:
        await do(people, path, *deed)
    if state == WITH_A_NOTE:
        await annotate(people, path)
    if state == WITH_A_PHOTO:
        await photograph(people, path)
    return path


async def opened(people: People) -> str:
    """A problem of Ani's that the desk has opened: its path."""
    return await problem_in(people, "open")


async def escalated(people: People) -> str:
    """A problem of Ani's that waits for the answer of IT-NET: its path."""
    return await problem_in(people, "escalated to IT-NET")


async def closed(people: People) -> str:
    """A problem of Ani's that the desk has closed: its path."""
    return await problem_in(people, "closed")


def stored(response: httpx2.Response) -> httpx2.Response:
    """The answer to a form, which has to have been recorded."""
    assert response.status_code == 303, response.text
    return response
