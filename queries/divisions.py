"""Divisions, as forms and filters offer them."""

from typing import NamedTuple

from asyncpg import Connection

from queries.rows import read_rows


class Division(NamedTuple):
    """The desk, an IT division or another one."""

    code: str
    name: str


async def list_divisions(connection: Connection) -> list[Division]:
    """All divisions, the inactive ones too: problems of theirs can still be found."""
    return read_rows(Division, await connection.fetch("SELECT code, name FROM division ORDER BY code"))


async def list_active_it_divisions(connection: Connection) -> list[Division]:
    """The IT divisions that problems can be passed on to."""
    records = await connection.fetch(
        "SELECT code, name FROM division WHERE kind = 'it' AND active AND is_attended(code, NULL, NULL) ORDER BY code"
    )
    return read_rows(Division, records)
