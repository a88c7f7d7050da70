#!/usr/bin/env python3
"""What the pages of the list cost, by filter and order: `python bench/lists.py --problems 1000000`, on a database of its own.

Milliseconds (median of eight, as a connection that serves has them) of the ids of the first page, and of one in the middle, for
somebody who sees all, and at the end for somebody of a store. What finds little or nothing passes over most.
"""

import asyncio
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from asyncpg import Connection  # noqa: E402

from bench.company import empty_company, fill_company, problems_asked_for  # noqa: E402
from db import SERVING  # noqa: E402
from queries.employees import Employee  # noqa: E402
from queries.problem_filter import ORDERS, Filter, Place  # noqa: E402
from queries.problem_list import list_problem_ids, list_problems  # noqa: E402

VIEWER = Employee("40000", "", "T0001", "", "Asia/Jakarta", [], [], frozenset(), sees_all=True)
FILTERS = {
    "all": Filter(),
    "year": Filter(year=2025),
    "unfinished": Filter(status="unfinished"),
    "division, unfinished": Filter(division="IT-NET", status="unfinished"),
    "division, year": Filter(division="IT-NET", year=2025),
    "department": Filter(department="MNT"),
    "PIC": Filter(department="MNT", pic="30002"),
    "PIC, unfinished": Filter(department="MNT", pic="30002", status="unfinished"),
    "P1": Filter(priority=1),
    "P5, year": Filter(priority=5, year=2025),
    "mine, unfinished": Filter(mine=("20001", ["IT-NET"]), status="unfinished"),
    "mine": Filter(mine=("20001", ["IT-NET"])),
    "a PIC's, unfinished": Filter(mine=("30002", []), status="unfinished"),
    "waiting": Filter(status="waiting"),
    "store": Filter(store="T0345"),
    "reporter": Filter(reporter="12345"),
    "void": Filter(status="void"),
    "void, P1": Filter(status="void", priority=1),
    "void, P1, division": Filter(status="void", priority=1, division="IT-NET"),
    "mine, closed": Filter(mine=("20001", ["IT-NET"]), status="closed"),
    "mine, P1, closed": Filter(mine=("20001", ["IT-NET"]), priority=1, status="closed"),
    "mine, store": Filter(mine=("20001", ["IT-NET"]), store="T0345"),
    "unfinished, 2023": Filter(status="unfinished", year=2023),
}
OF_A_STORE = Employee("10005", "", "T0006", "", "Asia/Jakarta", [], [], frozenset(), sees_all=False)
ITS_FILTERS = {
    "all": Filter(),
    "year": Filter(year=2025),
    "unfinished": Filter(status="unfinished"),
    "own": Filter(reporter="10005"),
    "PIC": Filter(department="MNT", pic="30002"),
}


async def measure(connection: Connection, viewer: Employee, filter: Filter, sort: str, after: Place | None) -> float:
    times = []
    for _ in range(8):
        began = time.perf_counter()
        await list_problem_ids(connection, viewer, filter, sort, after=after, limit=51)
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


async def middle(connection: Connection, viewer: Employee, filter: Filter, sort: str) -> Place | None:
    """A place a thousand rows on, or half of the way."""
    ids = await list_problem_ids(connection, viewer, filter, sort, limit=2000)
    rows = await list_problems(connection, viewer, ids[len(ids) // 2 :][:1])
    return rows[0].place(sort) if rows else None


async def main() -> None:
    problems = problems_asked_for(__doc__)
    async with empty_company() as connection:
        await fill_company(connection, problems)
        await connection.execute("VACUUM (ANALYZE)")
        for name, value in SERVING.items():
            await connection.execute("SELECT set_config($1, $2, false)", name, value)
        await measure_all(connection, VIEWER, FILTERS)
        await measure_all(connection, OF_A_STORE, ITS_FILTERS)


async def measure_all(connection: Connection, viewer: Employee, filters: dict[str, Filter]) -> None:
    """Print a line for each filter."""
    print(f"{'':20}  " + "  ".join(f"{sort:>16}" for sort in ORDERS))
    for name, filter in filters.items():
        cells = []
        for sort in ORDERS:
            places = None, await middle(connection, viewer, filter, sort)
            cells.append(" ".join([f"{await measure(connection, viewer, filter, sort, p):7.1f}" for p in places]))
        print(f"{name:20}  " + "  ".join(f"{cell:>16}" for cell in cells), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
