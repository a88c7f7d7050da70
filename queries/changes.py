"""The one way in which a problem changes: guarded (optimistic lock), with its event and its custody, in one transaction."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import NamedTuple

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


class Receiver(NamedTuple):
    """Who is to have it: a division, or a PIC."""

    division_code: str | None = None
    pic_nik: str | None = None


@asynccontextmanager
async def changing(
    connection: Connection, change: Change, note: str | None = None, *, receiver: Receiver | None = None
) -> AsyncIterator[None]:
    """Around an UPDATE of the problem; `note` is why, `receiver` who gets it while it is unfinished.

    Raises ProblemChanged, AlreadyRecorded, KeyReused; then nothing is changed.
    """
    async with connection.transaction():
        if receiver:
            await _hold(connection, receiver)
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
        await record_change(connection, change.problem_id, change.submission.nik, change.cause, before, note)


async def _hold(connection: Connection, receiver: Receiver) -> None:
    """Have whoever leaves wait for this, or wait for them. Before the problem, as they do: of two that take the same locks none
    ever waits for the other one's.
    """
    await connection.execute("SELECT FROM employee WHERE nik = $1 FOR SHARE", receiver.pic_nik)
    await connection.execute(
        "SELECT FROM division WHERE code = $1 AND kind <> 'desk' FOR SHARE", receiver.division_code
    )


async def record_change(
    connection: Connection, problem_id: int, nik: str | None, cause: str, before: dict, note: str | None
) -> None:
    """What goes with every change, after it: its event, as the difference between `before` and the present, and its custody.

    `nik` has done it; None: nobody, it happens by itself.
    """
    await connection.execute("SELECT record_change($1, $2, $3, $4, $5)", problem_id, nik, cause, before, note)
