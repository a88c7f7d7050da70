"""A problem's history."""

from collections.abc import Sequence

from asyncpg import Connection, Record

from pictures import Picture
from queries.changes import AlreadyRecorded, ProblemChanged
from queries.drafts import delete_draft
from queries.photos import insert_photos
from queries.submissions import Submission, insert_submission


async def list_events(connection: Connection, problem_id: int, after_version: int | None = None) -> list[Record]:
    """The history, oldest first, with the names that its sentences need; only what changed since `after_version`, if given.

    The names are those of today; the codes are those of the event.
    """
    return await connection.fetch(
        """
        SELECT v.seq, v.at, s.time_zone, v.cause, v.note, v.before, v.after,
               v.actor_nik, a.name AS actor, coalesce(a.division_code, a.department_code) AS actor_unit,
               p.reporter_nik, r.name AS reporter,
               d.code AS division_code, d.name AS division, t.code AS department_code, t.name AS department, i.name AS pic,
               c.code AS category_code, c.name AS category
          FROM event v
          JOIN problem p ON p.id = v.problem_id
          JOIN store s ON s.code = p.store_code
          JOIN employee r ON r.nik = p.reporter_nik
          JOIN employee a ON a.nik = v.actor_nik
          LEFT JOIN division d ON d.code = v.after ->> 'division'
          LEFT JOIN department t ON t.code = v.after ->> 'department'
          LEFT JOIN employee i ON i.nik = v.after ->> 'pic'
          LEFT JOIN category c ON c.code = v.after ->> 'category'
         WHERE v.problem_id = $1 AND ($2::int IS NULL OR (v.version > $2 AND v.cause <> 'commented'))
         ORDER BY v.seq
        """,
        problem_id,
        after_version,
    )


async def insert_comment(
    connection: Connection, problem_id: int, submission: Submission, comment: str, pictures: Sequence[Picture] = ()
) -> None:
    """Append a comment with its photos. It changes no version: nobody's form is out of date for it.

    Raises ProblemChanged if the person may not (any more), AlreadyRecorded, KeyReused.
    """
    async with connection.transaction():
        if not await insert_submission(connection, submission, problem_id):
            raise AlreadyRecorded
        seq = await connection.fetchval(
            """
            WITH seen AS (
                SELECT p.id, p.version FROM problem p, employee e
                 WHERE p.id = $1 AND e.nik = $2 AND may('comment', p, e) FOR NO KEY UPDATE OF p)
            INSERT INTO event (problem_id, actor_nik, cause, version, note)
            SELECT id, $2, 'commented', version, $3 FROM seen RETURNING seq
            """,
            problem_id,
            submission.nik,
            comment,
        )
        if seq is None:
            raise ProblemChanged
        await delete_draft(connection, submission.nik, problem_id, "comment")
        await insert_photos(connection, problem_id, seq, pictures)
