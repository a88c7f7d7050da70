#!/usr/bin/env python3
"""What an export costs: `python bench/exports.py --problems 200000`, on a database of its own, as XLSX and as CSV.

Seconds, bytes, how often it was said how far it is, the memory of the worker and of the process that writes (MB above what they
are at rest, together), and how late the event loop, which serves requests meanwhile, came to something (ms).
"""

import asyncio
import os
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from asyncpg import Connection  # noqa: E402

from bench.company import fill_company, problems_asked_for  # noqa: E402
from jobs.registry import KINDS  # noqa: E402
from jobs.worker import working  # noqa: E402
from queries.exports import JOB, Progress, get_progress  # noqa: E402
from queries.jobs import enqueue_job  # noqa: E402
from server.migrate import migrate_database  # noqa: E402
from server.postgres.embedded import EmbeddedPostgres  # noqa: E402
from settings import Settings  # noqa: E402
from tests.conftest import connected, settings_for  # noqa: E402

TICK = 0.02  # seconds
FILTER = {"list": {"year": None}, "sort": "newest"}


@dataclass
class Seen:
    """What was seen of one export."""

    memory: int = 0  # KB, at most
    late: list[float] = field(default_factory=list)
    notes: set[Progress] = field(default_factory=set)


def resident(pid: int | str) -> int:
    """KB of a process that are in memory."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS")), 0)


def writers() -> list[str]:
    """The processes of this one that write."""
    pids = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return [pid for pid in pids if b"sheet_writer" in Path(f"/proc/{pid}/cmdline").read_bytes()]


async def be_late() -> float:
    """Sleep a little; how much longer that took (ms)."""
    began = time.perf_counter()
    await asyncio.sleep(TICK)
    return (time.perf_counter() - began - TICK) * 1000


async def watch(connection: Connection, export_id: int) -> Seen:
    """Look at everything until the export is made."""
    seen = Seen()
    while not await connection.fetchval("SELECT finished_at IS NOT NULL FROM export WHERE id = $1", export_id):
        seen.late.append(await be_late())
        seen.memory = max(seen.memory, resident("self") + sum(map(resident, writers())))
        if progress := await get_progress(connection, export_id):
            seen.notes.add(progress)
    return seen


async def ask(connection: Connection, format: str) -> int:
    """Have all problems exported, for the manager."""
    async with connection.transaction():
        export_id = await connection.fetchval(
            """
            INSERT INTO export (nik, kind, format, page, narrowed, filter, sees_all, store_code, time_zone)
            SELECT nik, 'problems', $1, '/problems', '{}', $2, true, store_code, 'Asia/Jakarta' FROM employee
             WHERE nik = '40000' RETURNING id
            """,
            format,
            {"list": {}, "sort": "newest"},
        )
        await enqueue_job(connection, JOB, {"export": export_id})
    return export_id


async def measure(connection: Connection, settings: Settings, format: str) -> None:
    """Print what one export costs."""
    async with working(settings, KINDS):
        await asyncio.sleep(1)
        idle = sorted([await be_late() for _ in range(200)])
        print(f"at rest late p50 {idle[100]:.1f}, p99 {idle[198]:.1f} ms")
        rest, began = resident("self"), time.monotonic()
        export_id = await ask(connection, format)
        seen = await watch(connection, export_id)
        seconds = time.monotonic() - began
    rows = await connection.fetchval("SELECT rows FROM export WHERE id = $1", export_id)
    size = await connection.fetchval("SELECT size FROM export WHERE id = $1", export_id)
    late = sorted(seen.late)
    middle, nearly, most = late[len(late) // 2], late[len(late) * 99 // 100], late[-1]
    print(f"{format}: {rows} rows, {size / 1e6:.1f} MB in {seconds:.1f} s; memory {(seen.memory - rest) / 1024:.0f} MB")
    print(f"    said {len(seen.notes)} times how far; late p50 {middle:.1f}, p99 {nearly:.1f}, at most {most:.1f} ms")


async def main(problems: int) -> None:
    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder) / "data", durable=False) as url:
        await migrate_database(url)
        async with connected(url) as connection:
            await fill_company(connection, problems)
            await connection.execute("ANALYZE")
            for format in ("xlsx", "csv"):
                await measure(connection, settings_for(url, Path(folder)), format)


if __name__ == "__main__":
    asyncio.run(main(problems_asked_for(__doc__)))
