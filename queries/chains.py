"""What grows only, each row sealing the one before it (hash chain): security events, and changes of master data.

The texts are put together here, not by the database's functions, which might have been changed too.
"""

import hashlib
from typing import NamedTuple

from asyncpg import Connection

from queries.rows import read_rows


class Sealed(NamedTuple):
    """A row of a chain: what was sealed, the hash of the row before as it stands there, and its own."""

    seq: int
    text: str
    previous_hash: bytes
    hash: bytes

    @property
    def is_intact(self) -> bool:
        """Whether its hash is that of its text."""
        return hashlib.sha256(self.text.encode()).digest() == self.hash


async def list_sealed_events(connection: Connection, after: int, limit: int) -> list[Sealed]:
    """The chain of security events in order, `limit` rows after number `after`."""
    records = await connection.fetch(
        """
        SELECT seq, jsonb_build_array(seq, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), kind, nik, address,
                                      detail, encode(previous_hash, 'hex'))::text AS text, previous_hash, hash
          FROM security_event WHERE seq > $1 ORDER BY seq LIMIT $2
        """,
        after,
        limit,
    )
    return read_rows(Sealed, records)


async def list_sealed_changes(connection: Connection, after: int, limit: int) -> list[Sealed]:
    """The chain of changes of master data in order, `limit` rows after number `after`."""
    records = await connection.fetch(
        """
        SELECT seq, jsonb_build_array(seq, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), kind, code, version,
                                      actor_nik, cause, before, after, encode(previous_hash, 'hex'))::text AS text,
               previous_hash, hash
          FROM master_change WHERE seq > $1 ORDER BY seq LIMIT $2
        """,
        after,
        limit,
    )
    return read_rows(Sealed, records)
