"""A database for drafts: what a test does there is never committed."""

from collections.abc import AsyncIterator

import pytest
from asyncpg import Connection

from tests.conftest import connected
from tests.databases import Databases
from tests.queries.life import problem_in


@pytest.fixture(scope="session")
async def shared(databases: Databases) -> AsyncIterator[Connection]:
    """One database for the tests whose work is never committed."""
    async with connected(databases.clone()) as connection:
        for state in ("open", "escalated"):
            await problem_in(connection, state)
        yield connection


@pytest.fixture
async def draft(shared: Connection) -> AsyncIterator[Connection]:
    """A transaction that is rolled back, in a database where problem 1 is open at the desk and 2 waits at IT-NET."""
    transaction = shared.transaction()
    await transaction.start()
    yield shared
    await transaction.rollback()
