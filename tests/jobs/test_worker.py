"""The worker: what is enqueued is done once, in its own transaction, soon, and what fails is tried again and parked."""

import asyncio
import logging
import os
import signal
import time
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from asyncpg import Connection

import db
from jobs import worker
from jobs.kind import LONGEST_PAUSE, Kind
from jobs.worker import working
from queries.jobs import Job, count_parked, enqueue_job
from server.migrate import migrate
from server.postgres.embedded import EmbeddedPostgres
from settings import Settings
from tests.conftest import connected, settings_for
from tests.jobs.conftest import enqueue, until, until_empty, until_waiting
from web.logs import JsonFormatter

CANARY = "kenari 10001"


async def count(connection: Connection, job: Job, settings: Settings) -> None:
    await connection.execute("INSERT INTO effect (job, attempt) VALUES ($1, $2)", job.id, job.attempt)


async def fail(connection: Connection, job: Job, settings: Settings) -> None:
    await count(connection, job, settings)
    raise ValueError(f"{job.arguments['text']}\x00" + "x" * 5000)


async def break_statement(connection: Connection, job: Job, settings: Settings) -> None:
    await count(connection, job, settings)
    await connection.execute("SELECT 1 / 0")


async def cancel_itself(connection: Connection, job: Job, settings: Settings) -> None:
    raise asyncio.CancelledError


async def sleep(connection: Connection, job: Job, settings: Settings) -> None:
    await count(connection, job, settings)
    await asyncio.sleep(job.arguments.get("seconds", 60))


async def sleep_in_the_database(connection: Connection, job: Job, settings: Settings) -> None:
    await connection.execute("SELECT pg_sleep(60)")


KINDS = {
    "count": Kind(count),
    "fail": Kind(fail, attempts=3, pause=0.02),
    "break": Kind(break_statement, attempts=1),
    "cancel": Kind(cancel_itself, attempts=2, pause=0.02),
    "sleep": Kind(sleep),
    "slow": Kind(sleep, attempts=1, seconds=0.1),
    "slow_statement": Kind(sleep_in_the_database, attempts=1, seconds=0.1),
}


async def error_of(connection: Connection, job: int) -> str | None:
    return await connection.fetchval("SELECT error FROM job WHERE id = $1 AND parked_at IS NOT NULL", job)


def lines_of(caplog: pytest.LogCaptureFixture, message: str) -> list[logging.LogRecord]:
    return [r for r in caplog.records if (r.name, r.message) == ("sih.jobs", message)]


# Enqueueing -------------------------------------------------------------------------------------------------------------


async def test_a_job_is_begun_soon_after_the_commit_and_not_before(effects: Connection, settings: Settings) -> None:
    async with working(settings, KINDS):
        await until_waiting(effects)
        transaction = effects.transaction()
        await transaction.start()
        job = await enqueue_job(effects, "count")
        await asyncio.sleep(0.2)
        await transaction.commit()
        began = time.monotonic()
        await until(lambda: effects.fetchval("SELECT true FROM effect WHERE job = $1", job))
        assert time.monotonic() - began < worker.POLL / 2
        await until_empty(effects)


async def test_a_job_of_a_transaction_that_is_rolled_back_is_never_done(
    effects: Connection, settings: Settings
) -> None:
    transaction = effects.transaction()
    await transaction.start()
    await enqueue_job(effects, "count")
    await transaction.rollback()
    async with working(settings, KINDS):
        job = await enqueue(effects, "count")
        await until_empty(effects)
    assert [row["job"] for row in await effects.fetch("SELECT job FROM effect")] == [job]


async def test_a_job_waits_for_its_time_to_the_moment(effects: Connection, settings: Settings) -> None:
    async with working(settings, KINDS):
        began = time.monotonic()
        await enqueue_job(effects, "count", delay=timedelta(seconds=0.6))
        await until_empty(effects)
    assert 0.5 < time.monotonic() - began < worker.POLL / 2


async def test_a_lost_notification_is_made_up_by_a_look(
    effects: Connection, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "POLL", 0.2)
    await effects.execute("ALTER TABLE job DISABLE TRIGGER job_wakes")
    async with working(settings, KINDS):
        await until_waiting(effects)
        await enqueue(effects, "count")
        await until_empty(effects)


# Once -------------------------------------------------------------------------------------------------------------------


async def test_several_workers_do_each_job_once(effects: Connection, settings: Settings) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(3):
            await stack.enter_async_context(working(settings, KINDS))
        ids = [await enqueue(effects, "count") for _ in range(100)]
        await until_empty(effects)
    assert [row["job"] for row in await effects.fetch("SELECT job FROM effect ORDER BY job")] == ids


