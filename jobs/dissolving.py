"""A division or department that holds more problems than one transaction hands over is deactivated by portions."""

from asyncpg import Connection

from queries.deactivation import dissolve
from queries.jobs import Job
from settings import Settings


async def go_on(connection: Connection, job: Job, settings: Settings) -> None:
    """One portion; the next is a job of its own."""
    arguments = job.arguments
    await dissolve(connection, arguments["kind"], arguments["code"], arguments["heir"], arguments["actor"])
