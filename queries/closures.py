"""The end of a problem: closing it, and what may follow."""

from asyncpg import Connection

from queries.changes import Change, changing


async def close_problem(connection: Connection, change: Change, solution: str) -> None:
    """open → closed, saying what was done. Raises as `changing` does."""
    async with changing(connection, change, "closure", "closed"):
        await connection.execute(
            "UPDATE problem SET status = 'closed', solution = $2 WHERE id = $1", change.problem_id, solution
        )


async def confirm_problem(connection: Connection, change: Change) -> None:
    """The reporter says that the problem is solved; that is final. Raises as `changing` does."""
    async with changing(connection, change, "confirmation", "confirmed"):
        await connection.execute("UPDATE problem SET confirmed_at = clock_timestamp() WHERE id = $1", change.problem_id)


async def reopen_problem(connection: Connection, change: Change, reason: str | None) -> None:
    """closed → open: the reporter says that it is not solved; who held it last has it again. Raises as `changing` does."""
    async with changing(connection, change, "reopening", "reopened", reason):
        await connection.execute("UPDATE problem SET status = 'open', solution = NULL WHERE id = $1", change.problem_id)


async def void_problem(connection: Connection, change: Change, reason: str) -> None:
    """reported or open → void: a wrong or duplicate report. Raises as `changing` does."""
    async with changing(connection, change, "voiding", "voided", reason):
        await connection.execute("UPDATE problem SET status = 'void' WHERE id = $1", change.problem_id)