async def test_jobs_that_take_long_do_not_keep_others_waiting(effects: Connection, settings: Settings) -> None:
    """Of each kind one at a time, also when more of it are due first than a process works on in all."""
    async with working(settings, KINDS):
        async with effects.transaction():
            slow = [await enqueue(effects, "sleep", seconds=0.2) for _ in range(worker.AT_ONCE + 1)]
            await enqueue(effects, "count")
        await until(lambda: effects.fetchval("SELECT count(*) = $1 FROM job", len(slow)))
        assert await effects.fetchval("SELECT sum(attempts) FROM job") == 1
        began = time.monotonic()
        await until_empty(effects)
        assert time.monotonic() - began > 0.2 * worker.AT_ONCE


async def test_a_job_that_is_worked_on_hinders_nobody_when_its_next_time_has_come(
    effects: Connection, settings: Settings
) -> None:
    begun: list[int] = []

    async def take_long(connection: Connection, job: Job, settings: Settings) -> None:
        begun.append(job.attempt)
        await count(connection, job, settings)
        await asyncio.sleep(2)

    async def is_due_again() -> bool:
        return bool(begun) and await effects.fetchval("SELECT due_at < now() FROM job")

    kinds = KINDS | {"sleep": Kind(take_long, pause=0.1, at_once=2)}
    async with working(settings, kinds), working(settings, kinds):
        long = await enqueue(effects, "sleep")
        await until(is_due_again)
        await enqueue(effects, "count")
        await until(lambda: effects.fetchval("SELECT count(*) = 1 FROM job"), 1)
        await until_empty(effects)
    assert await effects.fetchval("SELECT array_agg(attempt) FROM effect WHERE job = $1", long) == begun
    assert len(begun) == 1


# Failing ----------------------------------------------------------------------------------------------------------------


async def test_a_job_that_always_fails_is_parked_and_seen_in_the_log(
    effects: Connection, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    job = await enqueue(effects, "fail", text=CANARY)
    async with working(settings, KINDS):
        await until(lambda: count_parked(effects))
    attempts, error = await effects.fetchrow("SELECT attempts, error FROM job WHERE id = $1", job)
    assert attempts == 3
    assert error.startswith(f"ValueError: {CANARY}xxx")
    assert len(error) == 2000
    assert await effects.fetchval("SELECT count(*) FROM effect") == 0, "what a failed attempt did is undone"
    assert [r.attempt for r in lines_of(caplog, "job failed")] == [1, 2]
    (parked,) = lines_of(caplog, "job parked")
    assert (parked.levelname, parked.kind, parked.job, parked.attempt) == ("ERROR", "fail", job, 3)
    written = JsonFormatter().format(parked)
    assert '"error": "ValueError"' in written
    assert CANARY not in "".join(JsonFormatter().format(record) for record in caplog.records)


async def test_pauses_grow_to_a_bound_and_differ() -> None:
    kind = Kind(count, pause=2)
    for attempt, rule in ((1, 2), (2, 4), (5, 32), (30, LONGEST_PAUSE), (2000, LONGEST_PAUSE)):
        pauses = [kind.pause_after(attempt) for _ in range(100)]
        assert rule * 0.75 <= min(pauses) < max(pauses) <= rule * 1.25


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("break", "DivisionByZeroError"),
        ("cancel", "CancelledError"),
        ("slow", "TimeoutError"),
        ("slow_statement", "TimeoutError"),
    ],
)
async def test_what_goes_wrong_ends_parked(kind: str, error: str, effects: Connection, settings: Settings) -> None:
    job = await enqueue(effects, kind)
    async with working(settings, KINDS):
        await until(lambda: count_parked(effects))
        assert (await error_of(effects, job)).startswith(error)
        await enqueue(effects, "count")  # and the worker goes on
        await until_empty(effects)
    assert await effects.fetchval("SELECT count(*) FROM effect") == 1


async def test_a_kind_that_nobody_knows_is_parked_not_lost(
    effects: Connection, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "UNKNOWN", Kind(worker.UNKNOWN.run, attempts=2, pause=0.02))
    job = await enqueue(effects, "of_tomorrow", text=CANARY)
    async with working(settings, KINDS):
        await until(lambda: count_parked(effects))
    assert (await error_of(effects, job)).startswith("UnknownKind")
    assert await effects.fetchval("SELECT arguments FROM job") == {"text": CANARY}


async def test_what_another_version_did_not_know_is_done_by_one_that_does(
    effects: Connection, settings: Settings
) -> None:
    parked = "INSERT INTO job (kind, attempts, error, parked_at) VALUES ($1, 8, $2, now()) RETURNING id"
    unknown = await effects.fetchval(parked, "count", "UnknownKind: ")
    failed = await effects.fetchval(parked, "count", "ValueError: UnknownKind")
    of_tomorrow = await effects.fetchval(parked, "of_tomorrow", "UnknownKind: ")
    async with working(settings, KINDS):
        await until_empty(effects)
        await until(lambda: effects.fetchval("SELECT count(*) = 1 FROM effect"))
    assert [tuple(row) for row in await effects.fetch("SELECT job, attempt FROM effect")] == [(unknown, 1)]
    left = await effects.fetch("SELECT id FROM job WHERE parked_at IS NOT NULL ORDER BY id")
    assert [row["id"] for row in left] == [failed, of_tomorrow]


