"""A database for drafts: what a test does there is never committed."""

import uuid
from collections.abc import AsyncIterator

import asyncpg
import pytest
from asyncpg import Connection

from tests.conftest import of_database
from tests.schema.life import problem_in


@pytest.fixture(scope="module")
async def shared(server: str, template: str) -> AsyncIterator[Connection]:
    """One database for the tests whose work is never committed: a clone for each would take most of their time."""
    name = f"sih_{uuid.uuid4().hex[:12]}"
    admin = await asyncpg.connect(server)
    await admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY wal_log')
    connection = await asyncpg.connect(of_database(server, name))
    for state in ("open", "escalated"):
        await problem_in(connection, state)
    yield connection
    await connection.close()
    await admin.execute(f'DROP DATABASE "{name}"')
    await admin.close()


@pytest.fixture
async def draft(shared: Connection) -> AsyncIterator[Connection]:
    """A transaction that is rolled back, in a database where problem 1 is open at the desk and 2 waits at IT-NET."""
    transaction = shared.transaction()
    await transaction.start()
    yield shared
    await transaction.rollback()
