"""Search index maintenance: what is searched of problems follows a name that was changed, portion by portion."""

from asyncpg import Connection

from queries.jobs import Job, enqueue_job
from queries.search import renew_search
from settings import Settings


async def renew(connection: Connection, job: Job, settings: Settings) -> None:
    """One portion; the next is a job of its own, so that nobody waits long for a row."""
    below = await renew_search(connection, **job.arguments)
    if below is not None:
        await enqueue_job(connection, job.kind, job.arguments | {"before": below})
