"""Migrations: an empty database, an older one, a newer one and somebody else's; several instances, waits and mistakes."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from asyncpg import Connection

import db
from server import migrate as runner
from server.migrate import Outcome, migrate, migrate_database, read_migrations
from tests.conftest import connected
from tests.databases import Databases

FIRST = db.SCHEMA_VERSION + 1
CREATE = "CREATE TABLE trial (id int);"


@pytest.fixture
def empty_url(databases: Databases) -> str:
    """The URL of an empty database."""
    return databases.empty()


@pytest.fixture
async def empty(empty_url: str) -> AsyncIterator[Connection]:
    async with connected(empty_url) as connection:
        yield connection


@pytest.fixture
def upcoming(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes this application one that has the given migrations beside those that it has: `upcoming("CREATE …", …)`."""
    for path in db.MIGRATIONS.glob("*.sql"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(db, "MIGRATIONS", tmp_path)
    monkeypatch.setattr(runner, "SHORTEST_PAUSE", 0.05)
    monkeypatch.setattr(runner, "TURN_PAUSE", 0.02)

    def upcoming(*statements: str) -> None:
        for number, statement in enumerate(statements, FIRST):
            (tmp_path / f"{number:04}_trial.sql").write_text(statement, encoding="utf-8")
        monkeypatch.setattr(db, "SCHEMA_VERSION", db.SCHEMA_VERSION + len(statements))

    return upcoming


async def versions(connection: Connection) -> list[int]:
    return [row[0] for row in await connection.fetch("SELECT version FROM schema_version ORDER BY 1")]


# An empty database -----------------------------------------------------------------------------------------------------


async def test_two_at_once_make_the_schema_once(empty: Connection, empty_url: str):
    outcomes = await asyncio.gather(migrate_database(empty_url), migrate_database(empty_url))
    assert set(outcomes) == {Outcome(None, db.SCHEMA_VERSION), Outcome(db.SCHEMA_VERSION, db.SCHEMA_VERSION)}
    assert await versions(empty) == [db.SCHEMA_VERSION]


async def test_half_a_schema_is_none(empty: Connection, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    broken = tmp_path / "schema.sql"
    broken.write_text(runner.SCHEMA.read_text(encoding="utf-8") + "SELECT 1 / 0;", encoding="utf-8")
    monkeypatch.setattr(runner, "SCHEMA", broken)
    with pytest.raises(db.SchemaMismatch, match="division by zero"):
        await migrate(empty)
    assert not await db.has_schema(empty)


# One that is not ours, or newer ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "theirs",
    [
        "CREATE TABLE payroll (salary numeric)",
        "CREATE TABLE schema_version (version int)",
        "CREATE TABLE schema_version AS SELECT '1.2' AS version; CREATE TABLE problem (); CREATE TABLE custody ()",
    ],
)
async def test_a_database_of_somebody_else_is_refused_and_left_alone(theirs: str, empty: Connection):
    await empty.execute(theirs)
    count = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
    before = await empty.fetchval(count)
    with pytest.raises(db.SchemaMismatch, match="not empty"):
        await migrate(empty)
    assert await empty.fetchval(count) == before


async def test_a_newer_version_is_refused_in_one_line_that_names_both(connection: Connection):
    await connection.execute("INSERT INTO schema_version (version) VALUES ($1)", FIRST)
    with pytest.raises(db.SchemaMismatch, match=f"version {FIRST} is newer than {db.SCHEMA_VERSION}") as refusal:
        await migrate(connection)
    assert "\n" not in str(refusal.value)


async def test_one_from_before_the_first_installation_is_refused(connection: Connection):
    await connection.execute("UPDATE schema_version SET version = 2")
    with pytest.raises(db.SchemaMismatch, match="version 2 is too old"):
        await migrate(connection)


# An older one -----------------------------------------------------------------------------------------------------------


async def test_migrations_are_applied_in_order_and_once(upcoming, connection: Connection, database_url: str):
    upcoming(CREATE, "ALTER TABLE trial ADD COLUMN name text; INSERT INTO trial VALUES (1, 'a');")
    assert await migrate_database(database_url) == (FIRST - 1, FIRST + 1)
    assert await migrate_database(database_url) == (FIRST + 1, FIRST + 1)
    assert await connection.fetchval("SELECT count(*) FROM trial") == 1
    assert (await versions(connection))[-2:] == [FIRST, FIRST + 1]


CONCURRENTLY = """-- migrate: no transaction
-- A comment; with a semicolon.
DROP INDEX CONCURRENTLY IF EXISTS trial;
CREATE INDEX CONCURRENTLY trial ON problem (title);
"""


@pytest.mark.parametrize("second", ["SELECT pg_sleep(0.3);", CONCURRENTLY.replace(" trial", " trial_title")])
async def test_several_at_once_migrate_once(second: str, upcoming, connection: Connection, database_url: str):
    """Whoever waits for another keeps it from nothing: an index is built concurrently only when no older statement runs."""
    upcoming(CREATE, second)
    outcomes = await asyncio.gather(*(migrate_database(database_url) for _ in range(3)))
    assert sorted(outcomes) == [(FIRST - 1, FIRST + 1), (FIRST + 1, FIRST + 1), (FIRST + 1, FIRST + 1)]


async def test_a_migration_that_fails_is_undone_and_said_without_what_is_in_the_rows(
    upcoming, connection: Connection, database_url: str
):
    upcoming(
        CREATE, "ALTER TABLE trial ADD COLUMN name text; INSERT INTO store VALUES ('x', 'Kenari', 'Asia/Jakarta');"
    )
    with pytest.raises(db.SchemaMismatch, match=f"{FIRST + 1:04}_trial.sql") as failure:
        await migrate_database(database_url)
    assert "store_code_check" in str(failure.value) and "Kenari" not in str(failure.value)
    assert "\n" not in str(failure.value)
    assert await db.get_schema_version(connection) == FIRST, "the one before it is done"
    assert (
        await connection.fetchval("SELECT count(*) FROM pg_attribute WHERE attrelid = 'trial'::regclass AND attnum > 0")
        == 1
    )


async def test_a_migration_whose_version_is_not_noted_is_undone(upcoming, connection: Connection, database_url: str):
    upcoming(f"CREATE TABLE trial (id int); ALTER TABLE schema_version ADD CHECK (version <> {FIRST});")
    with pytest.raises(db.SchemaMismatch, match="CheckViolation"):
        await migrate_database(database_url)
    assert await connection.fetchval("SELECT to_regclass('trial') IS NULL")


async def test_a_replica_is_waited_for(upcoming, database_url: str, monkeypatch: pytest.MonkeyPatch):
    """It becomes the primary, or the address leads to that one later; a migration did not fail."""
    monkeypatch.setattr(runner, "MIGRATING", runner.MIGRATING | {"default_transaction_read_only": "on"})
    upcoming(CREATE)
    with pytest.raises(db.DatabaseUnavailable, match="ReadOnly"):
        await migrate_database(database_url)


async def test_without_a_transaction_an_index_is_built_concurrently(
    upcoming, connection: Connection, database_url: str
):
    upcoming(CONCURRENTLY)
    await migrate_database(database_url)
    assert await connection.fetchval("SELECT indisvalid FROM pg_index WHERE indexrelid = 'trial'::regclass")


async def test_without_a_transaction_it_waits_for_others_and_keeps_nobody_waiting(
    upcoming, database_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(runner, "MIGRATING", runner.MIGRATING | {"lock_timeout": "50ms"})
    upcoming(CONCURRENTLY)
    async with connected(database_url) as writer, connected(database_url, lock_timeout="1s") as other:
        writing = writer.transaction()
        await writing.start()
        await writer.execute("LOCK TABLE problem IN ROW EXCLUSIVE MODE")
        migrating = asyncio.create_task(migrate_database(database_url))
        await asyncio.sleep(0.3)
        await other.execute("LOCK TABLE problem IN ROW EXCLUSIVE MODE; SELECT title FROM problem")
        assert not migrating.done()
        await writing.rollback()
        await migrating
    assert not [record.getMessage() for record in caplog.records if record.name == "sih.migrate"]


async def test_the_limits_of_those_who_serve_are_not_those_of_a_migration(
    upcoming, connection: Connection, database_url: str
):
    upcoming(
        "CREATE TABLE trial AS SELECT current_setting('statement_timeout') AS a, current_setting('lock_timeout') AS b;"
    )
    await migrate_database(database_url)
    assert tuple(await connection.fetchrow("SELECT * FROM trial")) == ("0", runner.LOCK_TIMEOUT)


# Under load -------------------------------------------------------------------------------------------------------------


async def test_who_waits_for_a_lock_keeps_nobody_waiting_for_long(
    upcoming, database_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    """A long read of a table; a migration that has to lock it; and others who go on reading it meanwhile."""
    monkeypatch.setattr(runner, "LOCK_TIMEOUT", "200ms")
    upcoming("ALTER TABLE problem ADD COLUMN trial int;")
    longest = 0.0
    async with connected(database_url, application_name="recap") as reader, connected(database_url) as other:
        reading = reader.transaction()
        await reading.start()
        await reader.fetch("SELECT title FROM problem")
        migrating = asyncio.create_task(migrate_database(database_url))
        end = time.monotonic() + 1.5
        while time.monotonic() < end:
            began = time.monotonic()
            await other.fetch("SELECT title FROM problem")
            longest = max(longest, time.monotonic() - began)
        assert not migrating.done()
        await reading.rollback()
        await migrating
        assert await db.get_schema_version(other) == FIRST
    assert 0.1 < longest < 1, "they waited, but only as long as the migration did"
    waits = [record.others for record in caplog.records if record.getMessage() == "migration waits for a lock"]
    assert len(waits) > 1
    assert any("recap" in other and "idle in transaction" in other for other in waits[-1])


async def test_patience_has_an_end(upcoming, connection: Connection, database_url: str, monkeypatch, caplog):
    monkeypatch.setattr(runner, "LOCK_TIMEOUT", "50ms")
    monkeypatch.setattr(runner, "PATIENCE", 0.3)
    upcoming("ALTER TABLE problem ADD COLUMN trial int;")
    async with connection.transaction():
        await connection.execute("LOCK TABLE problem")
        with pytest.raises(db.SchemaMismatch, match="no lock within"):
            await migrate_database(database_url)
    tries = [record for record in caplog.records if record.getMessage() == "migration waits for a lock"]
    assert 1 <= len(tries) <= 3, "the third pause would be over after it"


# The files --------------------------------------------------------------------------------------------------------------


def test_the_files_are_as_the_runner_wants_them():
    migrations = read_migrations(db.MIGRATIONS, after=db.OLDEST_SCHEMA)
    assert [migration.version for migration in migrations] == list(range(db.OLDEST_SCHEMA + 1, db.SCHEMA_VERSION + 1))
    for migration in migrations:
        if migration.in_transaction:
            words = migration.statements[0].upper().replace(";", " ;").split()
            assert not {"COMMIT", "ROLLBACK"} & set(words), f"{migration.name} ends its transaction"


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (["0004_a.sql", "0006_b.sql"], CREATE),
        (["0004_a.sql", "0004_b.sql"], CREATE),
        (["0003_a.sql"], CREATE),
        (["4_a.sql"], CREATE),
        (["0004_a.sql"], f"-- migrate: no transaction\n{CREATE}"),
    ],
)
def test_files_that_cannot_be_meant_are_refused(names: list[str], text: str, tmp_path: Path):
    for name in names:
        (tmp_path / name).write_text(text)
    with pytest.raises(ValueError, match=str(tmp_path)):
        read_migrations(tmp_path, after=db.OLDEST_SCHEMA)
