"""Notes (internal comments): what only handlers and managers read of a problem. Of the history they are no part."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from asyncpg import Connection

from formats.search import is_indexed
from queries.changes import Change, ProblemChanged
from queries.note_files import attach_note_files
from queries.rows import read_rows
from queries.submissions import record

PAGE_SIZE = 50  # notes that are shown at once
NOTED = 500  # problems that a list finds by their notes at most
SOON = 8  # of the newest 131,072 numbers: of a million, it is sooner found block by block
LOOKED_AT, OFTEN = 200, 40  # where so many of the newest are found, a walk finds NOTED of them sooner than the index


class Note(NamedTuple):
    """A note, with who wrote it."""

    seq: int
    at: datetime
    time_zone: str
    text: str | None
    author: str
    author_unit: str | None


async def list_notes(connection: Connection, nik: str, problem_id: int, *, before: int | None = None) -> list[Note]:
    """The newest PAGE_SIZE notes, oldest first, or of those `before` the one of that number; none for whoever reads none.

    They are numbered from 1 without a gap.
    """
    records = await connection.fetch(
        """
        SELECT n.seq, n.at, s.time_zone, n.text, a.name AS author,
               nullif(array_to_string(a.divisions || a.departments, ', '), '') AS author_unit
          FROM note n
          JOIN problem p ON p.id = n.problem_id
          JOIN store s ON s.code = p.store_code
          JOIN employee a ON a.nik = n.author_nik
          JOIN employee e ON e.nik = $2 AND reads_notes(e)
         WHERE n.problem_id = $1 AND ($3::bigint IS NULL OR n.seq < $3)
         ORDER BY n.seq DESC LIMIT $4
        """,
        problem_id,
        nik,
        before,
        PAGE_SIZE,
    )
    return read_rows(Note, records)[::-1]


# The newest, by an index, whose trigrams are those of the longest patterns: block by block of numbers (LATERAL takes them in
# their order), the newest of which are smaller.
_NOTED = """
    SELECT f.problem_id
      FROM (SELECT e.* FROM employee e WHERE e.nik = $1 AND reads_notes(e)) e,
           (SELECT max(problem_id) AS id FROM note_search) last,
           LATERAL (SELECT 'b' || n AS key FROM generate_series(last.id >> 16, greatest((last.id >> 20) - 1, 0) << 4, -1) n
                    UNION ALL SELECT 'c' || n FROM generate_series((last.id >> 20) - 2, 0, -1) n) b,
           LATERAL (SELECT n.problem_id FROM note_search n
                     WHERE note_keys(n.problem_id) @> ARRAY[b.key]
                       AND n.text LIKE ($2::text[])[1] AND (($2::text[])[2] IS NULL OR n.text LIKE ($2::text[])[2])
                       AND (($2::text[])[3] IS NULL OR n.text LIKE ($2::text[])[3])
                       AND (cardinality($2::text[]) = 1 OR n.text LIKE ALL ($2::text[]))
                       AND (e.sees_all OR EXISTS (SELECT FROM problem p WHERE p.id = n.problem_id
                                                     AND in_reach(p, e.sees_all, e.store_code, e.nik, e.area_code)))
                     ORDER BY n.problem_id DESC) f
     LIMIT $3
"""
# What is found seldom, by the same index.
_NOTED_SELDOM = """
    SELECT n.problem_id FROM note_search n JOIN employee e ON e.nik = $1 AND reads_notes(e)
     WHERE n.text LIKE ($2::text[])[1] AND (($2::text[])[2] IS NULL OR n.text LIKE ($2::text[])[2])
       AND (($2::text[])[3] IS NULL OR n.text LIKE ($2::text[])[3]) AND n.text LIKE ALL ($2::text[])
       AND (e.sees_all OR EXISTS (SELECT FROM problem p WHERE p.id = n.problem_id
                                     AND in_reach(p, e.sees_all, e.store_code, e.nik, e.area_code)))
     ORDER BY n.problem_id DESC LIMIT $3
