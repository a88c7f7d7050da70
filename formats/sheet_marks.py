"""What of a sheet its values do not tell: hidden rows, merged cells, errors, formulas without a value (SpreadsheetML).

The reader of values (python-calamine) shows an empty cell for all of these, and holds a sheet as one rectangle, however little
is in it: so this is read first, and bounds it. Pure.
"""

import re
from collections.abc import Mapping, Sized
from dataclasses import dataclass, field
from functools import lru_cache

from formats.indonesian import number
from formats.packages import DAMAGED, Package, local_name, new_parser
from formats.table_rows import TOO_MANY_COLUMNS, TOO_MANY_ROWS
from formats.tables import COLUMNS, ROWS, Unreadable

WIDTH = 16_384  # columns of a sheet, Excel's limit
ELEMENTS = 9_000_000  # of all sheets that are read; a cell with nothing in it counts as EMPTY more
EMPTY = 2
AREA = 3_000_000  # cells of the rectangle in which all lies, the empty ones among them
MARKS = 300_000  # cells of which something is to be said
TOO_MANY_CELLS = (
    f"Selnya terlalu banyak, termasuk yang kosong tetapi berformat: baris kali kolom paling banyak {number(AREA)}. "
    "Hapuslah baris kosong, atau bagilah menjadi beberapa berkas."
)

TOO_MANY_MARKS = (
    "Terlalu banyak sel yang bermasalah (kesalahan, rumus tanpa nilai, atau sel gabungan). Perbaiki dahulu di Excel."
)

NO_VALUE = "Rumus ini belum dihitung. Buka dan simpan dengan Excel, atau tempel sebagai nilai."
MERGED = "Sel ini digabung dengan sel lain. Pisahkan (Unmerge), lalu isi masing-masing."
_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6})(?::\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6}))?")


@dataclass
class Marks:
    """Of a sheet: its last row (from 1) and number of columns with something in it, hidden rows and columns (from 0), and by
    `place` what is wrong with a cell, how many digits its number is shown with, which cells stand under a merged one."""

    rows: int = 0
    columns: int = 0
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    faults: dict[int, str] = field(default_factory=dict)
    padded: dict[int, int] = field(default_factory=dict)
    merged: set[int] = field(default_factory=set)


def place(row: int, column: int) -> int:
    """A cell, by its row (from 1) and column (from 0), as the key of what is said of it."""
    return row * WIDTH + column


