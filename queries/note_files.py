"""Files of notes (internal attachments), photos and documents: read by whoever reads the notes, and by nobody else."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from asyncpg import Connection

from formats.documents import Document
from formats.picture import Picture
from queries.draft_files import FilesGone
from queries.drafts import delete_draft
from queries.rows import read_rows
from queries.submissions import Submission


class NoteFile(NamedTuple):
    """A file without its content: its note, its number there, what it is, and its bytes. A picture has a size in pixels, and no
    name."""

    note_seq: int
    seq: int
    kind: str
    name: str | None
    width: int | None
    height: int | None
    size: int


async def list_note_files(connection: Connection, nik: str, problem_id: int, notes: Sequence[int]) -> list[NoteFile]:
    """The files of some of a problem's notes, in their order; none for whoever reads no notes."""
    records = await connection.fetch(
        """
        SELECT f.note_seq, f.seq, f.kind, f.name, f.width, f.height, octet_length(f.content) AS size
          FROM note_file f JOIN employee e ON e.nik = $2 AND reads_notes(e)
         WHERE f.problem_id = $1 AND f.note_seq = ANY ($3::bigint[]) ORDER BY f.note_seq, f.seq
        """,
        problem_id,
        nik,
        notes,
    )
    return read_rows(NoteFile, records)


async def get_note_picture(
    connection: Connection, nik: str, problem_id: int, note: int, seq: int, *, small: bool
) -> bytes | None:
    """A picture, or its thumbnail, JPEG; None if there is no such, or for whoever reads no notes."""
    return await connection.fetchval(
        """
        SELECT CASE WHEN $5 THEN f.thumbnail ELSE f.content END
          FROM note_file f JOIN employee e ON e.nik = $4 AND reads_notes(e)
         WHERE f.problem_id = $1 AND f.note_seq = $2::bigint AND f.seq = $3::bigint AND f.kind = 'jpg'
        """,
        problem_id,
        note,
        seq,
        nik,
        small,
    )


async def get_note_part(connection: Connection, problem_id: int, note: int, seq: int, start: int, length: int) -> bytes:
    """So many bytes of a file, from that one on, counted from 0."""
    return await connection.fetchval(
        "SELECT substring(content FROM $4 FOR $5) FROM note_file WHERE problem_id = $1 AND note_seq = $2 AND seq = $3",
        problem_id,
        note,
        seq,
        start + 1,
        length,
    )


async def attach_note_files(
    connection: Connection,
    submission: Submission,
    problem_id: int,
    note: int,
    kept: Collection[bytes],
    made: Sequence[Picture | Document],
) -> None:
    """Add the files of a form to its note, as attach_files does to an event. Raises FilesGone."""
    await delete_draft(connection, submission.nik, submission.key)
    taken = await connection.fetch(
        """
        WITH photos AS (
            DELETE FROM draft_photo WHERE nik = $1 AND key = $2
            RETURNING digest, position, 'jpg' AS kind, NULL AS name, width, height, thumbnail, image AS content),
        files AS (
            DELETE FROM draft_file WHERE nik = $1 AND key = $2
            RETURNING digest, position, kind, name, NULL::integer AS width, NULL::integer AS height, NULL::bytea, content)
        INSERT INTO note_file (problem_id, note_seq, seq, kind, name, width, height, thumbnail, content)
        SELECT $3, $4, row_number() OVER (ORDER BY kind <> 'jpg', position), kind, name, width, height, thumbnail, content
          FROM (SELECT * FROM photos UNION ALL SELECT * FROM files) AS gone WHERE digest = ANY ($5)
        RETURNING seq
        """,
        submission.nik,
        submission.key,
        problem_id,
        note,
        list(kept),
    )
    if len(taken) != len(kept):
        raise FilesGone
    for seq, one in enumerate(made, len(taken) + 1):
        await _insert(connection, problem_id, note, seq, one)


async def _insert(connection: Connection, problem_id: int, note: int, seq: int, one: Picture | Document) -> None:
    if isinstance(one, Picture):
        values = ("jpg", None, one.width, one.height, one.thumbnail, one.image)
    else:
        values = (one.kind, one.name, None, None, None, one.content)
    await connection.execute(
        """
        INSERT INTO note_file (problem_id, note_seq, seq, kind, name, width, height, thumbnail, content)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """,
        problem_id,
        note,
        seq,
        *values,
    )
