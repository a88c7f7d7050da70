"""The world that all of these tests look at."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
import uvicorn
from starlette.applications import Starlette

from serving import OPTIONS
from tests.client import Client
from tests.security.world import World, build


@pytest.fixture
async def world(people, nobody: Client) -> World:
    """Problems in every state, and a browser for whoever is asked for."""
    return await build(people, nobody)


@pytest.fixture
async def port(app: Starlette) -> AsyncIterator[int]:
    """Where the application is served as `main` serves it."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, lifespan="off", **OPTIONS)
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None
    task = asyncio.create_task(server._serve([listener]))
    while not server.started:  # noqa: ASYNC110 (it has no event to wait for)
        await asyncio.sleep(0.01)
    yield listener.getsockname()[1]
    server.should_exit = True
    await task
