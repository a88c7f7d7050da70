"""Security events: written last in their transaction, because each one locks the chain until the commit."""

import hashlib
import logging
from typing import NamedTuple

from asyncpg import Connection

from queries.rows import read_rows

log = logging.getLogger("sih.security")

PAUSE = 600  # seconds between two rows about the same attack
WALK_PAUSE = 3600


class Sealed(NamedTuple):
    """A row of the chain: what was sealed, the hash of the row before as it stands there, and its own."""

    seq: int
    text: str
    previous_hash: bytes
    hash: bytes

    @property
    def is_intact(self) -> bool:
        """Whether its hash is that of its text."""
        return hashlib.sha256(self.text.encode()).digest() == self.hash


async def note(
    connection: Connection, kind: str, nik: str | None = None, address: str | None = None, **detail: object
) -> None:
    """Append an event. `kind` is one of the schema's; `detail` holds no PIN, session or typed text."""
    await connection.execute("SELECT note_security_event($1, $2, $3, $4)", kind, nik, address, detail)
    log.info("security event", extra={"kind": kind})


async def note_once(
    connection: Connection,
    kind: str,
    nik: str | None = None,
    address: str | None = None,
    pause: int = PAUSE,
    **detail: object,
) -> None:
    """Append an event, unless there is one of this kind for the same NIK and address within `pause` seconds."""
    noted = await connection.fetchval(
        "SELECT note_security_event_once($1, $2, $3, $4, make_interval(secs => $5))",
        kind,
        nik,
        address,
        detail,
        float(pause),
    )
    if noted:
        log.warning("security event", extra={"kind": kind})


async def set_actor(connection: Connection, nik: str) -> None:
    """Who does what follows in this transaction, for the events that the database itself writes."""
    await connection.execute("SELECT set_config('sih.actor', $1, true)", nik)


async def list_sealed(connection: Connection, after: int, limit: int) -> list[Sealed]:
    """The chain in order, `limit` rows after number `after`.

    The text is put together here, not by the database's function, which might have been changed too.
    """
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
