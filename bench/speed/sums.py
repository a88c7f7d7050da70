"""What is added up of the problems that were loaded, by the functions of the schema: the numbers of the recap, month by month."""

from asyncpg import Connection

from bench.speed.progress import Progress


async def add_up(connection: Connection) -> None:
    """Add up the movements of each month, and freeze the months that are over."""
    await connection.execute("SET work_mem = '512MB'")
    await connection.execute(
        "UPDATE counting SET up_to = p.last, counted = p.last FROM (SELECT max(id) AS last FROM problem) p"
    )
    months = [row["month"] for row in await connection.fetch("SELECT DISTINCT month FROM movement ORDER BY 1")]
    progress = Progress("months", len(months))
    for month in months:
        async with connection.transaction():
            await connection.execute(
                """
                INSERT INTO uncounted
                SELECT m.month, m.kind, m.holder, m.store_code, m.category_code, m.priority, 1 FROM movement m WHERE m.month = $1
                """,
                month,
            )
            await connection.execute("SELECT fold_tally()")
        await connection.execute("VACUUM uncounted")
        await connection.execute("SELECT freeze_month()")
        progress.step()
    progress.end()
