"""A server that says nothing any more, stopped or behind a network that swallows: every wait ends, and all heals by itself."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import pytest
from asyncpg import Connection

import db
from app import create_app
from driver import connections as driver
from tests.client import Client
from tests.conftest import connected, new_session, settings_for
from tests.journeys import ANI, REPORT
from tests.wire import wired

LIMIT = 0.4  # seconds, for every wait
OURS = """SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'sih'"""


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, names in (
        (db, ("ACQUIRE_TIMEOUT", "ANSWER_LIMIT", "RESTED_LIMIT", "DISCONNECT_TIMEOUT", "GIVE_BACK_LIMIT")),
        (driver, ("GIVE_BACK_LIMIT",)),
    ):
        for name in names:
            monkeypatch.setattr(module, name, LIMIT)


@asynccontextmanager
async def database_at(url: str, **options) -> AsyncIterator[db.Database]:
    database = db.create_database(url, **options)
    await database.connect()
    try:
        yield database
    finally:
        began = now()
        await db.disconnect(database)
        assert now() - began < 4 * LIMIT, "it is left in time as well"


def now() -> float:
    return asyncio.get_running_loop().time()


async def ask(database: db.Database, statement: str = "SELECT 1") -> int:
    async with db.acquire(database) as connection:
        return await connection.fetchval(statement)


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


async def in_a_transaction(connection: Connection, pause: Callable[[], Awaitable[None]]) -> None:
    async with connection.transaction():
        await pause()
        await connection.fetchval("SELECT 1")


async def in_a_statement(connection: Connection, pause: Callable[[], Awaitable[None]]) -> None:
    await pause()
    await connection.fetchval("SELECT 1")


async def as_it_is_interrupted(connection: Connection, pause: Callable[[], Awaitable[None]]) -> None:
    await pause()
    async with asyncio.timeout(LIMIT / 2), connection.transaction():
        await connection.fetchval("SELECT 1")


MOMENTS = [in_a_transaction, in_a_statement, as_it_is_interrupted]


@pytest.mark.parametrize("how", ["stopped", "swallowed"])
async def test_a_connection_that_stops_answering_is_left_and_replaced(how: str, database_url: str) -> None:
    """At whatever moment; and the task that lost it gets another one."""
    async with wired(database_url) as (wire, url), database_at(url, size=2) as database:
        for moment in MOMENTS:
            pid, began = await ask(database, "SELECT pg_backend_pid()"), now()

            async def pause(pid: int = pid) -> None:
                if how == "stopped":
                    os.kill(pid, signal.SIGSTOP)
                else:
                    wire.swallows = True

            with pytest.raises((db.DatabaseUnavailable, TimeoutError)) as caught:
                async with db.acquire(database) as connection:
                    await moment(connection, pause)
            assert now() - began < 4 * LIMIT, moment.__name__
            if moment is not as_it_is_interrupted:
                assert caught.value.reason == "no answer", moment.__name__
            if how == "stopped":
                os.kill(pid, signal.SIGCONT)
            wire.swallows = False
            assert await ask(database, "SELECT pg_backend_pid()") != pid


async def test_connections_that_died_while_they_rested_cost_nobody_an_answer(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "RESTED", 0)
    monkeypatch.setattr(db, "RESTED_LIMIT", 0.05)
    async with wired(database_url) as (wire, url), database_at(url, size=4) as database:
        await asyncio.gather(*(asyncio.create_task(ask(database, "SELECT 1 FROM pg_sleep(0.1)")) for _ in range(4)))
        assert wire.made == 4
        async with connected(database_url) as other:
            pids = [row["pid"] for row in await other.fetch(OURS)]
            for pid in pids:
                os.kill(pid, signal.SIGSTOP)
            try:
                for _ in range(4):
                    assert await ask(database) == 1
            finally:
                for pid in pids:
                    os.kill(pid, signal.SIGCONT)


async def test_a_new_connection_that_says_nothing_is_not_waited_for(database_url: str) -> None:
    """From its first byte, or while it is prepared."""
    async with wired(database_url) as (wire, url), database_at(url) as database:
        wire.swallows, began = True, now()
        with pytest.raises(db.DatabaseUnavailable) as caught:
            await ask(database)
        assert caught.value.reason == "away"
        assert now() - began < 4 * LIMIT
        wire.swallows = False
        assert await ask(database) == 1
    async with database_at(database_url) as database, connected(database_url) as other:
        async with other.transaction():
            await other.execute("LOCK TABLE schema_version")  # which a new connection reads
            began = now()
            with pytest.raises(db.DatabaseUnavailable):
                await ask(database)
            assert now() - began < 4 * LIMIT
        assert await ask(database) == 1


async def test_more_hang_than_the_pool_has_connections_and_all_heal(
    database_url: str, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Requests of the application: each is answered, 503 while nothing comes through, 200 as soon as it does."""
    async with wired(database_url) as (wire, url):
        app = create_app(settings_for(url, tmp_path))
        async with app.router.lifespan_context(app):
            client = Client(app)
            client.keep(await new_session(app, ANI))
            assert (await client.get("/problems")).status_code == 200
            wire.swallows, began = True, now()
            answers = await asyncio.gather(*(client.get("/problems") for _ in range(2 * db.POOL_SIZE)))
            assert {answer.status_code for answer in answers} == {503}
            assert (await client.get("/health/ready")).status_code == 503
            assert now() - began < 6 * LIMIT
            wire.swallows = False
            for _ in range(2 * db.POOL_SIZE):
                assert (await client.get("/problems")).status_code == 200


async def test_a_report_whose_commit_is_not_answered_is_recorded_once(database_url: str, tmp_path) -> None:
    """Nobody knows whether it was; the same form, sent again, is answered with what came of the first."""
    async with wired(database_url) as (wire, url), connected(database_url) as other:
        app = create_app(settings_for(url, tmp_path))
        async with app.router.lifespan_context(app):
            client = Client(app)
            client.keep(await new_session(app, ANI))
            report = await client.form("/problems/new", "/problems") | REPORT
            wire.loses_commits, wire.commits = 1.0, (REPORT["title"].encode(),)
            assert (await client.post("/problems", report)).status_code == 503
            wire.loses_commits = 0.0
            assert await other.fetchval("SELECT count(*) FROM problem") == 1
            answer = await client.post("/problems", report)
            assert answer.status_code == 303
            assert answer.headers["Location"] == f"/problems/{await other.fetchval('SELECT id FROM problem')}"
            assert await other.fetchval("SELECT count(*) FROM problem") == 1


async def test_a_task_that_is_interrupted_while_it_takes_one_takes_none_away(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it is asked whether a connection that rested still answers, a request may end, or its time to get one."""
    monkeypatch.setattr(db, "RESTED", 0)
    for taking, resting in ((10, LIMIT / 2), (LIMIT / 2, 10)):
        monkeypatch.setattr(db, "RESTED_LIMIT", 10)
        monkeypatch.setattr(db, "ACQUIRE_TIMEOUT", taking)
        async with wired(database_url) as (wire, url), database_at(url, size=1) as database:
            assert await ask(database) == 1
            wire.swallows = True
            with pytest.raises((TimeoutError, db.DatabaseUnavailable)):
                async with asyncio.timeout(resting):
                    await ask(database)
            wire.swallows = False
            monkeypatch.setattr(db, "ACQUIRE_TIMEOUT", LIMIT)
            assert await ask(database) == 1
