"""Telling: makes notifications of what stands in the outbox."""

from asyncpg import Connection, PostgresError

from queries.jobs import Job
from queries.outbox import Untold, hold_outbox, list_untold, set_apart, tell_of
from settings import Settings

PORTION = 50  # that are told of in one transaction


async def tell(connection: Connection, job: Job, settings: Settings) -> None:
    """A portion, or the one thing that this job is about. What cannot be told is set apart, so that all else goes on: it is tried
    again by itself, and parked in the end."""
    if "untold" in job.arguments:
        await hold_outbox(connection, waits=True)
        await tell_of(connection, Untold(*job.arguments["untold"]))
    elif await hold_outbox(connection):
        for untold in await list_untold(connection, PORTION):
            try:
                async with connection.transaction():
                    await tell_of(connection, untold)
            except PostgresError:
                await set_apart(connection, untold)
