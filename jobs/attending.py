"""Reconciliation: a problem that nobody can act on goes to the desk. There is none, unless a database was changed by hand."""

import logging

from asyncpg import Connection

from queries.jobs import Job, enqueue_job
from queries.leaving import bring_home, list_unattended
from settings import Settings

log = logging.getLogger(__name__)
PORTION = 500


async def attend(connection: Connection, job: Job, settings: Settings) -> None:
    """One portion; the next is a job of its own."""
    problems, first = await list_unattended(connection, limit=5)
    if not problems:
        return
    brought = await bring_home(connection, PORTION)
    log.warning("problems without anybody", extra={"problems": problems, "first": first, "brought": brought})
    if brought:
        await enqueue_job(connection, job.kind, {})
