"""Divisions, as forms and filters offer them."""

from collections.abc import Sequence
from typing import NamedTuple

from asyncpg import Connection

from queries.masters import State
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


async def put_divisions(connection: Connection, rows: Sequence[State]) -> None:
    """Divisions as they are to be, new ones or not, each with all its fields and its code.

    Raises IntegrityConstraintViolationError of division_one_desk, division_one_general, division_check, division_desk_stays,
    holder_code.
    """
    await connection.execute(
        """
        INSERT INTO division (code, name, kind, is_general, active)
        SELECT r.code, r.name, r.kind, r.general, r.active
          FROM jsonb_to_recordset($1) AS r (code text, name text, kind text, general boolean, active boolean)
            ON CONFLICT (code) DO UPDATE
           SET name = excluded.name, kind = excluded.kind, is_general = excluded.is_general, active = excluded.active
        """,
        rows,
    )
