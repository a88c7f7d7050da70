"""The process in which a spreadsheet is written: told sheets and rows by stdin (formats/sheets.py), it writes the file to stdout.

`python -m formats.sheet_writer FORMAT FOLDER`, where stdout is a file and FOLDER is for what is not finished. It knows no secret.
What a person typed is a text in every cell, never a formula.
"""

import csv
import json
import os
import resource
import shutil
import sys
from collections.abc import Sequence
from datetime import datetime
from io import TextIOWrapper
from typing import Any, BinaryIO, Protocol
from unicodedata import normalize

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from formats.sheets import END, Column, Sheet

MEMORY = 512 * 1024 * 1024  # bytes of addresses
NICENESS = 10  # requests come first
ROWS = 1_048_576  # of a sheet, with its heading: Excel's limit
TITLE = 31  # characters of a sheet's title, its limit too
ALL_CELLS = f"A1:XFD{ROWS}"
# Excel shows both in the user's own way; months are named in Indonesian.
TIME, DURATION = "[$-421]d mmm yyyy hh:mm", "[h]:mm"
AS_TEXT = "@"
DAY = 86400  # seconds


class Writer(Protocol):
    """Writes sheets one after the other, rows one after the other: it holds no more than some of them."""

    def begin(self, sheet: Sheet) -> None:
        """The rows that follow are of this sheet."""

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        """Rows, their cells in the order of the columns: texts, numbers, seconds, local times in ISO 8601, None for nothing."""

    def close(self) -> None:
        """Finish the file."""


class _PlainSheet(Worksheet):
    """A sheet in which every text is one: XlsxWriter takes one within <r> for markup of its own, and writes it as it stands."""

    def _xml_rich_inline_string(self, string: str, attributes: Sequence[tuple[str, str]] | None = None) -> None:
        self._xml_inline_string(string, True, attributes)


class XlsxWriter:
    """XLSX: cells with types, headings that stay in sight."""

    def __init__(self, file: BinaryIO, folder: str) -> None:
        self._book = Workbook(file, {"constant_memory": True, "tmpdir": folder})
        self._book.use_zip64()
        self._heading = self._book.add_format({"bold": True, "bg_color": "#E3EAF1", "bottom": 1, "valign": "top"})
        self._formats = {
            "time": self._book.add_format({"num_format": TIME, "align": "left"}),
            "duration": self._book.add_format({"num_format": DURATION}),
            "entry": self._book.add_format({"num_format": AS_TEXT, "valign": "top"}),
        }
        self._part = 0

    def begin(self, sheet: Sheet) -> None:
        self._end_part()
        self._sheet, self._part = sheet, 0
        self._begin_part()

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        for row in rows:
            if self._row == ROWS:
                self._end_part()
                self._begin_part()
            for at, (write, cell) in enumerate(zip(self._writes, row, strict=True)):
                if cell is not None:
                    write(self._row, at, cell)
            self._row += 1

    def close(self) -> None:
        self._end_part()
        self._book.close()

    def _end_part(self) -> None:
        """What is known of a table once it has its rows; there may be none yet."""
        if self._part:
            self._table.autofilter(0, 0, self._row - 1, len(self._sheet.columns) - 1)

    def _begin_part(self) -> None:
        """A table of the sheet, whose rows may be more than one holds."""
        self._part += 1
        more = f" ({self._part})" if self._part > 1 else ""
        self._table = self._book.add_worksheet(self._sheet.title[: TITLE - len(more)] + more, _PlainSheet)
        self._table.freeze_panes(1, 1)
        self._table.ignore_errors({"number_stored_as_text": ALL_CELLS})
        for at, column in enumerate(self._sheet.columns):
            self._table.set_column(at, at, column.width, self._formats["entry"] if column.kind == "entry" else None)
            self._table.write_string(0, at, column.label, self._heading)
        self._writes = [self._write_of(column) for column in self._sheet.columns]
        self._row = 1

    def _write_of(self, column: Column) -> Any:
        """What writes a cell of a column, given its row, its column and what is in it."""
        table, style = self._table, self._formats.get(column.kind)
        if column.kind == "time":
            return lambda row, at, cell: table.write_datetime(row, at, datetime.fromisoformat(cell), style)
        if column.kind == "duration":
            return lambda row, at, cell: table.write_number(row, at, cell / DAY, style)
        if column.kind == "entry":
            return lambda row, at, cell: table.write_string(row, at, cell, style)
        return table.write_number if column.kind == "number" else table.write_string


class CsvWriter:
    """CSV as Excel reads it where the comma is a decimal one: UTF-8 with a BOM, semicolons."""

    def __init__(self, file: BinaryIO, folder: str) -> None:
        self._text = TextIOWrapper(file, "utf-8-sig", newline="")
        self._rows = csv.writer(self._text, delimiter=";", lineterminator="\r\n")

    def begin(self, sheet: Sheet) -> None:
        self._kinds = [column.kind for column in sheet.columns]
        self._rows.writerow(column.label for column in sheet.columns)

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        self._rows.writerows(map(_shown, self._kinds, row) for row in rows)

    def close(self) -> None:
        self._text.flush()


def _shown(kind: str, cell: Any) -> str:
    """A cell as CSV has it. A text that a spreadsheet would calculate is made one that it shows."""
    if cell is None:
        return ""
    if kind in ("text", "entry"):
        begins = normalize("NFKC", cell[:1])  # full-width signs begin a formula too
        return f"'{cell}" if begins in ("=", "+", "-", "@") else cell
    if kind == "time":
        return f"{datetime.fromisoformat(cell):%Y-%m-%d %H:%M:%S}"
    if kind == "duration":
        return f"{int(cell) // 3600}:{int(cell) // 60 % 60:02}"
    return str(cell).replace(".", ",")


WRITERS = {"xlsx": XlsxWriter, "csv": CsvWriter}


def main(format: str, folder: str) -> int:
    """Write what comes by stdin. 1 if it ends before all is said: whoever told it is gone."""
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    writer: Writer = WRITERS[format](sys.stdout.buffer, folder)
    for line in sys.stdin.buffer:
        if line == END:
            writer.close()
            sys.stdout.buffer.flush()
            return 0
        message = json.loads(line)
        if isinstance(message, dict):
            writer.begin(Sheet(message["title"], [Column(*column) for column in message["columns"]]))
        else:
            writer.write(message)
    shutil.rmtree(folder, ignore_errors=True)
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
