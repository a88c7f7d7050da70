"""Photos of a form that was refused, kept by its key until it is sent again. They go when it is sent, or as drafts go."""

from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from asyncpg import Connection

from formats.pictures import Picture, Upload
from queries.drafts import RETENTION, delete_draft
from queries.photos import insert_photos
from queries.rows import read_rows
from queries.submissions import Submission

# What is kept for one person at most, of all forms; the oldest goes for more. Photos that one form may bring always fit.
PHOTOS_LIMIT = 25
BYTES_LIMIT = 25_000_000


class DraftPhoto(NamedTuple):
    """A photo without its picture: SHA-256 of the file that was sent, its bytes, and the size of the picture in pixels."""

    digest: bytes
    size: int
    width: int
    height: int


class PhotosGone(Exception):
    """Photos that are to go with a form are kept no more."""


async def list_draft_photos(connection: Connection, nik: str, key: UUID) -> list[DraftPhoto]:
    """What is kept for the person's form with this key, in the order in which it was sent."""
    records = await connection.fetch(
        """
        SELECT digest, size, width, height FROM draft_photo
         WHERE nik = $1 AND key = $2
           AND (made_at > now() - $3::interval
                OR EXISTS (SELECT FROM draft d WHERE d.nik = $1 AND d.key = $2 AND d.at > now() - $3::interval))
         ORDER BY position
        """,
        nik,
        key,
        RETENTION,
    )
    return read_rows(DraftPhoto, records)


async def get_draft_thumbnail(connection: Connection, nik: str, key: UUID, digest: bytes) -> bytes | None:
    """The thumbnail of one, JPEG; None if the person has no such."""
    return await connection.fetchval(
        "SELECT thumbnail FROM draft_photo WHERE nik = $1 AND key = $2 AND digest = $3", nik, key, digest
    )


async def save_draft_photos(
    connection: Connection, nik: str, key: UUID, kept: Collection[bytes], added: Sequence[Upload], most: int
) -> None:
    """Keep for a form those of its photos with the digests `kept`, and behind them `added`, as far as there are `most` at most.

    Nothing is added to a form that was recorded already.
    """
    async with connection.transaction():
        # One after the other of a person: two at once would not count each other's.
        await connection.execute("SELECT FROM employee WHERE nik = $1 FOR NO KEY UPDATE", nik)
        await connection.execute(
            "DELETE FROM draft_photo WHERE nik = $1 AND key = $2 AND digest <> ALL ($3)", nik, key, list(kept)
        )
        await connection.execute("UPDATE draft_photo SET made_at = now() WHERE nik = $1 AND key = $2", nik, key)
        await connection.executemany(
            """
            INSERT INTO draft_photo (nik, key, digest, position, size, image, thumbnail, width, height)
            SELECT $1, $2, $3, coalesce(max(position), 0) + 1, $4, $5, $6, $7, $8
              FROM draft_photo WHERE nik = $1 AND key = $2
            HAVING count(*) < $9 AND NOT EXISTS (SELECT FROM submission s WHERE s.key = $2)
            ON CONFLICT (nik, key, digest) DO NOTHING
            """,
            [(nik, key, digest, size, p.image, p.thumbnail, p.width, p.height, most) for digest, size, p in added],
        )
        await _drop_oldest(connection, nik)


async def _drop_oldest(connection: Connection, nik: str) -> None:
    await connection.execute(
        """
        DELETE FROM draft_photo WHERE nik = $1 AND (key, digest) IN (
            SELECT key, digest
              FROM (SELECT key, digest, count(*) OVER newest AS many,
                           sum(octet_length(image) + octet_length(thumbnail)) OVER newest AS bytes
                      FROM draft_photo WHERE nik = $1
                    WINDOW newest AS (ORDER BY made_at DESC, key, position ROWS UNBOUNDED PRECEDING)) d
             WHERE many > $2 OR bytes > $3)
        """,
        nik,
        PHOTOS_LIMIT,
        BYTES_LIMIT,
    )


async def attach_photos(
    connection: Connection,
    submission: Submission,
    problem_id: int,
    event_seq: int,
    kept: Collection[bytes],
    pictures: Sequence[Picture],
) -> None:
    """Add the photos of a form to its event, in the transaction that made it and so holds the problem's row: those that are
    `kept` for the form (digests), then `pictures`. The form's draft and its other photos go.

    Raises PhotosGone if one of the digests is not among what is kept.
    """
    # A draft before its photos, as everywhere: no deadlock.
    await delete_draft(connection, submission.nik, submission.key)
    await _take_draft_photos(connection, submission, problem_id, event_seq, kept)
    await insert_photos(connection, problem_id, event_seq, pictures)


async def _take_draft_photos(
    connection: Connection, submission: Submission, problem_id: int, event_seq: int, kept: Collection[bytes]
) -> None:
    taken = await connection.fetch(
        """
        WITH gone AS (
            DELETE FROM draft_photo WHERE nik = $1 AND key = $2
            RETURNING digest, position, image, thumbnail, width, height)
        INSERT INTO photo (problem_id, seq, event_seq, image, thumbnail, width, height)
        SELECT $3, coalesce((SELECT max(seq) FROM photo WHERE problem_id = $3), 0) + row_number() OVER (ORDER BY position),
               $4, image, thumbnail, width, height
          FROM gone WHERE digest = ANY ($5)
        RETURNING seq
        """,
        submission.nik,
        submission.key,
        problem_id,
        event_seq,
        list(kept),
    )
    if len(taken) != len(kept):
        raise PhotosGone


async def delete_draft_photos(connection: Connection, nik: str, key: UUID) -> None:
    """Let go of what is kept for a form."""
    await connection.execute("DELETE FROM draft_photo WHERE nik = $1 AND key = $2", nik, key)
