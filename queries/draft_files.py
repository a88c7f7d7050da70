"""What came with a form that was refused, photos and documents, kept by its key until it is sent again. It goes when the form is
sent, or as drafts go."""

from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from asyncpg import Connection

from formats.documents import Document
from formats.picture import Picture
from formats.uploads import Upload
from queries.drafts import RETENTION, delete_draft
from queries.files import insert_files
from queries.photos import insert_photos
from queries.rows import read_rows
from queries.submissions import Submission

# What is kept for one person at most, of all forms: of photos, and of documents as much again; the oldest goes for more. What one
# form may bring always fits.
COUNT_LIMIT = 25
PHOTOS_LIMIT = 25_000_000  # bytes; they are smaller than what they are made of
FILES_LIMIT = 30_000_000


class DraftFile(NamedTuple):
    """A photo without its picture, or a document without its content: SHA-256 of the file that was sent, its bytes, and the size
    of the picture in pixels, or the name of the document."""

    digest: bytes
    size: int
    width: int | None
    height: int | None
    name: str | None


class FilesGone(Exception):
    """Files that are to go with a form are kept no more."""


async def list_draft_files(connection: Connection, nik: str, key: UUID) -> list[DraftFile]:
    """What is kept for the person's form with this key: photos, then documents, each in the order in which they were sent."""
    records = await connection.fetch(
        """
        SELECT digest, size, width, height, name
          FROM (SELECT digest, size, width, height, NULL AS name, position, made_at
                  FROM draft_photo WHERE nik = $1 AND key = $2
                 UNION ALL
                SELECT digest, octet_length(content), NULL, NULL, name, position, made_at
                  FROM draft_file WHERE nik = $1 AND key = $2) AS kept
         WHERE made_at > now() - $3::interval
            OR EXISTS (SELECT FROM draft d WHERE d.nik = $1 AND d.key = $2 AND d.at > now() - $3::interval)
         ORDER BY name IS NOT NULL, position
        """,
        nik,
        key,
        RETENTION,
    )
    return read_rows(DraftFile, records)


async def get_draft_thumbnail(connection: Connection, nik: str, key: UUID, digest: bytes) -> bytes | None:
    """The thumbnail of a photo, JPEG; None if the person has no such."""
    return await connection.fetchval(
        "SELECT thumbnail FROM draft_photo WHERE nik = $1 AND key = $2 AND digest = $3", nik, key, digest
    )


async def save_draft_files(
    connection: Connection, nik: str, key: UUID, kept: Collection[bytes], added: Sequence[Upload], most: int
) -> None:
    """Keep for a form those of its files with the digests `kept`, and behind them `added`, as far as there are `most` at most.

    Nothing is added to a form that was recorded already.
    """
    async with connection.transaction():
        # One after the other of a person: two at once would not count each other's.
        await connection.execute("SELECT FROM employee WHERE nik = $1 FOR NO KEY UPDATE", nik)
        await _keep_only(connection, nik, key, list(kept))
        for upload in added:
            await _add(connection, nik, key, upload, most)
        await _drop_oldest(connection, nik)


async def _keep_only(connection: Connection, nik: str, key: UUID, kept: list[bytes]) -> None:
    await connection.execute(
        """
        WITH photos AS (DELETE FROM draft_photo WHERE nik = $1 AND key = $2 AND digest <> ALL ($3)),
             files AS (DELETE FROM draft_file WHERE nik = $1 AND key = $2 AND digest <> ALL ($3)),
             newer AS (UPDATE draft_photo SET made_at = now() WHERE nik = $1 AND key = $2 AND digest = ANY ($3))
        UPDATE draft_file SET made_at = now() WHERE nik = $1 AND key = $2 AND digest = ANY ($3)
        """,
        nik,
        key,
        kept,
    )


async def _add(connection: Connection, nik: str, key: UUID, upload: Upload, most: int) -> None:
    """Behind what is there, if that is less than `most`, and the form was not recorded."""
    has_room = await connection.fetchval(
        """
        SELECT (SELECT count(*) FROM draft_photo WHERE nik = $1 AND key = $2)
               + (SELECT count(*) FROM draft_file WHERE nik = $1 AND key = $2) < $3
               AND NOT EXISTS (SELECT FROM submission s WHERE s.key = $2)
        """,
        nik,
        key,
        most,
    )
    if has_room and isinstance(upload.made, Picture):
        await _add_picture(connection, nik, key, upload, upload.made)
    elif has_room and isinstance(upload.made, Document):
        await _add_document(connection, nik, key, upload.digest, upload.made)


