"""Documents of a problem (attachments): each came with an event of its history, and is never changed. Photos are apart."""

from collections.abc import Sequence
from typing import NamedTuple

from asyncpg import Connection

from formats.documents import Document
from queries.rows import read_row, read_rows


class File(NamedTuple):
    """A document without its content: its number in the problem, that of its event, what it is, and its bytes."""

    seq: int
    event_seq: int
    kind: str
    name: str
    size: int


async def insert_files(connection: Connection, problem_id: int, event_seq: int, documents: Sequence[Document]) -> None:
    """Add documents to an event, behind those that the problem has. One at a time is in memory."""
    for document in documents:
        await connection.execute(
            """
            INSERT INTO file (problem_id, seq, event_seq, kind, name, content)
            SELECT $1, coalesce(max(seq), 0) + 1, $2, $3, $4, $5 FROM file WHERE problem_id = $1
            """,
            problem_id,
            event_seq,
            document.kind,
            document.name,
            document.content,
        )


async def list_files(connection: Connection, problem_id: int, events: Sequence[int]) -> list[File]:
    """The documents that came with some of a problem's events, in their order."""
    records = await connection.fetch(
        """
        SELECT seq, event_seq, kind, name, octet_length(content) AS size
          FROM file WHERE problem_id = $1 AND event_seq = ANY ($2) ORDER BY seq
        """,
        problem_id,
        events,
    )
    return read_rows(File, records)


async def get_file(connection: Connection, problem_id: int, seq: int) -> File | None:
    """A document without its content; None if there is no such. Whether the problem is in reach is the door's to know: who sees
    it sees its events, and what came with them."""
    record = await connection.fetchrow(
        """
        SELECT f.seq, f.event_seq, f.kind, f.name, octet_length(f.content) AS size
          FROM file f JOIN event v ON v.problem_id = f.problem_id AND v.seq = f.event_seq
         WHERE f.problem_id = $1 AND f.seq = $2::bigint
        """,
        problem_id,
        seq,
    )
    return read_row(File, record)


async def get_part(connection: Connection, problem_id: int, seq: int, start: int, length: int) -> bytes:
    """So many bytes of a document, from that one on, counted from 0."""
    return await connection.fetchval(
        "SELECT substring(content FROM $3 FOR $4) FROM file WHERE problem_id = $1 AND seq = $2",
        problem_id,
        seq,
        start + 1,
        length,
    )
