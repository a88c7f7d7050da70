"""Databases for tests: empty ones, and the small company's, which is set back between tests instead of being made anew."""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from anyio.from_thread import BlockingPortal, start_blocking_portal

from auth.pins import PinHasher
from server.migrate import migrate

COMPANY = Path(__file__).parent / "company.sql"
PRISTINE = Path(__file__).parent / "pristine.sql"
PIN = "482913"
KEYS = ("a key for tests",)
USES = 50  # between two vacuums: until then what is deleted leaves its traces in a table


class Databases:
    """Those that tests use on one server, from whichever thread or event loop: its own does the work."""

    def __init__(self, server: str, portal: BlockingPortal) -> None:
        self._server, self._portal = server, portal
        self._prefix = f"sih_{uuid.uuid4().hex[:12]}"
        self._names: list[str] = []
        self._template: str | None = None
        self._company: str | None = None
        self._keeper: asyncpg.Connection | None = None
        self._uses = 0
        self.spared: list[int] = []  # the processes of connections to the company's that may stay when it is set back

    def empty(self) -> str:
        """The URL of a new database with nothing in it."""
        return self._url(self._portal.call(self._create))

    def clone(self, template: str | None = None) -> str:
        """The URL of a new database with the schema and the small company, or with what the one of this name holds."""
        return self._url(self._portal.call(self._clone, template))

    def template(self) -> str:
        """The name of the database that clones are made of."""
        return self._portal.call(self._make_template)

    def company(self) -> str:
        """The URL of the database with the schema and the small company, as new. Whoever was still connected is not any
        more, but for those of `spared`."""
        return self._url(self._portal.call(self._set_back))

    def close(self, *, drop: bool) -> None:
        """Let go of them; `drop` leaves none on the server."""
        self._portal.call(self._close, drop)

    def _url(self, name: str) -> str:
        return of_database(self._server, name)

    async def _create(self, template: str = "template1") -> str:
        name = f"{self._prefix}_{len(self._names)}"
        self._names.append(name)
        connection = await asyncpg.connect(self._server)
        await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY wal_log')
        await connection.close()
        return name

    async def _clone(self, template: str | None = None) -> str:
        return await self._create(template or await self._make_template())

    async def _make_template(self) -> str:
        if self._template is None:
            name = await self._create()
            await make_company(self._url(name))
            self._template = name
        return self._template

    async def _set_back(self) -> str:
        if not await self._is_set_back():
            if self._keeper:
                self._keeper.terminate()
            self._company = await self._clone()
            self._keeper = await asyncpg.connect(
                self._url(self._company), server_settings={"application_name": "tests"}
            )
            await self._keeper.execute(PRISTINE.read_text(encoding="utf-8"))
            self._uses = 0
        self._uses += 1
        if self._uses % USES == 0:
            await self._keeper.execute("VACUUM")
        return self._company

    async def _is_set_back(self) -> bool:
        """Set the company's database back; False if that cannot be done, because a test has altered more than rows."""
        try:
            return self._keeper is not None and await self._keeper.fetchval("SELECT pristine.set_back($1)", self.spared)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False

    async def _close(self, drop: bool) -> None:
        if self._keeper:
            self._keeper.terminate()  # a test may have cut it already
        if not drop:
            return
        connection = await asyncpg.connect(self._server)
        for name in self._names:
            await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await connection.close()


@contextmanager
def databases_on(server: str, *, kept: bool) -> Iterator[Databases]:
    """Databases on the server with this URL, as long as the block lasts. Nothing is dropped where the server is not `kept`."""
    with start_blocking_portal("asyncio") as portal:
        databases = Databases(server, portal)
        yield databases
        databases.close(drop=kept)


async def make_company(url: str, keys: Sequence[str] = KEYS) -> None:
    """Make the schema and the small company in an empty database, for a SIH with these keys."""
    connection = await asyncpg.connect(url)
    assert (await migrate(connection)).before is None
    await connection.execute(COMPANY.read_text(encoding="utf-8").replace("$1", PinHasher(keys).hash(PIN)))
    await connection.close()


def of_database(url: str, name: str) -> str:
    """The URL of another database on the same server."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{name}"))