async def _add_picture(connection: Connection, nik: str, key: UUID, upload: Upload, picture: Picture) -> None:
    await connection.execute(
        """
        INSERT INTO draft_photo (nik, key, digest, position, size, image, thumbnail, width, height)
        SELECT $1, $2, $3, coalesce(max(position), 0) + 1, $4, $5, $6, $7, $8
          FROM draft_photo WHERE nik = $1 AND key = $2
        ON CONFLICT (nik, key, digest) DO NOTHING
        """,
        nik,
        key,
        upload.digest,
        upload.size,
        picture.image,
        picture.thumbnail,
        picture.width,
        picture.height,
    )


async def _add_document(connection: Connection, nik: str, key: UUID, digest: bytes, document: Document) -> None:
    await connection.execute(
        """
        INSERT INTO draft_file (nik, key, digest, position, kind, name, content)
        SELECT $1, $2, $3, coalesce(max(position), 0) + 1, $4, $5, $6
          FROM draft_file WHERE nik = $1 AND key = $2
        ON CONFLICT (nik, key, digest) DO NOTHING
        """,
        nik,
        key,
        digest,
        document.kind,
        document.name,
        document.content,
    )


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
        COUNT_LIMIT,
        PHOTOS_LIMIT,
    )
    await connection.execute(
        """
        DELETE FROM draft_file WHERE nik = $1 AND (key, digest) IN (
            SELECT key, digest
              FROM (SELECT key, digest, count(*) OVER newest AS many, sum(octet_length(content)) OVER newest AS bytes
                      FROM draft_file WHERE nik = $1
                    WINDOW newest AS (ORDER BY made_at DESC, key, position ROWS UNBOUNDED PRECEDING)) d
             WHERE many > $2 OR bytes > $3)
        """,
        nik,
        COUNT_LIMIT,
        FILES_LIMIT,
    )


async def attach_files(
    connection: Connection,
    submission: Submission,
    problem_id: int,
    event_seq: int,
    kept: Collection[bytes],
    made: Sequence[Picture | Document],
) -> None:
    """Add the files of a form to its event, in the transaction that made it and so holds the problem's row: those that are `kept`
    for the form (digests), then what was `made` of those that came now. The form's draft and its other files go.

    Raises FilesGone if one of the digests is not among what is kept.
    """
    # A draft before its files, as everywhere: no deadlock.
    await delete_draft(connection, submission.nik, submission.key)
    await _take_draft_files(connection, submission, problem_id, event_seq, kept)
    await insert_photos(connection, problem_id, event_seq, [one for one in made if isinstance(one, Picture)])
    await insert_files(connection, problem_id, event_seq, [one for one in made if isinstance(one, Document)])


async def _take_draft_files(
    connection: Connection, submission: Submission, problem_id: int, event_seq: int, kept: Collection[bytes]
) -> None:
    of_the_form = (submission.nik, submission.key, problem_id, event_seq, list(kept))
    photos = await connection.fetch(
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
        *of_the_form,
    )
    files = await connection.fetch(
        """
        WITH gone AS (
            DELETE FROM draft_file WHERE nik = $1 AND key = $2
            RETURNING digest, position, kind, name, content)
        INSERT INTO file (problem_id, seq, event_seq, kind, name, content)
        SELECT $3, coalesce((SELECT max(seq) FROM file WHERE problem_id = $3), 0) + row_number() OVER (ORDER BY position),
               $4, kind, name, content
          FROM gone WHERE digest = ANY ($5)
        RETURNING seq
        """,
        *of_the_form,
    )
    if len(photos) + len(files) != len(kept):
        raise FilesGone


async def delete_draft_files(connection: Connection, nik: str, key: UUID) -> None:
    """Let go of what is kept for a form."""
    await connection.execute("DELETE FROM draft_photo WHERE nik = $1 AND key = $2", nik, key)
    await connection.execute("DELETE FROM draft_file WHERE nik = $1 AND key = $2", nik, key)
