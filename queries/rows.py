"""Rows: records of the driver as named tuples, whose fields are the columns, in their order."""

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from asyncpg import Record

Row = TypeVar("Row", bound=NamedTuple)


def read_rows(kind: type[Row], records: Sequence[Record]) -> list[Row]:
    """All records as rows of a kind. Raises TypeError if the columns are others than its fields."""
    if records and tuple(records[0].keys()) != kind._fields:
        raise TypeError(f"{kind.__name__} has {kind._fields}, not {tuple(records[0].keys())}")
    return [kind._make(record) for record in records]


def read_row(kind: type[Row], record: Record | None) -> Row | None:
    """One record as a row of a kind; None if there is none. Raises TypeError as above."""
    return read_rows(kind, [record])[0] if record else None


def read_only_row(kind: type[Row], record: Record | None) -> Row:
    """The one record of a statement that always has one, as a row of a kind. Raises LookupError, and TypeError as above."""
    if record is None:
        raise LookupError(f"no {kind.__name__}")
    return read_rows(kind, [record])[0]
