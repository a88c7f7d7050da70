"""The life of a problem from its report to its end, by plain form posts; and the words in which its history tells it."""

import re
from html import unescape

from asyncpg import Connection

from tests.conftest import People
from tests.journeys import (
    ANI,
    DESK,
    GA,
    PIC,
    accept,
    close,
    confirm,
    escalate,
    escalate_to_pic,
    open_it,
    reopen,
    report,
    send_back,
    void,
)


def told(html: str) -> list[str]:
    """The sentences of the history on a problem's page, without their times."""
    lines = re.findall(r'<p class="event-line">(.*?) <time', html, re.DOTALL)
    return [unescape(re.sub(r"<[^>]+>", "", line)).strip() for line in lines]


async def test_from_report_to_confirmation(people: People, connection: Connection) -> None:
    path = await report(people)
    await open_it(people, path)
    await escalate(people, path)
    await send_back(people, path)
    await escalate_to_pic(people, path)
    await accept(people, path, PIC)
    await escalate(people, path, PIC, division="")
    await accept(people, path, GA)
    await close(people, path, GA)
    await reopen(people, path)
    await close(people, path, GA, solution="Kabelnya diganti lagi.")
    await confirm(people, path)

    page = await (await people(ANI)).get(path)
    assert told(page.text) == [
        "Ani Lestari melaporkan kendala ini.",
        "Dewi Anggraini (HD) membuka kendala sebagai NET-WIFI — Wi-Fi, prioritas P2.",
        "Dewi Anggraini (HD) mengalihkan kendala ke IT-NET — Jaringan.",
        "Eka Saputra (IT-NET) mengembalikan kendala ke HD — Meja Bantuan.",
        "Dewi Anggraini (HD) mengalihkan kendala ke MNT — Maintenance, PIC Gita Permata.",
        "Gita Permata (MNT) menerima kendala ini.",
        "Gita Permata (MNT) mengalihkan kendala ke GA — Umum.",
        "Fajar Nugroho (GA) menerima kendala ini.",
        "Fajar Nugroho (GA) menutup kendala dengan solusi:",
        "Ani Lestari menyatakan kendala belum beres; kendala dibuka kembali.",
        "Fajar Nugroho (GA) menutup kendala dengan solusi:",
        "Ani Lestari menyatakan kendala sudah beres.",
    ]
    assert "Selesai" in page.text
    assert "dinyatakan beres" in page.text
    holders = await connection.fetch(
        "SELECT coalesce(division_code, pic_nik) FROM custody ORDER BY lower(during), problem_id"
    )
    assert [holder for (holder,) in holders] == ["HD", "IT-NET", "HD", PIC, "GA", "GA"]


async def test_a_duplicate_is_voided(people: People) -> None:
    path = await report(people)
    await void(people, path)
    page = await (await people(ANI)).get(path)
    assert told(page.text)[-1] == "Dewi Anggraini (HD) membatalkan kendala ini."
    assert "Laporan ganda." in page.text
    assert "Dibatalkan" in page.text


async def test_the_desk_records_a_problem_for_a_caller(people: People, connection: Connection) -> None:
    path = await report(people, DESK, reporter="1.0003", asset="t02-prn-01")
    problem = await connection.fetchrow("SELECT reporter_nik, recorded_by_nik, store_code, asset_tag FROM problem")
    assert tuple(problem) == ("10003", DESK, "T02", "T02-PRN-01")
    page = await (await people("10003")).get(path)
    assert told(page.text) == ["Dewi Anggraini (HD) mencatat kendala ini untuk Citra Dewi."]


async def test_of_several_ways_to_name_the_asset_each_is_understood(people: People, connection: Connection) -> None:
    for typed in ("T01-PRN-01 — Printer kasir 1", "T01-PRN-01", "T02-PRN-01", "Kipas angin", ""):
        await report(people, asset=typed)
    assets = await connection.fetch("SELECT asset_tag, asset_text FROM problem ORDER BY id")
    assert list(map(tuple, assets)) == [
        ("T01-PRN-01", None),
        ("T01-PRN-01", None),
        (None, "T02-PRN-01"),  # an asset of another store is just a text
        (None, "Kipas angin"),
        (None, None),
    ]


async def test_a_reporter_reports_for_nobody_else(people: People, connection: Connection) -> None:
    await report(people, reporter="10003")
    assert await connection.fetchval("SELECT reporter_nik FROM problem") == ANI
