"""Exports: the list as it is filtered, with types, without formulas and notes; of what was in one's reach, and nobody else's."""

import asyncio
import csv
import io
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path
from urllib.parse import urlencode
from zipfile import ZipFile

import pytest
from asyncpg import Connection

from actions.recap import present_month
from formats import sheet_writer
from formats.recap import NUMBERS
from formats.sheets import Column, Sheet
from forms.recap import BY_WORDS
from queries.exports import BYTES, KEPT, WAITING
from tests.client import Client
from tests.conftest import People
from tests.exports import download, export, exported, rows_of
from tests.journeys import ANI, BUDI, CITRA, DESK, MANAGER, NET, annotate, closed, escalated, opened, report
from tests.past import Past
from tests.routes.catalogue import faulty, message

# What people type, and what CSV has of it.
TRAPS = {
    "=1+1": "'=1+1",
    "+62 811": "'+62 811",
    "-5 derajat": "'-5 derajat",
    "@toko": "'@toko",
    "\uff1d1+1": "'\uff1d1+1",
    'Kabel; "baru"': 'Kabel; "baru"',
    "<r><t>a</t></r>": "<r><t>a</t></r>",
    "_x003D_1": "_x003D_1",
}
MAIN = {"": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


async def test_the_columns_are_called_and_filled_as_on_the_page(people: People, connection: Connection) -> None:
    await annotate(people, await closed(people))
    (row,) = await exported(await people(DESK))
    headings = re.findall(r'scope="col"[^>]*>(.*?)</th>', (await (await people(DESK)).get("/problems")).text)
    assert [*row][:11] == [*headings[:8], "Petugas", *headings[8:]]
    local = await connection.fetchrow(
        """
        SELECT to_char(reported_at AT TIME ZONE 'Asia/Jakarta', 'YYYY-MM-DD HH24:MI:SS') AS reported,
               to_char(changed_at AT TIME ZONE 'Asia/Jakarta', 'YYYY-MM-DD HH24:MI:SS') AS closed FROM problem
        """
    )
    wanted = {"Nomor": "K-1", "Toko": "T01 — Toko Bandung", "Pelapor": "Ani Lestari", "Judul": "Printer mati"}
    wanted |= {"Kategori": "Wi-Fi", "Status": "Selesai", "Penanggung": "HD — Meja Bantuan", "Umur": "0:00"}
    wanted |= {"Prioritas": "P2", "Dampak": "Tinggi", "Urgensi": "Sedang", "Solusi": "Kabelnya diganti."}
    wanted |= {"Dilaporkan": local["reported"], "Selesai": local["closed"], "Dikonfirmasi": "", "Zona waktu": "WIB"}
    assert {name: row[name] for name in wanted} == wanted
    assert not [text for text in row.values() if "rahasia" in text.lower() or "catatan" in text.lower()]


async def test_times_are_of_the_zone_of_whoever_asks(people: People) -> None:
    await report(people, CITRA)
    (central,), (western,) = await exported(await people(CITRA)), await exported(await people(MANAGER))
    assert (central["Zona waktu"], western["Zona waktu"]) == ("WITA", "WIB")
    hours = {row["Zona waktu"]: int(row["Dilaporkan"][11:13]) for row in (central, western)}
    assert (hours["WITA"] - hours["WIB"]) % 24 == 1


async def test_it_has_the_rows_of_the_list_in_their_order(people: People) -> None:
    await closed(people), await opened(people), await escalated(people), await report(people, title="Kertas habis")
    desk = await people(DESK)
    for filters in (
        {"sort": "oldest"},
        {"status": "unfinished", "sort": "changed"},
        {"sort": "due"},
        {"holder": "IT-NET"},
        {"q": "kertas"},
    ):
        rows = await exported(desk, **filters)
        page = await desk.get(f"/problems?year=all&{urlencode(filters)}")
        assert [row["Nomor"] for row in rows] == [f"K-{n}" for n in re.findall(r'id="problem-(\d+)"', page.text)] != []


async def test_it_has_more_than_a_page_and_what_is_read_at_a_time(people: People, connection: Connection) -> None:
    await report(people)
    await connection.execute(
        """
        ALTER TABLE problem DISABLE TRIGGER USER;
        INSERT INTO problem (reporter_nik, recorded_by_nik, store_code, title, description, holder_division_code, year,
                             changed_at, search_text)
        SELECT reporter_nik, recorded_by_nik, store_code, title, description, holder_division_code, year, changed_at,
               search_text
          FROM problem, generate_series(1, 450);
        ALTER TABLE problem ENABLE TRIGGER USER
        """
    )
    assert [row["Nomor"] for row in await exported(await people(ANI))] == [f"K-{n}" for n in range(451, 0, -1)]


# Reach ------------------------------------------------------------------------------------------------------------------


async def test_nobody_is_given_what_is_out_of_reach(people: People) -> None:
    await report(people), await report(people, CITRA)
    for nik, ids in ((ANI, {"K-1"}), (BUDI, {"K-1"}), (CITRA, {"K-2"}), (MANAGER, {"K-1", "K-2"})):
        assert {row["Nomor"] for row in await exported(await people(nik))} == ids, nik
    assert (
        await (await people(ANI)).press("/exports", {"kind": "problems", "format": "csv", "store": "T02"})
    ).status_code == 422


async def test_a_file_is_its_person_s_alone(people: People) -> None:
    await report(people)
    path = await export(await people(ANI))
    for nik in (BUDI, DESK, MANAGER):
        for door in (path, f"{path}/file"):
            assert (await (await people(nik)).get(door)).status_code == 404
        assert path not in (await (await people(nik)).get("/exports")).text
    assert path in (await (await people(ANI)).get("/exports")).text


# What people typed ------------------------------------------------------------------------------------------------------


async def test_what_a_person_typed_is_a_text(people: People, connection: Connection, tmp_path: Path) -> None:
    """Never a formula; and a time is a time: in the XML of the sheet, in CSV, and as LibreOffice reads it."""
    for title in TRAPS:
        await report(people, title=title)
    ani = await people(ANI)
    assert [row["Judul"] for row in await exported(ani, sort="oldest")] == [*TRAPS.values()]
    book = tmp_path / "book.xlsx"
    book.write_bytes(await download(ani, await export(ani, "xlsx", sort="oldest")))
    rows = cells_of(book)
    # What looks like a code of a character is said by a code, which is read as it was typed.
    assert [row[4] for row in rows[1:]] == [("text", title.replace("_x", "_x005F_x")) for title in TRAPS]
    assert {kind for kind, _ in rows[0]} == {"text"} and {row[1][0] for row in rows[1:]} == {"number"}
    read = await asyncio.to_thread(read_by_libreoffice, book)
    assert [row["Judul"] for row in read] == [*TRAPS]
    moments = await connection.fetch(
        "SELECT to_char(reported_at AT TIME ZONE 'Asia/Jakarta', 'DD/MM/YYYY HH24:MI:SS') FROM problem ORDER BY id"
    )
    assert [row["Dilaporkan"] for row in read] == [row[0] for row in moments]


def cells_of(book: Path) -> list[list[tuple[str, str]]]:
    """The cells of the first sheet, row by row: of what kind each is, and what is in it. No formula, and the heading stays."""
    with ZipFile(book) as archive:
        text = archive.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in text and '<pane xSplit="1" ySplit="1"' in text and 'state="frozen"' in text
        sheet = ET.fromstring(text)  # noqa: S314 -- our own
    rows = []
    for row in sheet.iterfind("sheetData/row", MAIN):
        kinds = {"inlineStr": "text", None: "number"}
        rows.append([(kinds[c.get("t")], "".join(c.itertext())) for c in row])
    return rows


def read_by_libreoffice(book: Path) -> list[dict[str, str]]:
    """The rows of the first sheet as LibreOffice shows them, by heading; times as its language has them."""
    program = shutil.which("soffice")
    assert program, "bin/setup test installs LibreOffice"
    options = "csv:Text - txt - csv (StarCalc):59,34,76,1,,1033,false,false,false"
    folder, profile = str(book.parent), f"-env:UserInstallation={(book.parent / 'profile').as_uri()}"
    subprocess.run(
        [program, "--headless", profile, "--convert-to", options, "--outdir", folder, str(book)],
        check=True,
        capture_output=True,
        timeout=120,
    )
    text = book.with_suffix(".csv").read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def test_more_rows_than_a_sheet_has_go_on_in_another(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sheet_writer, "ROWS", 3)
    file = io.BytesIO()
    writer = sheet_writer.XlsxWriter(file, str(tmp_path))
    writer.begin(Sheet("Daftar", [Column("Nomor", "number")]))
    writer.write([[1], [2]])
    writer.write([[3]])
    writer.close()
    with ZipFile(file) as archive:
        assert re.findall(r'sheet name="(.*?)"', archive.read("xl/workbook.xml").decode()) == ["Daftar", "Daftar (2)"]
        second = archive.read("xl/worksheets/sheet2.xml").decode()
    assert re.findall(r"<(?:t|v)>(.*?)</", second) == ["Nomor", "3"]


# Asking -----------------------------------------------------------------------------------------------------------------


async def test_what_is_wrong_is_said(people: People) -> None:
    ani = await asked(people)
    for values, said in (
        ({"format": "pdf"}, "Harap isi form dengan benar!"),
        ({"format": ""}, "Harap isi form kosong!"),
        ({"kind": "notes"}, "Harap isi form dengan benar!"),
        ({"status": "lost"}, "Filter halaman ini tidak berlaku lagi"),
        ({"key": ""}, "Formulir ini tidak lengkap"),
    ):
        answer = await ani.submit("/problems?year=all&q=printer", "/exports", **values)
        assert answer.status_code == 422 and message(answer.text).startswith(said)
        assert faulty(answer.text) == ({"format"} if "format" in values else set())
        assert 'name="q" value="printer"' in answer.text


async def asked(people: People) -> Client:
    """Ani, who has something to export."""
    await report(people)
    return await people(ANI)


@pytest.mark.parametrize(
    ("number", "size", "waiting", "status", "said"),
    [
        (WAITING, None, True, 429, "Ekspor Anda yang lain masih dibuat."),
        (KEPT, 1, False, 409, "Tempat untuk berkas ekspor Anda penuh."),
        (1, BYTES, False, 409, "Tempat untuk berkas ekspor Anda penuh."),
    ],
)
async def test_how_much_one_person_may_have(
    people: People, connection: Connection, number: int, size: int | None, waiting: bool, status: int, said: str
) -> None:
    ani = await asked(people)
    for _ in range(number):
        job = await connection.fetchval(
            "INSERT INTO job (kind, due_at) SELECT 'export', now() + interval '1 day' WHERE $1 RETURNING id", waiting
        )
        await connection.execute(
            """
            INSERT INTO export (nik, kind, format, page, narrowed, filter, sees_all, store_code, time_zone, job_id, rows, size,
                                finished_at)
            SELECT nik, 'problems', 'csv', '/problems', '{}', '{}', false, store_code, 'Asia/Jakarta', $2, $3 * 0, $3,
                   CASE WHEN $3 > 0 THEN now() END FROM employee WHERE nik = $1
            """,
            ANI,
            job,
            size,
        )
    answer = await ani.submit("/problems", "/exports", format="csv")
    assert answer.status_code == status and message(answer.text).startswith(said)
    assert ("Retry-After" in answer.headers) is waiting
    assert '<option value="csv" selected>' in answer.text
    assert await connection.fetchval("SELECT count(*) FROM export") == number
    await report(people, CITRA)
    assert await exported(await people(CITRA)), "others have room"


async def test_after_a_week_it_is_gone(people: People, connection: Connection) -> None:
    ani = await asked(people)
    path = await export(ani)
    await connection.execute("UPDATE export SET asked_at = asked_at - interval '7 days'")
    for door in (path, f"{path}/file"):
        assert (await ani.get(door)).status_code == 404
    assert path not in (await ani.get("/exports")).text


async def test_what_could_not_be_made_is_said(people: People, connection: Connection) -> None:
    ani = await asked(people)
    path = await export(ani)
    await connection.execute("UPDATE export SET rows = NULL, size = NULL, finished_at = NULL")
    assert "Berkas ini tidak dapat dibuat." in (await ani.get(path)).text
    assert (await ani.get(f"{path}/file")).status_code == 404
    assert NET not in (await ani.get("/exports")).text and "Tidak dapat dibuat" in (await ani.get("/exports")).text


# The recap --------------------------------------------------------------------------------------------------------------

MONTH = f"{present_month():%Y-%m}"


def table_of(html: str) -> dict[str, list[str]]:
    """The rows of a page of the recap: the counts by label."""
    rows = re.findall(r'<th role="rowheader" scope="row"[^>]*>(.*?)</th>(.*?)</tr>', html, re.DOTALL)
    bare = {re.sub("<[^>]*>", "", label): re.findall(r"<td[^>]*>(.*?)</td>", cells, re.DOTALL) for label, cells in rows}
    return {label: [re.sub("<[^>]*>|[.]", "", cell) for cell in cells][: len(NUMBERS)] for label, cells in bare.items()}


@pytest.mark.parametrize(("nik", "query"), [(MANAGER, {}), (NET, {}), (MANAGER, {"division": "HD", "store": "T01"})])
async def test_a_recap_has_the_numbers_of_its_page(people: People, nik: str, query: dict[str, str]) -> None:
    await closed(people), await opened(people), await escalated(people), await report(people, CITRA)
    client = await people(nik)
    page = f"/recap/{MONTH}?{urlencode(query)}"
    path = (await client.submit(page, "/exports", format="csv")).headers["Location"]
    rows = rows_of(await download(client, path))
    assert {row["Menurut"] for row in rows} == {"Semua", *BY_WORDS.values()}
    assert {row["Bulan"] for row in rows} == {MONTH}
    for by, word in BY_WORDS.items():
        shown = table_of((await client.get(f"{page}&by={by}")).text)
        found = {r["Baris"]: [r[number.label] for number in NUMBERS] for r in rows if r["Menurut"] == word}
        assert found and found.items() <= shown.items(), by
    assert rows[0]["Baris"] in (await client.get(page)).text and rows[0]["Angka"] == "Saat ini"
    assert ("HD — Meja Bantuan" in {row["Baris"] for row in rows}) is (nik != NET), "only of one's own holders"


async def test_a_frozen_month_and_what_changed_since(past: Past) -> None:
    """Each number as it was frozen, and below it what the page says beside it."""
    manager, page = await past.people(MANAGER), "/recap/2026-03"
    path = (await manager.submit(page, "/exports", format="csv")).headers["Location"]
    rows = rows_of(await download(manager, path))
    for by, word in BY_WORDS.items():
        html = (await manager.get(f"{page}?by={by}")).text
        table = html[html.index('class="numbers parts"') :]
        shown = {label: [split(cell) for cell in cells] for label, cells in table_of(table).items()}
        of_by = {
            which: {r["Baris"]: r for r in rows if r["Menurut"] == word and r["Angka"] == which} for which in ANGKA
        }
        frozen, since = (of_by[which] for which in ANGKA)
        assert since and since.keys() <= frozen.keys() == shown.keys() - {"Seluruh perusahaan"}
        for label, row in frozen.items():
            differences = since.get(label, dict.fromkeys(row, "0"))
            assert shown[label] == [(int(row[n.label]), int(differences[n.label])) for n in NUMBERS], (by, label)


ANGKA = ("Dibekukan", "Selisih sejak dibekukan")


def split(cell: str) -> tuple[int, int]:
    """A number of a page, and the difference that stands beside it."""
    number, sign, difference = re.fullmatch(r"\s*([0-9]+)\s*(?:([+−])\s*([0-9]+))?\s*", cell).groups()
    return int(number), int(difference or 0) * (-1 if sign == "−" else 1)


async def test_a_recap_has_a_sheet_for_each(people: People, connection: Connection) -> None:
    await closed(people)
    manager = await people(MANAGER)
    await download(manager, (await manager.submit(f"/recap/{MONTH}", "/exports", format="csv")).headers["Location"])
    path = (await manager.submit(f"/recap/{MONTH}", "/exports", format="xlsx")).headers["Location"]
    with ZipFile(io.BytesIO(await download(manager, path))) as archive:
        names = re.findall(r'sheet name="(.*?)"', archive.read("xl/workbook.xml").decode())
        holders, about = (archive.read(f"xl/worksheets/sheet{number}.xml").decode() for number in (1, 6))
    assert names == [f"Rekap per {word.lower()}" for word in BY_WORDS.values()] + ["Keterangan"]
    assert "Lama ditangani (median)" in holders and "<f>" not in holders
    assert all(f"{label} ({which})" in holders for label in ("Respons", "Penyelesaian") for which in ("median", "p90"))
    assert "Tepat waktu (%)" in holders and "Terlambat" in holders
    assert "Kategori induk" in about and "Selisih sejak dibekukan: " in about
    assert len({row["rows"] for row in await connection.fetch("SELECT rows FROM export")}) == 1, "as many rows as CSV"


async def test_who_is_given_a_recap(people: People) -> None:
    for nik, month, status in ((ANI, MONTH, 403), (NET, "2026-13", 422), (NET, "1999-01", 422), (NET, "", 422)):
        values = {"kind": "recap", "format": "csv", "month": month}
        assert (await (await people(nik)).press("/exports", values)).status_code == status
