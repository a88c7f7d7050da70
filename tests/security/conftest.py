"""The application behind a server of its own; what happens while a PIN is hashed."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import uvicorn
from starlette.applications import Starlette

from auth.pins import PinHasher
from server.protocol import OPTIONS


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


@pytest.fixture
def while_hashing(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Awaitable]], None]:
    """Has something done, in another task, during every hash that is computed or checked from now on."""

    def with_act(compute: Callable, act: Callable[[], Awaitable]) -> Callable:
        async def slowly(self: PinHasher, *args: str) -> object:
            result = await compute(self, *args)
            await asyncio.gather(act())
            return result

        return slowly

    def arrange(act: Callable[[], Awaitable]) -> None:
        for name in ("matches", "hash_apart"):
            monkeypatch.setattr(PinHasher, name, with_act(getattr(PinHasher, name), act))

    return arrange
