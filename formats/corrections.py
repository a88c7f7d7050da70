"""What people get to fill in or to correct: the empty table of a kind, and the rows of theirs that have faults. Pure.

Both are written by the process of `web/writing.py`; what is typed into them stays text, so that no NIK loses its zeros.
"""

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from formats.cells import typed
from formats.dates import Doubtful, read_time
from formats.headings import FAULTS
from formats.sheets import Column, Sheet
from formats.tables import Cell, Fault, Head, Row

_WIDTH, _WIDE = 20, 60  # characters


def template(title: str, labels: Iterable[str]) -> Sheet:
    """The table with nothing in it but these headings."""
    return Sheet(title, [Column(label, "entry", _WIDTH) for label in labels])


def faulty_sheet(head: Head) -> Sheet:
    """The table with the same headings, and `Kesalahan` at the end."""
    columns = [Column(heading, "entry", _WIDTH) for heading in _kept(head, head.headings)]
    return Sheet(FAULTS, [*columns, Column(FAULTS, "entry", _WIDE)])


def faulty_row(head: Head, row: Row, faults: Sequence[Fault], moments: Collection[int] = ()) -> list[str | None]:
    """A row of it: the cells as texts that are read as the same, and the faults in words. `moments` are the columns of times, in
    which numbers may count from 1904, as no text can say."""
    cells = [_text(head, cell, at in moments) for at, cell in enumerate(row.cells)]
    return [*_kept(head, cells), explained(head, faults)]


def explained(head: Head, faults: Iterable[Fault]) -> str:
    """Faults in words, a line each: `NIK: Angka ini disingkat…`."""
    lines = [f"{_name_of(head, f.column)}: {f.text}" if f.column is not None else f.text for f in faults]
    return "\n".join(dict.fromkeys(lines))


def _name_of(head: Head, column: int) -> str:
    return head.headings[column] or f"Kolom ke-{column + 1}"


def _kept(head: Head, values: Sequence[Any]) -> list[Any]:
    """Those of columns other than the faults of the last time."""
    return [value for heading, value in zip(head.headings, values, strict=True) if heading != FAULTS]


def _text(head: Head, cell: Cell, is_moment: bool) -> str | None:
    if is_moment and isinstance(cell, int | float):
        with suppress(Doubtful):
            cell = read_time(cell, head.from_1904)
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    return typed(cell, "text") or None
