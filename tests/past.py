"""A company with a past that is only looked at: problems of more than a year. The months up to March 2026 and then those up to
September were frozen, each before some were counted (tests/recap/checks.py)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from asyncpg import Connection

from app import create_app
from tests.conftest import People, connected, settings_for
from tests.databases import Databases
from tests.recap.checks import World


@dataclass(frozen=True)
class Past:
    """Who looks at it, and its database."""

    people: People
    connection: Connection


@pytest.fixture(scope="session")
async def past(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Past]:
    """It."""
    url = databases.clone()
    async with connected(url) as connection:
        await World(connection, 11, 150).make()
        app = create_app(settings_for(url, tmp_path_factory.mktemp("data")))
        async with app.router.lifespan_context(app):
            yield Past(People(app), connection)
