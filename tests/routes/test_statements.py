"""A budget for every door: how often it takes a connection, and how many statements it asks on it (round trips, BEGIN and COMMIT
among them). And no door leaves anything of the session behind on the connection that it gives back without a word."""

import asyncio
from uuid import uuid4

import pytest
from asyncpg import Connection
from asyncpg.connection import LoggedQuery
from databases import Database
from databases.core import Connection as Managed

import db
from routes.masters import FIXED, PAGES
from tests.client import Client
from tests.conftest import People
from tests.routes.catalogue import EXAMPLES, Example, arrange, ask, envelope
from web.tags import minute

MOST = {"GET": 6, "POST": 17}
# What is asked for most often, and what needs more than that.
BUDGET = {
    "GET /problems": 4,
    "GET /problems/{id}": 5,
    "GET /desk": 1,
    "GET /views": 7,
    "GET /recap/{month}/movements": 9,
    "POST /login/nik": 2,
    "GET /admin/employees/{code}": 7,  # a form, what it offers, its history, the account and its sessions
    "POST /admin/employees": 19,  # what somebody is a member of is four statements
    "POST /admin/employees/{code}": 19,
    "POST /admin/employees/{nik}/pin": 21,  # the page again, which shows the PIN
    "POST /problems": 4,
    "POST /problems/{id}/comments": 5,
    "POST /problems/{id}/closure": 20,  # with a photo; the driver asks what a type is, once a connection
    "POST /problems/{id}/escalation": 12,
    "POST /problems/{id}/presence": 3,
}
# What hangs on it is counted and handed on: a statement or two a kind of thing.
BUDGET |= {f"POST {pages.url}/{{code}}/deactivation": 28 for pages in (*PAGES, *FIXED)}
# A calendar is three tables, which are laid out: eight statements where others are written by one.
BUDGET |= {f"POST /admin/calendars{path}": 22 for path in ("", "/{code}", "/{code}/activation", "/{code}/effect")}
BUDGET["POST /admin/calendars/{code}/deactivation"] = 28
LEASES = {"POST /login": 2, "POST /pin": 2}  # given back while a PIN is hashed
LEASES["GET /admin/imports/{id}/faults"] = 2  # given back while the sheet waits for its turn
LEASES |= {"POST /admin/employees/{nik}/pin": 2, "POST /store/employees/{nik}/pin": 2}
# Look whether what a job makes is ready for as long as somebody may wait for it.
POLLS = ("POST /exports", "POST /admin/imports", "POST /admin/imports/{id}", "POST /admin/imports/{id}/names")

# What a SET, a lock of the session, LISTEN, a temporary table or a cursor WITH HOLD would have left.
LEFT = """
    SELECT 'setting ' || name FROM pg_settings WHERE source = 'session' AND setting IS DISTINCT FROM reset_val
    UNION ALL
    SELECT 'lock' FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()
    UNION ALL
    SELECT 'channel ' || channel FROM pg_listening_channels() AS channel
    UNION ALL
    SELECT 'temporary tables' WHERE pg_my_temp_schema() <> 0
    UNION ALL
    SELECT 'cursor ' || name FROM pg_cursors WHERE is_holdable
"""


class Asked:
    """The statements of every lease."""

    def __init__(self) -> None:
        self.leases: list[list[str]] = []
        self.left: list[str] = []

    @property
    def statements(self) -> list[str]:
        return [statement for lease in self.leases for statement in lease]


@pytest.fixture
async def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """What this task asks of the database from now on; others are of jobs."""
    asked, take, give_back, task = Asked(), db._take, db._give_back, asyncio.current_task()

    def listen(record: LoggedQuery) -> None:
        asked.leases[-1].append(record.query)

    async def taking(database: Database) -> Managed:
        managed = await take(database)
        if asyncio.current_task() is task:
            asked.leases.append([])
            managed.raw_connection.add_query_logger(listen)
        return managed

    async def giving_back(database: Database, managed: Managed, connection: Connection, failed: bool) -> None:
        if asyncio.current_task() is task:
            connection.remove_query_logger(listen)
            asked.left += [row[0] for row in await connection.fetch(LEFT)]
        await give_back(database, managed, connection, failed)

    monkeypatch.setattr(db, "_take", taking)
    monkeypatch.setattr(db, "_give_back", giving_back)
    return asked


async def fields_of(example: Example, person: Client, problem: str, connection: Connection) -> dict[str, str]:
    if example.method == "GET":
        return {}
    if problem:
        return await envelope(connection, problem)
    form = await person.form(*example.form) if example.form else {"key": str(uuid4())} if example.who else {}
    return {**form, **example.values}


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
async def test_a_door_keeps_to_its_budget(
    example: Example, people: People, nobody: Client, connection: Connection, asked: Asked
) -> None:
    person = await people(example.who) if example.who else nobody
    problem = await arrange(example, people)
    fields = await fields_of(example, person, problem, connection)
    asks_again, begun = example.method == "GET", minute()
    if asks_again:
        await ask(person, example, problem)  # the reference data is kept by then
    asked.leases.clear()
    assert (await ask(person, example, *filter(None, [problem]), **fields)).status_code < 400
    if asks_again and minute() != begun:  # what was kept is a minute old by now
        asked.leases.clear()
        await ask(person, example, problem)
    door = f"{example.method} {example.path}"
    if door not in POLLS:
        assert len(asked.leases) <= LEASES.get(door, 1)
        assert len(asked.statements) <= BUDGET.get(door, MOST[example.method]), asked.statements
    assert asked.left == []
