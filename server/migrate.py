"""Schema migrations, forward only: an empty database gets schema.sql, an older one what is in migrations/ and it lacks.

How one is written stands in docs/decisions/0060-migrations.md.
"""

import asyncio
import logging
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import asyncpg
from asyncpg import Connection

import db
from queries.schema_versions import (
    count_tables,
    insert_schema_version,
    list_long_transactions,
    release_schema_lock,
    try_schema_lock,
)
from server.session import session

log = logging.getLogger("sih.migrate")

SCHEMA = Path(__file__).resolve().parent.parent / "schema.sql"
NAME = re.compile(r"([0-9]{4})_[a-z0-9_]+\.sql")
NO_TRANSACTION = "-- migrate: no transaction"

# Of a migration's own session: its work takes the time that it takes, but it stands in the queue for a lock, where everybody
# else then stands behind it, for no longer than LOCK_TIMEOUT. A server whose client was killed gives up within a second, one
# whose client's machine is gone within a minute.
MIGRATING = db.SERVING | {
    "application_name": "sih migrate",
    "plan_cache_mode": "auto",
    "statement_timeout": "0",
    "client_connection_check_interval": "1s",
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}
LOCK_TIMEOUT = "2s"
PATIENCE = 300  # seconds in which a migration tries again to get its locks
SHORTEST_PAUSE, LONGEST_PAUSE = 0.5, 15  # seconds between two tries
RETRY_PAUSE = 2  # seconds between attempts to reach a database that is away
TURN_PAUSE = 0.2  # seconds between two looks at whether another instance has finished

# The server is gone, full, or a replica yet; for everything else that it says a migration, or its file, is to blame.
_AWAY = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.ReadOnlySQLTransactionError,
)


class Migration(NamedTuple):
    """A file of migrations/: the version that it leads to, its name, and its statements."""

    version: int
    name: str
    statements: list[str]  # one, which may be a whole script, if it is in_transaction
    in_transaction: bool


class Outcome(NamedTuple):
    """What migrate found, and what it left; `before` is None for an empty database."""

    before: int | None
    after: int


async def migrate_database(url: str) -> Outcome:
    """Bring the database at `url` to this application's schema, in a session of its own.

    Raises as migrate does, and DatabaseUnavailable.
    """
    async with session(url, MIGRATING, bounded=False, any_schema=True) as connection:
        return await migrate(connection)


async def migrate_when_available(url: str) -> None:
    """The same as soon as the database can be reached. Raises SchemaMismatch."""
    while True:
        try:
            await migrate_database(url)
            return
        except db.DatabaseUnavailable as error:
            log.warning("database unavailable", extra={"error": str(error)})
            await asyncio.sleep(RETRY_PAUSE)


async def migrate(connection: Connection) -> Outcome:
    """Make the schema in an empty database, or apply the migrations that an older one lacks. Several instances may do so at once.

    Raises SchemaMismatch if the database is a newer SIH's, or something else, or if a migration fails, which is then undone;
    DatabaseUnavailable if it is lost, full or a replica meanwhile.
    """
    before = await db.get_schema_version(connection)
    if before == db.SCHEMA_VERSION:
        return Outcome(before, db.SCHEMA_VERSION)
    async with _schema_lock(connection):
        before = await db.get_schema_version(connection)  # another instance may have been at work
        if before is None:
            await _make_schema(connection)
        elif before > db.SCHEMA_VERSION:
            raise db.SchemaMismatch(db.too_new(before))
        elif before < db.OLDEST_SCHEMA:
            raise db.SchemaMismatch(
                f"basis data memakai skema versi {before}, terlalu lama untuk diperbarui; yang tertua {db.OLDEST_SCHEMA} "
                f"(schema version {before} is too old to be migrated: {db.OLDEST_SCHEMA} or newer)"
            )
        else:
            for migration in read_migrations(db.MIGRATIONS, after=before):
                await _apply_patiently(connection, migration)
        return Outcome(before, db.SCHEMA_VERSION)


