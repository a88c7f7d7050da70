"""Peak memory and time of the process that reads a table: `python bench/tables.py [--rows 50000 100000] [--columns 12]`."""

import argparse
import csv
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from xlsxwriter import Workbook

ROOT = Path(__file__).resolve().parent.parent
ENCODINGS = ("utf-8-sig", "utf-16", "cp1252")


def line(row: int, columns: int) -> list[str | int | float]:
    """Texts of all lengths, a NIK, a day as Excel counts it: what an old register has."""
    cells: list[str | int | float] = [
        10_000_000 + row,
        f"Komputer kasir {row} tidak menyala",
        45_000 + row % 1000 + 0.5,
        f"T{row % 5000:04}",
    ]
    cells += [
        f"Sejak pagi komputer kasir nomor {row} tidak dapat dinyalakan walau sudah dicoba berkali-kali oleh petugas toko.",
        row % 5,
    ]
    return (cells * (columns // len(cells) + 1))[:columns]


def make(file: Path, rows: int, columns: int) -> None:
    """Write such a table, as XLSX or, by what the file is called, as CSV of an encoding."""
    headings = [f"Kolom é {column}" for column in range(columns)]
    if file.suffix == ".xlsx":
        book = Workbook(file)
        sheet = book.add_worksheet()
        for row in range(rows + 1):
            sheet.write_row(row, 0, line(row, columns) if row else headings)
        book.close()
        return
    with file.open("w", encoding=file.suffix[1:], newline="") as text:
        writer = csv.writer(text, delimiter=";")
        writer.writerow(headings)
        writer.writerows(line(row, columns) for row in range(1, rows + 1))


def read(file: Path) -> str:
    """What the process took."""
    with file.open("rb") as content, tempfile.TemporaryFile() as answer:
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "formats.table_reader", "[]"], cwd=ROOT, stdin=content, stdout=answer
        )
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0  # it was waited for here
        answer.seek(-5, os.SEEK_END)
        whole = "" if answer.read() == b"null\n" else ", not whole"
    seconds = time.monotonic() - began
    return f"{usage.ru_maxrss // 1024} MB, {seconds:.1f} s, of a core {usage.ru_utime + usage.ru_stime:.1f} s{whole}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[50_000, 100_000])
    parser.add_argument("--columns", type=int, default=12)
    arguments = parser.parse_args()
    # Made by another process: what this one holds would count as the peak of those that it starts.
    with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor(1, mp_context=get_context("spawn")) as maker:
        for rows in arguments.rows:
            for ending in ("xlsx", *ENCODINGS):
                file = Path(folder) / f"table.{ending}"
                maker.submit(make, file, rows, arguments.columns).result()
                size = file.stat().st_size / 1_000_000
                print(f"{rows} rows, {ending}, {size:.1f} MB: {read(file)}", flush=True)


if __name__ == "__main__":
    main()
