"""The process in which a table is read (sandbox): it reads a file from stdin and writes what is in it to stdout, line by line.

`python -m formats.table_reader KNOWN`, where KNOWN are the labels of columns that are looked for, as JSON. It knows no secret.
"""

import json
import os
import resource
import sys
from collections.abc import Collection, Iterator
from typing import IO, NamedTuple

from formats.csv_tables import read_csv
from formats.packages import TOO_LARGE
from formats.table_rows import headed
from formats.tables import END, PORTION, PORTION_TEXT, Head, Row, Unreadable, pack_head, pack_rows, pack_unreadable
from formats.workbooks import is_workbook, read_workbook

SECONDS = 60  # of a core
MEMORY = 512 * 1024 * 1024  # bytes of addresses
NICENESS = 10  # requests come first


class Table(NamedTuple):
    """A table that is being read: its head, and its rows, once."""

    head: Head
    rows: Iterator[Row]


def read_table(file: IO[bytes], known: Collection[str] = ()) -> Table:
    """The table in a file, XLSX or CSV; `known` are the labels of the columns that are looked for.

    Raises Unreadable, also while the rows are read. What it takes of memory and time is limited only in the process.
    """
    if is_workbook(file):
        return Table(*read_workbook(file, known))
    said, raw = read_csv(file, known)
    table = headed(raw, known)
    return Table(Head(table.headings, "csv", number=table.number, total=said.lines, notices=table.notices), table.rows)


def main(known: str) -> None:
    """Say what is in the file that comes by stdin, within limits of time and memory."""
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    out = sys.stdout.buffer
    try:
        table = read_table(sys.stdin.buffer, json.loads(known))
        out.write(pack_head(table.head))
        out.flush()
        for portion in _portions(table.rows):
            out.write(pack_rows(portion))
        out.write(END)
    except MemoryError:
        out.write(pack_unreadable(Unreadable(TOO_LARGE)))
    except Unreadable as unreadable:
        out.write(pack_unreadable(unreadable))
    out.flush()


def _portions(rows: Iterator[Row]) -> Iterator[list[Row]]:
    portion: list[Row] = []
    size = 0
    for row in rows:
        portion.append(row)
        size += sum(len(cell) for cell in row.cells if type(cell) is str)
        if len(portion) == PORTION or size > PORTION_TEXT:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion


if __name__ == "__main__":
    main(sys.argv[1])
