"""The real application on a port of its own, a real Chromium, and people who walk through it.

Every screen is watched: what a test did not say would happen, an error in the console, a violation of the content security
policy, a failed request, an answer of 4xx or 5xx, a request that leaves this machine, fails the test.
"""

import asyncio
import fcntl
import os
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import replace
from functools import partial

import asyncpg
import pytest
import uvicorn
from playwright.async_api import Browser, async_playwright

from app import create_app
from auth.pins import PinHasher
from demo.loading import load_demo
from server.migrate import migrate
from server.protocol import OPTIONS
from settings import Settings
from tests import journeys
from tests.chromium import PROGRAM, SWITCHES
from tests.conftest import People, apart, connected, settings_for
from tests.databases import KEYS, Databases
from tests.person import Crowd
from tests.screens import Screens


@pytest.fixture(scope="session")
async def browser(anyio_backend: str) -> AsyncIterator[Browser]:
    """A Chromium for all tests of a process."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=PROGRAM, args=SWITCHES)
        yield browser
        await browser.close()


@pytest.fixture(scope="session")
async def screens(browser: Browser) -> Screens:
    """Windows of the browser, for whoever comes to a site."""
    return Screens(browser)


@pytest.fixture(scope="session")
def site_port() -> Iterator[int]:
    """The port of every site of the small company: nobody else gets it between two tests."""
    with bound(0) as holder:
        yield holder.getsockname()[1]


@pytest.fixture
def site(settings: Settings, site_port: int) -> Iterator[str]:
    """The address of the application on a database of this test's own, with the small company."""
    with serving(settings, site_port) as address:
        yield address


@pytest.fixture(scope="session")
def demo_url(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the database with the demo company, which takes seconds to load: one for all processes of a run.

    It is on the server of the one that came first, which waits at its end until no other uses it.
    """
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # that of the run
    with (folder / "demo.url").open("a+") as made, (folder / "demo.used").open("w") as used:
        fcntl.flock(made, fcntl.LOCK_EX)
        fcntl.flock(used, fcntl.LOCK_SH)
        made.seek(0)
        url = made.read()
        if is_first := not url:
            url = databases.empty()
            apart(_load_demo(url))
            made.write(url)
            made.flush()
        fcntl.flock(made, fcntl.LOCK_UN)
        yield url
        if is_first:
            fcntl.flock(used, fcntl.LOCK_EX)


@pytest.fixture(scope="session")
def demo_site(demo_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the application with the demo company, which many tests look at and none changes."""
    with serving(settings_for(demo_url, tmp_path_factory.mktemp("data"))) as address:
        yield address


@pytest.fixture
async def crowd(screens: Screens, site: str) -> AsyncIterator[Crowd]:
    """Whoever comes to the small company: `await crowd(DESK)` is logged in there, at a screen."""
    everybody = Crowd(screens, site)
    yield everybody
    await everybody.leave()


@pytest.fixture
async def onlookers(screens: Screens, demo_site: str) -> AsyncIterator[Crowd]:
    """Whoever comes to the demo company, to look."""
    everybody = Crowd(screens, demo_site)
    yield everybody
    await everybody.leave()


@pytest.fixture
def made(people: People) -> "Made":
    """Problems of the small company as a test needs them, made without a browser."""
    return Made(people)


class Made:
    """Each method leaves a problem of Ani's in a state, and gives its path."""

    def __init__(self, people: People) -> None:
        self._people = people

    async def reported(self, title: str = "Printer mati", nik: str = journeys.ANI, **values: str) -> str:
        return await journeys.report(self._people, nik, title=title, **values)

    async def opened(self, title: str = "Printer mati") -> str:
        path = await self.reported(title)
        await journeys.open_it(self._people, path)
        return path

    async def escalated(self) -> str:
        return await journeys.escalated(self._people)

    async def closed(self) -> str:
        return await journeys.closed(self._people)

    async def sent(self, nik: str, path: str, action: str, page: str = "", **values: str) -> None:
        """Send the form of `action`, which stands on a page of its own, or else on `page`."""
        client = await self._people(nik)
        response = await client.submit(page or f"{path}/{action}", f"{path}/{action}", **values)
        assert response.status_code == 303, response.text


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
def serving(settings: Settings, port: int = 0) -> Iterator[str]:
    """The application behind uvicorn, as main() runs it, in a thread with an event loop of its own; its address."""
    with bound(port) as listener:
        listener.listen(128)
        port = listener.getsockname()[1]
        application = create_app(replace(settings, port=port))
        config = uvicorn.Config(application, **OPTIONS | {"timeout_graceful_shutdown": 5})
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


def bound(port: int) -> socket.socket:
    """A socket at this port, where others of ours may be too; 0 is any port."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind(("127.0.0.1", port))
    return listener


async def _load_demo(url: str) -> None:
    async with connected(url, timezone="UTC") as connection:
        await migrate(connection)
        await load_demo(connection, PinHasher(KEYS).hash)
