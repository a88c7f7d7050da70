"""Areas: the tree that stores belong to."""

from collections.abc import Sequence

from asyncpg import Connection

from queries.categories import Node
from queries.masters import State
from queries.rows import read_rows


async def list_areas(connection: Connection) -> list[Node]:
    """All areas, the inactive ones too: they still have their stores."""
    return read_rows(Node, await connection.fetch("SELECT code, name, parent_code FROM area ORDER BY code"))


async def put_areas(connection: Connection, rows: Sequence[State]) -> None:
    """Areas as they are to be, new ones or not, each with all its fields and its code.

    Raises IntegrityConstraintViolationError of tree_has_no_loop.
    """
    await connection.execute(
        """
        INSERT INTO area (code, name, parent_code, active)
        SELECT r.code, r.name, r.parent, r.active
          FROM jsonb_to_recordset($1) AS r (code text, name text, parent text, active boolean)
            ON CONFLICT (code) DO UPDATE
           SET name = excluded.name, parent_code = excluded.parent_code, active = excluded.active
        """,
        rows,
    )
