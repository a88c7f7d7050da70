"""How the numbers of the recap come about (materialized aggregates): history, adding up, freezing."""

from datetime import date

from asyncpg import Connection


async def count_history(connection: Connection, portion: int) -> bool:
    """Count the history of at most so many problems from before there were recaps; whether some are left."""
    return await connection.fetchval("SELECT count_history($1)", portion)


async def fold_tally(connection: Connection) -> None:
    """Add up what changed since the last time; no number changes by it."""
    await connection.execute("SELECT fold_tally()")


async def freeze_month(connection: Connection) -> date | None:
    """Freeze the oldest month that is over and not frozen; which one it was."""
    return await connection.fetchval("SELECT freeze_month()")
