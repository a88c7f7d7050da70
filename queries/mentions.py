"""Mentions: who is named by an `@` and their NIK in what was written on a problem."""

from asyncpg import Connection


async def list_names(connection: Connection, problem_id: int, niks: list[str], *, of_notes: bool) -> dict[str, str]:
    """The names of those of `niks` who may know of the problem, or of the notes on it; of all others nothing is said."""
    rows = await connection.fetch(
        """
        SELECT e.nik, e.name FROM employee e JOIN problem p ON p.id = $1
         WHERE e.nik = ANY ($2) AND may_know(p, e, $3)
        """,
        problem_id,
        niks,
        of_notes,
    )
    return {row["nik"]: row["name"] for row in rows}
