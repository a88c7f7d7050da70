"""Alarms of targets: raised when so much of a promise is used, once each, whoever else raises them and whatever is killed."""

import asyncio
import os
import signal
from datetime import timedelta

import pytest
from asyncpg import Connection

from actions.registry import ACCEPTANCE
from jobs import alarming
from jobs.registry import KINDS
from jobs.worker import working
from queries.promises import raise_alarms
from settings import Settings
from tests.clocks import put_back, work_day_and_night
from tests.conftest import connected
from tests.jobs.conftest import enqueue, until, until_empty
from tests.journeys import DESK, NET
from tests.queries.life import change, close, do, problem_in, resume, to_net

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
RAISED = "SELECT problem_id, clock, step, holder FROM target_alarm ORDER BY at, problem_id, clock, percent"
LATE = [("resolution", step, "HD") for step in ("holder", "desk", "managers")]


@pytest.fixture
async def connection(connection: Connection) -> Connection:
    """In a company that works day and night: P2 is to be answered in an hour and solved in eight."""
    await work_day_and_night(connection)
    return connection


async def raised(connection: Connection, problem_id: int) -> list[tuple[str, str, str]]:
    rows = await connection.fetch(RAISED)
    return [(row["clock"], row["step"], row["holder"]) for row in rows if row["problem_id"] == problem_id]


async def next_look(connection: Connection) -> timedelta | None:
    return await connection.fetchval("SELECT alarm_at - now() FROM promise WHERE until IS NULL")


async def test_each_step_is_raised_when_it_is_reached(connection: Connection) -> None:
    problem_id = await problem_in(connection, "open")
    for length, expected, ahead in (
        (6 * HOUR + 23 * MINUTE, LATE[:0], MINUTE),
        (6 * HOUR + 24 * MINUTE, LATE[:1], 96 * MINUTE),
        (8 * HOUR, LATE[:2], 4 * HOUR),
        (11 * HOUR, LATE[:2], HOUR),
        (12 * HOUR, LATE, None),
    ):
        await put_back(connection, problem_id, timedelta(), length)
        await raise_alarms(connection, 10)
        assert await raised(connection, problem_id) == expected, length
        left = await next_look(connection)
        assert (left is None) is (ahead is None) and (ahead is None or abs(left - ahead) < timedelta(seconds=5)), length
        assert await raise_alarms(connection, 10) == 0


async def test_what_is_new_is_told_of_its_answer(connection: Connection) -> None:
    problem_id = await problem_in(connection, "reported")
    await put_back(connection, problem_id, 61 * MINUTE)
    assert await raise_alarms(connection, 10) == 1
    assert await raised(connection, problem_id) == [("response", "holder", "HD"), ("response", "desk", "HD")]
    assert abs(await next_look(connection) - 29 * MINUTE) < timedelta(seconds=5)


async def test_the_next_holder_is_told_too_and_of_the_own_part(connection: Connection) -> None:
    await connection.execute(
        "INSERT INTO target (code, name, division_code, resolution) VALUES ('NET', 'IT-NET', 'IT-NET', 60)"
    )
    problem_id = await problem_in(connection, "open")
    await put_back(connection, problem_id, timedelta(), 9 * HOUR)
    await raise_alarms(connection, 10)
    await to_net(connection, await change(connection, problem_id, DESK))
    await do(connection, ACCEPTANCE, await change(connection, problem_id, NET))
    await raise_alarms(connection, 10)
    told = [("resolution", step, "IT-NET") for step in ("holder", "desk")]
    assert await raised(connection, problem_id) == LATE[:2] + told
    await put_back(connection, problem_id, timedelta(), 9 * HOUR, timedelta(), 50 * MINUTE)
    await raise_alarms(connection, 10)
    assert (await raised(connection, problem_id))[4:] == [("part", "holder", "IT-NET")]


async def test_while_the_clock_stands_and_after_the_end_nobody_is_told(connection: Connection) -> None:
    waiting, closed = await problem_in(connection, "waiting"), await problem_in(connection, "open")
    await put_back(connection, waiting, timedelta(), 6 * HOUR, 50 * HOUR)
    await put_back(connection, closed, timedelta(), 6 * HOUR)
    await close(connection, await change(connection, closed, DESK))
    assert await raise_alarms(connection, 10) == 0
    await resume(connection, await change(connection, waiting, DESK))
    await put_back(connection, waiting, timedelta(), 6 * HOUR, 50 * HOUR, HOUR)
    assert await raise_alarms(connection, 10) == 1
    assert await raised(connection, waiting) == LATE[:1] and await raised(connection, closed) == []


async def test_other_steps_count_at_once(connection: Connection) -> None:
    problem_id = await problem_in(connection, "open")
    await put_back(connection, problem_id, timedelta(), 5 * HOUR)
    assert await raise_alarms(connection, 10) == 0
    await connection.execute("UPDATE target_step SET percent = CASE step WHEN 'holder' THEN 50 END")
    assert await raise_alarms(connection, 10) == 1
    assert await raised(connection, problem_id) == LATE[:1] and await next_look(connection) is None


async def test_two_at_once_raise_each_once(connection: Connection, database_url: str) -> None:
    ids = [await problem_in(connection, "open") for _ in range(3)]
    for problem_id in ids:
        await put_back(connection, problem_id, timedelta(), 20 * HOUR)
    async with connected(database_url, lock_timeout="3s") as other:
        async with connection.transaction():
            assert await raise_alarms(connection, 2) == 2
            assert await raise_alarms(other, 10) == 1, "it does not wait"
        assert await raise_alarms(other, 10) == 0
    assert [await raised(connection, problem_id) for problem_id in ids] == [LATE] * 3


async def test_it_is_done_every_minute_and_at_once_where_much_is_to_be_told(
    connection: Connection, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alarming, "PORTION", 2)
    for _ in range(5):
        await put_back(connection, await problem_in(connection, "open"), timedelta(), 20 * HOUR)
    async with working(settings, {"alarms": KINDS["alarms"]}):
        await until(lambda: connection.fetchval("SELECT next_at <= now() + interval '1 minute' FROM schedule"))
        await enqueue(connection, "alarms")
        await until_empty(connection)
    assert await connection.fetchval("SELECT count(*) FROM target_alarm") == 15


async def test_a_worker_that_is_killed_leaves_nothing_half_told(connection: Connection, nursery) -> None:
    await connection.execute("CREATE TABLE effect (job bigint NOT NULL, attempt integer NOT NULL, pid integer)")
    await put_back(connection, await problem_in(connection, "open"), timedelta(), 20 * HOUR)
    process = nursery()
    worker = int(await asyncio.to_thread(process.stdout.readline))
    await enqueue(connection, "alarms")
    asked = "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 1397310472)"
    await until(lambda: connection.fetchval(asked))
    assert await connection.fetchval("SELECT count(*) FROM target_alarm") == 0
    os.kill(worker, signal.SIGKILL)
    await until_empty(connection)
    assert await connection.fetchval("SELECT count(*) FROM target_alarm") == 3
    assert await next_look(connection) is None
    assert await connection.fetchval("SELECT attempt FROM effect") == 2
