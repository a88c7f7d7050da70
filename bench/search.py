#!/usr/bin/env python3
"""How fast the list is searched, beside the plain list, and what the index costs whoever writes:

    python bench/search.py --problems 1000000

The company is that of bench/company.sql, on a database of its own, with the texts of bench/search_texts.py. Milliseconds (median
of three) of what a page asks: the notes, the ids, the counts and the rows; first of the list, narrowed alike but by no text.
"""

import asyncio
import statistics
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from asyncpg import Connection  # noqa: E402

from bench.company import empty_company, fill_company, problems_asked_for  # noqa: E402
from bench.search_texts import GONE, write_texts  # noqa: E402
from forms.listing import read_list  # noqa: E402
from queries.employees import Employee  # noqa: E402
from queries.notes import NOTED, list_noted  # noqa: E402
from queries.problem_counts import count_problems  # noqa: E402
from queries.problem_filter import Filter  # noqa: E402
from queries.problem_list import list_problem_ids, list_problems  # noqa: E402
from queries.problem_search import get_since, search  # noqa: E402

# What handlers have noted on every fifth problem.
NOTES = """
    INSERT INTO note_search (problem_id, text)
    SELECT id, searchable('Vendor dihubungi dua kali, nota N-' || id) || E'\\n' || search_text FROM problem WHERE id % 5 = 3
"""
DESK = Employee("20000", "Meja", "T0001", "Toko", "Asia/Jakarta", ["HD"], [], frozenset({"reporter", "handler"}), True)
REPORTER = Employee("10005", "Pelapor", "T0006", "Toko", "Asia/Jakarta", [], [], frozenset({"reporter"}), False)
TYPED = {
    "common": ("printer", "rint", "kasir", "tidak", "lambat", "toko", "struk kertas", "tidak kasir printer"),
    "in 5 %": ("timbangan", "listrik", "genset", "cctv", "listrik genset", "bocor lampu", "scanner barcode"),
    "in 1 %": ("receh", "tinta toner", "toilet", "bunyi berisik", "macet printer", "uang laci receh"),
    "rare": (
        "babi",
        "wato",
        "balali",
        "kasir wato",
        "sn07919",
        "toner wato",
        "sn 1234",
        "10017",
        "30007",
        "T0017",
        "santoso ani",
    ),
    "none": ("tidakada", "tidakada printer"),
    "number": ("K-3167", "3167", "No. 500000"),
    "gone": (GONE, f"{GONE} kasir"),
    "no index": ("%", "zq", "a"),
}
FILTERS: dict[str, tuple[Employee, dict[str, Any]]] = {
    "all": (DESK, {}),
    "2026": (DESK, {"year": 2026}),
    "2023": (DESK, {"year": 2023}),
    "closed": (DESK, {"status": "closed"}),
    "void": (DESK, {"status": "void"}),
    "unfinished": (DESK, {"status": "unfinished"}),
    "IT-NET": (DESK, {"division": "IT-NET"}),
    "MNT 2026": (DESK, {"department": "MNT", "year": 2026}),
    "PIC": (DESK, {"department": "MNT", "pic": "30002"}),
    "mine": (DESK, {"mine": ("20000", ["HD"])}),
    "P1": (DESK, {"priority": 1}),
    "store": (DESK, {"store": "T0345"}),
    "reporter": (REPORTER, {}),
    "of a reporter": (REPORTER, {"reporter": "10005"}),
    "oldest": (DESK, {"sort": "oldest"}),
    "priority": (DESK, {"sort": "priority"}),
    "changed": (DESK, {"sort": "changed"}),
    "changed, HD": (DESK, {"sort": "changed", "division": "HD"}),
}


async def main() -> None:
    """Print how long each search takes, and what it costs to write."""
    problems = problems_asked_for(__doc__)
    async with empty_company() as connection:
        await fill(connection, problems)
        await measure_searches(connection)
        await measure_writing(connection)


