"""The old register: looked at, its unknown names matched, taken over; twice is nothing, and what is there is not rewritten."""

import io
import re
from datetime import date, datetime
from typing import Any

import pytest
from asyncpg import Connection
from xlsxwriter import Workbook

from formats.table_reader import read_table
from tests.conftest import People
from tests.imports import plain, send, sheet, take, until
from tests.journeys import ADMIN, ANI, CITRA, MANAGER
from tests.routes.test_imports import counts, faults
from tests.schema.test_imported import nothing_is_miscounted

HEADINGS = [
    *(
        "Nomor",
        "Dilaporkan",
        "Toko",
        "Pelapor",
        "Judul",
        "Uraian",
        "Kategori",
        "Dampak",
        "Urgensi",
        "Identifikasi masalah",
    ),
    *("Penanggung", "Selesai", "Solusi"),
]


def row(number: str, **values: Any) -> list[Any]:
    """A row that is closed; `x=None` leaves a cell empty."""
    cells = {
        "Nomor": number,
        "Dilaporkan": "24-11-25 08:15",
        "Toko": "T01",
        "Pelapor": ANI,
        "Judul": f"Printer {number}",
        "Uraian": "Sejak pagi",
        "Kategori": "NET-WIFI",
        "Dampak": "Tinggi",
        "Urgensi": "Sedang",
        "Identifikasi masalah": "Kabel",
        "Penanggung": None,
        "Selesai": "25 Nov 2025",
        "Solusi": "Diganti",
    }
    assert values.keys() <= cells.keys()
    return list((cells | values).values())


UNIDENTIFIED = dict.fromkeys(("Kategori", "Dampak", "Urgensi", "Identifikasi masalah", "Selesai", "Solusi"))
UNFINISHED = dict.fromkeys(("Selesai", "Solusi"))


async def times(connection: Connection) -> dict[str, tuple[str, str | None]]:
    """When what has these old numbers was reported, and closed."""
    rows = await connection.fetch(
        """
        SELECT i.number, (p.reported_at AT TIME ZONE s.time_zone)::text AS reported,
               (p.confirmed_at AT TIME ZONE s.time_zone)::text AS closed
          FROM imported_problem i JOIN problem p ON p.id = i.problem_id JOIN store s ON s.code = p.store_code
        """
    )
    return {row["number"]: (row["reported"], row["closed"]) for row in rows}


async def test_it_is_taken_over_and_the_same_file_again_changes_nothing(people: People, connection: Connection) -> None:
    admin = await people(ADMIN)
    rows = [
        HEADINGS,
        row("IT/1"),
        row("IT/2", **UNFINISHED, Penanggung="IT-NET — Jaringan", Toko="Toko Denpasar", Pelapor="Citra Dewi"),
        row("IT/3", **UNIDENTIFIED, Uraian=None),
    ]
    path = await send(admin, "problems", sheet(rows))
    page = (await admin.get(path)).text
    assert counts(page) == [3, 0, 0, 0]
    assert "24 November 2025 08.15 WIB" in page and "24 November 2025 08.15 WITA" in page and "digest" not in page
    assert await connection.fetchval("SELECT count(*) FROM problem") == 0
    assert "3 baru" in await take(admin, path)
    found = await connection.fetch(
        "SELECT status, holder_division_code, store_code, reporter_nik FROM problem ORDER BY id"
    )
    assert list(map(tuple, found)) == [
        ("closed", "HD", "T01", ANI),
        ("open", "IT-NET", "T02", CITRA),
        ("reported", "HD", "T01", ANI),
    ]
    await nothing_is_miscounted(connection)
    for again in (sheet(rows), plain(rows, "utf-16")):
        path = await send(admin, "problems", again)
        assert "Tidak ada yang perlu diimpor" in (page := (await admin.get(path)).text)
        assert counts(page) == [0, 0, 3, 0]
    path = await send(admin, "problems", sheet([HEADINGS, row("it/1", Judul="Lain"), row("IT/9"), row("IT/9")]))
    page = (await admin.get(path)).text
    assert counts(page) == [1, 0, 0, 2]
    assert "sudah diimpor sebagai K-1 dengan isi lain" in faults(page)[2]["Nomor"]
    assert faults(page)[4] == {"Nomor": "Sudah ada di baris 3 berkas ini."}


