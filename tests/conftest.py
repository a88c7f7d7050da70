"""A real Postgres a run, a database of its own for every test, the application on it, and people logged in."""

import asyncio
import os
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from starlette.applications import Starlette

import db
from app import create_app
from pins import PinHasher
from postgres import EmbeddedPostgres
from settings import Settings
from tests.client import Client
from tests.processes import Process

# Where what is looked at in a browser comes from.
pytest_plugins = ["tests.site"]

COMPANY = Path(__file__).parent / "company.sql"
PIN = "482913"
KEYS = ("a key for tests",)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a server to make databases on: the one of DATABASE_URL, or one of our own."""
    if url := os.environ.get("DATABASE_URL"):
        yield url
        return
    with EmbeddedPostgres(tmp_path_factory.mktemp("postgres"), durable=False) as url:
        yield url


@pytest.fixture(scope="session")
def template(server: str) -> Iterator[str]:
    """The name of a database with the schema and the small company, to be cloned."""
    name = f"sih_template_{uuid.uuid4().hex[:12]}"
    apart(make_template(server, name))
    yield name
    # Its clones have names that begin with its own. Dropping them all at the end costs less than one after each test.
    apart(_drop_databases(server, name))


@pytest.fixture
def database_url(server: str, template: str) -> str:
    """The URL of a fresh database with the schema and the small company."""
    name = f"{template}_{uuid.uuid4().hex[:12]}"
    apart(execute(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy'))
    return of_database(server, name)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return settings_for(database_url, tmp_path)


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[Starlette]:
    """The application, started."""
    application = create_app(settings)
    async with application.router.lifespan_context(application):
        yield application


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection of the test's own to the same database, with the codecs of the application's."""
    async with connected(database_url) as connection:
        yield connection


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """Starts processes, and sees to it that none outlives the test."""
    started: list[Process] = []

    def start(**settings: str) -> Process:
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
            client = Client(self._app)
            response = await client.post("/login", {"nik": nik, "pin": PIN})
            assert response.status_code == 303, response.text
            self._clients[nik] = client
        return self._clients[nik]


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


def of_database(url: str, name: str) -> str:
    """The URL of another database on the same server."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{name}"))


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


async def make_template(server: str, name: str) -> None:
    """Make a database with the schema and the small company."""
    await execute(server, f'CREATE DATABASE "{name}"')
    async with connected(of_database(server, name)) as connection:
        assert await db.apply_schema(connection)
        await connection.execute(COMPANY.read_text(encoding="utf-8").replace("$1", PinHasher(KEYS).hash(PIN)))


async def execute(url: str, statement: str) -> None:
    """Run a statement on a connection of its own."""
    async with connected(url) as connection:
        await connection.execute(statement)


async def _drop_databases(url: str, prefix: str) -> None:
    async with connected(url) as connection:
        for name in await connection.fetch("SELECT datname FROM pg_database WHERE starts_with(datname, $1)", prefix):
            await connection.execute(f'DROP DATABASE "{name[0]}" WITH (FORCE)')
