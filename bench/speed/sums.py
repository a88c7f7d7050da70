"""What is added up of the problems that were loaded, by the functions of the schema."""

from collections.abc import Sequence
from datetime import date

from asyncpg import Connection

from bench.speed.progress import Progress


async def list_months(connection: Connection) -> Sequence[date]:
    """The months in which something happened."""
    return [row["month"] for row in await connection.fetch("SELECT DISTINCT month FROM movement ORDER BY 1")]


async def add_up(connection: Connection, months: Sequence[date], progress: Progress) -> None:
    """Note the years, count the problems beside the list, add up the movements of each month, and freeze those that are over."""
    await connection.execute("SET work_mem = '512MB'")
    await connection.execute("INSERT INTO reported_year SELECT DISTINCT year FROM problem ON CONFLICT DO NOTHING")
    await connection.execute("SELECT fold_problem_counts()")
    await connection.execute("UPDATE counting SET (up_to, counted) = (SELECT max(id), max(id) FROM problem)")
    for month in months:
        await connection.execute(
            """
            INSERT INTO uncounted
            SELECT m.month, m.kind, m.holder, m.store_code, m.category_code, m.priority, 1 FROM movement m WHERE m.month = $1
            """,
            month,
        )
        await connection.execute("SELECT fold_tally()")
        if await connection.fetchval("SELECT freeze_month()"):
            await connection.execute(
                "TRUNCATE tally, uncounted"
            )  # nothing is left in them but the space of what was there
        progress.step()
