"""How fast the list is searched, and what that costs whoever writes:

    python bench/search.py --problems 100000

The company is that of bench/company.sql, with titles of words that are common, seldom and unique, and names in what is searched.
"""

import asyncio
import sys
import time
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from asyncpg import Connection  # noqa: E402

from bench.company import empty_company, fill_company, problems_asked_for  # noqa: E402
from forms.listing import read_list  # noqa: E402
from queries.employees import Employee  # noqa: E402
from queries.notes import NOTED, list_noted  # noqa: E402
from queries.problem_counts import count_problems  # noqa: E402
from queries.problem_filter import Filter  # noqa: E402
from queries.problem_list import list_problem_ids  # noqa: E402
from queries.problem_search import get_since  # noqa: E402

TITLES = """
    UPDATE problem SET title = CASE id % 5 WHEN 0 THEN 'Printer kasir' WHEN 1 THEN 'Wi-Fi gudang' WHEN 2 THEN 'Timbangan'
                                           WHEN 3 THEN 'AC ruang istirahat' ELSE 'Komputer kasir' END || ' '
                             || (ARRAY['mati', 'putus-putus', 'lambat', 'berisik', 'error'])[1 + id / 5 % 5]
                             || CASE WHEN id % 5000 = 0 THEN ' kode E-' || id ELSE '' END
"""
TEXTS = """
    UPDATE problem p SET search_text = searchable(concat_ws(' ', p.title, p.description, r.nik, r.name, s.code, s.name,
        p.holder_division_code, p.holder_department_code, i.nik, i.name, p.category_code, p.identification, p.solution)) || E'\\n'
      FROM employee r, store s, problem q LEFT JOIN employee i ON i.nik = q.holder_pic_nik
     WHERE r.nik = p.reporter_nik AND s.code = p.store_code AND q.id = p.id
"""
# What handlers have noted on every fifth problem.
NOTES = """
    INSERT INTO note_search (problem_id, text)
    SELECT id, searchable('Vendor dihubungi dua kali, nota N-' || id) || E'\\n' || search_text FROM problem WHERE id % 5 = 3
"""
DESK = Employee("20000", "Meja", "T0001", "Toko", "Asia/Jakarta", ["HD"], [], frozenset({"reporter", "handler"}), True)
REPORTER = Employee("10005", "Pelapor", "T0006", "Toko", "Asia/Jakarta", [], [], frozenset({"reporter"}), False)
SEARCHES = (
    *(
        "printer",
        "wifi gudang",
        "kode e",
        "e500000",
        "K 3167",
        "3167",
        "toko",
        "karyawan bernama 17",
        "17 bernama",
        "10017",
    ),
    *(
        "timbangan lambat",
        "T0017 berisik",
        "it net printer",
        "30007",
        "tidakada",
        "printer wifi",
        "vendor nota",
        "nota n 50003",
        "a",
        "zq",
        "%",
        "_",
        "\\",
        "%%%",
    ),
)


async def main() -> None:
    """Print how long each search takes, the ids of a page and the counts, and what it costs to write."""
    problems = problems_asked_for(__doc__)
    async with empty_company() as connection:
        await fill(connection, problems)
        for who, viewer in (("desk", DESK), ("reporter", REPORTER)):
            for year in ("2026", "all"):
                for q in SEARCHES:
                    await measure(connection, f"{who} {year}", viewer, year, q)
        await measure_writing(connection)


async def fill(connection: Connection, problems: int) -> None:
    """The company, with what is searched of its problems; the triggers are on again."""
    await connection.execute("DROP INDEX problem_search")
    await fill_company(connection, problems)
    await connection.execute("SET session_replication_role = replica")
    await connection.execute(TITLES)
    await connection.execute(TEXTS)
    await connection.execute(NOTES)
    began = time.perf_counter()
    await connection.execute("CREATE INDEX problem_search ON problem USING gin (search_text gin_trgm_ops)")
    size = await connection.fetchval("SELECT pg_size_pretty(pg_relation_size('problem_search'))")
    print(f"index of {problems} problems made in {time.perf_counter() - began:.0f} s, {size}")
    await connection.execute("SET session_replication_role = origin")
    await connection.execute("VACUUM (ANALYZE)")


async def measure(connection: Connection, label: str, viewer: Employee, year: str, q: str) -> None:
    """Print the best of three of one search."""
    listing = read_list({"year": year, "q": q}, [2026], [], [])
    since = await get_since(connection) if listing.reads_all and viewer.sees_all else None
    years = int(year) if year != "all" else None
    filter = Filter(year=years, patterns=listing.patterns, number=listing.number, since=since)
    times: list[tuple[float, float, float]] = []
    ids: list[int] = []
    counts: dict[str, int] = {}
    for _ in range(3):
        began = time.perf_counter()
        noted = await list_noted(connection, viewer.nik, listing.patterns or [], NOTED) if viewer.sees_all else None
        filter = replace(filter, noted=noted)
        begun = time.perf_counter()
        ids = await list_problem_ids(connection, viewer, filter, limit=51)
        between = time.perf_counter()
        counts = await count_problems(connection, viewer, filter)
        times.append((begun - began, between - begun, time.perf_counter() - between))
    notes, page, count = (1000 * min(column) for column in zip(*times, strict=True))
    print(
        f"{label:14} {q:22} notes {notes:6.1f} ms ({len(filter.noted or ()):3}), page {page:8.1f} ms ({len(ids):2}), "
        f"counts {count:8.1f} ms ({sum(counts.values())})",
        flush=True,
    )


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
