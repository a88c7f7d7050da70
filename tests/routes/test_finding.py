"""What is searched is what is shown, of whom it is shown to; and a list without rows says why."""

import re
from datetime import UTC, datetime
from html import unescape
from types import SimpleNamespace
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from asyncpg import Connection

import queries.problem_search
from jobs.searching import renew
from queries.jobs import Job
from tests.client import Client
from tests.conftest import People
from tests.formats.test_text import NUMBERS
from tests.journeys import ANI, BUDI, CITRA, DESK, MANAGER, PIC, escalate_to_pic, open_it, report
from tests.routes.test_list import ids, report_at

NOW = datetime.now(UTC)


async def found(client: Client, q: str, **values: str) -> list[int]:
    response = await client.get(f"/problems?{urlencode({'year': 'all'} | values | {'q': q})}")
    assert response.status_code == 200
    return ids(response.text)


async def test_a_number_is_found_in_any_year_by_whoever_may_see_it(people: People, connection: Connection) -> None:
    await connection.execute("ALTER TABLE problem ALTER COLUMN id RESTART WITH 3167")
    old = await report_at(connection, ANI, datetime(2023, 5, 1, tzinfo=UTC))
    await report_at(connection, ANI, NOW)
    ani, citra, desk = await people(ANI), await people(CITRA), await people(DESK)
    await report_at(connection, CITRA, NOW)
    for typed in (*NUMBERS, "3167", "٣١٦٧"):
        for year in ("all", "2023", str(NOW.year)):
            assert await found(ani, typed, year=year) == [old], (typed, year)
        assert await found(desk, typed, year=str(NOW.year)) == [old], typed
        assert await found(citra, typed) == [], typed
    assert await found(desk, "K-3167", status="closed") == [], "the other filters stay"


SHOWN = (
    *(
        "10001",
        "Ani Lestari",
        "lestari ani",
        "T01",
        "toko bandung",
        "bandung T01",
        "T01 – Toko Bandung",
    ),  # who and where
    *("T01-PRN-01", "t01prn01", "printer kasir 1"),  # with what
    *(
        "IT-NET",
        "it net",
        "jaringan",
        "MNT",
        "maintenance",
        "30001",
        "gita permata",
        "Permata, Gita",
    ),  # who has, or had to do with it
    *("NET-WIFI", "wifi", "Wi‑Fi", "kabelnya putus"),  # what it is
    *("komentar: Jum’at", "jumat komentar", "perlu tukang", "ani tukang jumat"),  # what was said
)


async def test_all_that_is_shown_is_searched(people: People, connection: Connection) -> None:
    path = await report(people, asset="T01-PRN-01", title="Mati", description="Sejak pagi")
    await report_at(connection, BUDI, NOW, "Lain")
    await open_it(people, path)
    await (await people(ANI)).submit(path, f"{path}/comments", comment="Komentar: Jum'at sudah datang")
    await escalate_to_pic(people, path)
    for q in SHOWN:
        if q in ("IT-NET", "jaringan"):
            assert await found(await people(ANI), q) == []
        elif q in ("T01", "toko bandung", "bandung T01", "T01 – Toko Bandung"):
            assert await found(await people(ANI), q) == [2, 1]
        else:
            assert await found(await people(ANI), q) == [1], q
        assert await found(await people(CITRA), q) == [], "out of reach"
    assert await connection.fetchval("SELECT version FROM problem WHERE id = 1") == 3, "a comment changes no version"


# Whose name is on problem 1, and how to give another one: (table, key, code, the name before, the name after)
RENAMED = [
    ("store", "code", "T01", "Bandung", "Toko Cimahi-Baru"),
    ("employee", "nik", ANI, "Lestari", "Ani Kusuma"),
    ("employee", "nik", PIC, "Permata", "Gita Cimahi"),
    ("asset", "tag", "T01-PRN-01", "kasir", "Mesin cetak"),
    ("department", "code", "MNT", "Maintenance", "Pemeliharaan"),
    ("category", "code", "NET-WIFI", "Fi", "Nirkabel"),
]


