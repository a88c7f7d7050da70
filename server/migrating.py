"""The schema of a database that was away when SIH started: migrated when it comes back, beside the serving."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.datastructures import State

import db
from auth.peppers import warn_of_missing_peppers
from queries.first_admin import has_people
from server.migrate import migrate_when_available

log = logging.getLogger("sih")


@asynccontextmanager
async def migrating(state: State) -> AsyncIterator[None]:
    """Within the context the database gets its schema as soon as it can be reached; `state` as create_app makes it."""
    task = asyncio.create_task(migrate(state))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def migrate(state: State) -> None:
    """Give a database that was away its schema when it comes back; one that cannot get it closes every door. Whether it holds
    nobody yet is noted."""
    try:
        await migrate_when_available(state.settings.dsn)
        async with db.acquire(state.database) as connection:
            state.is_empty = not await has_people(connection)
            await warn_of_missing_peppers(connection, state.pins)
    except db.SchemaMismatch as error:
        state.schema_mismatch = str(error)
        log.critical("schema mismatch", extra={"error": str(error)})
    except db.DatabaseUnavailable as error:  # gone again: the logins will tell
        log.warning("peppers not checked", extra={"error": str(error)})
    except Exception:  # no connection is had to what it left
        log.exception("migrating failed")
