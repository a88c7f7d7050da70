"""A second connection, for what happens at the same time."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

import db


@pytest.fixture
async def other(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """Another connection to the test's database."""
    connection = await asyncpg.connect(database_url)
    await db.initialise(connection)
    yield connection
    await connection.close()