async def test_another_name_is_found_and_the_one_before_is_not(people: People, connection: Connection) -> None:
    path = await report(people, asset="T01-PRN-01", title="Mati", description="Sejak pagi")
    await (await people(ANI)).submit(path, f"{path}/comments", comment="Masih")
    await open_it(people, path)
    await escalate_to_pic(people, path)
    desk = await people(DESK)
    version = await connection.fetchval("SELECT version FROM problem")
    for table, key, code, before, after in RENAMED:
        name = await connection.fetchval(f"SELECT name FROM {table} WHERE {key} = $1", code)
        if table != "category":  # whose code says the same
            assert await found(desk, f"{before} {code}") == [1], table
        await connection.execute(f"UPDATE {table} SET name = $2 WHERE {key} = $1", code, after)
        assert await found(desk, after) == [1], table
        assert await found(desk, name) == ([1] if table == "category" else []), table
        await connection.execute(f"UPDATE {table} SET name = $2 WHERE {key} = $1", code, name)
    assert await found(desk, "Masih") == [1], "what was noted stays"
    assert await connection.fetchval("SELECT version FROM problem") == version
    division = await report_at(connection, BUDI, NOW)
    await connection.execute("UPDATE division SET name = 'Layanan' WHERE code = 'HD'")
    assert await found(desk, "layanan") == [division]


async def test_the_job_comes_to_all_of_them(connection: Connection) -> None:
    """Those that were kept as the version before did, and those with a name that was changed, portion by portion."""
    await connection.execute("ALTER TABLE problem ALTER COLUMN id SET INCREMENT BY 900")
    numbers = [await report_at(connection, ANI, NOW) for _ in range(4)]
    whole = [row[0] for row in await connection.fetch("SELECT search_text FROM problem ORDER BY id")]
    for of, code in (("problem", ""), ("store", "T01"), ("employee", ANI)):
        async with connection.transaction():
            await connection.execute("SET LOCAL session_replication_role = replica")
            await connection.execute(
                "UPDATE problem SET search_text = CASE $1 WHEN 'problem' THEN E'Printer\\nUraian' ELSE E'x\\n' END", of
            )
        job, portions = Job(1, "search", 1, {"of": of, "code": code, "before": numbers[-1] + 1}), 0
        while job:
            await connection.execute("DELETE FROM job")
            await renew(connection, job, SimpleNamespace())  # type: ignore[arg-type]
            row = await connection.fetchrow("SELECT id, kind, 1 AS attempt, arguments FROM job")
            job, portions = Job(**row) if row else None, portions + 1
        assert portions == 3
        assert [row[0] for row in await connection.fetch("SELECT search_text FROM problem ORDER BY id")] == whole, of


async def test_a_note_that_not_all_may_read_is_not_searched(people: People, connection: Connection) -> None:
    """Neither when it is written nor when what is searched is made anew; what is not named is not read by all."""
    await report_at(connection, ANI, NOW)
    assert not await connection.fetchval("SELECT is_read_by_all('noted')")
    await connection.execute(
        "CREATE OR REPLACE FUNCTION is_read_by_all(cause text) RETURNS boolean LANGUAGE sql IMMUTABLE "
        "RETURN cause <> 'commented'"
    )
    await connection.execute(
        "INSERT INTO event (problem_id, seq, actor_nik, cause, version, note) VALUES (1, 0, $1, 'commented', 1, 'Rahasia')",
        DESK,
    )
    desk = await people(DESK)
    assert await found(desk, "rahasia") == []
    await connection.fetchval("SELECT renew_search('problem', '', NULL, 1000)")
    assert await found(desk, "rahasia") == []


async def test_a_history_that_is_too_long_costs_no_more(connection: Connection) -> None:
    number = await report_at(connection, ANI, NOW)
    for start in range(0, 40_000, 800):
        words = " ".join(f"k{n:04x}" for n in range(start, start + 500))
        await connection.execute(
            "INSERT INTO event (problem_id, seq, actor_nik, cause, version, note) VALUES ($1, 0, $2, 'commented', 1, $3)",
            *(number, ANI, words),
        )
    assert 100_000 <= await connection.fetchval("SELECT length(search_text) FROM problem") < 104_100


# Nothing on the page ----------------------------------------------------------------------------------------------------


