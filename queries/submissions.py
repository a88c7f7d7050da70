"""Form keys (idempotency keys): a form sent twice is recorded once and answered the same."""

from dataclasses import dataclass
from typing import NoReturn
from uuid import UUID

from asyncpg import Connection


@dataclass(frozen=True)
class Submission:
    """A form that was sent: its key, who sent it, and the SHA-256 digest of its door and content (32 bytes)."""

    key: UUID
    nik: str
    digest: bytes

    @property
    def recorded(self) -> tuple[UUID, str, bytes]:
        """What is kept of it, as the functions of the schema that record a form are given it."""
        return self.key, self.nik, self.digest


class KeyReused(Exception):
    """The key was recorded before with other content, or by somebody else."""


class AlreadyRecorded(Exception):
    """The same form was recorded by a transaction that came first: the answer is the same as to that."""


async def get_recorded(connection: Connection, submission: Submission) -> str | None:
    """Where the answer to this very form led; None if the key is new.

    Raises KeyReused.
    """
    row = await connection.fetchrow("SELECT nik, digest, location FROM submission WHERE key = $1", submission.key)
    if row is None:
        return None
    if (row["nik"], row["digest"]) != (submission.nik, submission.digest):
        raise KeyReused
    return row["location"]


async def insert_submission(connection: Connection, submission: Submission, location: str = "/problems") -> bool:
    """Record the form, in the transaction of what it does, with where its answer leads. False if it was recorded by a
    transaction that came first.

    Waits for such a transaction to end. Raises KeyReused.
    """
    values = (submission.key, submission.nik, submission.digest, location)
    if await connection.fetchval("SELECT record_form($1, $2, $3, $4)", *values):
        return True
    await get_recorded(connection, submission)
    return False


async def record(connection: Connection, submission: Submission, location: str) -> None:
    """The same, for what a repetition must not do again. Raises AlreadyRecorded, KeyReused."""
    if not await insert_submission(connection, submission, location):
        raise AlreadyRecorded


async def refuse_recorded(connection: Connection, submission: Submission) -> NoReturn:
    """Say of a form that a statement found to be recorded before how that was. Raises AlreadyRecorded, KeyReused."""
    await get_recorded(connection, submission)
    raise AlreadyRecorded


async def set_location(connection: Connection, submission: Submission, location: str) -> None:
    """Note where the answer leads, once that is known."""
    await connection.execute("UPDATE submission SET location = $2 WHERE key = $1", submission.key, location)
