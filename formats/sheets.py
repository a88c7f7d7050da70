"""Tables as files (spreadsheets): what a sheet and its columns are, and how they are told to the process that writes. Pure."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

Format = Literal["xlsx", "csv"]
# What is said of a file to a browser.
MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}

Cell = str | int | float | datetime | timedelta | None  # a datetime is a local time, without a zone


class Column(NamedTuple):
    """A column: its heading, what its cells are, and its width in characters. One of the kind `entry` holds texts, and what
    people type in it stays one: no leading zero is lost."""

    label: str
    kind: Literal["text", "entry", "time", "duration", "number"] = "text"
    width: int = 16


class Sheet(NamedTuple):
    """A table without its rows. Where several have to stand in one, its title begins it."""

    title: str
    columns: Sequence[Column]


# Lines, each of JSON: a sheet begins, some rows of it, all is said.
END = b"null\n"


def pack_sheet(sheet: Sheet) -> bytes:
    """A sheet as the process is told that it begins."""
    return _line({"title": sheet.title, "columns": sheet.columns})


def pack_rows(rows: Iterable[Sequence[Cell]]) -> bytes:
    """Rows as the process is told them."""
    return _line(list(rows))


def _line(message: Any) -> bytes:
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"), default=_plain).encode() + b"\n"


def _plain(cell: datetime | timedelta) -> str | float:
    return cell.isoformat() if isinstance(cell, datetime) else cell.total_seconds()
