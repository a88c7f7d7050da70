"""What the tests of the queries share: people, problems in every state, and what the database holds."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import pytest
from asyncpg import Connection

from queries.changes import Change
from queries.closures import close_problem, confirm_problem, void_problem
from queries.employees import Employee
from queries.escalations import escalate_to_division
from queries.openings import open_problem
from queries.problems import Report, insert_problem
from queries.sessions import Lifetime, get_session_employee, insert_session
from queries.submissions import Submission

REPORTER, COLLEAGUE, STRANGER, FAR, GONE = "10001", "10002", "10003", "10004", "10009"
DESK, DESK_TOO, NET, GA, LOG, PIC, PIC_TOO = "20001", "20002", "20003", "20004", "20005", "30001", "30002"
MANAGER, ADMIN = "40001", "90001"
EVERYBODY = (
    *(REPORTER, COLLEAGUE, STRANGER, FAR, GONE),
    *(DESK, DESK_TOO, NET, GA, LOG, PIC, PIC_TOO, MANAGER, ADMIN),
)
STATES = ("reported", "open", "escalated", "closed", "confirmed", "void")
TABLES = ("problem", "event", "custody", "escalation", "submission")

Verb = Callable[[Connection, Change], Awaitable[None]]


def submission(nik: str, content: str = "", key: UUID | None = None) -> Submission:
    """A form of `nik`, with a key of its own unless one is given."""
    return Submission(key or uuid4(), nik, hashlib.sha256(content.encode()).digest())


async def change(connection: Connection, problem_id: int, nik: str, version: int | None = None) -> Change:
    """What `nik` wants of the problem as it is now, or as it was at `version`."""
    now = await connection.fetchval("SELECT version FROM problem WHERE id = $1", problem_id)
    return Change(problem_id, version or now, submission(nik))


async def report(connection: Connection, nik: str = REPORTER, title: str = "Printer mati", **values: str) -> int:
    values = {"description": "Tidak menyala", "asset_tag": None, "asset_text": None} | values
    return await insert_problem(connection, submission(nik), Report(nik, title, **values))


async def identify(connection: Connection, change: Change) -> None:
    await open_problem(connection, change, "NET-WIFI", 1, 2, "Kabel putus")


async def to_net(connection: Connection, change: Change) -> None:
    await escalate_to_division(connection, change, "it", "IT-NET", "Perlu ahli")


async def close(connection: Connection, change: Change) -> None:
    await close_problem(connection, change, "Diganti")


async def void(connection: Connection, change: Change) -> None:
    await void_problem(connection, change, "Ganda")


# How a problem comes into each state: who does what.
WAYS: dict[str, list[tuple[str, Verb]]] = {
    "reported": [],
    "open": [(DESK, identify)],
    "escalated": [(DESK, identify), (DESK, to_net)],
    "closed": [(DESK, identify), (DESK, close)],
    "confirmed": [(DESK, identify), (DESK, close), (REPORTER, confirm_problem)],
    "void": [(DESK, void)],
}


async def problem_in(connection: Connection, state: str) -> int:
    """A problem that Ani of T01 reported, in a state; in the hands of the desk, or, escalated, of IT-NET."""
    problem_id = await report(connection)
    for nik, verb in WAYS[state]:
        await verb(connection, await change(connection, problem_id, nik))
    return problem_id


async def viewer(connection: Connection, nik: str) -> Employee:
    """The person as the application knows who is logged in."""
    id_hash = hashlib.sha256(uuid4().bytes).digest()
    await insert_session(connection, id_hash, nik, Lifetime(3600, 3600), "")
    return await get_session_employee(connection, id_hash)


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
