"""What imports of a large company take: `python -m bench.imports [URL] [--people 50000] [--stores 5000] [--problems 100000]`.

On an empty database of the server at URL, or of one of its own: stores, then people, from XLSX as an admin would send them, by
what the jobs do, in this process; of each the seconds, those of cores, and the most memory that this process and those that read
the files have had. Then the same file again, and one in which a tenth has changed. Then an old register, of which nine of ten
problems are over, and the same again.
"""

import argparse
import asyncio
import os
import resource
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from asyncpg import Connection
from xlsxwriter import Workbook

from actions.importing import as_a_whole, check, take
from actions.masters import IMPORTED
from actions.tables import received
from forms.register import FIELDS
from queries.imports import get_sent, note_checked
from server.importing import UNHURRIED
from server.migrate import migrate
from server.postgres.embedded import EmbeddedPostgres
from server.session import session

MB = 1024


def written(path: Path, headings: list[str], rows: list[list[str]]) -> Path:
    with Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate([headings, *rows]):
            for column, cell in enumerate(row):
                sheet.write_string(at, column, cell)
    return path


def stores_of(number: int) -> list[list[str]]:
    zones = ("WIB", "WITA", "WIT")
    return [
        [f"S{n:05}", f"Toko {n} Jalan Merdeka", zones[n % 3], f"Jalan Merdeka {n}, Bandung", f"0812{n:07}"]
        for n in range(number)
    ]


def people_of(number: int, stores: int, name: str = "Sari Wulandari") -> list[list[str]]:
    return [
        [
            f"{10_000_000 + n}",
            f"{name} {n}",
            f"S{n % stores:05}",
            "Ya" if n % 10 == 0 else "Tidak",
            f"0813{n:07}",
            f"s{n}@toko.co.id",
        ]
        for n in range(number)
    ]


HELD = """
    INSERT INTO division (code, name, kind) VALUES ('HD', 'Meja Bantuan', 'desk'), ('IT-NET', 'Jaringan', 'it');
    INSERT INTO category (code, name, division_code) SELECT 'C-' || n, 'Kategori ' || n, 'IT-NET' FROM generate_series(1, 30) n;
    INSERT INTO division_member (nik, division_code) VALUES ('10000000', 'HD'), ('10000001', 'IT-NET')
"""
REGISTER = [field.label for field in FIELDS]


def register_of(number: int, stores: int, people: int) -> list[list[str]]:
    return [
        [
            f"HD/{2019 + n % 7}/{n:06}",
            f"{1 + n % 28:02}-{1 + n % 12:02}-{2019 + n % 7} 08.{n % 60:02}",
            f"S{n % stores:05}",
            f"Sari Wulandari {n % people}" if n % 3 else f"{10_000_000 + n % people}",
            f"Printer kasir {n % 40} tidak mencetak",
            f"Sejak pagi printer di kasir {n % 9} berkedip merah, kertas sudah diganti, sudah dinyalakan ulang dua kali. "
            * 2,
            f"C-{1 + n % 30}",
            ("Tinggi", "Sedang", "Rendah")[n % 3],
            ("Tinggi", "Sedang", "Rendah")[n % 2],
            f"Kabel data longgar di sambungan nomor {n % 77}",
            "IT-NET" if n % 2 else "",
            f"{1 + n % 28:02}-{1 + n % 12:02}-{2019 + n % 7} 16.30" if n % 10 else "",
            "Kabel diganti, dicoba bersama toko, mencetak lagi." if n % 10 else "",
        ]
        for n in range(number)
    ]


async def imported(connection: Connection, kind: str, path: Path) -> None:
    master, began = IMPORTED[kind], time.perf_counter()
    with path.open("rb") as file:
        async with received(file, master) as table, connection.transaction():
            import_id = await table.keep(connection, None, kind, path.name)
    said(f"{kind}: kept", began)
    began = time.perf_counter()
    async with connection.transaction():
        sent = await get_sent(connection, import_id)
        assert sent is not None  # noqa: S101
        await check(connection, master, sent, lambda rows: None)
        await note_checked(connection, import_id)
    said(f"{kind}: looked at", began)
    began = time.perf_counter()
    async with connection.transaction():
        async with as_a_whole(connection, master):
            await take(connection, master, sent, lambda rows: None)
            said(f"{kind}: written, not settled", began)
        await note_checked(connection, import_id)
    said(f"{kind}: taken over", began)
    noted = await connection.fetchrow("SELECT total, new, changed, same, wrong FROM import WHERE id = $1", import_id)
    print(dict(noted or {}))


class Cores:
    """The time of cores that this process and the one that serves its connection have had, which does not depend on who else
    uses them; only where that one is on this machine."""

    server: int = 0
    before: float = 0

    def since(self) -> float:
        """Seconds since it was asked last."""
        now = time.process_time() + self._of_server()
        since, self.before = now - self.before, now
        return since

    def _of_server(self) -> float:
        stat = Path(f"/proc/{self.server}/stat")
        if not self.server or not stat.exists():
            return 0
        fields = stat.read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


CORES = Cores()


def said(what: str, began: float) -> None:
    mine = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // MB
    readers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // MB
    taken, cores = time.perf_counter() - began, CORES.since()
    print(f"{taken:6.1f} s, {cores:5.1f} s of a core  {mine:4} MB, its readers {readers:4} MB  {what}", flush=True)


async def measure(url: str, people: int, stores: int, problems: int) -> None:
    async with session(url, UNHURRIED, bounded=False, any_schema=True) as connection:
        await migrate(connection)
    began = time.perf_counter()
    with TemporaryDirectory() as folder:
        at = Path(folder)
        headings = ["NIK", "Nama", "Toko", "Kepala Toko", "Telepon", "Surel"]
        first = written(at / "people.xlsx", headings, people_of(people, stores))
        changed = people_of(people // 10, stores, "Sari Kartika") + people_of(people, stores)[people // 10 :]
        second = written(at / "changed.xlsx", headings, changed)
        places = written(at / "stores.xlsx", ["Kode", "Nama", "Zona waktu", "Alamat", "Telepon"], stores_of(stores))
        old = written(at / "problems.xlsx", REGISTER, register_of(problems, stores, people))
        said("files written", began)
        async with session(url, UNHURRIED, bounded=False) as connection:
            CORES.server = await connection.fetchval("SELECT pg_backend_pid()")
            for kind, path in (("stores", places), ("employees", first), ("employees", first), ("employees", second)):
                await imported(connection, kind, path)
            await connection.execute(HELD)
            for _ in range(2):
                await imported(connection, "problems", old)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", nargs="?")
    parser.add_argument("--people", type=int, default=50_000)
    parser.add_argument("--stores", type=int, default=5_000)
    parser.add_argument("--problems", type=int, default=100_000)
    options = parser.parse_args()
    if options.url:
        asyncio.run(measure(options.url, options.people, options.stores, options.problems))
        return
    with TemporaryDirectory(prefix="sih-bench-") as folder, EmbeddedPostgres(Path(folder)) as url:
        asyncio.run(measure(url, options.people, options.stores, options.problems))


if __name__ == "__main__":
    main()
