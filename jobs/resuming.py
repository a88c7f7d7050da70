"""The end of a wait at its time: a problem that waits until then goes on by itself."""

from datetime import datetime

from asyncpg import Connection

from queries.jobs import Job
from queries.waiting import resume_elapsed
from settings import Settings


async def resume(connection: Connection, job: Job, settings: Settings) -> None:
    """Nothing is done where the wait has ended before, or was another one by now."""
    until = datetime.fromisoformat(job.arguments["until"])
    await resume_elapsed(connection, job.arguments["problem_id"], until)
