"""Schedules: every hour, or every day at a local time; each run once, however many workers there are."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime, time

import pytest
from asyncpg import Connection

from jobs.kind import Kind
from jobs.registry import KINDS
from jobs.schedule import Daily, Every, Hourly
from jobs.worker import working
from queries.jobs import Job
from settings import Settings
from tests.jobs.conftest import until, until_empty


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("rule", "moment", "due"),
    [
        (Every(5), "2026-11-26 05:16:59", "2026-11-26 05:20"),
        (Every(5), "2026-11-26 05:20:00", "2026-11-26 05:25"),
        (Every(5), "2026-12-31 23:57:01", "2027-01-01 00:00"),
        (Hourly(17), "2026-11-26 05:16:59", "2026-11-26 05:17"),
        (Hourly(17), "2026-11-26 05:17:00", "2026-11-26 06:17"),
        (Hourly(17), "2026-12-31 23:17:01", "2027-01-01 00:17"),
        # 06.00 is 23.00 UTC of the day before in WIB, 22.00 in WITA, 21.00 in WIT.
        (Daily(time(6)), "2026-11-26 22:59:59", "2026-11-26 23:00"),
        (Daily(time(6)), "2026-11-26 23:00:00", "2026-11-27 23:00"),
        (Daily(time(6)), "2026-11-30 23:30:00", "2026-12-01 23:00"),
        (Daily(time(6), "Asia/Makassar"), "2026-11-26 05:00", "2026-11-26 22:00"),
        (Daily(time(6), "Asia/Jayapura"), "2026-11-26 21:30", "2026-11-27 21:00"),
        (Daily(time(0)), "2026-11-26 17:00", "2026-11-27 17:00"),
        # Where clocks are turned, the day is the local one, though it has 23 hours.
        (Daily(time(6), "Europe/Berlin"), "2026-03-28 12:00", "2026-03-29 04:00"),
    ],
)
def test_when_a_rule_is_due_next(rule: Every | Hourly | Daily, moment: str, due: str) -> None:
    assert rule.after(utc(moment)) == utc(due)


async def count(connection: Connection, job: Job, settings: Settings) -> None:
    await connection.execute("INSERT INTO effect (job, attempt) VALUES ($1, $2)", job.id, job.attempt)


MORNING = {"morning": Kind(count, schedule=Daily(time(6)))}


async def next_in(connection: Connection) -> object:
    """When the schedule is due, by the clocks of Jakarta."""
    return await connection.fetchval("SELECT next_at AT TIME ZONE 'Asia/Jakarta' FROM schedule WHERE kind = 'morning'")


async def runs(connection: Connection) -> int:
    return await connection.fetchval("SELECT count(*) FROM effect")


async def test_nothing_is_due_when_it_is_first_heard_of(effects: Connection, settings: Settings) -> None:
    async with working(settings, MORNING):
        await until(lambda: next_in(effects))
        await asyncio.sleep(0.2)
    assert (await next_in(effects)).time() == time(6)
    assert await effects.fetchval("SELECT next_at - now() BETWEEN '0' AND '24 hours' FROM schedule")
    assert await runs(effects) == 0


async def test_runs_missed_while_nothing_ran_are_made_up_once(effects: Connection, settings: Settings) -> None:
    async with working(settings, MORNING):
        await until(lambda: next_in(effects))
    await effects.execute("UPDATE schedule SET next_at = next_at - interval '5 days'")
    for _ in range(2):  # and not again at the next restart
        async with working(settings, MORNING):
            await until(lambda: runs(effects))
            await until_empty(effects)
    assert await runs(effects) == 1
    assert (await next_in(effects)).time() == time(6)
    assert await effects.fetchval("SELECT next_at - now() BETWEEN '0' AND '24 hours' FROM schedule")


async def test_a_run_comes_when_it_is_due_and_once_for_all_workers(effects: Connection, settings: Settings) -> None:
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(working(settings, MORNING))
        await until(lambda: next_in(effects))
        await effects.execute("UPDATE schedule SET next_at = now() + interval '1 second'")
        for _ in range(3):
            await stack.enter_async_context(working(settings, MORNING))
        await asyncio.sleep(0.5)
        assert await runs(effects) == 0
        await until(lambda: runs(effects), 3)
        await asyncio.sleep(0.3)
    assert await runs(effects) == 1


async def test_a_rule_that_was_changed_counts_from_the_next_start(effects: Connection, settings: Settings) -> None:
    async with working(settings, MORNING):
        await until(lambda: next_in(effects))
    async with working(settings, {"morning": Kind(count, schedule=Daily(time(7)))}):

        async def is_at_seven() -> bool:
            return (await next_in(effects)).time() == time(7)

        await until(is_at_seven)


async def test_tidying_is_done_every_hour(effects: Connection, settings: Settings) -> None:
    """A session that ended long ago goes, one that ended lately stays."""
    await effects.execute(
        """
        INSERT INTO session (id_hash, nik, created_at, expires_at)
        SELECT sha256(days::text::bytea), '10001', now() - interval '60 days', now() - make_interval(days => days)
          FROM (VALUES (29), (31)) AS gone (days)
        """
    )
    async with working(settings, KINDS):
        await until(lambda: effects.fetchval("SELECT true FROM schedule WHERE kind = 'tidying'"))
        assert await effects.fetchval(
            "SELECT next_at - now() BETWEEN '0' AND '1 hour' FROM schedule WHERE kind = 'tidying'"
        )
    await effects.execute("UPDATE schedule SET next_at = now()")
    async with working(settings, KINDS):
        await until(lambda: effects.fetchval("SELECT count(*) = 1 FROM session"))
        await until_empty(effects)
    assert await effects.fetchval("SELECT now() - expires_at < '30 days' FROM session")
