"""The one way in which a problem changes: guarded (optimistic lock), with its event and its custody, in one transaction."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from asyncpg import Connection

from queries.drafts import delete_draft
from queries.submissions import Submission, record


@dataclass(frozen=True)
class Change:
    """What somebody wants to do with a problem, having seen `version` of it.

    `right` names the right and the state that it needs (SQL `may`), `cause` the event that tells of it.
    """

    problem_id: int
    version: int
    submission: Submission
    right: str
    cause: str

    @property
    def location(self) -> str:
        """Where the answer leads."""
        return f"/problems/{self.problem_id}"


class ProblemChanged(Exception):
    """The problem is no longer what was seen, or no longer admits what was asked, for this person."""


@asynccontextmanager
async def changing(connection: Connection, change: Change, note: str | None = None) -> AsyncIterator[None]:
    """Around an UPDATE of the problem; `note` is why.

    Raises ProblemChanged, AlreadyRecorded, KeyReused; then nothing is changed.
    """
    async with connection.transaction():
        await record(connection, change.submission, change.location)
        # NO KEY: two forms may have referred to the problem above; a stronger lock would have each wait for the other.
        before = await connection.fetchval(
            """
            SELECT facts(p) FROM problem p, employee e
             WHERE p.id = $1 AND p.version = $2 AND e.nik = $3 AND may($4, p, e)
               FOR NO KEY UPDATE OF p
            """,
            change.problem_id,
            change.version,
            change.submission.nik,
            change.right,
        )
        if before is None:
            raise ProblemChanged
        yield
        await delete_draft(connection, change.submission.nik, change.submission.key)
        await insert_event(connection, change.problem_id, change.submission.nik, change.cause, before, note)
        await pass_custody(connection, change.problem_id)


async def insert_event(
    connection: Connection, problem_id: int, nik: str, cause: str, before: dict, note: str | None
) -> None:
    """Append to the history what `nik` has just done, as the difference between `before` and the present."""
    await connection.execute(
        """
        INSERT INTO event (problem_id, at, actor_nik, cause, version, before, after, note)
        SELECT p.id, p.changed_at, $2, $3, p.version, differing($4, facts(p)), differing(facts(p), $4), $5
          FROM problem p WHERE p.id = $1
        """,
        problem_id,
        nik,
        cause,
        before,
        note,
    )


async def pass_custody(connection: Connection, problem_id: int) -> None:
    """Let custody follow the problem's holder: end it where the holder changed or the problem ended, begin the new one."""
    await connection.execute(
        """
        UPDATE custody c SET during = tstzrange(lower(c.during), p.changed_at)
          FROM problem p
         WHERE p.id = $1 AND c.problem_id = p.id AND upper_inf(c.during)
           AND (p.status IN ('closed', 'void')
                OR (c.division_code, c.department_code, c.pic_nik) IS DISTINCT FROM
                   (p.holder_division_code, p.holder_department_code, p.holder_pic_nik))
        """,
        problem_id,
    )
    await connection.execute(
        """
        INSERT INTO custody (problem_id, during, division_code, department_code, pic_nik)
        SELECT p.id, tstzrange(p.changed_at, NULL), p.holder_division_code, p.holder_department_code, p.holder_pic_nik
          FROM problem p
         WHERE p.id = $1 AND p.status NOT IN ('closed', 'void')
           AND NOT EXISTS (SELECT FROM custody c WHERE c.problem_id = p.id AND upper_inf(c.during))
        """,
        problem_id,
    )
