"""Form keys: a form sent twice is recorded once and answered the same."""

from dataclasses import dataclass
from uuid import UUID

from asyncpg import Connection


@dataclass(frozen=True)
class Submission:
    """A form that was sent: its key, who sent it, and the SHA-256 digest of its door and content (32 bytes)."""

    key: UUID
    nik: str
    digest: bytes


class KeyReused(Exception):
    """The key was recorded before with other content, or by somebody else."""


async def get_recorded(connection: Connection, submission: Submission) -> int | None:
    """The problem that this very form made or changed; None if the key is new.

    Raises KeyReused.
    """
    row = await connection.fetchrow("SELECT nik, digest, problem_id FROM submission WHERE key = $1", submission.key)
    if row is None:
        return None
    if (row["nik"], row["digest"]) != (submission.nik, submission.digest):
        raise KeyReused
    return row["problem_id"]


async def insert_submission(connection: Connection, submission: Submission, problem_id: int | None = None) -> bool:
    """Record the form, in the transaction of what it does. False if it was recorded by a transaction that came first.

    Waits for such a transaction to end. Raises KeyReused.
    """
    inserted = await connection.fetchval(
        """
        INSERT INTO submission (key, nik, digest, problem_id) VALUES ($1, $2, $3, $4)
        ON CONFLICT (key) DO NOTHING RETURNING true
        """,
        submission.key,
        submission.nik,
        submission.digest,
        problem_id,
    )
    if inserted:
        return True
    await get_recorded(connection, submission)
    return False


async def set_problem(connection: Connection, submission: Submission, problem_id: int) -> None:
    """Note which problem the form made, so that a repetition is led to it."""
    await connection.execute("UPDATE submission SET problem_id = $2 WHERE key = $1", submission.key, problem_id)
