"""Assets, as the report offers them."""

from collections.abc import Sequence
from typing import NamedTuple

from asyncpg import Connection

from queries.masters import State
from queries.rows import read_rows


class Asset(NamedTuple):
    """What somebody may report a problem with."""

    tag: str
    name: str


async def list_assets(connection: Connection, store_code: str) -> list[Asset]:
    """The assets of a store, by name."""
    records = await connection.fetch(
        'SELECT tag, name FROM asset WHERE store_code = $1 AND active ORDER BY lower(name) COLLATE "C", tag', store_code
    )
    return read_rows(Asset, records)


async def put_assets(connection: Connection, rows: Sequence[State]) -> None:
    """Assets as they are to be, new ones or not, each with all its fields and its code."""
    await connection.execute(
        """
        INSERT INTO asset (tag, name, model, store_code, active)
        SELECT r.code, r.name, r.model, r.store, r.active
          FROM jsonb_to_recordset($1) AS r (code text, name text, model text, store text, active boolean)
            ON CONFLICT (tag) DO UPDATE
           SET name = excluded.name, model = excluded.model, store_code = excluded.store_code, active = excluded.active
        """,
        rows,
    )
