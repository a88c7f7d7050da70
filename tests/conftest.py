"""A real Postgres a run, a database as new for every test, the application on it, and people logged in."""

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest
from argon2 import PasswordHasher
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

import auth.pins
import db
from app import create_app
from auth.clients import hash_id, new_id
from auth.sessions import SHARED
from jobs.registry import KINDS
from queries.mails import MAILING
from queries.outbox import TELLING
from queries.sessions import insert_session
from server.postgres.embedded import EmbeddedPostgres
from settings import Settings
from tests.client import Client
from tests.databases import KEYS, PIN, Databases, databases_on
from tests.databases import of_database as of_database
from tests.pools import Kept
from tests.processes import Process
from web import cookies

# Where what is looked at in a browser comes from, and what is only looked at: a house, and a company with a past.
pytest_plugins = ["tests.site", "tests.house", "tests.past"]


def pytest_collection_finish() -> None:
    """What was imported stays: no collection of garbage has to look at it."""
    gc.freeze()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def cheap_hashing() -> Iterator[PasswordHasher]:
    """PINs are hashed in no time: what a hash costs is asked where `costly_hashing` is. Gives the hasher of the application."""
    with pytest.MonkeyPatch.context() as patch:
        costly = auth.pins._argon2
        patch.setattr(auth.pins, "_argon2", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield costly


@pytest.fixture(scope="session", autouse=True)
def told_when_asked() -> Iterator[None]:
    """Nobody is told or mailed anything unless a test has it told (tests/told.py): no page says so all of a sudden."""
    with pytest.MonkeyPatch.context() as patch:
        for kind in (TELLING, MAILING):
            patch.setitem(KINDS, kind, replace(KINDS[kind], wanted=None))
        yield


@pytest.fixture
def costly_hashing(cheap_hashing: PasswordHasher, monkeypatch: pytest.MonkeyPatch) -> PasswordHasher:
    """The hashing of the application, for what is made after this fixture."""
    monkeypatch.setattr(auth.pins, "_argon2", cheap_hashing)
    return cheap_hashing


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a server to make databases on: the one of DATABASE_URL, or one of our own."""
    if url := os.environ.get("DATABASE_URL"):
        yield url
        return
    with EmbeddedPostgres(tmp_path_factory.mktemp("postgres"), durable=False) as url:
        yield url


@pytest.fixture(scope="session")
def databases(server: str) -> Iterator[Databases]:
    with databases_on(server, kept="DATABASE_URL" in os.environ) as databases:
        yield databases


@pytest.fixture
def template(databases: Databases) -> str:
    """The name of a database with the schema and the small company, to be cloned."""
    return databases.template()


@pytest.fixture
def database_url(databases: Databases) -> str:
    """The URL of the database with the schema and the small company, which no test before this one has left a trace in."""
    return databases.company()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return settings_for(database_url, tmp_path)


@pytest.fixture(scope="session")
async def kept(databases: Databases) -> AsyncIterator[Kept]:
    """Connections that outlive a test."""
    kept = Kept(databases)
    yield kept
    await kept.end()


@pytest.fixture
async def app(settings: Settings, kept: Kept) -> AsyncIterator[Starlette]:
    """The application, started, with a pool that may have connections already."""
    application = create_app(settings)
    own = application.state.database
    async with kept.pool(settings.database_url) as pool:
        application.state.database = pool
        async with application.router.lifespan_context(application):
            yield application
            application.state.database = own  # never connected: it ends in place of the pool


@pytest.fixture
async def connection(database_url: str, kept: Kept) -> AsyncIterator[asyncpg.Connection]:
    """A connection of the test's own to the same database, with the codecs of the application's."""
    async with kept.connection(database_url) as connection:
        yield connection


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """Starts processes, and sees to it that none outlives the test."""
    started: list[Process] = []

    def start(**settings: str | Path) -> Process:
        started.append(Process(tmp_path, **settings))
        return started[-1]

    yield start
    for process in started:
        process.kill()


@pytest.fixture
def nobody(app: Starlette) -> Client:
    """A browser in which nobody is logged in."""
    return Client(app)


@pytest.fixture
def people(app: Starlette) -> "People":
    """Browsers in which people of the company are logged in: `await people("20001")`."""
    return People(app)


class People:
    """Logs people in, each in a browser of their own that is kept for the test."""

    def __init__(self, app: Starlette) -> None:
        self._app = app
        self._clients: dict[str, Client] = {}

    async def __call__(self, nik: str) -> Client:
        if nik not in self._clients:
            client = self._clients[nik] = Client(self._app)
            client.keep(await new_session(self._app, nik))
        return self._clients[nik]

    async def log_in(self, nik: str) -> Client:
        """The same by the login page and with the PIN, after which the browser is a device that is known."""
        client = self._clients[nik] = Client(self._app)
        response = await client.post("/login", {"nik": nik, "pin": PIN})
        assert response.status_code == 303, response.text
        return client

    async def elsewhere(self, nik: str) -> None:
        """Log in once more, in another browser."""
        await new_session(self._app, nik)


async def new_session(app: Starlette, nik: str) -> str:
    """The Set-Cookie of a session of `nik`, as a login would have opened it; nobody has to know the PIN."""
    session_id, response = new_id(), Response()
    async with db.acquire(app.state.database) as connection:
        await insert_session(connection, hash_id(session_id), nik, SHARED, "Chrome di Windows")
    request = Request({"type": "http", "app": app, "scheme": "http", "headers": []})
    cookies.set_session(request, response, session_id, None)
    return response.headers["Set-Cookie"]


async def end_sessions(connection: asyncpg.Connection) -> None:
    """Let every session end by its age, as if the night had passed."""
    await connection.execute(
        "UPDATE session SET created_at = created_at - interval '13 hours', expires_at = now() - interval '1 hour'"
    )


def settings_for(database_url: str, data: Path) -> Settings:
    """Those of every test: one worker, which keeps its data in `data`."""
    return Settings(
        database_url=database_url,
        secret_keys=KEYS,
        host="127.0.0.1",
        port=8080,
        workers=1,
        allowed_hosts=("testserver", "localhost", "127.0.0.1"),
        data=data,
        postgres_bin=None,
    )


def apart(work: Coroutine) -> object:
    """Run a coroutine to its end beside the event loop of the tests."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


@asynccontextmanager
async def connected(url: str, **settings: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection with the codecs of the application's, and these settings of the server."""
    connection = await asyncpg.connect(url, server_settings=settings)
    try:
        await db.initialise(connection)
        yield connection
    finally:
        await connection.close()


async def execute(url: str, statement: str) -> None:
    """Run a statement on a connection of its own."""
    async with connected(url) as connection:
        await connection.execute(statement)
