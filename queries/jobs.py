"""The job queue: work enqueued in the transaction that wants it, taken with FOR UPDATE SKIP LOCKED; and its schedules."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from asyncpg import Connection

from queries.rows import read_rows

CHANNEL = "job"  # NOTIFY, by the trigger job_wakes


@dataclass(frozen=True)
class Job:
    """A job as it is worked on. `attempt` counts from 1; `id` is the same in every attempt: the idempotency key for effects
    outside of the database."""

    id: int
    kind: str
    attempt: int
    arguments: dict[str, Any] = field(repr=False)


async def enqueue_job(
    connection: Connection, kind: str, arguments: dict[str, Any] | None = None, delay: timedelta = timedelta(0)
) -> int:
    """Have a job of that kind done, not before `delay` has passed; its id.

    It belongs to the transaction of the connection: rolled back with it, and begun only after its commit.
    """
    return await connection.fetchval(
        "INSERT INTO job (kind, arguments, due_at) VALUES ($1, $2, now() + $3) RETURNING id",
        kind,
        arguments or {},
        delay,
    )


async def get_due_job(connection: Connection, without: list[str]) -> Job | None:
    """The job to be done next, of any kind but those `without`; locked until the transaction ends.

    None if none is due that nobody else has.
    """
    row = await connection.fetchrow(
        """
        SELECT id, kind, attempts + 1 AS attempt, arguments FROM job
         WHERE parked_at IS NULL AND due_at <= now() AND kind <> ALL ($1)
         ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
        """,
        without,
    )
    return Job(**row) if row else None


async def count_attempt(connection: Connection, job: Job, pause: float) -> None:
    """Count an attempt before it is made. If nothing more is heard of it, the job is due again in `pause` seconds."""
    await connection.execute(
        "UPDATE job SET attempts = $2, due_at = now() + make_interval(secs => $3) WHERE id = $1",
        job.id,
        job.attempt,
        pause,
    )


async def lock_job(connection: Connection, job: Job, seconds: float) -> bool:
    """Hold the job until the transaction ends, in which one statement, or one pause between two, may take `seconds`.

    False if somebody else has it by now.
    """
    held = await connection.fetchval(
        "SELECT true FROM job WHERE id = $1 AND attempts = $2 AND parked_at IS NULL FOR UPDATE SKIP LOCKED",
        job.id,
        job.attempt,
    )
    await connection.execute(
        """
        SELECT set_config('statement_timeout', $1, true), set_config('idle_in_transaction_session_timeout', $1, true)
        """,
        f"{max(1, round(seconds * 1000))}ms",
    )
    return held is not None


async def delete_job(connection: Connection, job: Job) -> None:
    """The job is done: in the transaction of what it did."""
    await connection.execute("DELETE FROM job WHERE id = $1", job.id)


async def note_failure(connection: Connection, job: Job, error: str) -> None:
    """Keep why this attempt failed. The next one has its time already."""
    await connection.execute(
        "UPDATE job SET error = $3 WHERE id = $1 AND attempts = $2 AND parked_at IS NULL", job.id, job.attempt, error
    )


async def park_job(connection: Connection, job: Job, error: str) -> None:
    """No attempt is made any more; the job stays, with its last error."""
    await connection.execute(
        "UPDATE job SET parked_at = now(), error = $2 WHERE id = $1 AND parked_at IS NULL", job.id, error
    )


async def revive_jobs(connection: Connection, kinds: list[str], error: str) -> None:
    """Jobs of these kinds that were parked with this error begin anew."""
    await connection.execute(
        """
        UPDATE job SET attempts = 0, due_at = now(), parked_at = NULL
         WHERE parked_at IS NOT NULL AND kind = ANY ($1) AND starts_with(error, $2)
        """,
        kinds,
        error,
    )


async def give_back_job(connection: Connection, job: Job) -> None:
    """The attempt was broken off, and is none: whoever comes next may begin at once."""
    await connection.execute(
        """
        UPDATE job SET attempts = attempts - 1, due_at = now() WHERE id = $1 AND attempts = $2 AND parked_at IS NULL
        """,
        job.id,
        job.attempt,
    )


class Queued(NamedTuple):
    """A job as it stands in the queue: `is_due` and not begun, tried `attempts` times, or parked after the last. `error` is the
    class of what went wrong, without what it said, which may be of what an admin does not see."""

    id: int
    kind: str
    due_at: datetime
    is_due: bool
    attempts: int
    error: str | None
    parked_at: datetime | None


async def list_jobs(connection: Connection, limit: int) -> list[Queued]:
    """The jobs that are to be done, those that are parked first, then those that are due next; at most `limit`."""
    records = await connection.fetch(
        """
        SELECT id, kind, due_at, due_at <= now() AS is_due, attempts, split_part(error, ':', 1) AS error, parked_at FROM job
         ORDER BY parked_at IS NULL, due_at, id LIMIT $1
        """,
        limit,
    )
    return read_rows(Queued, records)


async def retry_job(connection: Connection, id: int) -> None:
    """A job that is parked begins anew; one that is not, or is done, stays as it is."""
    await connection.execute(
        "UPDATE job SET attempts = 0, due_at = now(), parked_at = NULL WHERE id = $1 AND parked_at IS NOT NULL", id
    )


async def count_parked(connection: Connection) -> int:
    """How many jobs are parked."""
    return await connection.fetchval("SELECT count(*) FROM job WHERE parked_at IS NOT NULL")


async def get_seconds_to_next(connection: Connection) -> float | None:
    """Until a job or a schedule becomes due, seen from the beginning of the transaction; None if none will."""
    return await connection.fetchval(
        """
        SELECT extract(epoch FROM least(
            (SELECT min(due_at) FROM job WHERE parked_at IS NULL AND due_at > now()),
            (SELECT min(next_at) FROM schedule WHERE next_at > now())) - now())::float
        """
    )


# Schedules --------------------------------------------------------------------------------------------------------------


async def get_time(connection: Connection) -> datetime:
    """The database's clock at the beginning of the transaction: the one that all who share it go by."""
    return await connection.fetchval("SELECT now()")


async def put_schedule(connection: Connection, kind: str, rule: str, next_at: datetime) -> None:
    """Have jobs of that kind enqueued by a rule, first at `next_at`. One that is there with the same rule keeps its time."""
    await connection.execute(
        """
        INSERT INTO schedule (kind, rule, next_at) VALUES ($1, $2, $3)
        ON CONFLICT (kind) DO UPDATE SET rule = excluded.rule, next_at = excluded.next_at WHERE schedule.rule <> excluded.rule
        """,
        kind,
        rule,
        next_at,
    )


async def list_due_schedules(connection: Connection, kinds: list[str]) -> list[str]:
    """Which of these kinds are due by their schedules, which are locked until the transaction ends."""
    rows = await connection.fetch(
        "SELECT kind FROM schedule WHERE next_at <= now() AND kind = ANY ($1) FOR UPDATE SKIP LOCKED", kinds
    )
    return [row["kind"] for row in rows]


async def enqueue_scheduled(connection: Connection, kind: str, next_at: datetime) -> None:
    """Enqueue the run of a schedule that is due, one also for several that were missed, and set the time of the next."""
    await connection.execute("UPDATE schedule SET next_at = $2 WHERE kind = $1", kind, next_at)
    await enqueue_job(connection, kind)
