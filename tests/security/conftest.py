"""The world that all of these tests look at."""

import pytest

from tests.client import Client
from tests.security.world import World, build


@pytest.fixture
async def world(people, nobody: Client) -> World:
    """Problems in every state, and a browser for whoever is asked for."""
    return await build(people, nobody)
