"""Workers that are killed with -9, as real processes: what a job does in the database is there exactly once."""

import asyncio
import os
import signal

from asyncpg import Connection

from tests.jobs.conftest import enqueue, until, until_empty

JOBS, KILLED = 200, 50


async def test_a_worker_killed_in_50_of_200_jobs_leaves_each_effect_once(effects: Connection, nursery) -> None:
    async with effects.transaction():
        ids = [await enqueue(effects, "count", dies=number % (JOBS // KILLED) == 0) for number in range(JOBS)]
    nursery(), nursery()
    await until_empty(effects)
    assert [row["job"] for row in await effects.fetch("SELECT job FROM effect ORDER BY job")] == ids
    workers = await effects.fetchval("SELECT count(DISTINCT pid) FROM effect")
    again = await effects.fetchval("SELECT count(*) FROM effect WHERE attempt > 1")
    assert workers > KILLED / 2
    assert again > KILLED / 5, "hardly any kill came in the middle of a job"
    assert await effects.fetchval("SELECT count(*) FROM job") == 0


async def test_a_job_whose_worker_is_killed_is_taken_up_by_another(effects: Connection, nursery) -> None:
    first = nursery()
    worker = int(await asyncio.to_thread(first.stdout.readline))
    job = await enqueue(effects, "wait")
    await until(lambda: effects.fetchval("SELECT attempts = 1 FROM job WHERE id = $1", job))
    os.kill(first.pid, signal.SIGKILL)  # so that it starts no other
    second = nursery()
    await asyncio.to_thread(second.stdout.readline)
    await asyncio.sleep(0.5)
    assert await effects.fetchval("SELECT attempts = 1 FROM job"), "a job is another one's as long as its worker lives"
    os.kill(worker, signal.SIGKILL)
    await until_empty(effects)
    assert await effects.fetchval("SELECT attempt FROM effect") == 2


async def test_a_job_that_kills_its_worker_every_time_is_parked(effects: Connection, nursery) -> None:
    poison, good = await enqueue(effects, "kill"), await enqueue(effects, "count")
    process = nursery()
    await until_empty(effects)
    assert [row["job"] for row in await effects.fetch("SELECT job FROM effect")] == [good]
    row = await effects.fetchrow("SELECT id, attempts, error FROM job")
    assert tuple(row) == (poison, 3, "WorkerLost")
    os.killpg(process.pid, signal.SIGKILL)
    assert "job parked" in process.stderr.read()
