"""Telling, without a worker: what stands in the outbox is told now."""

from asyncpg import Connection

from queries.outbox import list_untold, tell_of


async def tell_all(connection: Connection) -> None:
    """As the job does."""
    for untold in await list_untold(connection, 1000):
        await tell_of(connection, untold)


async def forget_all(connection: Connection) -> None:
    """Nothing was told, and nothing is to be."""
    await connection.execute("DELETE FROM outbox; DELETE FROM notification")


async def told(connection: Connection) -> dict[str, str]:
    """Who was told, and as what; each once."""
    rows = await connection.fetch("SELECT nik, kind FROM notification")
    assert len({row["nik"] for row in rows}) == len(rows), "somebody was told twice"
    return {row["nik"]: row["kind"] for row in rows}
