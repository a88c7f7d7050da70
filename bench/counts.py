#!/usr/bin/env python3
"""What the counts beside the list cost, by filter: `python bench/counts.py --problems 1000000`, on a database of its own.

Milliseconds of the processor of the database: of reading with all added up, with changes that are not, and
with what was added up not vacuumed yet; and of counting all, of adding up, and of the trigger in a report.
"""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from asyncpg import Connection  # noqa: E402

from bench.company import empty_company, fill_company, problems_asked_for  # noqa: E402
from db import SERVING  # noqa: E402
from queries.employees import Employee  # noqa: E402
from queries.problem_counts import count_miscounted_problems, count_problems, fold_problem_counts  # noqa: E402
from queries.problem_filter import Filter  # noqa: E402

MANAGER = Employee("40000", "", "T0001", "", "Asia/Jakarta", [], [], frozenset(), sees_all=True)
REPORTER = Employee("12345", "", "T0346", "", "Asia/Jakarta", [], [], frozenset(), sees_all=False)
YEAR = Filter(year=2025, division="IT-NET")
FILTERS = {
    "all": (MANAGER, Filter()),
    "year": (MANAGER, Filter(year=2025)),
    "year, division": (MANAGER, YEAR),
    "PIC": (MANAGER, Filter(department="MNT", pic="30002")),
    "priority": (MANAGER, Filter(priority=1)),
    "mine": (MANAGER, Filter(mine=("20001", ["IT-NET"]))),
    "store": (MANAGER, Filter(store="T0345")),
    "a reporter's list": (REPORTER, Filter(year=2025)),
    "reported by oneself": (REPORTER, Filter(reporter="12345")),
    "store, division": (MANAGER, Filter(store="T0345", division="HD")),
}
TIMES = 1000
CHANGE = """
    INSERT INTO problem_count_change (scopes, year, priority, status, difference)
    SELECT scopes(p.store_code, p.holder_division_code, p.holder_department_code, p.holder_pic_nik, p.assignee_nik), p.year,
           coalesce(p.priority, 6), p.status, d.difference
      FROM (SELECT * FROM problem ORDER BY hashint8(id) LIMIT $1) p, (VALUES (-1), (1)) d (difference)
"""
REPORT = """
    INSERT INTO problem (reporter_nik, recorded_by_nik, store_code, title, description, holder_division_code)
    SELECT '12345', '12345', 'T0346', 'Printer', 'Mati', 'HD' FROM generate_series(1, 1000)
"""


async def cost(connection: Connection, do: Callable[[], Awaitable[object]], times: int = 1) -> float:
    """Milliseconds of the processor of the connection's process, each."""
    stat = Path(f"/proc/{await connection.fetchval('SELECT pg_backend_pid()')}/stat")

    def spent() -> int:
        return sum(map(int, stat.read_text().rsplit(")", 1)[1].split()[11:13]))

    before = spent()
    for _ in range(times):
        await do()
    return (spent() - before) / os.sysconf("SC_CLK_TCK") * 1000 / times


async def read(connection: Connection, viewer: Employee, filter: Filter) -> float:
    for _ in range(10):  # planned
        await count_problems(connection, viewer, filter)
    return await cost(connection, lambda: count_problems(connection, viewer, filter), TIMES)


async def measure_changes(connection: Connection) -> None:
    """With so many changes: not added up, then added up and not vacuumed."""
    await connection.execute("ALTER TABLE problem_count_change SET (autovacuum_enabled = false)")
    for changes in (100, 200, 1000, 10_000):
        await connection.execute(CHANGE, changes)
        noted = await read(connection, MANAGER, YEAR)
        added = await cost(connection, lambda: fold_problem_counts(connection))
        left = await read(connection, MANAGER, YEAR)
        await connection.execute("VACUUM problem_count_change")
        print(f"{changes:6} changes: noted {noted:.2f}, adding up {added:.0f}, not vacuumed {left:.2f}", flush=True)


async def measure_reports(connection: Connection) -> None:
    """A row of `problem` with and without the trigger: the least of five, undone."""
    for switch in ("ENABLE", "DISABLE"):
        await connection.execute(f"ALTER TABLE problem {switch} TRIGGER problem_reported_counted")
        costs = []
        for _ in range(5):
            transaction = connection.transaction()
            await transaction.start()
            costs.append(await cost(connection, lambda: connection.execute(REPORT)) / 1000)
            await transaction.rollback()
        print(f"a row of problem, the trigger {switch.lower()}d: {min(costs):.3f}", flush=True)


async def main() -> None:
    problems = problems_asked_for(__doc__)
    async with empty_company() as connection:
        await fill_company(connection, problems)
        await connection.execute("RESET session_replication_role")
        await connection.execute("VACUUM (ANALYZE)")
        await connection.execute(f"SET random_page_cost = {SERVING['random_page_cost']}")  # as when SIH serves
        print(
            f"not counted yet, all: {await cost(connection, lambda: count_problems(connection, MANAGER, Filter())):.0f}"
        )
        print(f"counting all: {await cost(connection, lambda: fold_problem_counts(connection)):.0f}")
        print(f"verifying: {await cost(connection, lambda: count_miscounted_problems(connection)):.0f}")
        await connection.execute("VACUUM (ANALYZE) problem_count")
        for name, (viewer, filter) in FILTERS.items():
            print(f"{name:20} {await read(connection, viewer, filter):.2f}", flush=True)
        await measure_changes(connection)
        await measure_reports(connection)


if __name__ == "__main__":
    asyncio.run(main())
