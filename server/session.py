"""A session with the database for what is done outside of a server: migrating, and the commands of operators."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from asyncpg import Connection

import db


@asynccontextmanager
async def session(url: str, *args: Any, **options: Any) -> AsyncIterator[Connection]:
    """A connection to the database at `url`, as db.create_database takes its options; it ends with the context.

    Raises DatabaseUnavailable, and SchemaMismatch if it is another version's.
    """
    database = db.create_database(url, *args, **options)
    await database.connect()
    try:
        async with db.acquire(database) as connection:
            yield connection
    finally:
        await db.disconnect(database)
