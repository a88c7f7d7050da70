"""Retention: drops what no longer counts."""

from asyncpg import Connection

from queries.budgets import forget_old
from queries.exports import forget_exports
from queries.imports import forget_imports
from queries.jobs import Job
from queries.mails import forget_mails
from queries.notifications import forget_notifications
from queries.presence import forget_presence
from settings import Settings


async def tidy(connection: Connection, job: Job, settings: Settings) -> None:
    """Drop spent budgets, lookups, sessions, devices, drafts, exports, imports, notifications and mails of long ago, and who was
    at a problem."""
    await forget_old(connection)
    await forget_exports(connection)
    await forget_imports(connection)
    await forget_presence(connection)
    await forget_notifications(connection)
    await forget_mails(connection)
