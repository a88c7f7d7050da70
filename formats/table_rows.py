"""Of the cells of a file: its headings, and under them its rows, without what is blank. Pure."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import NamedTuple

from formats.headings import folded_heading, known_of
from formats.indonesian import number
from formats.tables import CELL, COLUMNS, ROW, ROWS, TEXT, Cell, Fault, Row, Unreadable
from formats.text import clean

LOOKED_AT = 20  # rows, for the headings: above them some put a title
NOTHING = "Berkas ini kosong: tidak ada judul kolom dan tidak ada baris."
TOO_MANY_COLUMNS = f"Kolomnya terlalu banyak: paling banyak {number(COLUMNS)}."
TOO_MANY_ROWS = f"Barisnya terlalu banyak: paling banyak {number(ROWS)}. Bagilah menjadi beberapa berkas."
LONGER = "Baris ini lebih panjang daripada baris judul; mungkin ada pemisah kolom di dalam sel tanpa tanda kutip."
TOO_MUCH_TEXT = (
    f"Isi berkas ini terlalu banyak: semua sel bersama paling banyak {number(TEXT)} karakter. "
    "Bagilah menjadi beberapa berkas."
)
TOO_LONG = f"Isi sel lebih dari {number(CELL)} karakter."
ROW_TOO_LONG = f"Isi baris ini lebih dari {number(ROW)} karakter."


class RawRow(NamedTuple):
    """A row as a file has it: its number, its cells from the first column on, what is wrong with them."""

    number: int
    cells: Sequence[Cell]
    faults: Sequence[Fault] = ()

    @property
    def is_blank(self) -> bool:
        """Whether nothing stands in it, and nothing is wrong in it."""
        return not self.faults and all(cell is None for cell in self.cells)


class Headed(NamedTuple):
    """The headings, the number of their row, what stood above them, and the rows under them, once."""

    headings: tuple[str, ...]
    number: int
    notices: tuple[str, ...]
    rows: Iterator[Row]


def headed(rows: Iterable[RawRow], known: Collection[str]) -> Headed:
    """The table in rows: its headings are the row with the most of the labels `known` among the first, else the first one.

    Raises Unreadable, also while its rows are read: if there are no headings, or too much.
    """
    filled = (row for row in rows if not row.is_blank)
    first = list(islice(filled, LOOKED_AT))
    if not first:
        raise Unreadable(NOTHING)
    folded = [folded_heading(label) for label in known]
    counts = [known_of([_heading(cell) for cell in row.cells], folded) for row in first]
    at = counts.index(max(counts))
    row, above = first[at], [number(row.number) for row in first[:at]]
    headings = [_heading(cell) for cell in row.cells]
    if row.faults or not any(map(folded_heading, headings)):
        raise Unreadable(f"Judul kolom di baris {number(row.number)} tidak dapat dibaca. {_all(row.faults)}".strip())
    while not headings[-1]:
        headings.pop()
    if len(headings) > COLUMNS:
        raise Unreadable(TOO_MANY_COLUMNS)
    notices = (f"Tidak dibaca, karena di atas judul kolom: baris {', '.join(above)}.",) if above else ()
    below = chain(first[at + 1 :], filled)
    return Headed(tuple(headings), row.number, notices, _rows(below, len(headings), len(row.cells)))


def _heading(cell: Cell) -> str:
    return " ".join(clean(str(cell)).split()) if cell is not None else ""


def _all(faults: Iterable[Fault]) -> str:
    return " ".join(dict.fromkeys(fault.text for fault in faults))


def _rows(rows: Iterable[RawRow], width: int, length: int) -> Iterator[Row]:
    """Rows as wide as the headings. One that is longer than their row was torn apart at the wrong places; what stands without
    a heading is nothing's."""
    left = TEXT
    for count, row in enumerate(rows):
        if count == ROWS:
            raise Unreadable(TOO_MANY_ROWS)
        cells, faults = row.cells, [fault for fault in row.faults if (fault.column or 0) < width]
        if len(cells) != width:
            if any(cell is not None for cell in cells[length:]):
                faults.append(Fault(None, LONGER))
            cells = [*cells[:width], *[None] * (width - len(cells))]
        sizes = [len(cell) if type(cell) is str else 0 for cell in cells]
        left -= sum(sizes)
        if left < 0:
            raise Unreadable(TOO_MUCH_TEXT)
        if max(sizes) > CELL:
            faults += [Fault(at, TOO_LONG) for at, size in enumerate(sizes) if size > CELL]
            cells = [None if size > CELL else cell for cell, size in zip(cells, sizes, strict=True)]
        elif sum(sizes) > ROW:
            faults.append(Fault(None, ROW_TOO_LONG))
            cells = [None] * width
        if faults or any(cell is not None for cell in cells):
            yield Row(row.number, tuple(cells), tuple(faults))
