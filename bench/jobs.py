#!/usr/bin/env python3
"""How the queue bears kills, how fast it is and what it costs when idle: `python bench/jobs.py --jobs 2000 --kills 300`.

On a database of its own, with workers as processes (tests/jobs/nursery.py). A worker is killed with -9 from outside, at random
moments. If any effect is missing or there twice, the exit status is 1.
"""

import argparse
import asyncio
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from asyncpg import Connection  # noqa: E402

from queries.jobs import enqueue_job  # noqa: E402
from server.migrate import migrate_database  # noqa: E402
from server.postgres.embedded import EmbeddedPostgres  # noqa: E402
from tests.conftest import connected  # noqa: E402


class Nursery:
    """A program that keeps one worker alive; `worker` is the number of the present one."""

    def __init__(self, url: str) -> None:
        command = [sys.executable, "-m", "tests.jobs.nursery", url]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True, text=True
        )
        self._workers: deque[int] = deque(maxlen=1)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self._process.stdout or ():
            self._workers.append(int(line))

    def kill_worker(self) -> bool:
        """Whether there was one to kill."""
        if not self._workers:
            return False
        os.kill(self._workers.pop(), signal.SIGKILL)
        return True

    def stop(self) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


async def count_left(connection: Connection) -> int:
    return await connection.fetchval("SELECT count(*) FROM job")


async def enqueue_many(connection: Connection, number: int) -> None:
    async with connection.transaction():
        for _ in range(number):
            await enqueue_job(connection, "count")


async def measure_kills(connection: Connection, nurseries: list[Nursery], jobs: int, kills: int) -> bool:
    """Print what came of so many jobs and kills; whether each had its effect once."""
    await enqueue_many(connection, jobs)
    began, killed = time.monotonic(), 0
    while await count_left(connection):
        if killed < kills:
            killed += random.choice(nurseries).kill_worker()
        await asyncio.sleep(random.uniform(0.02, 0.12))
    seconds = time.monotonic() - began
    [row] = await connection.fetch(
        "SELECT count(*) AS effects, count(DISTINCT job) AS jobs, count(*) FILTER (WHERE attempt > 1) AS again FROM effect"
    )
    print(
        f"{jobs} jobs, {killed} workers killed: {row['effects']} effects of {row['jobs']} jobs in {seconds:.1f} s; ",
        end="",
    )
    print(f"{row['again']} were taken up again")
    return row["effects"] == row["jobs"] == jobs


async def measure_speed(connection: Connection, jobs: int) -> None:
    began = time.monotonic()
    await enqueue_many(connection, jobs)
    enqueued = time.monotonic()
    while await count_left(connection):  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    done = time.monotonic()
    print(f"{jobs} jobs of 4 ms: enqueued {jobs / (enqueued - began):.0f}/s, done {jobs / (done - enqueued):.0f}/s")


async def measure_waking(connection: Connection, times: int) -> None:
    waits = []
    for _ in range(times):
        await asyncio.sleep(0.05)
        began = time.monotonic()
        await enqueue_job(connection, "count")
        while await count_left(connection):  # noqa: ASYNC110
            await asyncio.sleep(0.001)
        waits.append((time.monotonic() - began) * 1000)
    print(f"commit to done, with 4 ms of work: median {statistics.median(waits):.0f} ms, longest {max(waits):.0f} ms")


async def measure_idle(connection: Connection, seconds: float) -> None:
    async def count_commits() -> int:
        await connection.execute("SELECT pg_stat_force_next_flush()")
        await asyncio.sleep(1.2)
        return await connection.fetchval("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()")

    await asyncio.sleep(12)  # an idle backend tells what it has done after ten seconds
    before = await count_commits()
    await asyncio.sleep(seconds)
    commits = await count_commits() - before
    print(f"idle: {commits} transactions in {seconds:.0f} s, those of the measurement among them")


async def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder) / "data", durable=False) as url:
        await migrate_database(url)
        async with connected(url) as connection:
            await connection.execute("CREATE TABLE effect (job bigint, attempt integer, pid integer)")
            nurseries = [Nursery(url) for _ in range(arguments.workers)]
            try:
                is_whole = await measure_kills(connection, nurseries, arguments.jobs, arguments.kills)
                await measure_speed(connection, arguments.jobs)
                await measure_waking(connection, 100)
                await measure_idle(connection, 20)
            finally:
                for nursery in nurseries:
                    nursery.stop()
    return is_whole


if __name__ == "__main__":
    sys.exit(0 if asyncio.run(main()) else 1)
