"""Whether a chain of rows is whole (tamper evidence): security events, changes of master data; run by `bin/sih verify`."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from asyncpg import Connection

from queries.chains import Sealed

# What reads a chain in order: so many rows after a number (queries.chains).
Read = Callable[[Connection, int, int], Awaitable[list[Sealed]]]

BATCH = 1000
FIRST = bytes(32)  # what the first row has in place of the hash of a row before it


@dataclass(frozen=True)
class Verdict:
    """How many rows were read, the last one, and what is wrong; empty if nothing is.

    Rows cut off at the end leave a whole chain: compare the last row with one that was noted elsewhere (`expected` of `verify`).
    """

    count: int
    seq: int
    hash: bytes
    wrong: str = ""


async def verify(connection: Connection, read: Read, expected: tuple[int, str] | None = None) -> Verdict:
    """Read the chain up to its end, or to where it breaks; `expected` is a row that has to be in it: its number and hash."""
    seq, last, count = 0, FIRST, 0
    while rows := await read(connection, seq, BATCH):
        for row in rows:
            if wrong := _wrong(row, seq, last, expected):
                return Verdict(count, seq, last, wrong)
            seq, last, count = row.seq, row.hash, count + 1
    if expected and expected[0] > seq:
        return Verdict(count, seq, last, f"row {expected[0]} is missing: the chain was cut off after row {seq}")
    return Verdict(count, seq, last)


def _wrong(row: Sealed, seq: int, last: bytes, expected: tuple[int, str] | None) -> str:
    if row.seq != seq + 1:
        return f"row {seq + 1} is missing: row {row.seq} follows row {seq}"
    if row.previous_hash != last:
        return f"row {row.seq} was not written after row {seq} as it is now"
    if not row.is_intact:
        return f"row {row.seq} was changed after it was written"
    if expected and expected[0] == row.seq and expected[1] != row.hash.hex():
        return f"row {row.seq} is not the one that was noted"
    return ""
