"""Assets, as the report offers them."""

from typing import NamedTuple

from asyncpg import Connection

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
