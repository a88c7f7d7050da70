"""The real application on a port of its own, a real Chromium, and people who walk through it.

Every context is watched: what a test did not say would happen, an error in the console, a violation of the content security
policy, a failed request, an answer of 4xx or 5xx, a request that leaves this machine, fails the test.
"""

import asyncio
import socket
import threading
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import replace
from functools import partial

import asyncpg
import pytest
import uvicorn
from playwright.async_api import Browser

import db
import demo
from app import create_app
from pins import PinHasher
from settings import Settings
from tests.browser.person import ANI, DESK, People
from tests.conftest import KEYS, apart, of_database
from tests.conftest import People as Clients


@pytest.fixture
def site(settings: Settings) -> Iterator[str]:
    """The address of the application on a database of this test's own, with the small company."""
    with serving(settings) as address:
        yield address


@pytest.fixture(scope="session")
def demo_site(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the application with the demo company, which many tests look at and none changes."""
    name = f"sih_shown_{uuid.uuid4().hex[:12]}"
    apart(_make_demo(server, name))
    settings = Settings(
        database_url=of_database(server, name),
        secret_keys=("a key for tests",),
        host="127.0.0.1",
        port=8080,
        workers=1,
        allowed_hosts=("127.0.0.1",),
        data=tmp_path_factory.mktemp("data"),
        postgres_bin=None,
    )
    with serving(settings) as address:
        yield address
    apart(_drop(server, name))


@pytest.fixture
async def crowd(browser: Browser, site: str) -> AsyncIterator[People]:
    """Whoever comes to the small company: `await crowd(DESK)` is logged in there, at a screen."""
    everybody = People(browser, site)
    yield everybody
    await everybody.leave()


@pytest.fixture
async def onlookers(browser: Browser, demo_site: str) -> AsyncIterator[People]:
    """Whoever comes to the demo company, to look."""
    everybody = People(browser, demo_site)
    yield everybody
    await everybody.leave()


@pytest.fixture
def made(people: Clients) -> "Made":
    """Problems of the small company as a test needs them, made without a browser."""
    return Made(people)


class Made:
    """Each method leaves a problem in a state, and gives its path."""

    def __init__(self, people: Clients) -> None:
        self._people = people

    async def reported(self, title: str = "Printer mati", description: str = "Tidak menyala sejak pagi.") -> str:
        ani = await self._people(ANI)
        response = await ani.submit("/problems/new", "/problems", title=title, description=description)
        return response.headers["Location"]

    async def opened(self, title: str = "Printer mati", category: str = "NET-WIFI") -> str:
        path = await self.reported(title)
        identification = {"category": category, "impact": "1", "urgency": "2", "identification": "Kabel putus"}
        return await self.sent(DESK, path, "opening", **identification)

    async def escalated(self) -> str:
        path = await self.opened()
        return await self.sent(DESK, path, "escalation", kind="it", division="IT-NET", reason="Perlu ahli jaringan")

    async def closed(self) -> str:
        return await self.sent(DESK, await self.opened(), "closure", solution="Kabel diganti")

    async def sent(self, nik: str, path: str, action: str, page: str = "", **values: str) -> str:
        """Send the form of `action`, which stands on a page of its own, or else on `page`."""
        client = await self._people(nik)
        response = await client.submit(page or f"{path}/{action}", f"{path}/{action}", **values)
        assert response.status_code == 303, response.text
        return path


@pytest.fixture
def outage(database_url: str) -> Callable[[str], AbstractAsyncContextManager]:
    """`async with outage("employee")`: whoever reads that table loses the connection, as if the server went away."""
    return partial(_outage, database_url)


@asynccontextmanager
async def _outage(url: str, table: str) -> AsyncIterator[None]:
    async def end_who_waits() -> None:
        while True:
            await breaker.execute("""SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                                      WHERE datname = current_database() AND wait_event_type = 'Lock'""")
            await asyncio.sleep(0.02)

    holder, breaker = await asyncpg.connect(url), await asyncpg.connect(url)
    try:
        async with holder.transaction():
            await holder.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            ending = asyncio.create_task(end_who_waits())
            yield
            ending.cancel()
            await asyncio.wait([ending])
    finally:
        await holder.close()
        await breaker.close()


@contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """The application behind uvicorn, as main() runs it, in a thread with an event loop of its own; its address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        port = listener.getsockname()[1]
        application = create_app(replace(settings, port=port))
        config = uvicorn.Config(
            application, loop="uvloop", http="httptools", ws="none", log_config=None, access_log=False,
            server_header=False, proxy_headers=False, timeout_graceful_shutdown=5,
        )  # fmt: skip
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.005)
        assert server.started, "the application did not start"
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join(10)
            assert not thread.is_alive(), "the application did not stop"


async def _make_demo(server: str, name: str) -> None:
    keeper = await asyncpg.connect(server)
    await keeper.execute(f'CREATE DATABASE "{name}"')
    await keeper.close()
    connection = await asyncpg.connect(of_database(server, name), server_settings={"timezone": "UTC"})
    await db.initialise(connection)
    await db.apply_schema(connection)
    await demo.load_demo(connection, PinHasher(KEYS).hash)
    await connection.close()


async def _drop(server: str, name: str) -> None:
    keeper = await asyncpg.connect(server)
    await keeper.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await keeper.close()
