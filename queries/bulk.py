"""Several problems at once: each changes by itself, in its own transaction, under the form's key made its own."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from uuid import uuid5

from asyncpg import Connection, Record

from queries.changes import AlreadyRecorded, Change, ProblemChanged
from queries.employees import Employee
from queries.submissions import Submission, insert_submission

Seen = tuple[int, int]  # the id of a problem, and the version of it that was seen
Verb = Callable[[Connection, Change], Awaitable[None]]


async def list_selectable(connection: Connection, viewer: Employee, ids: Sequence[int]) -> dict[int, int]:
    """The version, by id, of those of `ids` with which the viewer may do now what can be done with several."""
    rows = await connection.fetch(
        """
        SELECT p.id, p.version FROM problem p JOIN employee e ON e.nik = $1
         WHERE p.id = ANY ($2) AND p.status IN ('reported', 'open')
           AND (may('opening', p, e) OR may('escalation', p, e) OR may('voiding', p, e))
        """,
        viewer.nik,
        ids,
    )
    return {row["id"]: row["version"] for row in rows}


async def list_selected(connection: Connection, viewer: Employee, ids: Sequence[int], action: str) -> dict[int, Record]:
    """By id, in order, those of `ids` in the viewer's reach:

    id, version, title, status, holder_code, admitted (by its state), possible (for the viewer, now).
    """
    rows = await connection.fetch(
        """
        SELECT p.id, p.version, p.title, p.status, coalesce(p.holder_division_code, p.holder_department_code) AS holder_code,
               $3 = ANY (admits(p)) AS admitted, may($3, p, e) AS possible
          FROM problem p JOIN employee e ON e.nik = $1
         WHERE p.id = ANY ($2) AND in_reach(p, e.sees_all, e.store_code, e.nik)
         ORDER BY p.id
        """,
        viewer.nik,
        ids,
        action,
    )
    return {row["id"]: row for row in rows}


async def change_each(
    connection: Connection, submission: Submission, problems: Sequence[Seen], verb: Verb
) -> list[Seen]:
    """Let `verb` change each problem; those that it could not, because they have changed since they were seen.

    Sent again, what was done is left alone. Raises KeyReused if the form's key was recorded with other content.
    """
    await insert_submission(connection, submission)
    failed = []
    for problem_id, version in problems:
        own = replace(submission, key=uuid5(submission.key, str(problem_id)))
        try:
            await verb(connection, Change(problem_id, version, own))
        except AlreadyRecorded:
            continue
        except ProblemChanged:
            failed.append((problem_id, version))
    return failed
