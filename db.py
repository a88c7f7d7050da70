"""The one database: its connection pool, and which version of the schema it holds. The only importer of `databases`."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import asyncpg
import databases
from databases.core import Connection

from driver.away import AWAY, is_away, reason_of
from driver.connections import GIVE_BACK_LIMIT, KEPT_STATEMENTS, BoundedConnection, CutAfter, cut, is_lost, reads_only

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
OLDEST_SCHEMA = 3  # the version of the first installations: what migrations begin from
# The version of the schema that this application needs: the number of the last migration. It is written nowhere else.
SCHEMA_VERSION = max((int(path.name.split("_")[0]) for path in MIGRATIONS.glob("*.sql")), default=OLDEST_SCHEMA)
POOL_SIZE = 10
# All in seconds. The driver waits for ever; a server or network that is gone may never say so.
ACQUIRE_TIMEOUT = 5  # for a connection
ANSWER_LIMIT = 12  # for the answer to a statement, which the server itself gives up after ten
DISCONNECT_TIMEOUT = 5  # for all of them, at the end
RESTED = 5  # after this time without an answer a connection has to answer before it is used,
RESTED_LIMIT = 1  # within this time
READS_ONLY_LIMIT = 1  # for how long one that only reads is believed before another one is tried

SERVING = {  # of every connection that serves requests
    "application_name": "sih",
    "timezone": "UTC",
    "statement_timeout": "10s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "30s",
    "random_page_cost": "1.1",  # memory, and disks that do not turn: a few rows by an index, not all of a table (decision 0107)
    "plan_cache_mode": "force_generic_plan",  # once a connection, not at each execution (decision 0120)
}


class DatabaseUnavailable(Exception):
    """The database is away, restarting, full, or does not answer in time; `reason` says which, one of REASONS.

    It heals by itself: the pool opens new connections as soon as it can.
    """

    def __init__(self, message: str, reason: str = "away") -> None:
        super().__init__(message)
        self.reason = reason


# "busy": all connections of this process are in use.
REASONS = {*AWAY.values(), "busy"}


class SchemaMismatch(RuntimeError):
    """The database does not hold this application's schema, and is not brought to it: the message says why, in one line."""


class Database(databases.Database):
    """A pool whose connections go to whoever has waited longest.

    The driver's own has whoever asks while one comes back pass those who wait for it, and whoever it was for goes to the end of
    the queue.
    """

    def __init__(self, url: str, *, max_size: int, **options: Any) -> None:
        super().__init__(url, max_size=max_size, **options)
        self.turns = asyncio.Semaphore(max_size)


def create_database(
    url: str,
    server_settings: Mapping[str, str] = SERVING,
    *,
    size: int = POOL_SIZE,
    bounded: bool = True,
    any_schema: bool = False,
) -> Database:
    """The Database for `url`, with at most `size` connections. They are cut when an answer takes longer than ANSWER_LIMIT, unless
    they are not `bounded`, because whoever uses them sees to it.

    It connects when first used, so that a start does not depend on the server. Unless it takes `any_schema`, no connection is
    had to another version of the schema. One that was there when this process began is served to its end, also while the next
    version of SIH migrates the database (expand and contract).
    """
    return Database(
        url,
        min_size=0,
        max_size=size,
        timeout=ACQUIRE_TIMEOUT,
        server_settings=dict(server_settings),
        connection_class=BoundedConnection,
        **KEPT_STATEMENTS,
        init=_prepared(initialise if any_schema else _on_our_schema(), bounded),
    )


def _prepared(
    initialise: Callable[[asyncpg.Connection], Awaitable[None]], bounded: bool
) -> Callable[[BoundedConnection], Awaitable[None]]:
    async def prepare(connection: BoundedConnection) -> None:
        with CutAfter(connection, ACQUIRE_TIMEOUT):
            await initialise(connection)
        connection.answer_limit = ANSWER_LIMIT if bounded else None
        connection.connected_at = connection.answered_at = asyncio.get_running_loop().time()

    return prepare


def _on_our_schema() -> Callable[[asyncpg.Connection], Awaitable[None]]:
    """What prepares the connections of one pool. Asked once a connection, which lives for minutes, not once a request."""
    has_begun = False

    async def initialise_on_our_schema(connection: asyncpg.Connection) -> None:
        """Raises DatabaseUnavailable while there is no schema or an older one, SchemaMismatch for a newer one."""
        nonlocal has_begun
        await initialise(connection)
        version = await get_schema_version(connection)
        if version is None or version < SCHEMA_VERSION:
            raise DatabaseUnavailable(f"schema version {version}, not {SCHEMA_VERSION} yet")
        if version > SCHEMA_VERSION and not has_begun:
            raise SchemaMismatch(too_new(version))
        has_begun = True

    return initialise_on_our_schema


def too_new(version: int) -> str:
    """The one line for a database of a later SIH."""
    return (
        f"basis data memakai skema versi {version}, lebih baru daripada SIH ini (versi {SCHEMA_VERSION}): jalankan SIH yang "
        f"lebih baru (the schema's version {version} is newer than {SCHEMA_VERSION})"
    )


async def initialise(connection: asyncpg.Connection) -> None:
    """Prepare a new connection: jsonb comes and goes as Python's own dicts and lists."""
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads)


