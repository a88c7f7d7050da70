"""Waiting (pending, on hold): a problem that can't go on before somebody else has acted, and the ends of that."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from asyncpg import Connection

from queries.changes import Change, changing, record_change
from queries.jobs import enqueue_job, get_time

RESUMPTION = "resumption"  # the kind of the job that ends a wait at its time


async def pause_problem(connection: Connection, change: Change, data: Mapping[str, Any]) -> None:
    """open → waiting, for whom or what, why, and until when, if that is known. Raises as `changing` does."""
    until = data["until"]
    async with changing(connection, change, data["reason"]):
        await connection.execute(
            "UPDATE problem SET status = 'waiting', waiting_for = $2, waiting_until = $3 WHERE id = $1",
            change.problem_id,
            data["waiting_for"],
            until,
        )
        await resume_at(connection, change.problem_id, until)


async def resume_at(connection: Connection, problem_id: int, until: datetime | None) -> None:
    """Have a wait end by itself at its time, if that is known."""
    if until is not None:
        arguments = {"problem_id": problem_id, "until": until.isoformat()}
        await enqueue_job(connection, RESUMPTION, arguments, until - await get_time(connection))


async def resume_problem(connection: Connection, change: Change, data: Mapping[str, Any]) -> None:
    """waiting → open, by hand. Raises as `changing` does."""
    async with changing(connection, change):
        await connection.execute("UPDATE problem SET status = 'open' WHERE id = $1", change.problem_id)


async def resume_elapsed(connection: Connection, problem_id: int, until: datetime) -> None:
    """waiting → open, by itself, if it still waits until then."""
    async with connection.transaction():
        before = await connection.fetchval(
            """
            SELECT facts(p) FROM problem p
             WHERE p.id = $1 AND p.status = 'waiting' AND p.waiting_until = $2 FOR NO KEY UPDATE
            """,
            problem_id,
            until,
        )
        await _resume(connection, problem_id, before, None, "elapsed")


async def resume_overdue(connection: Connection, portion: int) -> int:
    """waiting → open, by itself, where the time has come and its job did nothing, for `portion` at most; how many it were."""
    rows = await connection.fetch(
        """
        SELECT id, waiting_until FROM problem
         WHERE status = 'waiting' AND waiting_until <= now() ORDER BY waiting_until LIMIT $1
        """,
        portion,
    )
    for row in sorted(rows, key=lambda row: row["id"]):  # the order in which all who lock several lock them
        await resume_elapsed(connection, row["id"], row["waiting_until"])
    return len(rows)


async def _resume(connection: Connection, problem_id: int, before: dict | None, nik: str | None, cause: str) -> None:
    """Let the problem go on, if `before` says what it was."""
    if before is not None:
        await connection.execute("UPDATE problem SET status = 'open' WHERE id = $1", problem_id)
        await record_change(connection, problem_id, nik, cause, before, None)
