"""The life of a problem, step by step, as people go through it: by the forms of the pages, without JavaScript.

A step opens the page with its form, fills it in, sends it, and fails the test unless it was stored. It is given the problem's
path and returns nothing; what begins a problem returns its path.
"""

from collections.abc import Awaitable, Callable

import httpx2

from tests.client import forms
from tests.conftest import People
from tests.photos import images

# The people of company.sql, by what they are for.
ANI, BUDI, CITRA, YOSEP = "10001", "10002", "10003", "10004"  # reports; a colleague in the same store; in other stores
KIKI = "10009"  # deactivated
DESK, DESK_TOO = "20001", "20002"
NET, GA, LOG = "20003", "20004", "20005"
PIC, PIC_TOO = "30001", "30002"  # of MNT, of PRC
MANAGER, ADMIN = "40001", "90001"

Step = Callable[[People, str], Awaitable[None]]

REPORT = {"title": "Printer mati", "description": "Tidak menyala sejak pagi."}
IDENTIFICATION = {"category": "NET-WIFI", "impact": "1", "urgency": "2", "identification": "Kabelnya putus."}


async def report(people: People, nik: str = ANI, **values: str) -> str:
    """A problem that `nik` has reported: its path."""
    response = await (await people(nik)).submit("/problems/new", "/problems", **REPORT | values)
    assert response.status_code == 303, response.text
    return response.headers["Location"]


async def open_it(people: People, path: str, nik: str = DESK, **values: str) -> None:
    """The desk takes it up and says what it is."""
    action = f"{path}/opening"
    _stored(await (await people(nik)).submit(action, action, **IDENTIFICATION | values))


async def escalate(people: People, path: str, nik: str = DESK, division: str = "IT-NET") -> None:
    """To an IT division; or, where `division` is empty, to the one outside IT."""
    action, kind = f"{path}/escalation", "it" if division else "other"
    _stored(await (await people(nik)).submit(action, action, kind=kind, division=division, reason="Perlu ahlinya."))


async def escalate_to_pic(people: People, path: str, nik: str = DESK, pic: str = PIC) -> None:
    """To a department's PIC, in two steps."""
    action, person = f"{path}/escalation", await people(nik)
    first = await person.submit(action, action, kind="department", reason="Perlu tukang.")
    assert first.status_code == 200, first.text
    _stored(await person.post(f"{action}/pic", forms(first.text)[f"{action}/pic"] | {"pic": pic}))


async def accept(people: People, path: str, nik: str = NET) -> None:
    """The receiver takes it."""
    _stored(await (await people(nik)).submit(path, f"{path}/escalation/acceptance"))


async def send_back(people: People, path: str, nik: str = NET) -> None:
    """The receiver returns it to who sent it."""
    _stored(await (await people(nik)).submit(path, f"{path}/escalation/return", reason="Bukan bagian kami."))


async def close(people: People, path: str, nik: str = DESK, **values: str) -> None:
    """It has been dealt with."""
    action = f"{path}/closure"
    _stored(await (await people(nik)).submit(action, action, **{"solution": "Kabelnya diganti."} | values))


async def confirm(people: People, path: str) -> None:
    """Ani says that it is solved."""
    _stored(await (await people(ANI)).submit(path, f"{path}/confirmation"))


async def reopen(people: People, path: str) -> None:
    """Ani says that it is not."""
    _stored(await (await people(ANI)).submit(path, f"{path}/reopening", reason="Mati lagi."))


async def void(people: People, path: str, nik: str = DESK) -> None:
    """It was reported twice."""
    _stored(await (await people(nik)).submit(path, f"{path}/voiding", reason="Laporan ganda."))


async def photograph(people: People, path: str) -> None:
    """Ani adds a photo of it."""
    ani, action = await people(ANI), f"{path}/comments"
    fields = await ani.form(path, action) | {"comment": "Begini rupanya."}
    _stored(await ani.post(action, fields, files={"photo": ("a.png", images.png(8, 8), "image/png")}))


async def accept_as_pic(people: People, path: str) -> None:
    await accept(people, path, PIC)


# How a problem that Ani reported comes into each state. Its name says the status and, unless it is the desk, the holder.
WAYS: dict[str, tuple[Step, ...]] = {
    "reported": (),
    "open": (open_it,),
    "escalated to IT-NET": (open_it, escalate),
    "open at IT-NET": (open_it, escalate, accept),
    "escalated to the PIC": (open_it, escalate_to_pic),
    "open at the PIC": (open_it, escalate_to_pic, accept_as_pic),
    "closed": (open_it, close),
    "confirmed": (open_it, close, confirm),
    "void": (void,),
    "with a photo": (photograph,),
}


async def problem_in(people: People, state: str) -> str:
    """A problem of Ani's in a state of WAYS: its path."""
    path = await report(people)
    for step in WAYS[state]:
        await step(people, path)
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


def _stored(response: httpx2.Response) -> None:
    assert response.status_code == 303, response.text
