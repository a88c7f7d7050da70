"""The database as the application reaches it: its schema made once, its connections healed."""

import asyncio
import uuid
from collections.abc import AsyncIterator

import asyncpg
import pytest
from asyncpg import Connection

import db
from tests.conftest import apart, execute, of_database


@pytest.fixture
async def empty_url(server: str) -> AsyncIterator[str]:
    """The URL of an empty database."""
    name = f"sih_{uuid.uuid4().hex[:12]}"
    admin = await asyncpg.connect(server)
    await admin.execute(f'CREATE DATABASE "{name}"')
    yield of_database(server, name)
    await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await admin.close()


@pytest.fixture
async def empty(empty_url: str) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(empty_url)
    yield connection
    await connection.close()


# The schema ------------------------------------------------------------------------------------------------------------


async def test_two_at_once_make_the_schema_once(empty: Connection, empty_url: str):
    other = await asyncpg.connect(empty_url)
    made = await asyncio.gather(db.apply_schema(empty), db.apply_schema(other))
    await other.close()
    assert sorted(made) == [False, True]
    assert await empty.fetchval("SELECT count(*) FROM schema_version") == 1


async def test_a_database_of_somebody_else_is_refused_and_left_alone(empty: Connection):
    await empty.execute("CREATE TABLE payroll (salary numeric)")
    with pytest.raises(db.SchemaMismatch, match="not empty"):
        await db.apply_schema(empty)
    assert await empty.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 1


async def test_another_version_is_refused(connection: Connection):
    await connection.execute("INSERT INTO schema_version (version) VALUES ($1)", db.SCHEMA_VERSION + 1)
    with pytest.raises(db.SchemaMismatch, match=f"version {db.SCHEMA_VERSION + 1}, not {db.SCHEMA_VERSION}"):
        await db.apply_schema(connection)


async def test_half_a_schema_is_none(empty: Connection, monkeypatch: pytest.MonkeyPatch, tmp_path):
    broken = tmp_path / "schema.sql"
    broken.write_text(db.SCHEMA.read_text(encoding="utf-8") + "SELECT 1 / 0;", encoding="utf-8")
    monkeypatch.setattr(db, "SCHEMA", broken)
    with pytest.raises(asyncpg.DivisionByZeroError):
        await db.apply_schema(empty)
    assert not await db.has_schema(empty)


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


async def test_a_connection_that_is_lost_as_it_is_given_back_is_said_and_replaced(
    database, database_url: str, connection: Connection
):
    """The server ends it while this process does something else, so that the driver has not noticed."""
    with pytest.raises(db.DatabaseUnavailable):
        async with db.acquire(database) as own:
            apart(execute(database_url, f"SELECT pg_terminate_backend({own.get_server_pid()}, 5000)"))
    assert await backend(database), "the same task gets another one"


async def test_what_the_driver_says_when_it_has_half_noticed_is_no_mistake_of_ours(database):
    """The server's last word is read, its end not yet: asyncpg then raises this for the next question, once in fifty times."""
    with pytest.raises(db.DatabaseUnavailable):
        async with db.acquire(database):
            raise asyncpg.InternalClientError("cannot switch to state 11; another operation (2) is in progress")
    assert await backend(database)


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
        with pytest.raises(db.DatabaseUnavailable):
            await asyncio.create_task(backend(database))
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


async def test_jsonb_comes_and_goes_as_dicts(database):
    async with db.acquire(database) as connection:
        assert await connection.fetchval("SELECT $1::jsonb", {"status": "open"}) == {"status": "open"}