class Scan:
    """Reads sheets of a package; all together within ELEMENTS. `pads` is how many digits a style shows at least, by its place;
    `stale` whether the book says that its formulas were not calculated when it was saved."""

    def __init__(self, package: Package, pads: Mapping[str, int], stale: bool) -> None:
        self._package, self._pads, self._stale, self._left = package, pads, stale, ELEMENTS
        self._filled = 0

    def marks_of(self, part: str) -> Marks:
        """What is said of the sheet in a part. Raises Unreadable."""
        self._parser = new_parser()
        self._parser.buffer_text = True
        self._marks, self._ranges = Marks(), []
        self._row = self._column = 0
        self._type, self._style, self._formula = "", "0", False
        self._package.parse(part, self._began, self._parser)
        self._end_cell()
        marks = self._marks
        if marks.rows * marks.columns > AREA:
            raise Unreadable(TOO_MANY_CELLS)
        self._spread_merged()
        return marks

    def _began(self, name: str, attributes: dict[str, str]) -> None:
        self._left -= 1
        if self._left < 0:
            raise Unreadable(TOO_MANY_CELLS)
        if ":" in name:
            name = local_name(name)
        if name == "c":
            self._begin_cell(attributes)
        elif name in ("v", "is"):
            self._begin_value()
        elif name == "f":
            self._formula = True
        elif name == "row":
            self._end_cell()
            self._row, self._column = _whole(attributes.get("r"), self._row + 1), -1
            if attributes.get("hidden") in ("1", "true") and self._row <= ROWS + 1000:
                self._marks.hidden_rows.add(self._row)
        elif name == "mergeCell":
            self._ranges.append(attributes.get("ref", ""))
            self._bound(self._ranges)
        elif name == "col" and attributes.get("hidden") in ("1", "true"):
            first, last = _whole(attributes.get("min"), 1), _whole(attributes.get("max"), 1)
            self._marks.hidden_columns.update(range(max(first, 1) - 1, min(last, COLUMNS)))
            self._left -= COLUMNS

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        if self._formula:
            self._end_cell()
        reference = attributes.get("r")
        if reference is None:
            self._column += 1
        else:
            letters = reference.rstrip("0123456789")
            self._row, self._column = int(reference[len(letters) :]), _column(letters)
        self._type, self._style = attributes.get("t", "n"), attributes.get("s", "0")
        self._left -= EMPTY

    def _begin_value(self) -> None:
        marks, row, column = self._marks, self._row, self._column
        self._left += EMPTY
        self._filled += 1
        if self._filled > AREA:
            raise Unreadable(TOO_MANY_CELLS)
        if row > marks.rows:
            if row > ROWS + 1000:
                raise Unreadable(TOO_MANY_ROWS)
            marks.rows = row
        if column >= marks.columns:
            if column >= COLUMNS:
                raise Unreadable(TOO_MANY_COLUMNS)
            marks.columns = column + 1
        if self._style in self._pads and self._type == "n":
            marks.padded[place(row, column)] = self._pads[self._style]
            self._bound(marks.padded)
        if self._type == "e" or (self._formula and self._type != "str"):
            self._said = ""
            self._parser.CharacterDataHandler = self._text
            self._parser.EndElementHandler = self._end_value
        else:
            self._formula = False

    def _text(self, text: str) -> None:
        self._said = (self._said + text)[:20]

    def _end_value(self, _: str) -> None:
        self._parser.CharacterDataHandler = self._parser.EndElementHandler = None
        if self._type == "e":
            self._fault(f"Sel ini berisi kesalahan Excel ({self._said.strip() or '#?'}).")
            self._formula = False
        elif self._said.strip() and not (self._stale and self._said.strip() == "0"):
            self._formula = False

    def _end_cell(self) -> None:
        if self._formula:
            self._fault(NO_VALUE)
            self._formula = False

    def _fault(self, text: str) -> None:
        marks = self._marks
        marks.rows, marks.columns = max(marks.rows, self._row), max(marks.columns, self._column + 1)
        marks.faults[place(self._row, self._column)] = text
        self._bound(marks.faults)

    def _bound(self, cells: Sized) -> None:
        if len(cells) > MARKS:
            raise Unreadable(TOO_MANY_MARKS)

    def _spread_merged(self) -> None:
        """Which cells stand under a merged one, whose first cell has the value."""
        marks, covered = self._marks, 0
        for reference in self._ranges:
            if (found := _RANGE.fullmatch(reference)) is None:
                raise Unreadable(DAMAGED)
            left, right = _column(found[1]), min(_column(found[3] or found[1]), marks.columns - 1)
            top, bottom = int(found[2]), min(int(found[4] or found[2]), marks.rows)
            covered += max(0, right - left + 1) * max(0, bottom - top + 1)
            if covered > MARKS:
                raise Unreadable(TOO_MANY_MARKS)
            marks.merged.update(
                place(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)
            )
            marks.merged.discard(place(top, left))


@lru_cache(20_000)
def _column(letters: str) -> int:
    """From 0. Raises Unreadable for what no sheet has."""
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    if not 1 <= column <= WIDTH or not letters.isascii() or not letters.isalpha() or not letters.isupper():
        raise Unreadable(DAMAGED)
    return column - 1


def _whole(text: str | None, otherwise: int) -> int:
    return otherwise if text is None else int(text)