"""
# What is found often, from the newest on, whatever there is.
_NOTED_OFTEN = """
    SELECT n.problem_id
      FROM (SELECT s.problem_id, s.text FROM note_search s ORDER BY s.problem_id DESC OFFSET 0) n
      JOIN employee e ON e.nik = $1 AND reads_notes(e)
     WHERE n.text LIKE ALL ($2::text[])
       AND (e.sees_all OR EXISTS (SELECT FROM problem p WHERE p.id = n.problem_id
                                     AND in_reach(p, e.sees_all, e.store_code, e.nik, e.area_code)))
     ORDER BY n.problem_id DESC LIMIT $3
"""


async def _count_newest(connection: Connection, patterns: Sequence[str]) -> int:
    """How many of the LOOKED_AT newest problems with notes are found."""
    return await connection.fetchval(
        """
        SELECT count(*) FROM (SELECT n.text FROM note_search n ORDER BY n.problem_id DESC LIMIT $2) n
         WHERE n.text LIKE ALL ($1::text[])
        """,
        patterns,
        LOOKED_AT,
    )


async def _is_found_soon(connection: Connection, patterns: Sequence[str]) -> bool:
    """Whether SOON problems with notes are found in the newest two blocks, so that all of them may be many."""
    return await connection.fetchval(
        """
        SELECT count(*) = $2
          FROM (SELECT FROM (SELECT max(problem_id) >> 16 AS block FROM note_search) last,
                       LATERAL (SELECT FROM note_search n
                                 WHERE note_keys(n.problem_id) && ARRAY['b' || last.block, 'b' || (last.block - 1)]
                                   AND n.text LIKE ($1::text[])[1] AND n.text LIKE ALL ($1::text[])) n LIMIT $2) found
        """,
        patterns,
        SOON,
    )


async def list_noted(connection: Connection, nik: str, patterns: Sequence[str], limit: int | None) -> list[int] | None:
    """The problems in reach with notes where all `patterns` are found, in these or in what everybody searches: the newest, up
    to `limit`.
    None if there are none, if no index finds any of the patterns, and for whoever reads no notes."""
    if not is_indexed(patterns):
        return None
    newest = 0 if limit is None else await _count_newest(connection, patterns)
    if newest >= OFTEN:
        rows = await connection.fetch(_NOTED_OFTEN, nik, patterns, limit)
    elif newest or (limit is not None and await _is_found_soon(connection, patterns)):
        rows = await connection.fetch(_NOTED, nik, patterns, limit)
    else:
        rows = await connection.fetch(_NOTED_SELDOM, nik, patterns, limit)
    return [row["problem_id"] for row in rows] or None


async def get_last_note(connection: Connection, nik: str, problem_id: int) -> int:
    """The number of the newest note; 0 if there is none, or for whoever reads none."""
    return await connection.fetchval(
        """
        SELECT coalesce(max(n.seq), 0) FROM note n JOIN employee e ON e.nik = $2 AND reads_notes(e)
         WHERE n.problem_id = $1
        """,
        problem_id,
        nik,
    )


async def insert_note(connection: Connection, change: Change, data: Mapping[str, Any]) -> None:
    """Write a note: a text, files, or both. Nothing of the problem changes by it.

    Raises ProblemChanged if the person may not (any more), AlreadyRecorded, KeyReused, FilesGone.
    """
    async with connection.transaction():
        await record(connection, change.submission, change.location)
        seq = await connection.fetchval(
            """
            INSERT INTO note (problem_id, author_nik, text)
            SELECT p.id, e.nik, $3 FROM problem p, employee e WHERE p.id = $1 AND e.nik = $2 AND may($4, p, e)
            RETURNING seq
            """,
            change.problem_id,
            change.submission.nik,
            data["note"],
            change.right,
        )
        if seq is None:
            raise ProblemChanged
        kept, made = data.get("kept", ()), data.get("photo") or ()
        await attach_note_files(connection, change.submission, change.problem_id, seq, kept, made)
