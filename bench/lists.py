#!/usr/bin/env python3
"""What the pages of the list cost, by filter and order: `python bench/lists.py --problems 1000000`, on a database of its own.

Milliseconds (median of eight) of the ids of the first page, and of one in the middle, for somebody who sees all.
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
}


async def measure(connection: Connection, filter: Filter, sort: str, after: Place | None) -> float:
    times = []
    for _ in range(8):
        began = time.perf_counter()
        await list_problem_ids(connection, VIEWER, filter, sort, after=after, limit=51)
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


async def middle(connection: Connection, filter: Filter, sort: str) -> Place | None:
    """A place a thousand rows on, or half of the way."""
    ids = await list_problem_ids(connection, VIEWER, filter, sort, limit=2000)
    rows = await list_problems(connection, VIEWER, ids[len(ids) // 2 :][:1])
    return rows[0].place(sort) if rows else None


async def main() -> None:
    problems = problems_asked_for(__doc__)
    async with empty_company() as connection:
        await fill_company(connection, problems)
        await connection.execute("VACUUM (ANALYZE)")
        print(f"{'':20}  " + "  ".join(f"{sort:>16}" for sort in ORDERS))
        for name, filter in FILTERS.items():
            cells = []
            for sort in ORDERS:
                places = None, await middle(connection, filter, sort)
                cells.append(" ".join([f"{await measure(connection, filter, sort, p):7.1f}" for p in places]))
            print(f"{name:20}  " + "  ".join(f"{cell:>16}" for cell in cells), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
