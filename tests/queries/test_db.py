"""The database as the application reaches it: its connections healed, and none to another version of the schema."""

import asyncio
import gc
from collections.abc import AsyncIterator

import asyncpg
import pytest
from asyncpg import Connection

import db
from routes import errors
from tests.conftest import apart, execute

# Connections -----------------------------------------------------------------------------------------------------------


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[object]:
    database = db.create_database(database_url)
    await database.connect()
    yield database
    await database.disconnect()


async def backend(database) -> int:
    """The server's process behind the connection that is acquired next."""
    async with db.acquire(database) as connection:
        return await connection.fetchval("SELECT pg_backend_pid()")


async def test_a_connection_that_was_terminated_is_replaced(database, connection: Connection):
    first = await backend(database)
    await connection.fetchval("SELECT pg_terminate_backend($1, 5000)", first)
    await asyncio.sleep(0.05)  # the driver notices
    assert await backend(database) != first


async def test_a_connection_that_is_never_given_back_keeps_nobody_from_stopping(
    database_url: str, connection: Connection, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(db, "DISCONNECT_TIMEOUT", 0.2)
    database = db.create_database(database_url)
    await database.connect()
    kept = db.acquire(database)
    await kept.__aenter__()
    async with asyncio.timeout(5):
        await db.disconnect(database)


async def test_nobody_passes_who_waits_longer(database_url: str):
    database, served = db.create_database(database_url, size=1), []

    async def ask(number: int) -> None:
        async with db.acquire(database) as connection:
            served.append(number)
            await connection.fetchval("SELECT 1")

    await database.connect()
    async with asyncio.TaskGroup() as group:
        for number in range(300):  # so that one begins at every step of the others
            group.create_task(ask(number))
            await asyncio.sleep(0)
    await database.disconnect()
    assert served == sorted(served)


async def test_a_connection_that_is_lost_between_two_questions_is_said_and_replaced(database, connection: Connection):
    with pytest.raises(db.DatabaseUnavailable):
        async with db.acquire(database) as own:
            await connection.fetchval("SELECT pg_terminate_backend($1, 5000)", own.get_server_pid())
            await asyncio.sleep(0.05)  # the driver notices
            await own.fetchval("SELECT 1")
    assert await backend(database)


async def test_a_connection_that_is_lost_during_a_question_is_said_and_replaced(database):
    with pytest.raises(db.DatabaseUnavailable):
        async with db.acquire(database) as own:
            await own.fetchval("SELECT pg_terminate_backend(pg_backend_pid())")
    assert await backend(database)


async def test_a_connection_that_is_lost_as_it_is_given_back_costs_nobody_an_answer(
    database, database_url: str, connection: Connection
):
    """The server ends it while this process does something else, so that the driver has not noticed."""
    async with db.acquire(database) as own:
        lost = own.get_server_pid()
        apart(execute(database_url, f"SELECT pg_terminate_backend({lost}, 5000)"))
    await asyncio.sleep(0.05)  # now it does
    assert await backend(database) != lost, "the same task gets another one"


async def test_what_the_driver_says_when_it_has_half_noticed_is_no_mistake_of_ours(database):
    """The server's last word is read, its end not yet: asyncpg then raises this for the next question, once in fifty times."""
    with pytest.raises(db.DatabaseUnavailable):
        async with db.acquire(database):
            raise asyncpg.InternalClientError("cannot switch to state 11; another operation (2) is in progress")
    assert await backend(database)


async def test_who_is_interrupted_while_giving_back_leaves_no_error_behind(database):
    """At whatever moment: the driver finishes by itself, and no error of its own is left that nobody hears of."""
    loop, errors = asyncio.get_running_loop(), []
    before = loop.get_exception_handler()
    loop.set_exception_handler(lambda loop, context: errors.append(context))
    try:
        for steps in range(12):
            leaving = asyncio.Event()
            task = asyncio.create_task(use(database, leaving))
            await leaving.wait()
            for _ in range(steps):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
        await asyncio.sleep(0.1)
        gc.collect()
    finally:
        loop.set_exception_handler(before)
    assert errors == []
    assert database._backend._pool.get_idle_size() == database._backend._pool.get_size(), "all are given back"


async def use(database, leaving: asyncio.Event) -> None:
    async with db.acquire(database) as connection:
        await connection.fetchval("SELECT 1")
        leaving.set()


async def test_a_server_that_cannot_be_reached_is_said(tmp_path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(db, "ACQUIRE_TIMEOUT", 1)
    database = db.create_database(f"postgresql://postgres@/postgres?host={tmp_path}")
    await database.connect()
    with pytest.raises(db.DatabaseUnavailable):
        async with db.acquire(database):
            pytest.fail("there is no server")
    await database.disconnect()


async def test_a_pool_that_is_used_up_is_said_and_recovers(database, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(db, "ACQUIRE_TIMEOUT", 0.3)
    release = asyncio.Event()
    acquired = []

    async def hold() -> None:
        async with db.acquire(database) as connection:
            acquired.append(connection)
            await release.wait()

    async with asyncio.TaskGroup() as group:
        for _ in range(db.POOL_SIZE):
            group.create_task(hold())
            await asyncio.sleep(0.02)
        with pytest.raises(db.DatabaseUnavailable) as caught:
            await asyncio.create_task(backend(database))
        assert caught.value.reason == "busy"
        release.set()
    assert len(acquired) == db.POOL_SIZE
    assert await backend(database)


async def test_a_mistake_of_ours_is_not_said_to_be_the_servers(database):
    with pytest.raises(asyncpg.UndefinedTableError):
        async with db.acquire(database) as connection:
            await connection.fetchval("SELECT * FROM nowhere")
    with pytest.raises(asyncpg.InterfaceError):
        async with db.acquire(database) as connection:
            await connection.fetchval("SELECT $1::int", 1, 2)


async def test_a_statement_that_waits_too_long_for_a_lock_is_said(database, connection: Connection):
    async with connection.transaction():
        await connection.execute("LOCK TABLE problem")
        with pytest.raises(db.DatabaseUnavailable):
            async with db.acquire(database) as own:
                await own.execute("SET lock_timeout = '50ms'")
                await own.execute("SELECT count(*) FROM problem")


REASONS = {
    "40P01": "lock", "55P03": "lock", "57014": "timeout", "53100": "disk full", "53300": "too many connections",
    "53200": "no resources", "53400": "no resources", "25006": "read only", "57P01": "away", "57P02": "crash", "57P03": "away",
    "08006": "crash",
}  # fmt: skip


@pytest.mark.parametrize("code", REASONS)
async def test_the_reason_is_told(database, code: str):
    """Also where a transaction was open, whose end fails as well."""
    for raising in (db.acquire(database), db.Lease(database)):
        with pytest.raises(db.DatabaseUnavailable) as caught:
            async with raising as held:
                own = getattr(held, "connection", held)
                async with own.transaction():
                    await own.execute(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{code}'; END $$")
        assert caught.value.reason == REASONS[code]


async def test_every_reason_has_its_words():
    assert set(errors.UNAVAILABLE) <= db.REASONS
    assert {"crash", "away", "no answer"} == db.REASONS - set(errors.UNAVAILABLE), "for all of them: away"


async def test_jsonb_comes_and_goes_as_dicts(database):
    async with db.acquire(database) as connection:
        assert await connection.fetchval("SELECT $1::jsonb", {"status": "open"}) == {"status": "open"}
