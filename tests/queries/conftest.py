"""A second connection, for what happens at the same time."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from tests.conftest import connected


@pytest.fixture
async def other(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """Another connection to the test's database."""
    async with connected(database_url) as connection:
        yield connection
