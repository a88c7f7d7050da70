"""Imports: a table is looked at, then taken over by its sender, all or nothing; twice is nothing."""

import asyncio
import io
import re
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import date
from typing import IO, Any

import pytest
from asyncpg import Connection

from actions import importing
from formats.table_reader import read_table
from forms.imports import NOT_ADMIN
from queries.imports import ask_take, forget_imports
from tests.conftest import People
from tests.imports import plain, post_table, send, sheet, take
from tests.journeys import ADMIN, ANI, BUDI
from tests.routes.catalogue import faulty
from web import tables
from web.tables import ReadTable

AREAS = [
    ["Kode", "Nama", "Wilayah induk"],
    ["BDG", "Bandung", "JBR"],
    ["JBR", "Jawa Barat", None],
    ["CMH", "Cimahi", "bdg — Bandung"],
]


async def test_areas_are_imported_and_the_same_file_again_changes_nothing(
    people: People, connection: Connection
) -> None:
    admin = await people(ADMIN)
    path = await send(admin, "areas", sheet(AREAS))
    page = (await admin.get(path)).text
    assert counts(page) == [3, 0, 0, 0]
    assert await connection.fetchval("SELECT count(*) FROM area WHERE code = 'BDG'") == 0
    assert "3 baru, 0 diubah" in await take(admin, path)
    assert await connection.fetchval("SELECT parent_code FROM area WHERE code = 'CMH'") == "BDG"
    change = await connection.fetchrow("SELECT actor_nik, cause FROM master_change WHERE code = 'CMH'")
    assert (change["actor_nik"], change["cause"]) == (ADMIN, f"import {path.rsplit('/', 1)[1]}")
    changes = await connection.fetchval("SELECT count(*) FROM master_change")
    path = await send(admin, "areas", sheet(AREAS))
    assert "Tidak ada yang perlu diimpor" in (await admin.get(path)).text
    assert await connection.fetchval("SELECT count(*) FROM master_change") == changes


async def test_what_is_wrong_is_said_by_row_and_column(people: People, connection: Connection) -> None:
    admin = await people(ADMIN)
    rows = [
        ["kode*", "NAMA", "Zona Waktu", "wilayah", "Telepon", "Catatan"],
        ["T01", "Toko Bandung Baru", None, None, None, "x"],
        ["T50", "Toko Lima Puluh", "WIB", "TIMUR", 8123456789, None],
        ["T51", "Toko Lima Satu", "WIBB", "KUTUB", None, None],
        ["T50", "Dua kali", "WIB", None, None, None],
        ["T52", None, "WIT", None, None, None],
        [date(2026, 11, 1), "Tanggal", "WIT", None, None, None],
    ]
    path = await send(admin, "stores", sheet(rows))
    page = (await admin.get(path)).text
    assert counts(page) == [1, 1, 0, 4]
    assert "Kolom yang tidak dikenal, dan tidak dibaca: Catatan." in page
    assert faults(page) == {
        4: {
            "Zona Waktu": "“WIBB” tidak ada dalam pilihan: WIB, WITA, WIT.",
            "wilayah": "Wilayah KUTUB tidak ada, atau tidak aktif.",
        },
        5: {"kode*": "Sudah ada di baris 3 berkas ini."},
        6: {"NAMA": "Nama belum diisi."},
        7: {"kode*": "Excel menjadikan isi sel ini tanggal. Tulislah sebagai teks."},
    }
    page = (await admin.get(f"{path}?show=changed")).text
    assert "<del>Toko Bandung</del> → <ins>Toko Bandung Baru</ins>" in page
    table = read_table(io.BytesIO((await admin.get(f"{path}/faults")).content), ["Kode"])
    assert table.head.headings == (*rows[0], "Kesalahan")
    assert [row.cells[-1] for row in table.rows][1] == "kode*: Sudah ada di baris 3 berkas ini."
    assert "1 baru, 1 diubah" in await take(admin, path)
    assert await connection.fetchval("SELECT phone FROM store WHERE code = 'T50'") == "08123456789"
    assert await connection.fetchval("SELECT time_zone FROM store WHERE code = 'T01'") == "Asia/Jakarta"


