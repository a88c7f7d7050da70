"""The end of a problem: closing or voiding it, and what may follow. Each of these raises as queries.changes.changing does."""

from collections.abc import Mapping
from typing import Any

from asyncpg import Connection

from queries.changes import Change, changing, whole
from queries.draft_files import attach_files
from queries.events import get_last_event
from queries.waiting import resume_at


async def close_problem(connection: Connection, change: Change, data: Mapping[str, Any]) -> None:
    """open or waiting → closed, saying what was done; files may go with it. Raises FilesGone, too."""
    kept, made = data.get("kept", ()), data.get("photo") or ()
    async with whole(connection, several=bool(kept or made)) as has_files:
        async with changing(connection, change, has_files=has_files):
            await connection.execute(
                "UPDATE problem SET status = 'closed', solution = $2 WHERE id = $1", change.problem_id, data["solution"]
            )
        if has_files:
            event = await get_last_event(connection, change.problem_id)
            await attach_files(connection, change.submission, change.problem_id, event, kept, made)


async def confirm_problem(connection: Connection, change: Change, data: Mapping[str, Any]) -> None:
    """The store says that the problem is solved; that is final."""
    async with changing(connection, change):
        await connection.execute("UPDATE problem SET confirmed_at = clock_timestamp() WHERE id = $1", change.problem_id)


async def confirm_unanswered(connection: Connection, portion: int) -> int:
    """What nobody has answered in time counts as confirmed, of `portion` problems at most; how many it were."""
    return await connection.fetchval("SELECT confirm_unanswered($1)", portion)


async def reopen_problem(connection: Connection, change: Change, data: Mapping[str, Any]) -> None:
    """closed → open: the store, or who closed it, says what is not solved; who held it last has it again."""
    async with changing(connection, change, data["reason"]):
        await connection.execute("UPDATE problem SET status = 'open', solution = NULL WHERE id = $1", change.problem_id)


async def void_problem(connection: Connection, change: Change, data: Mapping[str, Any]) -> None:
    """reported, open or waiting → void: a wrong or duplicate report."""
    async with changing(connection, change, data["reason"]):
        await connection.execute("UPDATE problem SET status = 'void' WHERE id = $1", change.problem_id)


async def restore_problem(connection: Connection, change: Change, data: Mapping[str, Any]) -> None:
    """void → what it was, in the hands that it was in; the reason may be left out. What it waited until may have come."""
    async with changing(connection, change, data["reason"]):
        until = await connection.fetchval(
            """
            UPDATE problem p SET status = CASE WHEN w.until <= now() THEN 'open' ELSE v.before ->> 'status' END,
                                 waiting_for = v.before ->> 'waiting_for', waiting_until = w.until
              FROM event v, CAST(v.before ->> 'waiting_until' AS timestamptz) AS w (until)
             WHERE p.id = $1 AND v.problem_id = p.id AND v.version = p.version AND v.cause = 'voided'
            RETURNING p.waiting_until
            """,
            change.problem_id,
        )
        await resume_at(connection, change.problem_id, until)  # the time may come at this moment, and found it void
