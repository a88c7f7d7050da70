"""XLSX: which sheet of a workbook is meant, its values (python-calamine) and what they do not tell (formats/sheet_marks.py)."""

import re
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import chain, islice, repeat
from math import isfinite
from posixpath import join, normpath
from typing import IO, Any, NamedTuple

from python_calamine import CalamineError, CalamineWorkbook

from formats.headings import folded_heading, known_of
from formats.packages import DAMAGED, Package, is_package, local_name
from formats.sheet_marks import MERGED, WIDTH, Marks, Scan, place
from formats.table_rows import LOOKED_AT, NOTHING, RawRow, headed
from formats.tables import Cell, Fault, Head, Row, Unreadable

SHEETS = 50
_DIGITS_ONLY = re.compile(r"0{2,20}")  # a number format that shows so many digits
_MARCH_1900 = date(1900, 3, 1)
_EXACT = 10**15  # Excel keeps 15 digits
HIDDEN_ROW = "Baris ini tersembunyi di Excel. Tampilkan (Unhide) atau hapus."
NOTHING_VISIBLE = "Lembar yang terlihat kosong; ada lembar yang tersembunyi. Tampilkan (Unhide) yang akan diimpor."
TOO_LONG_NUMBER = "Angka ini lebih dari 15 digit, dan Excel mengubah digit terakhirnya. Tulislah sebagai teks."
TOO_EARLY = "Tanggal ini tidak dapat dipastikan: Excel salah menghitung hari sebelum Maret 1900."


class _Sheet(NamedTuple):
    """A sheet as the book lists it: its place among them, its name, the part in which it lies (empty if it has no cells)."""

    at: int
    name: str
    part: str
    hidden: bool


class _Book:
    """What the parts of a workbook say of it, beside the cells."""

    def __init__(self, package: Package) -> None:
        self.from_1904 = self.stale = False
        self.sheets: list[_Sheet] = []
        self.pads: dict[str, int] = {}
        self._targets: dict[str, str] = {}
        self._formats: dict[str, int] = {}
        self._styles, self._in_cells = 0, False
        package.parse("xl/_rels/workbook.xml.rels", self._relation)
        package.parse("xl/workbook.xml", self._of_book)
        if "xl/styles.xml" in package:
            package.parse("xl/styles.xml", self._style)

    def _relation(self, name: str, attributes: dict[str, str]) -> None:
        if local_name(name) == "Relationship" and attributes.get("Type", "").endswith("/worksheet"):
            self._targets[attributes["Id"]] = normpath(join("/xl", attributes["Target"])).lstrip("/")

    def _of_book(self, name: str, attributes: dict[str, str]) -> None:
        name = local_name(name)
        if name == "workbookPr":
            self.from_1904 = attributes.get("date1904") in ("1", "true")
        elif name == "calcPr":
            self.stale = attributes.get("fullCalcOnLoad") in ("1", "true")
        elif name == "sheet":
            identity = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            hidden = attributes.get("state", "visible") != "visible"
            self.sheets.append(_Sheet(len(self.sheets), attributes["name"], self._targets.get(identity, ""), hidden))

    def _style(self, name: str, attributes: dict[str, str]) -> None:
        name = local_name(name)
        if name == "numFmt" and _DIGITS_ONLY.fullmatch(attributes.get("formatCode", "")):
            self._formats[attributes["numFmtId"]] = len(attributes["formatCode"])
        elif name in ("cellXfs", "cellStyleXfs", "cellStyles"):
            self._in_cells = name == "cellXfs"
        elif name == "xf" and self._in_cells:
            if pad := self._formats.get(attributes.get("numFmtId", "")):
                self.pads[str(self._styles)] = pad
            self._styles += 1


class _Doubtful(Exception):
    """Why a value is not what somebody typed."""


def is_workbook(file: IO[bytes]) -> bool:
    """Whether it is a workbook, rather than text. Raises Unreadable for what is neither."""
    return is_package(file)


def read_workbook(file: IO[bytes], known: Collection[str] = ()) -> tuple[Head, Iterator[Row]]:
    """The table in a workbook: its only visible sheet with something in it, or the one with most of the labels `known` among
    its headings. Raises Unreadable, also while the rows are read."""
    package = Package(file)
    book = _Book(package)
    try:
        file.seek(0)
        values = CalamineWorkbook.from_filelike(file)
    except CalamineError:
        raise Unreadable(DAMAGED) from None
    if values.sheet_names != [sheet.name for sheet in book.sheets]:
        raise Unreadable(DAMAGED)
    scan = Scan(package, book.pads, book.stale)
    visible = [sheet for sheet in book.sheets if sheet.part and not sheet.hidden]
    if len(visible) > SHEETS:
        raise Unreadable(f"Lembarnya terlalu banyak: paling banyak {SHEETS}.")
    reads = [_Reading(sheet, scan.marks_of(sheet.part), values, book.from_1904) for sheet in visible]
    filled = [read for read in reads if read.marks.rows]
    if not filled:
        raise Unreadable(NOTHING if len(visible) == len(book.sheets) else NOTHING_VISIBLE)
    read = filled[0] if len(filled) == 1 else _meant(filled, known)
    table = headed(read.rows(), known)
    not_blank = {read.sheet.at for read in filled}
    others = [s.name for s in book.sheets if s is not read.sheet and (s.hidden or s.at in not_blank)]
    notices = (*_notices(others, read.marks, table.headings), *table.notices)
    return Head(
        table.headings, "xlsx", read.sheet.name, table.number, book.from_1904, read.marks.rows, notices
    ), table.rows


