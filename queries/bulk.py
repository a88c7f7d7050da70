"""Several problems at once: each changes by itself, in its own transaction, under the form's key made its own."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple
from uuid import uuid5

from asyncpg import Connection

from queries.changes import Change, ProblemChanged
from queries.drafts import delete_draft
from queries.employees import Employee
from queries.submissions import AlreadyRecorded, Submission, insert_submission

Seen = tuple[int, int]  # the id of a problem, and the version of it that was seen
Verb = Callable[[Connection, Change, Mapping[str, Any]], Awaitable[None]]


class Selected(NamedTuple):
    """A problem that was selected; `admitted` says whether its state admits the action, `possible` whether the viewer may now."""

    id: int
    version: int
    title: str
    status: str
    holder_code: str
    assignee_nik: str | None
    admitted: bool
    possible: bool


async def list_selected(
    connection: Connection, viewer: Employee, ids: Sequence[int], action: str
) -> dict[int, Selected]:
    """Those of `ids` in the viewer's reach, by id and in its order."""
    rows = await connection.fetch(
        """
        SELECT p.id, p.version, p.title, p.status, coalesce(p.holder_division_code, p.holder_department_code) AS holder_code,
               p.assignee_nik, $3 = ANY (admits(p)) AS admitted, may($3, p, e) AS possible
          FROM problem p JOIN employee e ON e.nik = $1
         WHERE p.id = ANY ($2) AND in_reach(p, e.sees_all, e.store_code, e.nik, e.area_code)
         ORDER BY p.id
        """,
        viewer.nik,
        ids,
        action,
    )
    return {row["id"]: Selected(*row) for row in rows}


async def change_each(
    connection: Connection,
    submission: Submission,
    changes: Sequence[Change],
    verb: Verb,
    data: Mapping[str, Any],
    back: str | None,
) -> list[Seen]:
    """Let `verb` change each problem; those that it could not, because they have changed since they were seen.

    Sent again, what was done is left alone; if all of it was, the answer leads `back` (None: others are left).

    Raises KeyReused if a key was recorded with other content.
    """
    failed = []
    for change in changes:
        own = replace(change, submission=replace(submission, key=uuid5(submission.key, str(change.problem_id))))
        try:
            await verb(connection, own, data)
        except AlreadyRecorded:
            continue
        except ProblemChanged:
            failed.append((change.problem_id, change.version))
    if back is not None and not failed:
        await insert_submission(connection, submission, back)
    await delete_draft(connection, submission.nik, submission.key)
    return failed
