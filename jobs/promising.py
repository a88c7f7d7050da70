"""What is promised of problems follows what decides it: portion by portion after a change, and into the years to come."""

from asyncpg import Connection

from queries.jobs import Job, enqueue_job
from queries.promise_renewal import extend_working_time, renew_promises
from settings import Settings

PORTION = 100  # problems, whose rows are locked meanwhile


async def renew(connection: Connection, job: Job, settings: Settings) -> None:
    """One portion; the next is a job of its own, so that nobody waits long for a row."""
    after = await renew_promises(connection, job.arguments["after"], PORTION)
    if after is not None:
        await enqueue_job(connection, job.kind, {"after": after})


async def extend(connection: Connection, job: Job, settings: Settings) -> None:
    """The years that nobody has seen yet."""
    await extend_working_time(connection)