async def test_a_tree_in_a_file(people: People) -> None:
    rows = [
        ["Kode", "Nama", "Wilayah induk"],
        ["A1", "A", "A2"],
        ["A2", "B", "A1"],
        ["A3", "", None],
        ["A4", "D", "A3"],
        ["A5", "E", "A4"],
    ]
    page = (await (admin := await people(ADMIN)).get(await send(admin, "areas", sheet(rows)))).text
    assert counts(page) == [0, 0, 0, 5]
    assert [next(iter(fault.values())) for fault in faults(page).values()] == [
        "A1 tidak dapat berada di bawah dirinya sendiri.",
        "A2 tidak dapat berada di bawah dirinya sendiri.",
        "Nama belum diisi.",
        "Wilayah induk A3 tidak ada, karena barisnya salah.",
        "Wilayah induk A4 tidak ada, karena barisnya salah.",
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "kosong"),
        (b"Nama;Alamat\r\na;b\r\n", "Kolom Kode tidak ada"),
        (b"Kode;Nama\r\n", "tidak ada baris"),
        (b"<html><table><tr><td>Kode</td></tr></table></html>", "HTML"),
        (sheet([["Kode", "Kode"], ["a", "b"]]), "berarti sama"),
        (b"PK\x03\x04" + bytes(100), "rusak"),
    ],
)
async def test_a_file_that_cannot_be_read(content: bytes, said: str, people: People, connection: Connection) -> None:
    admin = await people(ADMIN)
    answer = await post_table(admin, "areas", content)
    assert answer.status_code == 422 and faulty(answer.text) == {"file"}, answer.text
    assert said in answer.text
    assert await connection.fetchval("SELECT count(*) FROM import") == 0


async def test_many_tables_at_once_keep_nobody_else_waiting(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    at_once, most = 0, 0

    @asynccontextmanager
    async def unhurried(file: IO[bytes], known: Collection[str]) -> AsyncIterator[ReadTable]:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.3)
        async with tables.reading(file, known) as table:
            yield table
        at_once -= 1

    monkeypatch.setattr("actions.tables.reading", unhurried)
    admin, ani = await people(ADMIN), await people(ANI)
    contents = [plain([["Kode", "Nama"], [f"A{at}", "Barat"]]) for at in range(12)]
    posts = [asyncio.create_task(post_table(admin, "areas", content, "a.csv")) for content in contents]
    await asyncio.sleep(0.5)
    for _ in range(5):
        assert (await ani.get("/problems")).status_code == 200
    statuses = [(await post).status_code for post in posts]
    assert set(statuses) == {303, 429} and statuses.count(303) >= 3
    assert most == 1


async def test_an_import_is_its_senders_alone_and_only_while_an_admin(people: People, connection: Connection) -> None:
    await connection.execute("UPDATE employee SET is_admin = true WHERE nik = $1", BUDI)
    admin, other = await people(ADMIN), await people(BUDI)
    path = await send(admin, "areas", sheet(AREAS))
    for of in ("", "/faults"):
        assert (await other.get(path + of)).status_code == 404
    assert (await other.press(path)).status_code == 404
    assert "tabel.xlsx" in (await other.get("/admin/imports")).text
    imported = int(path.rpartition("/")[2])
    async with connection.transaction():
        await ask_take(connection, imported)
        await connection.execute("UPDATE employee SET is_admin = false WHERE nik = $1", ADMIN)
    for _ in range(200):
        if refusal := await connection.fetchval("SELECT refusal FROM import"):
            break
        await asyncio.sleep(0.05)
    assert refusal == NOT_ADMIN
    assert await connection.fetchval("SELECT count(*) FROM area WHERE code = 'BDG'") == 0


