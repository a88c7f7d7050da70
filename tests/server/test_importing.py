"""`bin/sih import`: the nightly file of people, and who is not in it any more."""

from pathlib import Path

import pytest
from asyncpg import Connection

from server.importing import Feed, NotTaken, import_file
from server.recap_check import find_miscounted
from settings import Settings
from tests.conftest import People
from tests.imports import plain, sheet
from tests.journeys import ADMIN, ANI, DESK, PIC, problem_in
from tests.server.test_command import sih

HEADINGS = ["NIK", "Nama", "Toko", "Telepon"]


async def everybody(connection: Connection) -> list[list[str]]:
    people = await connection.fetch("SELECT nik, name, store_code FROM employee WHERE active ORDER BY nik")
    return [[*person, ""] for person in people]


def test_it_says_what_it_did_in_one_line(database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "wilayah.csv"
    file.write_bytes(plain([["Kode", "Nama", "Wilayah induk"], ["BARAT", "Barat", ""], ["UTARA", "Utara", "BARAT"]]))
    environment = {"DATABASE_URL": database_url, "secret_key": "a key"}
    for arguments, said in (
        (["--dry-run"], "would import areas: 2 new, 0 changed, 0 the same, 0 wrong"),
        ([], "imported areas: 2 new, 0 changed, 0 the same, 0 wrong"),
        ([], "imported areas: 0 new, 0 changed, 2 the same, 0 wrong"),
    ):
        done = sih("import", "areas", str(file), *arguments, **environment)
        assert (done.returncode, done.stdout.strip()) == (0, said), done.stderr
    file.write_bytes(
        plain([["Kode", "Nama", "Wilayah induk"], ["TENGAH", "Tengah", "KUTUB"], ["TENGAH", "Tengah", ""]])
    )
    done = sih("import", "areas", str(file), **environment)
    assert done.returncode == 1
    assert done.stderr.strip().startswith(
        "sih import: imported areas: 0 new, 0 changed, 0 the same, 2 wrong; the first of"
    )
    file.write_bytes(b"")
    for path in (file, tmp_path / "none.csv"):
        done = sih("import", "areas", str(path), **environment)
        assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)


async def test_an_old_register_is_taken_by_the_command_too(
    settings: Settings, connection: Connection, tmp_path: Path
) -> None:
    file = tmp_path / "lama.csv"
    headings = ["Nomor", "Dilaporkan", "Toko", "Pelapor", "Judul"]
    file.write_bytes(
        plain([headings, ["1", "24-11-2025", "T01", "Ani Lestari", "Printer"], ["2", "kemarin", "T01", ANI, "AC"]])
    )
    took = await import_file(settings, "problems", file, Feed(dry_run=True))
    said = "would import problems: 1 new, 0 changed, 0 the same, 1 wrong; the first of the wrong ones: row 3"
    assert took.in_words.startswith(said)
    assert await connection.fetchval("SELECT count(*) FROM problem") == 0
    assert (await import_file(settings, "problems", file, Feed())).new == 1
    event = await connection.fetchrow("SELECT cause, actor_nik FROM event")
    assert tuple(event) == ("imported", None)
    took = await import_file(settings, "problems", file, Feed())
    assert (took.new, took.same, took.wrong) == (0, 1, 1)
    found = await find_miscounted(connection)
    assert not found.anything, found


async def test_who_is_not_in_the_full_file_has_left(
    people: People, settings: Settings, connection: Connection, tmp_path: Path
) -> None:
    file, rows = tmp_path / "karyawan.xlsx", await everybody(connection)
    await connection.execute(
        """
        INSERT INTO employee (nik, name, store_code, pin_hash)
        SELECT '8' || lpad(n::text, 4, '0'), 'Orang ' || n, 'T01', '!' FROM generate_series(1, 40) n
        """
    )
    held = await problem_in(people, "open at the PIC")
    extra = await everybody(connection)
    file.write_bytes(sheet([HEADINGS, *(row for row in extra if row[0] not in (PIC, ADMIN))]))
    took = await import_file(settings, "employees", file, Feed(full=True, dry_run=True))
    assert took.left == 1 + (await connection.fetchval("SELECT count(*) FROM employee WHERE is_admin AND active") > 1)
    assert await connection.fetchval("SELECT active FROM employee WHERE nik = $1", PIC)
    took = await import_file(settings, "employees", file, Feed(full=True))
    assert not await connection.fetchval("SELECT active FROM employee WHERE nik = $1", PIC)
    assert await connection.fetchval("SELECT bool_or(active) FROM employee WHERE is_admin")
    holder = await connection.fetchval(
        "SELECT holder_division_code FROM problem WHERE id = $1", int(held.rpartition("/")[2])
    )
    assert holder == "HD"
    cause = await connection.fetchrow(
        "SELECT actor_nik, cause FROM master_change WHERE code = $1 ORDER BY seq DESC LIMIT 1", PIC
    )
    assert tuple(cause) == (None, "command")
    file.write_bytes(sheet([HEADINGS, *rows]))
    with pytest.raises(NotTaken, match="more than a tenth"):
        await import_file(settings, "employees", file, Feed(full=True))
    file.write_bytes(sheet([HEADINGS, *rows, ["abc", "Tanpa NIK", "T01", ""]]))
    with pytest.raises(NotTaken, match="no NIK"):
        await import_file(settings, "employees", file, Feed(full=True))
    file.write_bytes(sheet([HEADINGS, *(row for row in rows if row[0] in (ADMIN, DESK))]))
    took = await import_file(settings, "employees", file, Feed(full=True, force=True))
    assert await connection.fetchval("SELECT array_agg(nik ORDER BY nik) FROM employee WHERE active") == sorted(
        [ADMIN, DESK]
    )
