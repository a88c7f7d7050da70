"""The end of a wait at its time: a problem that waits until then goes on by itself."""

import logging
from datetime import datetime

from asyncpg import Connection

from queries.jobs import Job
from queries.waiting import resume_elapsed, resume_overdue
from settings import Settings

log = logging.getLogger(__name__)
PORTION = 500


async def resume(connection: Connection, job: Job, settings: Settings) -> None:
    """Nothing is done where the wait has ended before, or was another one by now."""
    until = datetime.fromisoformat(job.arguments["until"])
    await resume_elapsed(connection, job.arguments["problem_id"], until)


async def catch_up(connection: Connection, job: Job, settings: Settings) -> None:
    """What should have gone on and has not, because its job was parked or taken by a version that did not know it."""
    if overdue := await resume_overdue(connection, PORTION):
        log.warning("waits that were overdue", extra={"problems": overdue})
