"""Photos of a problem: each came with an event of its history, the report or a comment, and is never changed."""

from collections.abc import Sequence

from asyncpg import Connection, Record

from pictures import Picture


async def insert_photos(connection: Connection, problem_id: int, event_seq: int, pictures: Sequence[Picture]) -> None:
    """Add pictures to an event, in the transaction that made it and so holds the problem's row."""
    await connection.executemany(
        """
        INSERT INTO photo (problem_id, seq, event_seq, image, thumbnail, width, height)
        SELECT $1, coalesce(max(seq), 0) + 1, $2, $3, $4, $5, $6 FROM photo WHERE problem_id = $1
        """,
        [(problem_id, event_seq, p.image, p.thumbnail, p.width, p.height) for p in pictures],
    )


async def list_photos(connection: Connection, problem_id: int) -> list[Record]:
    """(seq, event_seq, width, height) of a problem's photos, in their order, without the pictures themselves."""
    return await connection.fetch(
        "SELECT seq, event_seq, width, height FROM photo WHERE problem_id = $1 ORDER BY seq", problem_id
    )


async def get_photo(connection: Connection, problem_id: int, seq: int) -> bytes | None:
    """A photo, JPEG; None if there is no such. Whether the problem is in reach is the door's to know."""
    return await connection.fetchval(
        "SELECT image FROM photo WHERE problem_id = $1 AND seq = $2::bigint", problem_id, seq
    )


async def get_thumbnail(connection: Connection, problem_id: int, seq: int) -> bytes | None:
    """The thumbnail of a photo, JPEG; None if there is no such."""
    return await connection.fetchval(
        "SELECT thumbnail FROM photo WHERE problem_id = $1 AND seq = $2::bigint", problem_id, seq
    )