async def test_who_sees_it(people: People, connection: Connection) -> None:
    admin = await people(ADMIN)
    await take(admin, await send(admin, "problems", sheet([HEADINGS, row("IT/2025/07")])))
    page = (await (await people(ANI)).get("/problems/1")).text
    assert "Nomor lama" in page and "IT/2025/07" in page and "diimpor" in page and "dinyatakan beres" not in page
    assert "25 November 2025 23.59" in page
    assert (await (await people(CITRA)).get("/problems/1")).status_code == 404
    assert (await admin.get("/problems/1")).status_code == 404, "an admin sees what any reporter sees"
    found = (await (await people(ANI)).get("/problems?q=it%2F2025&year=2025")).text
    assert "Printer IT/2025/07" in found
    assert "Printer IT/2025/07" not in (await (await people(CITRA)).get("/problems?q=it%2F2025&year=2025")).text


DATES = {
    "24-11-25": "2025-11-24 00:00:00",
    "24/11/2025 14.05": "2025-11-24 14:05:00",
    "24 Nov 2025": "2025-11-24 00:00:00",
    "Senin, 24 November 2025 pukul 14.05 WIB": "2025-11-24 16:05:00",
    "03/04/2025": "2025-04-03 00:00:00",
    "2025-11-24T14:05:00": "2025-11-24 14:05:00",
    "45985,5": "2025-11-24 12:00:00",
    45985.25: "2025-11-24 06:00:00",
    date(2025, 11, 24): "2025-11-24 00:00:00",
    datetime.fromisoformat("2025-11-24T14:05"): "2025-11-24 14:05:00",
}


async def test_dates_are_those_of_the_zone_of_the_store(people: People, connection: Connection) -> None:
    admin = await people(ADMIN)
    rows = [row(f"D{n}", **UNFINISHED, Dilaporkan=at, Toko="T03") for n, at in enumerate(DATES)]
    path = await send(admin, "problems", sheet([HEADINGS, *rows]))
    assert "10 baru" in await take(admin, path), (await admin.get(path)).text
    found = await times(connection)
    assert {at: found[f"D{n}"][0] for n, at in enumerate(DATES)} == DATES


async def test_days_that_count_from_1904(people: People, connection: Connection) -> None:
    content = io.BytesIO()
    book = Workbook(content, {"in_memory": True, "date_1904": True})
    table = book.add_worksheet()
    for at, cells in enumerate([HEADINGS, row("S1", **UNFINISHED, Dilaporkan=44523.5)]):
        table.write_row(at, 0, cells)
    book.close()
    admin = await people(ADMIN)
    await take(admin, await send(admin, "problems", content.getvalue()))
    assert await times(connection) == {"S1": ("2025-11-24 12:00:00", None)}


async def test_what_is_wrong_is_said_by_row_and_column(people: People) -> None:
    rows = [
        row("W1", Dilaporkan="31-11-2025"),
        row("W2", Dilaporkan="24-11-2099", **UNFINISHED),
        row("W3", Selesai="23-11-2025"),
        row("W4", Judul="x" * 121, Kategori="Tidak ada", Dampak="Besar"),
        row("W5", Solusi=None),
        row("W6", Selesai=None),
        row("W7", Kategori=None),
        row("W8", **(UNIDENTIFIED | {"Selesai": "25-11-2025", "Solusi": "x"})),
        row("W9", **UNIDENTIFIED, Penanggung="Gita Permata"),
        row("", Judul=None),
        row("W11", Dilaporkan="24-11-1999", **UNFINISHED),
        row("W12", Pelapor="Toko"),
        row("W13", Pelapor="\ufdfa" * 100),  # of which folding makes eighteen times as many
    ]
    admin = await people(ADMIN)
    page = (await admin.get(await send(admin, "problems", sheet([HEADINGS, *rows])))).text
    assert counts(page) == [0, 0, 0, len(rows)]
    found = {number - 1: said for number, said in faults(page).items()}
    assert "tidak ada" in found[1]["Dilaporkan"]
    assert found[2] == {"Dilaporkan": "Waktu ini belum tiba."}
    assert found[3] == {"Selesai": "Lebih awal daripada Dilaporkan."}
    assert found[4].keys() == {"Judul", "Kategori", "Dampak"} and "121" in found[4]["Judul"]
    assert found[5].keys() == {"Solusi"} and found[6].keys() == {"Selesai"} and found[7].keys() == {"Kategori"}
    assert found[8].keys() == {"Kategori", "Dampak", "Urgensi", "Identifikasi masalah"}
    assert found[9].keys() == {"Penanggung"} and found[10].keys() == {"Nomor", "Judul"}
    assert found[11].keys() == {"Dilaporkan"} and found[12].keys() == {"Pelapor"}
    assert found[13].keys() == {"Pelapor"}


