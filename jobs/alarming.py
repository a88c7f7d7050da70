"""Alarms of targets (SLA escalation): what was promised is nearly used up, or more than that. Who is told is not decided here."""

from asyncpg import Connection

from queries.jobs import Job, enqueue_job
from queries.promises import raise_alarms
from settings import Settings

ALARMS = "alarms"
PORTION = 1000  # problems a run; where there are more, as when everybody begins to work, another follows at once


async def alarm(connection: Connection, job: Job, settings: Settings) -> None:
    """One portion."""
    if await raise_alarms(connection, PORTION) == PORTION:
        await enqueue_job(connection, ALARMS)
