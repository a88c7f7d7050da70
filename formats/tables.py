"""Tables that people send as files: what one is once it is read, and how the process that reads it says it. Pure.

`web/tables.py` has a file read (XLSX or CSV, found out by content) by `formats/table_reader.py`, a process of its own:

    async with reading(file, known=labels) as table:      # raises Unreadable: the text is for the person
        table.head.headings                               # ("NIK", "Nama", …), as they stand
        async for rows in table.portions():               # raises Unreadable too: what is wrong may stand far below
            for row in rows:                              # Row(number=2, cells=("10000001", "Sari", …), faults=())

What a heading means: `formats/headings.py`. What a row means to a form: `formats/cells.py`.
What is given back of it to be corrected: `formats/corrections.py`.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Literal, NamedTuple

# What a cell holds: a text (never blank, as it stands, not cleaned), a number (an int if it is whole), a local time or day, yes
# or no, None if it is empty. In CSV every cell is a text. A `time` is an hour without a day, a `timedelta` is of `[h]:mm`.
Cell = str | int | float | bool | datetime | date | time | timedelta | None

ROWS = 200_000  # of a table, without its headings
COLUMNS = 200
CELL = 32_767  # characters of a cell: Excel's own limit
ROW = 8 * CELL  # of all cells of a row
TEXT = 60_000_000  # of all cells: 100,000 rows of 600; a workbook writes a text once and may name it a million times


class Unreadable(Exception):
    """No table can be read from the file. The text says to its person why, and what to do."""


class Fault(NamedTuple):
    """What is wrong with a cell, in words. `column` counts from 0 as the headings do; None if it is the whole row's."""

    column: int | None
    text: str


class Row(NamedTuple):
    """A row that is not blank: its number as Excel shows it, a cell for each heading, and what is wrong with some.

    A cell with a fault is None, or what could still be read of it.
    """

    number: int
    cells: tuple[Cell, ...]
    faults: tuple[Fault, ...] = ()


class Head(NamedTuple):
    """What is known of a table before its rows.

    `headings` stand as they were written, each on one line; an empty text is that of a column without one. `sheet` is the
    name of the sheet, empty for CSV. `number` is that of the row of headings. `from_1904`: days that stand there as bare numbers
    count from 1904 (formats/dates.py), as in books of older Macs. `total` is the number of the last row if it is known, for a
    progress bar, or not less than that. `notices` are sentences about what was not read.
    """

    headings: tuple[str, ...]
    format: Literal["xlsx", "csv"]
    sheet: str = ""
    number: int = 1
    from_1904: bool = False
    total: int = 0
    notices: tuple[str, ...] = ()


# Lines, each of JSON: {"head": …} once, then lists of rows, {"unreadable": text} if it cannot be gone on with, null at the end.
END = b"null\n"
PORTION, PORTION_TEXT = 500, ROW  # rows; characters, after which no further row is taken
LINE = 8 * 1024 * 1024  # bytes: more than any line can have


def pack_head(head: Head) -> bytes:
    """The head of a table as the process says it."""
    return _line({"head": head})


def pack_rows(rows: Iterable[Row]) -> bytes:
    """Rows as the process says them."""
    return _line(list(rows))


def pack_unreadable(unreadable: Unreadable) -> bytes:
    """That it is none, or none from here on."""
    return _line({"unreadable": str(unreadable)})


def unpack(line: bytes) -> "Head | list[Row] | None":
    """What the process said in a line; None at the end. Raises Unreadable."""
    said = json.loads(line)
    if isinstance(said, dict):
        if "unreadable" in said:
            raise Unreadable(said["unreadable"])
        head = Head(*said["head"])
        return head._replace(headings=tuple(head.headings), notices=tuple(head.notices))
    if said is None:
        return None
    return [
        Row(number, tuple(map(cell_of, cells)), tuple(Fault(*fault) for fault in faults))
        for number, cells, faults in said
    ]


_TYPES: dict[str, Any] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "timedelta": lambda seconds: timedelta(seconds=seconds),
}


def cell_of(said: Any) -> Cell:
    """A cell, of what JSON has of it."""
    return _TYPES[said[0]](said[1]) if type(said) is list else said


def plain_cell(cell: Cell) -> Any:
    """A cell as JSON has it."""
    return cell if cell is None or isinstance(cell, str | int | float) else _plain(cell)


def _line(message: Any) -> bytes:
    return (
        json.dumps(message, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_plain).encode() + b"\n"
    )


def _plain(cell: Any) -> Sequence[Any]:
    value = cell.total_seconds() if isinstance(cell, timedelta) else cell.isoformat()
    return (type(cell).__name__, value)
