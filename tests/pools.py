"""Connections that outlive a test: on a new one the server has to read its catalogue and plan every statement first."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import asyncpg
from databases import Database

import db
from tests.databases import Databases

MOST = 3  # of a pool; what a test opened beyond them is closed with it


@dataclass
class Kept:
    """Those to the small company's database, as long as it is the same one, and as far as a test leaves them as they were."""

    databases: Databases
    _url: str = ""
    _pool: Database | None = None
    _connections: list[asyncpg.Connection] = field(default_factory=list)

    @asynccontextmanager
    async def pool(self, url: str) -> AsyncIterator[Database]:
        """One that the application may use; who ends the application has to see to it that the pool does not end too."""
        await self._begin(url)
        pool, self._pool = self._pool or db.create_database(url), None
        await pool.connect()
        try:
            yield pool
        finally:
            if _is_as_before(pool):
                self._pool = pool
            else:
                await db.disconnect(pool)
            self._spare()

    @asynccontextmanager
    async def connection(self, url: str) -> AsyncIterator[asyncpg.Connection]:
        """One for the test itself, with the codecs of the application's."""
        await self._begin(url)
        if self._connections:
            connection = self._connections.pop()
        else:
            connection = await asyncpg.connect(url)
            await db.initialise(connection)
        try:
            yield connection
        finally:
            if connection.is_closed() or connection.is_in_transaction():
                connection.terminate()
            else:
                await connection.reset()
                self._connections.append(connection)
            self._spare()

    async def end(self) -> None:
        """Close all of them."""
        if self._pool:
            await db.disconnect(self._pool)
        for connection in self._connections:
            await connection.close()
        self._pool, self._connections = None, []

    async def _begin(self, url: str) -> None:
        if url != self._url:
            await self.end()
            self._url = url
        self._connections = [connection for connection in self._connections if not connection.is_closed()]

    def _spare(self) -> None:
        """Have the way back to the pristine database leave them be."""
        connections = [*self._connections, *(_connections_of(self._pool) if self._pool else ())]
        self.databases.spared = [connection.get_server_pid() for connection in connections]


def _connections_of(pool: Database) -> list[asyncpg.Connection]:
    """Those that are open, in use or not; asyncpg has no other way to say."""
    return [holder._con for holder in pool._backend._pool._holders if holder._con and not holder._con.is_closed()]


def _is_as_before(pool: Database) -> bool:
    """Whether nobody uses or waits for a connection, none was cut, and there are few."""
    inner = pool._backend._pool
    return len(pool._connection_map) == 0 and inner.get_idle_size() == inner.get_size() <= MOST
