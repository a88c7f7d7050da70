"""Photos of a problem: each came with an event of its history, the report or a comment, and is never changed."""

from collections.abc import Sequence
from typing import NamedTuple

from asyncpg import Connection

from formats.picture import Picture
from queries.rows import read_row, read_rows


class Photo(NamedTuple):
    """A photo without its picture: its number in the problem, of how many, that of its event, and its size in pixels."""

    seq: int
    total: int
    event_seq: int
    width: int
    height: int


async def insert_photos(connection: Connection, problem_id: int, event_seq: int, pictures: Sequence[Picture]) -> None:
    """Add pictures to an event, behind the photos that the problem has."""
    await connection.executemany(
        """
        INSERT INTO photo (problem_id, seq, event_seq, image, thumbnail, width, height)
        SELECT $1, coalesce(max(seq), 0) + 1, $2, $3, $4, $5, $6 FROM photo WHERE problem_id = $1
        """,
        [(problem_id, event_seq, p.image, p.thumbnail, p.width, p.height) for p in pictures],
    )


async def list_photos(connection: Connection, problem_id: int, events: Sequence[int]) -> list[Photo]:
    """The photos that came with some of a problem's events, in their order."""
    records = await connection.fetch(
        """
        SELECT seq, (SELECT max(seq) FROM photo WHERE problem_id = $1) AS total, event_seq, width, height
          FROM photo WHERE problem_id = $1 AND event_seq = ANY ($2) ORDER BY seq
        """,
        problem_id,
        events,
    )
    return read_rows(Photo, records)


async def get_photo_size(connection: Connection, problem_id: int, seq: int) -> Photo | None:
    """A photo without its picture; None if there is no such."""
    record = await connection.fetchrow(
        """
        SELECT seq, (SELECT max(seq) FROM photo WHERE problem_id = $1) AS total, event_seq, width, height
          FROM photo WHERE problem_id = $1 AND seq = $2::bigint
        """,
        problem_id,
        seq,
    )
    return read_row(Photo, record)


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
