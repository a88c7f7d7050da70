"""Opening a problem: a handler takes it up and says what it is."""

from asyncpg import Connection

from queries.changes import Change, changing


async def open_problem(
    connection: Connection, change: Change, category_code: str, impact: int, urgency: int, identification: str
) -> None:
    """reported → open. Raises as `changing` does."""
    async with changing(connection, change, "opening", "opened"):
        await connection.execute(
            """
            UPDATE problem SET status = 'open', category_code = $2, impact = $3, urgency = $4, identification = $5
             WHERE id = $1
            """,
            change.problem_id,
            category_code,
            impact,
            urgency,
            identification,
        )
