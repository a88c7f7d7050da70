"""How far a job is, noted where others see it while its own transaction hides what it does (progress bar)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from asyncpg import Connection

import db
from settings import Settings

NOTED_EVERY = 1  # seconds
NOTING = db.SERVING | {"application_name": "sih jobs"}


@dataclass
class Done:
    """How many rows are done, of how many."""

    done: int = 0
    total: int = 0


@asynccontextmanager
async def noting(settings: Settings, note: Callable[[Connection, Done], Awaitable[None]]) -> AsyncIterator[Done]:
    """Meanwhile, `note` how much is done: on a connection of its own, which is had once it takes long."""
    done, over = Done(), asyncio.Event()
    task = asyncio.create_task(_note_until(over, settings, note, done))
    try:
        yield done
    finally:
        over.set()  # not cancelled: that would cost the connection that it has
        await task


async def _note_until(
    over: asyncio.Event, settings: Settings, note: Callable[[Connection, Done], Awaitable[None]], done: Done
) -> None:
    """What cannot be noted is no fault."""
    database = db.create_database(settings.dsn, NOTING, size=1)
    await database.connect()
    noted = 0
    try:
        with suppress(db.DatabaseUnavailable, db.SchemaMismatch):
            while not await _happens(over, NOTED_EVERY):
                if done.done != noted:
                    noted = done.done
                    async with db.acquire(database) as connection:
                        await note(connection, Done(noted, done.total))
    finally:
        await db.disconnect(database)


async def _happens(event: asyncio.Event, seconds: float) -> bool:
    """Whether it happens within so many seconds."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()