def read_migrations(folder: Path, after: int) -> list[Migration]:
    """The migrations in `folder` that follow version `after`, in order. Raises ValueError for a wrong name or number."""
    migrations = []
    for path in sorted(folder.glob("*.sql")):
        if not (name := NAME.fullmatch(path.name)):
            raise ValueError(f"{path}: is not named NNNN_name.sql")
        migrations.append(_read(path, int(name[1])))
    versions = [migration.version for migration in migrations]
    if versions != list(range(db.OLDEST_SCHEMA + 1, db.OLDEST_SCHEMA + 1 + len(versions))):
        raise ValueError(f"{folder}: a number is missing or there twice: {versions}")
    return [migration for migration in migrations if migration.version > after]


def _read(path: Path, version: int) -> Migration:
    text = path.read_text(encoding="utf-8")
    if not text.startswith(NO_TRANSACTION):
        return Migration(version, path.name, [text], in_transaction=True)
    # Sent one by one, for the server takes several that come together as one transaction.
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("--")]
    statements = [statement.strip() for statement in "\n".join(lines).split(";") if statement.strip()]
    if not all(re.search(r"\bCONCURRENTLY\b", statement) for statement in statements):
        raise ValueError(f"{path}: only what is done CONCURRENTLY needs no transaction")
    return Migration(version, path.name, statements, in_transaction=False)


@asynccontextmanager
async def _schema_lock(connection: Connection) -> AsyncIterator[None]:
    """Wait until no other instance migrates, however long its migration takes, and keep the others out."""
    began = told = time.monotonic()
    while not await try_schema_lock(connection):
        if time.monotonic() - told > 10:
            told = time.monotonic()
            log.warning("waiting for another instance's migration", extra={"seconds": round(told - began)})
        await asyncio.sleep(TURN_PAUSE)
    try:
        yield
    finally:
        with suppress(asyncpg.InterfaceError, asyncpg.PostgresConnectionError):  # lost, and the lock with it
            await release_schema_lock(connection)


async def _make_schema(connection: Connection) -> None:
    if await count_tables(connection):
        raise db.SchemaMismatch(
            "basis data tidak kosong dan bukan milik SIH (the database is not empty, and not of SIH)"
        )
    try:
        async with connection.transaction():
            await connection.execute(SCHEMA.read_text(encoding="utf-8"))
            await insert_schema_version(connection, db.SCHEMA_VERSION)
    except _AWAY as error:
        raise db.DatabaseUnavailable(type(error).__name__) from error
    except asyncpg.PostgresError as error:  # it may not make extensions, or tables
        raise db.SchemaMismatch(
            f"skema tidak dapat dibuat: {error} (the schema cannot be made in the empty database)"
        ) from error


async def _apply_patiently(connection: Connection, migration: Migration) -> None:
    """Apply it, again and again while others hold what it has to lock. Raises SchemaMismatch if it cannot be done."""
    end, pause = time.monotonic() + PATIENCE, SHORTEST_PAUSE
    while True:
        try:
            began = time.monotonic()
            await _apply(connection, migration)
            log.info("migrated", extra={"migration": migration.name, "seconds": round(time.monotonic() - began, 1)})
            return
        except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError) as error:
            others = await list_long_transactions(connection)
            log.warning("migration waits for a lock", extra={"migration": migration.name, "others": others})
            if time.monotonic() + pause > end:
                raise _failed(migration, f"tidak mendapat kunci (no lock within {PATIENCE} s)") from error
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
        except _AWAY as error:
            raise db.DatabaseUnavailable(type(error).__name__) from error
        except asyncpg.PostgresError as error:
            # Its own text may quote a row.
            reason = f"{type(error).__name__}: {error.constraint_name or error.table_name or error.sqlstate}"
            raise _failed(migration, reason) from error


async def _apply(connection: Connection, migration: Migration) -> None:
    """Apply it and note its version. What is in no transaction keeps nobody waiting, and so may itself wait."""
    if migration.in_transaction:
        async with connection.transaction():
            await connection.execute("SELECT set_config('lock_timeout', $1, true)", LOCK_TIMEOUT)
            await connection.execute(migration.statements[0])
            await insert_schema_version(connection, migration.version)
        return
    await connection.execute("SET lock_timeout = 0")
    for statement in migration.statements:
        await connection.execute(statement)
    await insert_schema_version(connection, migration.version)


def _failed(migration: Migration, reason: str) -> db.SchemaMismatch:
    return db.SchemaMismatch(
        f"migrasi {migration.name} gagal: {reason} (the migration failed; the SIH before it still runs on this database)"
    )