def _meant(reads: "Sequence[_Reading]", known: Collection[str]) -> "_Reading":
    """Of several sheets the one that has most of the known headings. Raises Unreadable if that is not one."""
    folded = [folded_heading(label) for label in known]
    counts = [max(known_of(texts, folded) for texts in read.first_texts()) for read in reads]
    best = [read for read, count in zip(reads, counts, strict=True) if count == max(counts)]
    if len(best) > 1:
        names = ", ".join(f"“{read.sheet.name}”" for read in best[:8])
        raise Unreadable(f"Ada beberapa lembar yang berisi: {names}. Sisakan satu, atau sembunyikan yang lain.")
    return best[0]


def _notices(others: Sequence[str], marks: Marks, headings: Sequence[str]) -> Iterator[str]:
    if others:
        yield f"Lembar yang tidak dibaca: {', '.join(f'“{name}”' for name in others[:8])}{', …' if others[8:] else ''}."
    hidden = [heading for at, heading in enumerate(headings) if heading and at in marks.hidden_columns]
    if hidden:
        yield f"Kolom tersembunyi ikut dibaca: {', '.join(hidden)}."


class _Reading:
    """A sheet, to be read once or more."""

    def __init__(self, sheet: _Sheet, marks: Marks, values: CalamineWorkbook, from_1904: bool) -> None:
        self.sheet, self.marks, self._values, self._from_1904 = sheet, marks, values, from_1904

    def rows(self) -> Iterator[RawRow]:
        """Its rows, from the first on."""
        marks = self.marks
        marked = {place // WIDTH for places in (marks.faults, marks.padded, marks.merged) for place in places}
        try:
            cells_of = self._values.get_sheet_by_index(self.sheet.at)
            left = [None] * (cells_of.start or (0, 0))[1]
            values = chain(cells_of.iter_rows(), repeat(()))
        except CalamineError:
            raise Unreadable(DAMAGED) from None
        for number, row in zip(range(1, marks.rows + 1), values, strict=False):
            yield self._row(number, [*left, *row], number in marked)

    def first_texts(self) -> Iterator[list[str]]:
        """What stands in its first rows, among which are the headings."""
        return ([str(cell or "") for cell in row.cells] for row in islice(self.rows(), LOOKED_AT))

    def _row(self, number: int, values: Sequence[Any], marked: bool) -> RawRow:
        cells: list[Cell] = []
        faults: list[Fault] = []
        for at, value in enumerate(values):
            try:
                cells.append(_cell(value, self._from_1904))
            except _Doubtful as doubtful:
                cells.append(None)
                faults.append(Fault(at, str(doubtful)))
        if marked:
            faults += self._mark(number, cells)
        if number in self.marks.hidden_rows and (faults or any(cell is not None for cell in cells)):
            faults.append(Fault(None, HIDDEN_ROW))
        return RawRow(number, cells, faults)

    def _mark(self, number: int, cells: list[Cell]) -> Iterator[Fault]:
        """What is said of a row's cells; numbers become what is shown of them."""
        marks = self.marks
        cells += [None] * (marks.columns - len(cells))
        is_blank = all(cell is None for cell in cells)
        for at, cell in enumerate(cells):
            here = place(number, at)
            if here in marks.faults:
                yield Fault(at, marks.faults[here])
            elif here in marks.merged and not is_blank:
                yield Fault(at, MERGED)
            elif here in marks.padded and type(cell) is int and cell >= 0:
                cells[at] = str(cell).zfill(marks.padded[here])


def _cell(value: Any, from_1904: bool) -> Cell:
    """A value as python-calamine has it, whole numbers as such. Raises _Doubtful."""
    if type(value) is str:
        return value if value and not value.isspace() else None
    if type(value) is float:
        if not isfinite(value) or abs(value) >= _EXACT:
            raise _Doubtful(TOO_LONG_NUMBER)
        return int(value) if value.is_integer() else value
    if isinstance(value, date):
        day = value.date() if isinstance(value, datetime) else value
        if not from_1904 and day < _MARCH_1900:
            raise _Doubtful(TOO_EARLY)
        if isinstance(value, datetime) and value.microsecond:
            return (value + timedelta(microseconds=500_000)).replace(microsecond=0)
    return value