@pytest.mark.parametrize(
    ("closed", "is_so"),
    [
        ("24-11-2025", "2025-11-24 23:59:59"),
        ("24-11-2025 08:15", "2025-11-24 08:15:01"),
        ("24-11-2025 09:00", "2025-11-24 09:00:00"),
    ],
)
async def test_when_it_was_closed(closed: str, is_so: str, people: People, connection: Connection) -> None:
    admin = await people(ADMIN)
    await take(admin, await send(admin, "problems", sheet([HEADINGS, row("C1", Selesai=closed)])))
    assert await times(connection) == {"C1": ("2025-11-24 08:15:00", is_so)}


async def test_an_empty_table_has_the_headings_of_the_contract(people: People) -> None:
    admin = await people(ADMIN)
    assert "Kendala lama" in (await admin.get("/admin/imports/new")).text
    answer = await admin.get("/admin/imports/template?kind=problems")
    assert answer.status_code == 200
    assert read_table(io.BytesIO(answer.content), HEADINGS).head.headings == tuple(HEADINGS)
    assert re.search(r"kendala", answer.headers["Content-Disposition"], re.IGNORECASE)


async def test_unknown_names_are_asked_and_their_rows_looked_at_again(people: People, connection: Connection) -> None:
    admin = await people(ADMIN)
    rows = [
        HEADINGS,
        row("N1", Toko="Tk Bandung", Pelapor="Ani L."),
        row("N2", Toko="TK  BANDUNG", Pelapor=ANI),
        row("N3", Penanggung="Bu Gita", **UNFINISHED),
        row("N4", Kategori="Wifi toko"),
        row("N5", Pelapor="Entah"),
    ]
    path = await send(admin, "problems", sheet(rows))
    page = (await admin.get(path)).text
    assert counts(page) == [0, 0, 0, 5]
    labels = dict(re.findall(r'<label for="(means_\d+)">(.*?)</label>', page))
    assert next(iter(labels.values())) == "Toko “Tk Bandung” (2 baris)" and len(labels) == 5, labels
    assert "T01 — Toko Bandung" in page and "10001 — Ani Lestari" in page
    asked = {label.split("“")[1].split("”")[0]: name for name, label in labels.items()}
    refused = await admin.submit(path, f"{path}/names", **{asked["Tk Bandung"]: "T77"})
    assert (
        refused.status_code == 422
        and "“T77” tidak ada. Isi kode toko" in refused.text
        and 'value="T77"' in refused.text
    )
    said = {
        asked["Tk Bandung"]: "T01 — Toko Bandung",
        asked["Ani L."]: ANI,
        asked["Bu Gita"]: "30001",
        asked["Wifi toko"]: "net-wifi",
        asked["Entah"]: "",
    }
    answer = await admin.submit(path, f"{path}/names", **said)
    assert (answer.status_code, answer.headers["Location"]) == (303, path)
    await until(admin, path, "sedang diperiksa")
    page = (await admin.get(path)).text
    assert counts(page) == [4, 0, 0, 1] and "MNT, PIC 30001" in page
    assert "4 baru" in await take(admin, path)
    found = await connection.fetch("SELECT store_code, reporter_nik, holder_pic_nik FROM problem ORDER BY id")
    assert [r["store_code"] for r in found] == ["T01"] * 4 and {r["reporter_nik"] for r in found} == {ANI}
    assert found[2]["holder_pic_nik"] == "30001"
    await nothing_is_miscounted(connection)
    path = await send(admin, "problems", plain(rows))
    assert counts((await admin.get(path)).text) == [0, 0, 4, 1], "known by number, whatever names meant then"


async def test_months_that_were_frozen_are_restated_on_their_pages(people: People, connection: Connection) -> None:
    admin, manager = await people(ADMIN), await people(MANAGER)
    await take(admin, await send(admin, "problems", sheet([HEADINGS, row("F1")])))
    assert str(await connection.fetchval("SELECT freeze_month()")) == "2025-11-01"
    more = [row("F2"), row("F3", Dilaporkan="3 Okt 2024", Selesai="4 Okt 2024")]
    await take(admin, await send(admin, "problems", sheet([HEADINGS, *more])))
    await nothing_is_miscounted(connection)
    for path in ("/recap", "/recap/2025-11", "/recap/2024-10?by=store", "/recap/2024-10?by=holder", "/recap/2024-12"):
        assert (await manager.get(path)).status_code == 200, path
    for month, problem in (("2025-11", "K-2"), ("2024-10", "K-3")):
        page = (await manager.get(f"/recap/{month}/movements?number=reported")).text
        assert problem in page and "diimpor" in page, page