async def fill(connection: Connection, problems: int) -> None:
    """The company, with what is searched of its problems; the index is made at the end."""
    made = await connection.fetchval("SELECT pg_get_indexdef('problem_found_by_key'::regclass)")
    await connection.execute("DROP INDEX problem_found_by_key")
    await fill_company(connection, problems)
    await write_texts(connection, problems)
    await connection.execute(NOTES)
    began = time.perf_counter()
    await connection.execute(made)
    size = await connection.fetchval("SELECT pg_size_pretty(pg_relation_size('problem_found_by_key'))")
    print(f"index of {problems} problems made in {time.perf_counter() - began:.0f} s, {size}")
    await connection.execute("VACUUM (ANALYZE)")


async def measure_searches(connection: Connection) -> None:
    """Print a line for each kind of words and each filter, and the slowest of all."""
    times: list[tuple[float, str]] = []
    print(f"{'':14} {'list':>6}  " + "  ".join(f"{kind:>20}" for kind in TYPED))
    for name, (viewer, narrowed) in FILTERS.items():
        sort = narrowed.get("sort", "newest")
        filter = Filter(**{key: value for key, value in narrowed.items() if key != "sort"})
        plain = await measure(connection, viewer, filter, sort)
        cells = []
        for typed in TYPED.values():
            took = [
                (await measure(connection, viewer, await searching(connection, viewer, filter, q), sort, q), q)
                for q in typed
            ]
            times += [(ms, f"{name}: {q}") for ms, q in took]
            cells.append(f"{statistics.median_low(took)[0]:6.1f} ({max(took)[0]:5.1f} {max(took)[1][:6]:6})")
        print(f"{name:14} {plain:6.1f}  " + "  ".join(cells), flush=True)
    print(f"median of {len(times)}: {statistics.median_low(times)[0]:.1f} ms; the slowest:")
    for ms, searched in sorted(times, reverse=True)[:12]:
        print(f"{ms:8.1f} ms  {searched}")


async def searching(connection: Connection, viewer: Employee, filter: Filter, q: str) -> Filter:
    """The filter, with what somebody typed."""
    listing = read_list({"year": "all", "q": q}, [2026], [], [])
    since = await get_since(connection) if listing.reads_all and viewer.sees_all else None
    return replace(filter, patterns=listing.patterns, number=listing.number, since=since)


async def measure(connection: Connection, viewer: Employee, filter: Filter, sort: str, q: str = "") -> float:
    """Milliseconds of all that a page of the list asks."""
    times = []
    for _ in range(3):
        began = time.perf_counter()
        if q and viewer.sees_all:
            noted = await list_noted(connection, viewer.nik, filter.patterns or [], NOTED)
            filter = replace(filter, noted=noted)
        if q:
            filter = replace(filter, found=await search(connection, viewer, replace(filter, found=None)))
        ids = await list_problem_ids(connection, viewer, filter, sort, limit=51)
        await count_problems(connection, viewer, filter)
        await list_problems(connection, viewer, ids[:50])
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


async def measure_writing(connection: Connection) -> None:
    """Print what a portion of the job, a comment and a rename cost."""
    top = await connection.fetchval("SELECT max(id) FROM problem")
    for of, code in (("problem", ""), ("store", "T0017"), ("employee", "10017")):
        began = time.perf_counter()
        await connection.fetchval("SELECT renew_search($1, $2, $3, 1000)", of, code, top)
        print(f"a portion of {of}: {1000 * (time.perf_counter() - began):.0f} ms")
    began = time.perf_counter()
    await connection.execute("UPDATE store SET name = 'Toko Baru' WHERE code = 'T0017'")
    print(f"a store gets another name: {1000 * (time.perf_counter() - began):.0f} ms")
    insert = "INSERT INTO event (problem_id, seq, actor_nik, cause, version, note) VALUES ($1, 0, '20000', 'commented', 3, $2)"
    began = time.perf_counter()
    for number in range(200):
        await connection.execute(insert, top - number, f"Sudah dicek, kabel nomor {number} longgar di belakang rak")
    print(f"a comment: {(time.perf_counter() - began) * 5:.2f} ms")


if __name__ == "__main__":
    asyncio.run(main())
