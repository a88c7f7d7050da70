"""A queue, workers in this process and in others, and a table that counts what jobs did."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator

import pytest
from asyncpg import Connection

from queries.jobs import enqueue_job
from settings import ROOT

PATIENCE = 60  # seconds


@pytest.fixture
async def effects(connection: Connection) -> Connection:
    """The test's connection, with a table in which every effect of a job leaves a row."""
    await connection.execute("CREATE TABLE effect (job bigint NOT NULL, attempt integer NOT NULL, pid integer)")
    return connection


@pytest.fixture
def nursery(database_url: str) -> Iterator[Callable[..., subprocess.Popen]]:
    """Starts programs that keep a worker alive each (tests/jobs/nursery.py); all end with the test."""
    started: list[subprocess.Popen] = []

    def start(*more: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "tests.jobs.nursery", database_url, "0.5", *more]
        started.append(
            subprocess.Popen(
                command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, text=True
            )
        )
        return started[-1]

    yield start
    for process in started:
        os.killpg(process.pid, 9)
        process.communicate()


async def enqueue(connection: Connection, kind: str, **arguments: object) -> int:
    """Enqueue a job in a transaction of its own."""
    async with connection.transaction():
        return await enqueue_job(connection, kind, arguments)


async def until(true: Callable[[], Awaitable[object]], seconds: float = PATIENCE) -> None:
    """Wait until the answer is yes."""
    end = time.monotonic() + seconds
    while not await true():
        assert time.monotonic() < end
        await asyncio.sleep(0.01)


async def until_empty(connection: Connection) -> None:
    """Wait until no job is left to be done."""
    await until(lambda: connection.fetchval("SELECT NOT EXISTS (SELECT FROM job WHERE parked_at IS NULL)"))


async def until_waiting(connection: Connection) -> None:
    """Wait until a worker has looked at the queue, found nothing, and listens."""
    await until(
        lambda: connection.fetchval(
            """
            SELECT true FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'sih jobs'
                                                AND state = 'idle' AND (query = 'COMMIT;' OR query LIKE '%outbox%')
            """
        )
    )