def links(html: str) -> dict[str, tuple[str, str]]:
    """What the empty list offers: by its words, the address and the number."""
    empty = html.partition('class="empty"')[2].partition("</div>")[0]
    items = re.findall(r'<a href="([^"]+)">([^<]+)</a>: ([^<]*?) kendala', empty)
    return {words: (unescape(href), number) for href, words, number in items}


async def test_where_nothing_is_found_wider_lists_are_offered(people: People, connection: Connection) -> None:
    for year in (2023, 2023, 2024, 2026):
        await report_at(connection, ANI, datetime(year, 5, 1, tzinfo=UTC), "Printer" if year == 2023 else "AC")
    manager = await people(MANAGER)
    html = (await manager.get("/problems?year=2024&q=prin%E2%80%8Bter&status=reported&store=T01")).text
    assert "Tidak ada kendala yang cocok" in html
    offered = links(html)
    href, number = offered["Semua tahun dengan filter yang sama"]
    assert (parse_qs(urlsplit(href).query), number) == (
        {"year": ["all"], "q": ["prin\u200bter"], "status": ["reported"], "store": ["T01"]},
        "2",
    )
    assert ids((await manager.get(href)).text) == [2, 1]
    assert offered["Semua tahun tanpa filter"] == ("/problems?year=all", "4")
    everywhere = links((await manager.get("/problems?year=all&q=tidakada")).text)
    assert everywhere == {"Semua tahun tanpa filter": ("/problems?year=all", "4")}
    none_of_the_status = links((await manager.get("/problems?year=2024&q=printer&status=unfinished")).text)
    assert none_of_the_status["Semua tahun dengan filter yang sama"][1] == "2"
    citra = await people(CITRA)
    assert links((await citra.get("/problems?year=all&q=printer")).text)["Semua tahun tanpa filter"][1] == "0"
    assert links((await citra.get("/problems")).text) == {}


async def test_what_no_index_finds_is_looked_for_among_the_newest(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By who sees all: it would have every problem read. Whoever sees few is shown all of them."""
    monkeypatch.setattr(queries.problem_search, "READ_AT_MOST", 2)
    first, second, third = [int((await report(people, title=f"Diskon {n}% salah")).rpartition("/")[2]) for n in "123"]
    for nik, typed, expected in (
        (DESK, "%", [third, second]),
        (DESK, "% iskon", [third, second, first]),
        (DESK, "zq", []),
        (ANI, "%", [third, second, first]),
    ):
        html = (await (await people(nik)).get(f"/problems?{urlencode({'year': 'all', 'q': typed})}")).text
        assert ids(html) == expected, typed
        assert ("Ketik tiga huruf" in html) == (nik == DESK and "iskon" not in typed)
        counted = re.search(r"<span>Semua</span> <b>\s*(\d+)", html)
        assert counted and int(counted[1]) == len(expected)


@pytest.mark.parametrize("sort", ["newest", "oldest", "priority", "changed", "due"])
async def test_a_page_beyond_the_end_says_so_and_leads_back(sort: str, people: People, connection: Connection) -> None:
    number = await report_at(connection, ANI, NOW)
    ani, rank = await people(ANI), "" if sort in ("newest", "oldest") else "6."
    edges = {"newest": (0, 9), "oldest": (9, 0), "priority": (9, 0), "changed": (0, 9), "due": (0, 9)}[sort]
    ranks = {"changed": ("1.", f"{10**16}."), "due": (f"{10**17}.", "1.")}.get(sort, (rank, rank))
    for side, edge, of in zip(("after", "before"), edges, ranks, strict=True):
        values = {"year": "all", "q": "printer", "sort": sort, side: f"{of}{edge}"}
        html = (await ani.get(f"/problems?{urlencode(values)}")).text
        assert ids(html) == []
        assert "Halaman" in html.partition('class="empty"')[2]
        assert "Tidak ada kendala yang cocok" not in html
        back = unescape(re.search(r'<a href="([^"]+)">Kembali ke halaman pertama', html)[1])
        expected = {"year": ["all"], "q": ["printer"], "sort": [sort]}
        assert parse_qs(urlsplit(back).query) == {k: v for k, v in expected.items() if v != ["newest"]}
        assert ids((await ani.get(back)).text) == [number]
        nothing = (await ani.get(f"/problems?{urlencode(values | {'q': 'tidakada'})}")).text
        assert "Tidak ada kendala yang cocok" in nothing
