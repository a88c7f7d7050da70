"""Uploads: how far the large posts are that people are sending at this moment, by the key of the form, for all workers."""

from typing import NamedTuple
from uuid import UUID

from asyncpg import Connection

from queries.rows import read_row

LASTS = 10  # minutes after which none is arriving any more


class Arrival(NamedTuple):
    """Of how many bytes how many have arrived."""

    arrived: int
    total: int


async def note_arrival(connection: Connection, nik: str, key: UUID, arrival: Arrival) -> None:
    """So much of what `nik` sends with the form of this key has arrived."""
    await connection.execute(
        """
        INSERT INTO upload (nik, key, arrived, total) VALUES ($1, $2, $3, $4)
        ON CONFLICT (nik, key) DO UPDATE SET arrived = excluded.arrived, total = excluded.total, at = now()
        """,
        nik,
        key,
        *arrival,
    )


async def get_arrival(connection: Connection, nik: str, key: UUID) -> Arrival | None:
    """How far it is; None if nothing is noted of it: it is small, has just begun, waits in front of SIH, or is over."""
    record = await connection.fetchrow(
        """
        SELECT arrived, total FROM upload
         WHERE nik = $1 AND key = $2 AND at > now() - make_interval(mins => $3)
        """,
        nik,
        key,
        LASTS,
    )
    return read_row(Arrival, record)


async def forget_arrival(connection: Connection, nik: str, key: UUID) -> None:
    """It is over."""
    await connection.execute("DELETE FROM upload WHERE nik = $1 AND key = $2", nik, key)


async def forget_left(connection: Connection) -> None:
    """Drop what workers left that were killed."""
    await connection.execute("DELETE FROM upload WHERE at < now() - make_interval(mins => $1)", LASTS)
