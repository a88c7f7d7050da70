"""What the tests of the queries share: actions by their verbs, along the ways of tests/journeys.py; what the database holds."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import pytest
from asyncpg import Connection

from actions.action import Action
from actions.registry import (
    ACCEPTANCE,
    ASSIGNMENT,
    CLOSURE,
    COMMENT,
    CONFIRMATION,
    CORRECTION,
    ESCALATION,
    OPENING,
    RECALL,
    REOPENING,
    RESTORATION,
    RESUMPTION,
    RETURN,
    TAKEOVER,
    TAKING,
    VOIDING,
    WAITING,
)
from actions.registry import PIC as PIC_CHOICE
from forms.form import read
from queries.employees import Employee
from queries.problems import Report, insert_problem
from queries.sessions import Lifetime, get_session_employee, insert_session
from queries.submissions import Submission
from tests.journeys import (
    ADMIN,
    ANI,
    BUDI,
    CITRA,
    DESK,
    DESK_TOO,
    FOR_VENDOR,
    GA,
    IDENTIFICATION,
    KIKI,
    LOG,
    MANAGER,
    NET,
    PIC,
    PIC_TOO,
    REPORT,
    SOLUTION,
    TO_NET,
    TWICE,
    YOSEP,
    way_to,
)

REPORTER, COLLEAGUE, STRANGER, FAR, GONE = ANI, BUDI, CITRA, YOSEP, KIKI
EVERYBODY = (
    *(REPORTER, COLLEAGUE, STRANGER, FAR, GONE),
    *(DESK, DESK_TOO, NET, GA, LOG, PIC, PIC_TOO, MANAGER, ADMIN),
)
TABLES = ("problem", "event", "note", "custody", "escalation", "submission")

CORRECTED = {"category": "FAS-AC", "urgency": "1"}  # what a correction changes

Verb = Callable[..., Awaitable[None]]


class Wish(NamedTuple):
    """What somebody wants of a problem, having seen a version of it."""

    problem_id: int
    version: int
    submission: Submission


def submission(nik: str, content: str = "", key: UUID | None = None) -> Submission:
    """A form of `nik`, with a key of its own unless one is given."""
    return Submission(key or uuid4(), nik, hashlib.sha256(content.encode()).digest())


async def change(connection: Connection, problem_id: int, nik: str, version: int | None = None) -> Wish:
    """What `nik` wants of the problem as it is now, or as it was at `version`."""
    now = await connection.fetchval("SELECT version FROM problem WHERE id = $1", problem_id)
    return Wish(problem_id, version or now, submission(nik))


async def do(connection: Connection, action: Action, wish: Wish, **data: object) -> None:
    """The action, with what was filled in."""
    await action.verb(connection, action.change(*wish), data)


def meant(action: Action, values: Mapping[str, str]) -> Mapping[str, Any]:
    """What was filled in in its form, as the verb is given it; whatever was chosen could be."""
    form = read(values, action.fields, offer={name: [(value, value)] for name, value in values.items()})
    assert form.valid, form.errors
    return form.data


async def report(connection: Connection, nik: str = REPORTER, title: str = REPORT["title"], **values: str) -> int:
    values = {"description": REPORT["description"], "asset_tag": None, "asset_text": None} | values
    return await insert_problem(connection, submission(nik), Report(nik, title, **values))


async def open_problem(connection: Connection, wish: Wish, category: str, impact: int, urgency: int, what: str) -> None:
    await do(connection, OPENING, wish, category=category, impact=impact, urgency=urgency, identification=what)


async def identify(connection: Connection, wish: Wish) -> None:
    await do(connection, OPENING, wish, **meant(OPENING, IDENTIFICATION))


async def correct(connection: Connection, wish: Wish) -> None:
    await do(
        connection,
        CORRECTION,
        wish,
        **meant(CORRECTION, IDENTIFICATION | CORRECTED | {"identification": f"Lihat {wish.version}"}),
    )


async def escalate_to_division(connection: Connection, wish: Wish, kind: str, division: str, reason: str) -> None:
    await do(connection, ESCALATION, wish, kind=kind, division=division, reason=reason)


async def to_net(connection: Connection, wish: Wish) -> None:
    await do(connection, ESCALATION, wish, **meant(ESCALATION, TO_NET))


async def escalate_to_pic(connection: Connection, wish: Wish, pic: str, reason: str) -> None:
    await do(connection, PIC_CHOICE, wish, department=None, pic=pic, reason=reason)


async def accept_escalation(connection: Connection, wish: Wish) -> None:
    await do(connection, ACCEPTANCE, wish)


async def return_escalation(connection: Connection, wish: Wish, reason: str) -> None:
    await do(connection, RETURN, wish, reason=reason)


async def recall(connection: Connection, wish: Wish) -> None:
    await do(connection, RECALL, wish, reason="Salah kirim")


async def take_over(connection: Connection, wish: Wish) -> None:
    await do(connection, TAKEOVER, wish, reason="Terlalu lama")


async def pause(connection: Connection, wish: Wish, **values: object) -> None:
    await do(connection, WAITING, wish, **meant(WAITING, FOR_VENDOR) | values)


async def resume(connection: Connection, wish: Wish) -> None:
    await do(connection, RESUMPTION, wish)


async def assign(connection: Connection, wish: Wish, nik: str = DESK_TOO) -> None:
    await do(connection, ASSIGNMENT, wish, assignee=nik, reason=None)


async def take(connection: Connection, wish: Wish) -> None:
    await do(connection, TAKING, wish)


async def close(connection: Connection, wish: Wish) -> None:
    await do(connection, CLOSURE, wish, **SOLUTION)


async def confirm_problem(connection: Connection, wish: Wish) -> None:
    await do(connection, CONFIRMATION, wish)


async def restore(connection: Connection, wish: Wish, reason: str | None = None) -> None:
    await do(connection, RESTORATION, wish, reason=reason)


async def reopen_problem(connection: Connection, wish: Wish, reason: str) -> None:
    await do(connection, REOPENING, wish, reason=reason)


async def void(connection: Connection, wish: Wish) -> None:
    await do(connection, VOIDING, wish, **TWICE)


async def insert_comment(connection: Connection, problem_id: int, submission: Submission, comment: str) -> None:
    await do(connection, COMMENT, Wish(problem_id, 1, submission), comment=comment)


async def problem_in(connection: Connection, state: str) -> int:
    """A problem of Ani's in a state of journeys.WAYS, or of a status."""
    problem_id = await report(connection)
    for nik, action, values in way_to(state):
        await do(connection, action, await change(connection, problem_id, nik), **meant(action, values))
    return problem_id


async def viewer(connection: Connection, nik: str) -> Employee:
    """The person as the application knows who is logged in."""
    id_hash = hashlib.sha256(uuid4().bytes).digest()
    await insert_session(connection, id_hash, nik, Lifetime(3600, 3600), "")
    found = await get_session_employee(connection, id_hash)
    assert found
    return found.employee


async def dump(connection: Connection) -> dict[str, list[str]]:
    """All that the database says about problems."""
    return {table: sorted(map(str, await connection.fetch(f"SELECT t::text FROM {table} t"))) for table in TABLES}


async def blocked(connection: Connection, number: int = 1) -> None:
    """Wait until that many other connections wait for a lock."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    for _ in range(500):
        if await connection.fetchval(waiting) >= number:
            return
        await asyncio.sleep(0.01)
    pytest.fail(f"there are no {number} that wait")
