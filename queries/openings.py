"""Opening a problem: a handler takes it up and says what it is; and putting that right."""

from collections.abc import Mapping
from typing import Any

from asyncpg import Connection

from queries.changes import Change, changing


async def open_problem(connection: Connection, change: Change, data: Mapping[str, Any]) -> None:
    """reported → open, with category (code), impact, urgency (1 to 3) and identification. Raises as `changing` does."""
    async with changing(connection, change):
        await connection.execute(
            """
            UPDATE problem SET status = 'open', category_code = $2, impact = $3, urgency = $4, identification = $5
             WHERE id = $1
            """,
            change.problem_id,
            data["category"],
            data["impact"],
            data["urgency"],
            data["identification"],
        )


async def correct_identification(connection: Connection, change: Change, data: Mapping[str, Any]) -> None:
    """The same, in place of what was said, of a problem that is not finished; it has to differ. Raises as `changing` does."""
    async with changing(connection, change):
        await connection.execute(
            "UPDATE problem SET category_code = $2, impact = $3, urgency = $4, identification = $5 WHERE id = $1",
            change.problem_id,
            data["category"],
            data["impact"],
            data["urgency"],
            data["identification"],
        )
