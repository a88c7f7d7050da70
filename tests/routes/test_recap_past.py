"""The recap of months that are over: frozen, restated, beside others, and what stands out in them."""

import re
from collections import Counter
from datetime import date
from html import unescape

from actions.recap import present_month
from queries.recap import get_recap_version
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
    await transaction.start()  # in which it is always the same minute
    before = await get_recap_version(past.connection, frozen)
    assert before and await get_recap_version(past.connection, frozen) == before
    assert await get_recap_version(past.connection, running) is None
    await past.connection.execute(
        """
        INSERT INTO restatement (month, kind, holder, store_code, difference, problem_id, version)
        VALUES ('2026-01-01', 'closed', 'HD', 'T01', 1, 1, 1)
        """
    )
    assert await get_recap_version(past.connection, frozen) != before
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
    first = await text_of(manager, "/recap/2025-08")
    assert 'rel="prev"' not in first and "/recap/2025-07" not in first


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


async def test_stores_that_report_unusually(past: Past) -> None:
    reported = "SELECT store_code, count(*) FROM movement WHERE month = '2026-10-01' AND kind = 'reported' GROUP BY 1"
    employed = "SELECT store_code, count(*) FROM employee WHERE active GROUP BY 1"
    reports = dict(await past.connection.fetch(reported))
    people = dict(await past.connection.fetch(employed))
    usual = {code: number * sum(reports.values()) / sum(people.values()) for code, number in people.items()}
    loud = {code for code, n in reports.items() if (n >= 2 * usual[code] if usual[code] >= 3 else n >= 6)}
    silent = {code for code, n in usual.items() if n >= 3 and 3 * reports.get(code, 0) <= n}
    page = await text_of(await past.people(MANAGER), f"{OVER}/highlights")
    for name, codes in (("loud", loud), ("silent", silent)):
        assert {label.split(" — ")[0] for _, label, _ in lines_of(page, name)} == codes
    assert loud | silent
    assert "Toko yang" not in await text_of(await past.people(NET), f"{OVER}/highlights")


async def test_what_is_counted_only_in_part_is_said(past: Past) -> None:
    manager = await past.people(MANAGER)
    await past.connection.execute("UPDATE counting SET up_to = up_to + 1")
    try:
        for path in ("/recap", OVER, f"{OVER}/highlights"):
            assert "Rekap sedang disiapkan" in await text_of(manager, path)
    finally:
        await past.connection.execute("UPDATE counting SET up_to = up_to - 1")
