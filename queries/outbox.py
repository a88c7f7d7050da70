"""The outbox: what is still to be told, put in by the transaction in which it happened (transactional outbox)."""

from typing import Any, NamedTuple

from asyncpg import Connection

from queries.jobs import enqueue_job
from queries.rows import read_rows

TELLING = "telling"  # the kind of the job


class Untold(NamedTuple):
    """What is to be told of a problem: an event, a note or an alarm."""

    id: int
    problem_id: int
    event_seq: int | None
    note_seq: int | None
    alarm: str | None


async def is_filled(connection: Connection) -> bool:
    """Whether something is to be told for which no job is there yet."""
    return await connection.fetchval(
        """
        SELECT EXISTS (SELECT FROM outbox)
           AND NOT EXISTS (SELECT FROM job WHERE kind = $1 AND arguments = '{}' AND parked_at IS NULL)
        """,
        TELLING,
    )


async def hold_outbox(connection: Connection, *, waits: bool = False) -> bool:
    """Be the only one who tells, up to the end of the transaction; False if somebody else is, who is waited for if it `waits`.

    No lock is waited for long: two who hold what the other one wants would stand still.
    """
    await connection.execute("SELECT set_config('lock_timeout', '500ms', true)")
    if waits:
        await connection.execute("SELECT pg_advisory_xact_lock(1397310473)")
        return True
    return await connection.fetchval("SELECT pg_try_advisory_xact_lock(1397310473)")


async def list_untold(connection: Connection, limit: int) -> list[Untold]:
    """What has waited longest."""
    records = await connection.fetch(
        "SELECT id, problem_id, event_seq, note_seq, alarm FROM outbox ORDER BY id LIMIT $1", limit
    )
    return read_rows(Untold, records)


async def tell_of(connection: Connection, untold: Untold) -> None:
    """Tell of it whom it concerns, by one statement whoever they are; it is to be told no more."""
    await connection.execute("SELECT tell_of(ROW($1, $2, $3, $4, $5)::outbox)", *untold)


async def set_apart(connection: Connection, untold: Untold) -> None:
    """Have it told by a job of its own, so that it is in nobody's way."""
    arguments: dict[str, Any] = {"untold": list(untold)}
    await connection.execute("DELETE FROM outbox WHERE id = $1", untold.id)
    await enqueue_job(connection, TELLING, arguments)
