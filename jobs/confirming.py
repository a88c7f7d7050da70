"""Automatic confirmation: what was closed, and nobody has said for five working days whether it is solved."""

from asyncpg import Connection

from queries.closures import confirm_unanswered
from queries.jobs import Job
from settings import Settings

# Problems a run. What had piled up before there was this rule is done with by the hour, behind what comes day by day.
PORTION = 500


async def confirm(connection: Connection, job: Job, settings: Settings) -> None:
    """One portion."""
    await confirm_unanswered(connection, PORTION)