async def test_its_sender_goes_on_meanwhile_and_may_lose_the_right(
    people: People, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    written, goes_on = asyncio.Event(), asyncio.Event()

    async def unhurried(*arguments: Any) -> None:
        await importing.take(*arguments)
        written.set()
        await goes_on.wait()

    monkeypatch.setattr("jobs.importing.take", unhurried)
    await connection.execute("UPDATE employee SET is_admin = true WHERE nik = $1", BUDI)
    path = await send(admin := await people(ADMIN), "areas", sheet(AREAS))
    pressed = asyncio.create_task(admin.submit(path, path))
    async with asyncio.timeout(30):
        await written.wait()
    try:
        await people.elsewhere(ADMIN)
        ending = f"/admin/employees/{ANI}/sessions/ending"
        assert (await admin.submit(ending, ending)).status_code == 303
        await connection.execute("UPDATE employee SET is_admin = false WHERE nik = $1", ADMIN)
    finally:
        goes_on.set()
    await pressed
    for _ in range(200):
        if refusal := await connection.fetchval("SELECT refusal FROM import"):
            break
        await asyncio.sleep(0.05)
    assert refusal == NOT_ADMIN
    assert await connection.fetchval("SELECT count(*) FROM area WHERE code = 'BDG'") == 0


async def test_what_is_discarded_or_old_is_gone(people: People, connection: Connection) -> None:
    admin = await people(ADMIN)
    path = await send(admin, "areas", sheet(AREAS))
    assert (await admin.submit(path, f"{path}/discarding")).headers["Location"] == "/admin/imports"
    assert "tidak disimpan lagi" in (await admin.get(path)).text
    assert (await admin.press(path)).status_code == 409
    path = await send(admin, "areas", sheet(AREAS))
    await connection.execute("UPDATE import SET asked_at = now() - interval '8 days'")
    await forget_imports(connection)
    assert await connection.fetchval("SELECT count(*) FROM import_row") == 0
    assert "tidak disimpan lagi" in (await admin.get(path)).text


async def test_employees_and_their_rights(people: People, connection: Connection) -> None:
    admin = await people(ADMIN)
    rows = [
        ["NIK", "Nama", "Toko", "Divisi", "Departemen", "Kepala Toko", "Atasan", "Wilayah", "Admin", "Aktif"],
        ["70001", "Dewi", "T01", "IT-NET, HD", None, "Ya", None, None, None, None],
        ["70002", "Eko", "t01 — Toko Bandung", None, None, None, None, "TIMUR", None, None],
        [ADMIN, None, None, None, None, None, None, None, "Tidak", None],
        [int(ANI), "Ani Lestari", "T01", None, None, None, "Ya", "TIMUR", None, None],
        [int(BUDI), None, None, None, None, None, None, None, None, False],
        [7001, "Nol hilang", "T01", None, None, None, None, None, None, None],
    ]
    path = await send(admin, "employees", sheet(rows))
    page = (await admin.get(path)).text
    assert faults(page) == {
        3: {"Wilayah": "Wilayah hanya untuk atasan."},
        4: {"Admin": "Hak admin Anda sendiri tidak dapat dicabut dengan impor."},
        7: {"NIK": "NIK ini 4 angka, yang lain 5: mungkin Excel menghapus 0 di depan. Tulislah sebagai teks."},
    }
    assert counts(page) == [1, 2, 0, 3]
    rights = (await admin.get(f"{path}?show=rights")).text
    assert re.findall(r'rowheader" scope="row">(\d+)</th>', rights) == ["2", "5"]
    assert "1 baru, 2 diubah" in await take(admin, path)
    dewi = await connection.fetchrow("SELECT divisions, scopes FROM employee WHERE nik = '70001'")
    assert (dewi["divisions"], dewi["scopes"]) == (["HD", "IT-NET"], ["reporter", "handler", "store head"])
    assert not await connection.fetchval("SELECT active FROM employee WHERE nik = $1", BUDI)
    path = await send(admin, "employees", sheet(rows))
    assert counts((await admin.get(path)).text) == [0, 0, 3, 3]


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        (
            "categories",
            [
                ["Kode", "Nama", "Kategori induk", "Divisi pemilik"],
                ["X1", "Satu", "X2", "IT-NET"],
                ["X2", "Dua", "", "GA"],
            ],
        ),
        (
            "assets",
            [["Nomor", "Nama", "Model", "Toko"], ["A-1", "Printer", "L3110", "T01"], ["A-2", "Layar", None, "T01"]],
        ),
    ],
)
async def test_other_kinds(kind: str, rows: list[list[str]], people: People) -> None:
    admin = await people(ADMIN)
    assert "2 baru, 0 diubah" in await take(admin, await send(admin, kind, sheet(rows)))
    assert counts((await admin.get(await send(admin, kind, plain(rows), "x.csv"))).text) == [0, 0, 2, 0]


def counts(page: str) -> list[int]:
    """Baru, Berubah, Sama, Salah."""
    return [int(n.replace(".", "")) for n in re.findall(r">(?:Baru|Berubah|Sama|Salah) ([\d.]+)</a>", page)]


def faults(page: str) -> dict[int, dict[str, str]]:
    """What is wrong, by the number of the row and the column."""
    rows = re.findall(r'<th role="rowheader" scope="row">(\d+)</th>(.*?)</tr>', page, re.DOTALL)
    return {int(n): dict(re.findall(r"<dt>(.*?)</dt><dd[^>]*>(.*?)</dd>", row)) for n, row in rows}