class Lease:
    """The connection of a task, as an asynchronous context, which can be given back for a while, so that what takes long keeps it
    from nobody.

    Raises DatabaseUnavailable if there is none within ACQUIRE_TIMEOUT seconds, or if it is lost while in use.
    """

    __slots__ = ("_database", "_has_turn", "_managed", "connection")

    connection: asyncpg.Connection

    def __init__(self, database: Database) -> None:
        self._database = database
        self._managed: Connection | None = None

    async def __aenter__(self) -> "Lease":
        self._has_turn = self._database._connection is None  # else the task has a connection, and gets the same one
        self._managed = await _take(self._database)
        self.connection = self._managed.raw_connection
        return self

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if self._managed is None:  # none was to be had after it was given back
            return
        managed, self._managed, connection = self._managed, None, self.connection
        del self.connection
        lost = error if error is not None and is_away(error, connection) else None
        if isinstance(error, asyncpg.ReadOnlySQLTransactionError):
            cut(connection)  # it may remember a server that another one has taken over from
        try:
            await _give_back(self._database, managed, connection, failed=error is not None)
        finally:
            if self._has_turn:
                self._database.turns.release()
        if lost is not None:
            raise _unavailable(lost) from lost

    @asynccontextmanager
    async def given_back(self) -> AsyncIterator[None]:
        """Hold no connection meanwhile; `connection` is another one afterwards. Raises DatabaseUnavailable if there is none."""
        await self.__aexit__(None, None, None)
        yield
        await self.__aenter__()


@asynccontextmanager
async def acquire(database: Database) -> AsyncIterator[asyncpg.Connection]:
    """One connection, for one request and in its task only. Raises as a Lease."""
    async with Lease(database) as lease:
        yield lease.connection


async def _take(database: Database) -> Connection:
    """A connection that can be used. Raises DatabaseUnavailable."""
    held = database._connection is not None  # by this task, which gets the same one
    managed = database.connection()
    try:
        async with asyncio.timeout(ACQUIRE_TIMEOUT):
            if held:
                await managed.__aenter__()
            else:
                managed = await _take_in_turn(database, managed)
    except (OSError, asyncpg.InterfaceError, asyncpg.PostgresError, asyncpg.InternalClientError) as error:
        database._connection = managed if held else None
        raise _unavailable(error, "busy" if _is_used_up(database) else "away") from error
    return managed


async def _take_in_turn(database: Database, managed: Connection) -> Connection:
    await database.turns.acquire()
    try:
        await managed.__aenter__()
        while not await _is_kept(database, managed):
            managed = database.connection()  # the one before was cut: this one is new
            await managed.__aenter__()
    except BaseException:
        database.turns.release()
        raise
    return managed


async def _is_kept(database: Database, managed: Connection) -> bool:
    """Whether a connection that was just taken can be used; else it is given back, also when the look is interrupted."""
    connection = managed.raw_connection
    try:
        if await _is_usable(connection):
            return True
    except BaseException:
        cut(connection)
        await _give_back(database, managed, connection, failed=True)
        raise
    await managed.__aexit__()
    return False


async def _is_usable(connection: BoundedConnection) -> bool:
    """Whether it answers, if it has not been asked for a while; and is not one that only reads, which others may no longer do."""
    now = asyncio.get_running_loop().time()
    if reads_only(connection) and now - connection.connected_at > READS_ONLY_LIMIT:
        cut(connection)
    elif now - connection.answered_at > RESTED:
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError), CutAfter(connection, RESTED_LIMIT):
            await connection.execute("SELECT 1")
    return not is_lost(connection)


def _is_used_up(database: Database) -> bool:
    """Whether all connections are in the hands of tasks of this process."""
    pool = getattr(database._backend, "_pool", None)
    return pool is not None and pool.get_size() == pool.get_max_size() and pool.get_idle_size() == 0


def _unavailable(error: BaseException, otherwise: str = "crash") -> DatabaseUnavailable:
    return DatabaseUnavailable(type(error).__name__, reason_of(error) or otherwise)


async def _give_back(database: Database, managed: Connection, connection: asyncpg.Connection, failed: bool) -> None:
    """Raises DatabaseUnavailable if the connection is lost only now, unless something else has `failed`, which is told."""
    try:
        with CutAfter(connection, GIVE_BACK_LIMIT):
            await managed.__aexit__()
    except BaseException as error:
        # Where this was interrupted the driver goes on, unseen; nothing is cut once it is done.
        asyncio.get_running_loop().call_later(GIVE_BACK_LIMIT, cut, connection)
        # A task has one connection, which counts as taken still: without this it could take no other. `databases` has no other
        # way to say so.
        database._connection = None
        if not isinstance(error, (OSError, asyncpg.InterfaceError, *AWAY)):
            raise
        if isinstance(error, asyncpg.InterfaceError) and not is_lost(connection):
            raise
        if not failed:
            raise _unavailable(error) from error


async def disconnect(database: Database) -> None:
    """Close all connections; those that are not given back within DISCONNECT_TIMEOUT seconds are cut."""
    with suppress(TimeoutError):
        async with asyncio.timeout(DISCONNECT_TIMEOUT):
            await database.disconnect()


async def has_schema(connection: asyncpg.Connection) -> bool:
    """Whether the database holds a schema of ours, of whatever version. Others too have a table of this name."""
    return await connection.fetchval(
        """
        SELECT to_regclass('problem') IS NOT NULL AND to_regclass('custody') IS NOT NULL AND EXISTS (
               SELECT FROM pg_attribute
                WHERE attrelid = to_regclass('schema_version') AND attname = 'version' AND atttypid = 'int4'::regtype)
        """
    )


async def get_schema_version(connection: asyncpg.Connection) -> int | None:
    """The version of the schema that the database holds; None if it holds none of ours."""
    if not await has_schema(connection):
        return None
    return await connection.fetchval("SELECT max(version) FROM schema_version")
