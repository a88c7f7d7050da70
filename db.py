"""The one database: connections, transactions, the schema. The only importer of `databases`."""

import asyncio
import json
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import asyncpg
from databases import Database
from databases.core import Connection

log = logging.getLogger("sih.db")

SCHEMA = Path(__file__).resolve().parent / "schema.sql"
SCHEMA_VERSION = 3
POOL_SIZE = 10
ACQUIRE_TIMEOUT = 5  # seconds; the pool itself would wait for ever
DISCONNECT_TIMEOUT = 5  # seconds; so would it for a connection that was lost to an interrupted task
RETRY_PAUSE = 2  # seconds between attempts to reach a database that is away

# Two instances that start at once agree, through this advisory lock, on which of them makes the schema.
SCHEMA_LOCK = 0x534948

# How a server says that it cannot answer now: gone, shutting down, too slow, too busy, or blocked by somebody else.
_AWAY = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.LockNotAvailableError,
    asyncpg.DeadlockDetectedError,
    asyncpg.InternalClientError,  # the driver has half noticed that the connection is lost
)


class DatabaseUnavailable(Exception):
    """The database is away, restarting, or does not answer in time.

    It heals by itself: the pool opens new connections as soon as it can.
    """


class SchemaMismatch(RuntimeError):
    """The database holds another version of the schema than this application, or something else."""


def create_database(url: str) -> Database:
    """The Database for `url`. It connects when first used, so that a start does not depend on the server."""
    server_settings = {
        "application_name": "sih",
        "timezone": "UTC",
        "statement_timeout": "10s",
        "lock_timeout": "5s",
        "idle_in_transaction_session_timeout": "30s",
    }
    return Database(
        url,
        min_size=0,
        max_size=POOL_SIZE,
        timeout=ACQUIRE_TIMEOUT,
        server_settings=server_settings,
        init=initialise,
    )


async def initialise(connection: asyncpg.Connection) -> None:
    """Prepare a new connection: jsonb comes and goes as Python's own dicts and lists."""
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads)


@asynccontextmanager
async def acquire(database: Database) -> AsyncIterator[asyncpg.Connection]:
    """One connection, for one request and in its task only.

    Raises DatabaseUnavailable if there is none within ACQUIRE_TIMEOUT seconds, or if it is lost while in use.
    """
    managed = database.connection()
    try:
        async with asyncio.timeout(ACQUIRE_TIMEOUT):
            await managed.__aenter__()
    except (OSError, asyncpg.InterfaceError, asyncpg.PostgresError, asyncpg.InternalClientError) as error:
        raise DatabaseUnavailable(type(error).__name__) from error
    connection = managed.raw_connection
    try:
        yield connection
    except _AWAY as error:
        raise DatabaseUnavailable(type(error).__name__) from error
    except asyncpg.InterfaceError as error:
        # The driver raises the same class for a lost connection and for a mistake in a call.
        if _is_lost(connection):
            raise DatabaseUnavailable(type(error).__name__) from error
        raise
    finally:
        await _give_back(database, managed, connection, failed=sys.exception() is not None)


async def _give_back(database: Database, managed: Connection, connection: asyncpg.Connection, failed: bool) -> None:
    """Raises DatabaseUnavailable if the connection is lost only now, unless something else has `failed`, which is told."""
    try:
        await managed.__aexit__()
    except (OSError, asyncpg.InterfaceError, *_AWAY) as error:
        # A task has one connection, which counts as taken still: without this it could take no other. `databases` has no other
        # way to say so.
        database._connection = None
        if isinstance(error, asyncpg.InterfaceError) and not _is_lost(connection):
            raise
        if not failed:
            raise DatabaseUnavailable(type(error).__name__) from error


async def disconnect(database: Database) -> None:
    """Close all connections; those that are not given back within DISCONNECT_TIMEOUT seconds are cut."""
    with suppress(TimeoutError):
        async with asyncio.timeout(DISCONNECT_TIMEOUT):
            await database.disconnect()


def _is_lost(connection: asyncpg.Connection) -> bool:
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:  # so much so that the pool has taken it back
        return True


async def has_schema(connection: asyncpg.Connection) -> bool:
    """Whether the database holds a schema of ours."""
    return await connection.fetchval("SELECT to_regclass('schema_version') IS NOT NULL")


async def get_schema_version(connection: asyncpg.Connection) -> int | None:
    """The version of the schema that the database holds; None if it holds none of ours."""
    if not await has_schema(connection):
        return None
    return await connection.fetchval("SELECT max(version) FROM schema_version")


async def apply_schema(connection: asyncpg.Connection) -> bool:
    """Make the schema in an empty database; True if this call made it. Safe to call from several instances at once.

    Raises SchemaMismatch if the database is neither empty nor of SCHEMA_VERSION.
    """
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", SCHEMA_LOCK)
        version = await get_schema_version(connection)
        if version is not None:
            if version != SCHEMA_VERSION:
                raise SchemaMismatch(
                    f"basis data memakai skema versi {version}, SIH ini versi {SCHEMA_VERSION}: gunakan basis data kosong, atau "
                    f"hapus .data bila itu perusahaan contoh (schema version {version}, not {SCHEMA_VERSION})"
                )
            return False
        tables = await connection.fetchval(
            "SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')"
        )
        if tables:
            raise SchemaMismatch(
                "basis data tidak kosong dan bukan milik SIH (the database is not empty, and not of SIH)"
            )
        await connection.execute(SCHEMA.read_text(encoding="utf-8"))
        return True


async def apply_schema_when_available(database: Database) -> None:
    """Make the schema as soon as the database can be reached; until then every page says that it is away.

    Raises SchemaMismatch as apply_schema does.
    """
    while True:
        try:
            async with acquire(database) as connection:
                await apply_schema(connection)
            return
        except DatabaseUnavailable as error:
            log.warning("database unavailable", extra={"error": str(error)})
            await asyncio.sleep(RETRY_PAUSE)
