"""Search index maintenance: what is searched of problems follows a name that was changed, portion by portion."""

from asyncpg import Connection

from queries.jobs import Job, enqueue_job
from queries.search import fill_note_search, renew_search
from settings import Settings

NOTED = 500  # problems whose notes are put in at once


async def renew(connection: Connection, job: Job, settings: Settings) -> None:
    """One portion; the next is a job of its own, so that nobody waits long for a row."""
    below = await renew_search(connection, **job.arguments)
    if below is not None:
        await enqueue_job(connection, job.kind, job.arguments | {"before": below})


async def fill(connection: Connection, job: Job, settings: Settings) -> None:
    """One portion of the notes from before they were searched; the next is a job of its own."""
    after = await fill_note_search(connection, job.arguments.get("after", 0), NOTED)
    if after is not None:
        await enqueue_job(connection, job.kind, {"after": after})
