"""The one way in which a problem changes: guarded (optimistic lock), with its event and its custody, in one transaction."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import NamedTuple

from asyncpg import Connection

from queries.rows import read_only_row
from queries.submissions import Submission, refuse_recorded


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
async def whole(connection: Connection, *, several: bool) -> AsyncIterator[bool]:
    """One transaction around what is done: one statement, which is a transaction by itself, or `several`, as it answers."""
    if several:
        async with connection.transaction():
            yield True
    else:
        yield False


@asynccontextmanager
async def changing(
    connection: Connection,
    change: Change,
    note: str | None = None,
    *,
    receiver: Receiver | None = None,
    has_files: bool = False,
) -> AsyncIterator[None]:
    """Around an UPDATE of the problem; `note` is why, `receiver` who gets it while it is unfinished. What was kept of the form
    goes, unless it `has_files`, which are still to be taken from there.

    Raises ProblemChanged, AlreadyRecorded, KeyReused; then nothing is changed.
    """
    async with connection.transaction():
        if receiver:
            await _hold(connection, receiver)
        is_first, before = await _begin(connection, change)
        if not is_first:
            await refuse_recorded(connection, change.submission)
        if before is None:
            raise ProblemChanged
        yield
        form = None if has_files else change.submission
        await record_change(connection, change.problem_id, change.submission.nik, change.cause, before, note, form)


class Begun(NamedTuple):
    """A change that has begun: whether its form is recorded for the first time, and what the problem is before it."""

    is_first: bool
    before: dict | None


async def _begin(connection: Connection, change: Change) -> Begun:
    """Record the form, and hold the problem; it is None if it is not what was seen, or if the person may not change it."""
    record = await connection.fetchrow(
        "SELECT is_first, before FROM begin_change($1, $2, $3, $4, $5, $6)",
        *change.submission.recorded,
        change.problem_id,
        change.version,
        change.right,
    )
    return read_only_row(Begun, record)


async def _hold(connection: Connection, receiver: Receiver) -> None:
    """Have whoever leaves wait for this, or wait for them. Before the problem, as they do: of two that take the same locks none
    ever waits for the other one's.
    """
    if receiver.pic_nik is not None:
        await connection.execute("SELECT FROM employee WHERE nik = $1 FOR SHARE", receiver.pic_nik)
    if receiver.division_code is not None:
        await connection.execute(
            "SELECT FROM division WHERE code = $1 AND kind <> 'desk' FOR SHARE", receiver.division_code
        )


async def record_change(
    connection: Connection,
    problem_id: int,
    nik: str | None,
    cause: str,
    before: dict,
    note: str | None,
    form: Submission | None = None,
) -> None:
    """What goes with every change, after it: its event, as the difference between `before` and the present, and its custody.

    `nik` has done it; None: nobody, it happens by itself. What was kept of the `form` goes.
    """
    change = problem_id, nik, cause, before, note
    if form is None:
        await connection.execute("SELECT record_change($1, $2, $3, $4, $5)", *change)
    else:
        await connection.execute(
            "SELECT forget_form($6, $7), record_change($1, $2, $3, $4, $5)", *change, form.key, form.nik
        )
