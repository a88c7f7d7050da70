"""Following: who wants to be told of a problem."""

from asyncpg import Connection


async def follow(connection: Connection, problem_id: int, nik: str) -> None:
    """`nik` is told of what comes of the problem. It is no change of it."""
    await connection.execute(
        "INSERT INTO following (problem_id, nik) VALUES ($1, $2) ON CONFLICT DO NOTHING", problem_id, nik
    )


async def stop_following(connection: Connection, problem_id: int, nik: str) -> None:
    """`nik` is told no more for having followed it."""
    await connection.execute("DELETE FROM following WHERE problem_id = $1 AND nik = $2", problem_id, nik)
