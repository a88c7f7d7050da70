"""Offboarding: whoever leaves more problems than one transaction hands over is let go by portions."""

from asyncpg import Connection

from queries.jobs import Job
from queries.leaving import let_go
from settings import Settings


async def depart(connection: Connection, job: Job, settings: Settings) -> None:
    """One portion; the next is a job of its own."""
    await let_go(connection, job.arguments["nik"], job.arguments["heir"], job.arguments["actor"])