# Stopping ---------------------------------------------------------------------------------------------------------------


async def test_an_idle_worker_stops_at_once_and_holds_one_connection(effects: Connection, settings: Settings) -> None:
    async with working(settings, KINDS):
        await until_waiting(effects)
        held = await effects.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'sih jobs'"
        )
        assert held == 1
        began = time.monotonic()
    assert time.monotonic() - began < worker.POLL / 2, "it waits for its next look"


async def test_a_running_job_is_finished_at_the_stop(effects: Connection, settings: Settings) -> None:
    async with working(settings, KINDS):
        await enqueue(effects, "sleep", seconds=1)
        await until(lambda: effects.fetchval("SELECT attempts = 1 FROM job"))
    assert await effects.fetchval("SELECT count(*) FROM job") == 0
    assert await effects.fetchval("SELECT count(*) FROM effect") == 1


async def test_a_job_that_takes_too_long_at_the_stop_is_given_back(
    effects: Connection, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "FINISH_LIMIT", 0.1)
    async with working(settings, KINDS):
        await enqueue(effects, "sleep")
        await until(lambda: effects.fetchval("SELECT attempts = 1 FROM job"))
        began = time.monotonic()
    assert time.monotonic() - began < worker.POLL / 2
    assert tuple(await effects.fetchrow("SELECT attempts, due_at <= now() FROM job")) == (0, True)
    assert await effects.fetchval("SELECT count(*) FROM effect") == 0


# Trouble with the database ----------------------------------------------------------------------------------------------


async def test_a_killed_database_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Killed while a job runs and another is due; the worker goes on by itself, and stops while it is away."""
    monkeypatch.setattr(worker, "RETRY_PAUSE", 0.1)
    tries = count_tries(monkeypatch)
    kinds = {"sleep": Kind(sleep, pause=0.8), "count": Kind(count)}
    data = tmp_path / "data"
    server = EmbeddedPostgres(data, durable=True)
    url = server.start()
    try:
        async with connected(url) as connection:
            await migrate(connection)
            await connection.execute("DELETE FROM job; CREATE TABLE effect (job bigint, attempt integer)")
        async with working(settings_for(url, tmp_path), kinds):
            async with connected(url) as connection:
                await enqueue(connection, "sleep", seconds=0.5)
                await until(lambda: connection.fetchval("SELECT attempts = 1 FROM job"))
            os.kill(postmaster(data), signal.SIGKILL)
            await asyncio.sleep(1)  # meanwhile the job notices
            assert len(tries) < 30, "it does not rest between two tries"
            await asyncio.to_thread(server.restart, Event())
            async with connected(url) as connection:
                await enqueue(connection, "count")
                await until_empty(connection)
                rows = await connection.fetch("SELECT attempt FROM effect ORDER BY attempt")
                assert [row["attempt"] for row in rows] == [1, 2]
            os.kill(postmaster(data), signal.SIGKILL)
            await asyncio.sleep(0.3)
            began = time.monotonic()
        assert time.monotonic() - began < 2
    finally:
        server.stop()
    said = len(lines_of(caplog, "database unavailable"))
    assert 2 <= said <= 5, (
        "said for each outage, not for each try; a backend may outlive its killed server for a moment"
    )


def count_tries(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What grows by one whenever the worker asks for a connection."""
    tries: list[object] = []
    acquire = db.acquire
    monkeypatch.setattr(db, "acquire", lambda database: (tries.append(database), acquire(database))[1])
    return tries


def postmaster(data: Path) -> int:
    return int((data / "cluster" / "postmaster.pid").read_text().split()[0])


async def test_a_server_that_says_nothing_any_more_is_left(
    effects: Connection, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped, not killed: no connection is reset, as when a network or a machine is gone."""
    monkeypatch.setattr(worker, "LOOK_LIMIT", 0.3)
    monkeypatch.setattr(worker, "POLL", 0.5)
    monkeypatch.setattr(worker, "RETRY_PAUSE", 0.1)
    async with working(settings, KINDS):
        await until_waiting(effects)
        listening = await effects.fetchval(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'sih jobs'"
        )
        os.kill(listening, signal.SIGSTOP)
        try:
            await enqueue(effects, "count")
            await until_empty(effects)
        finally:
            os.kill(listening, signal.SIGCONT)


async def test_without_the_schema_it_waits(
    effects: Connection, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "RETRY_PAUSE", 0.1)
    await effects.execute("ALTER TABLE schema_version RENAME TO gone")
    job = await enqueue(effects, "count")
    async with working(settings, KINDS):
        await asyncio.sleep(0.3)
        assert await effects.fetchval("SELECT attempts FROM job WHERE id = $1", job) == 0
        await effects.execute("ALTER TABLE gone RENAME TO schema_version")
        await until_empty(effects)
