"""The recap of months that are over: frozen, restated, beside others, and what stands out in them."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from html import unescape
from itertools import product

import pytest
from asyncpg import Connection

from actions.recap import present_month
from formats.recap import add_months
from queries.highlights import list_unusual_stores
from queries.recap import Cut, Numbers, get_total, list_months, list_numbers
from queries.recap_standing import get_standing
from queries.restatements import list_differences
from tests.client import Client
from tests.journeys import MANAGER, NET
from tests.past import Past
from tests.routes.test_recap import counted, counts_of

FROZEN, OVER = "/recap/2026-03", "/recap/2026-10"
DIFFERENCE = re.compile(r'<a href="([^"]*)">([0-9.]+)</a> <span class="restated"[^>]*>([+−])([0-9.]+)</span>')
LINE = re.compile(r'<th role="rowheader" scope="row"><a href="([^"]*)"[^>]*>(.*?)</a>.*?</th>(.*?)</tr>', re.DOTALL)


async def text_of(client: Client, path: str) -> str:
    response = await client.get(path)
    assert response.status_code == 200
    return response.text


def lines_of(page: str, name: str) -> list[tuple[str, str, list[str]]]:
    """The lines of an answer: where each leads, its label and the other cells."""
    section = page.split(f'id="{name}">')[1].split("</section>")[0]
    return [(unescape(url), label, re.findall(r">([^<]*)</td>", cells)) for url, label, cells in LINE.findall(section)]


async def test_a_frozen_number_and_its_restatements_are_what_it_opens_to(past: Past) -> None:
    manager = await past.people(MANAGER)
    page = await text_of(manager, FROZEN)
    assert "Dibekukan <time" in page and "versi 1" in page and "Berubah setelah dibekukan" in page
    for query in ("", "?by=category", "?by=store&division=HD"):
        restated = DIFFERENCE.findall(await text_of(manager, f"{FROZEN}{query}"))
        assert restated
        for url, number, sign, difference in restated[:12]:
            url, now = unescape(url), int(number) + int(difference) * (1 if sign == "+" else -1)
            assert len(await counted(manager, url)) == now, url
            behind = await text_of(manager, url)
            assert f"Angka yang dibekukan tetap {number}." in behind
            changes = re.findall(r'data-label="Selisih">([+−])([0-9]+)<', behind)
            assert sum(int(n) * (1 if s == "+" else -1) for s, n in changes) == now - int(number)


async def test_a_frozen_month_is_kept_until_something_is_restated(past: Past) -> None:
    frozen, running = date(2026, 3, 1), present_month()
    transaction = past.connection.transaction()
    await transaction.start()
    versions = []
    for ago in ("2 hours", "90 minutes", "0 minutes"):
        await past.connection.execute(
            """
            INSERT INTO restatement (month, kind, holder, store_code, difference, problem_id, version, at)
            VALUES ('2026-01-01', 'closed', 'HD', 'T01', 1, 1, 1, now() - $1::text::interval)
            """,
            ago,
        )
        standing = await get_standing(past.connection)
        assert standing.is_frozen(frozen) and not standing.is_frozen(running)
        # of what was restated just now it changes every minute: what ends late may be missing
        assert (standing.unsettled > 0) == (ago == "0 minutes")
        versions.append(standing.version_of_frozen)
    assert len(set(versions)) == 3
    await transaction.rollback()


async def test_a_month_that_is_over_and_not_frozen_says_so(past: Past) -> None:
    page = await text_of(await past.people(MANAGER), OVER)
    assert "Belum dibekukan" in page or "Dibekukan <time" in page  # after 06.00 a worker does it
    assert "Sedang berjalan" not in page


async def test_a_month_stands_beside_the_one_before_and_that_of_last_year(past: Past) -> None:
    manager = await past.people(MANAGER)
    for query in ("?", "?division=HD&"):
        counts = await counts_of(manager, f"{OVER}{query}")
        for month in ("2026-09", "2025-10"):
            own = await counts_of(manager, f"/recap/{month}{query}")
            of_all = {
                url: number for url, number in own.items() if url.startswith(f"/recap/{month}/") and "&key=" not in url
            }
            assert of_all and of_all.items() <= counts.items()
    assert cells_beside(await text_of(manager, f"{OVER}?division=LOG&store=T03"), "Okt 2025") == ["0"] * 13
    first = await text_of(manager, "/recap/2025-08")
    assert cells_beside(first, "Jul 2025") == ["–"] * 13, "before anything was counted"
    assert 'rel="prev"' not in first and "/recap/2025-07" not in first


def cells_beside(page: str, month: str) -> list[str]:
    """The counts of a month that stands beside another."""
    return [re.sub("<[^>]*>", "", cell) for cell in re.findall(rf'data-label="{month}">(.*?)</td>', page)][:13]


async def test_each_handler_is_a_bar_the_slowest_first(past: Past) -> None:
    manager = await past.people(MANAGER)
    page = await text_of(manager, FROZEN)
    bars = re.findall(r'<li><a href="([^"]*)"><span class="slowest-who" dir="auto">(\S+) — .*?</span>', page)
    assert {code for _, code in bars} >= {"HD", "IT-NET", "MNT"}
    medians = re.findall(r'<rect width="([0-9.]+)%" height="100%" class="bar-a"/></svg>\s*<span class="slowest', page)
    assert [float(width) for width in medians] == sorted(map(float, medians), reverse=True)
    url, code = bars[0]
    narrowed = await text_of(manager, unescape(url))
    assert f">{code} — " in narrowed.split('id="total"')[1] and "Menurut kategori" in narrowed
    longest = lines_of(narrowed, "longest")
    assert longest and all(url.startswith("/problems/") for url, _, _ in longest)


async def test_what_stands_out_is_what_is_counted(past: Past) -> None:
    manager = await past.people(MANAGER)
    page = await text_of(manager, f"{OVER}/highlights")
    passed_on = Counter(await counted(manager, f"{OVER}/movements?number=passed_on"))
    around = {url: int(cells[0]) for url, _, cells in lines_of(page, "passed-around")}
    often = sorted((times for times in passed_on.values() if times >= 3), reverse=True)
    assert sorted(around.values(), reverse=True) == often[:5]
    assert around.items() <= passed_on.items()
    for name in ("most-held", "returned", "reopened"):
        lines = lines_of(page, name)
        assert lines
        for url, _, cells in lines:
            assert len(await counted(manager, url)) == int(cells[0]), url


def minutes_of(text: str) -> int:
    """What `1.404 jam 35 menit` says."""
    said = {unit: int(number.replace(".", "")) for number, unit in re.findall(r"([0-9.]+) (jam|menit)", text)}
    return said.get("jam", 0) * 60 + said.get("menit", 0)


async def test_why_a_month_was_late_adds_up_to_the_minute(past: Past) -> None:
    manager = await past.people(MANAGER)
    page = await text_of(manager, f"{OVER}/highlights")
    *parts, (url, whole, (length, share, _)) = lines_of(page, "late")
    assert whole == "Seluruhnya" and share == "100%" and len(parts) > 3
    assert sum(minutes_of(cells[0]) for _, _, cells in parts) == minutes_of(length)
    late = await counted(manager, url)
    most = lines_of(page, "most-late")
    assert most and {url for url, _, _ in most} <= set(late)
    for _, _, (_, worked, allowed) in most:
        assert minutes_of(worked) > minutes_of(allowed)
    assert f"<h1>Terlambat: {len(late)}</h1>" in await text_of(manager, url)


async def test_months_that_were_frozen_before_say_since_when_they_know_of_targets(past: Past) -> None:
    manager = await past.people(MANAGER)
    assert "Target layanan mulai dihitung" in await text_of(manager, FROZEN)
    assert "Target layanan mulai dihitung" not in await text_of(manager, "/recap/2026-08")


async def test_stores_that_report_unusually(past: Past) -> None:
    told = {month: await unusual_in(past, month) for month in (date(2026, number, 1) for number in range(1, 10))}
    for month, (loud, silent) in told.items():
        found = await list_unusual_stores(past.connection, Cut(month), 5)
        assert [{store.code for store in stores} for stores in found] == [loud, silent], month
    month, answers = next((month, answers) for month, answers in told.items() if any(answers))
    page = await text_of(await past.people(MANAGER), f"/recap/{month:%Y-%m}/highlights")
    for name, codes in zip(("loud", "silent"), answers, strict=True):
        assert {label.split(" — ")[0] for _, label, _ in lines_of(page, name)} == codes
    assert "Toko yang" not in await text_of(await past.people(NET), f"{OVER}/highlights")


async def unusual_in(past: Past, month: date) -> tuple[set[str], set[str]]:
    """Those that report unusually much, and little, as docs/numbers.md says; where the desk works (HO) is no store."""
    frozen = "SELECT month, key, reported FROM frozen WHERE by = 'store' AND holder = '' AND key <> 'HO'"
    employed = "SELECT store_code, count(*) FROM employee WHERE active AND store_code <> 'HO' GROUP BY 1"
    people = dict(await past.connection.fetch(employed))
    counted = {(key, of): reported for of, key, reported in await past.connection.fetch(frozen)}
    reports = {code: counted.get((code, month), 0) for code in people}
    own = {code: sum(counted.get((code, add_months(month, -n)), 0) for n in range(1, 7)) / 6 for code in people}
    usual = {code: number * sum(reports.values()) / sum(people.values()) for code, number in people.items()}
    loud = {code for code, n in reports.items() if (n >= 2 * usual[code] if usual[code] >= 3 else n >= 6)}
    silent = {code for code, n in usual.items() if n >= 3 and 3 * reports[code] <= n}
    return loud, silent | {code for code in people if not reports[code] and own[code] >= 1}


async def test_a_store_that_reports_nothing_is_told_if_it_usually_does(past: Past) -> None:
    """Also where few people work; a month of as many reports as there are months before is once a month."""
    connection, month = past.connection, date(2026, 10, 1)
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute("INSERT INTO store (code, name, time_zone) VALUES ('T09', 'Toko Sepi', 'Asia/Makassar')")
    await connection.execute("UPDATE employee SET store_code = 'T09' WHERE nik = '10002'")
    for month_before, reported, is_told in ((date(2026, 9, 1), 5, False), (date(2026, 4, 1), 1, True)):
        await connection.execute(
            """
            INSERT INTO frozen SELECT (jsonb_populate_record(f, jsonb_build_object('key', 'T09', 'reported', $2::int))).*
              FROM frozen f WHERE f.month = $1 AND f.by = 'store' AND f.holder = '' LIMIT 1
            """,
            month_before,
            reported,
        )
        _, silent = await list_unusual_stores(connection, Cut(month), 5)
        assert ("T09" in {store.code for store in silent}) is is_told
    assert next(store for store in silent if store.code == "T09").reported == 0
    await transaction.rollback()


async def test_what_is_counted_only_in_part_is_said(past: Past) -> None:
    manager = await past.people(MANAGER)
    await past.connection.execute("UPDATE counting SET up_to = up_to + 1")
    try:
        for path in ("/recap", OVER, f"{OVER}/highlights"):
            assert "Rekap sedang disiapkan" in await text_of(manager, path)
    finally:
        await past.connection.execute("UPDATE counting SET up_to = up_to - 1")


@pytest.mark.parametrize("month", [date(2026, 2, 1), date(2026, 3, 1), present_month()])
async def test_an_area_with_all_stores_has_the_numbers_of_the_company(past: Past, month: date) -> None:
    """Added up otherwise, of months that are frozen and of one that is not; those of its stores in parts make up the whole."""
    transaction = past.connection.transaction()
    await transaction.start()
    try:
        await _compare_area_with_company(past.connection, month)
    finally:
        await transaction.rollback()


async def _compare_area_with_company(connection: Connection, month: date) -> None:
    await connection.execute("INSERT INTO area (code, name, parent_code) VALUES ('BALI', 'Bali', 'TIMUR')")
    await connection.execute("UPDATE store SET area_code = CASE WHEN code = 'T02' THEN 'BALI' ELSE 'TIMUR' END")
    for by, holders in product(("holder", "store", "category", "priority"), (None, ("HD", "IT-NET"))):
        whole = Cut(month, by, holders)
        of_area = replace(whole, area="TIMUR")
        assert counts(await list_numbers(connection, of_area)) == counts(await list_numbers(connection, whole)), (
            by,
            holders,
        )
        assert counts([await get_total(connection, of_area)]) == counts([await get_total(connection, whole)])
        assert await list_differences(connection, of_area) == await list_differences(connection, whole)
    rows = {row.key: row for row in await list_numbers(connection, Cut(month, "area"))}
    assert rows["TIMUR"][1:14] == (await get_total(connection, Cut(month)))[1:14]
    assert rows["BALI"][1:14] == (await get_total(connection, Cut(month, store="T02")))[1:14]
    for by in ("category", "priority"):
        of_store = await list_numbers(connection, Cut(month, by, store="T02"))
        assert counts(await list_numbers(connection, Cut(month, by, area="BALI"))) == counts(of_store)
    of_area, of_all = await list_months(connection, None, "TIMUR"), await list_months(connection, None)
    assert [m.numbers for m in of_area] == [m.numbers for m in of_all]


def counts(rows: Sequence[Numbers]) -> list[Numbers]:
    """Without the times, which are frozen of the company and of holders alone."""
    return [Numbers(*row[:14]) for row in rows]
