"""A problem's history."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from asyncpg import Connection

from queries.changes import Change, ProblemChanged, whole
from queries.draft_files import attach_files
from queries.rows import read_only_row, read_rows
from queries.submissions import refuse_recorded


class Event(NamedTuple):
    """A line of the history, with the names that its sentence needs: those of today; the codes are those of the event.

    `before` and `after` hold what differs. Nobody is the actor of what happens by itself.
    """

    seq: int
    at: datetime
    time_zone: str
    cause: str
    note: str | None
    before: dict[str, Any]
    after: dict[str, Any]
    actor_nik: str | None
    actor: str | None
    actor_unit: str | None
    reporter_nik: str
    reporter: str
    division_code: str | None
    division: str | None
    department_code: str | None
    department: str | None
    pic: str | None
    pic_before: str | None
    assignee: str | None
    assignee_before: str | None
    waiting_until: datetime | None
    category_code: str | None
    category: str | None
    category_before: str | None


class Said(NamedTuple):
    """A comment: whether its form is recorded for the first time, and its number in the history, if it may be written."""

    is_first: bool
    event_seq: int | None


PAGE_SIZE = 50  # events of a history that are shown at once


async def list_events(
    connection: Connection, problem_id: int, after_version: int | None = None, *, before: int | None = None
) -> list[Event]:
    """The newest PAGE_SIZE events of the history, oldest first; only what changed since `after_version`, if given, or of what
    came `before` the event of that number. They are numbered from 1 without a gap: what comes before the first can be counted.
    """
    records = await connection.fetch(
        """
        SELECT v.seq, v.at, s.time_zone, v.cause, v.note, v.before, v.after,
               v.actor_nik, a.name AS actor, nullif(array_to_string(a.divisions || a.departments, ', '), '') AS actor_unit,
               p.reporter_nik, r.name AS reporter,
               d.code AS division_code, d.name AS division, t.code AS department_code, t.name AS department, i.name AS pic,
               o.name AS pic_before, w.name AS assignee, x.name AS assignee_before,
               (v.after ->> 'waiting_until')::timestamptz AS waiting_until,
               c.code AS category_code, c.name AS category, b.code || ' — ' || b.name AS category_before
          FROM event v
          JOIN problem p ON p.id = v.problem_id
          JOIN store s ON s.code = p.store_code
          JOIN employee r ON r.nik = p.reporter_nik
          LEFT JOIN employee a ON a.nik = v.actor_nik
          LEFT JOIN division d ON d.code = v.after ->> 'division'
          LEFT JOIN department t ON t.code = v.after ->> 'department'
          LEFT JOIN employee i ON i.nik = v.after ->> 'pic'
          LEFT JOIN employee o ON o.nik = v.before ->> 'pic'
          LEFT JOIN employee w ON w.nik = v.after ->> 'assignee'
          LEFT JOIN employee x ON x.nik = v.before ->> 'assignee'
          LEFT JOIN category c ON c.code = v.after ->> 'category'
          LEFT JOIN category b ON b.code = v.before ->> 'category'
         WHERE v.problem_id = $1 AND ($2::int IS NULL OR (v.version > $2 AND v.cause <> 'commented'))
           AND ($3::bigint IS NULL OR v.seq < $3)
         ORDER BY v.seq DESC LIMIT $4
        """,
        problem_id,
        after_version,
        before,
        PAGE_SIZE,
    )
    return read_rows(Event, records)[::-1]


async def get_last_event(connection: Connection, problem_id: int) -> int:
    """The number of the newest event."""
    return await connection.fetchval("SELECT max(seq) FROM event WHERE problem_id = $1", problem_id)


async def insert_comment(connection: Connection, change: Change, data: Mapping[str, Any]) -> None:
    """Append a comment: a text, files, or both. It changes no version: nobody's form is out of date for it; but a problem that
    waits for its reporter goes on when the reporter, or somebody of that store, has said something.

    Raises ProblemChanged if the person may not (any more), AlreadyRecorded, KeyReused, FilesGone.
    """
    kept, pictures = data.get("kept", ()), data.get("photo") or ()
    async with whole(connection, several=bool(kept or pictures)) as has_files:
        record = await connection.fetchrow(
            "SELECT is_first, event_seq FROM comment_on($1, $2, $3, $4, $5, $6)",
            *change.submission.recorded,
            change.problem_id,
            data["comment"],
            has_files,
        )
        said = read_only_row(Said, record)
        if not said.is_first:
            await refuse_recorded(connection, change.submission)
        if said.event_seq is None:
            raise ProblemChanged
        if has_files:
            await attach_files(connection, change.submission, change.problem_id, said.event_seq, kept, pictures)
