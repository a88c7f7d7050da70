"""Migrations by `python app.py` and `bin/sih` as processes: killed in the middle, two at once, refused."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from asyncpg import Connection

import db
from settings import ROOT
from tests.conftest import connected
from tests.processes import PATIENCE, Process

FIRST = db.SCHEMA_VERSION + 1
NO_HOUSE = shutil.ignore_patterns(".*", "tests", "docs", "bench", "__pycache__")
# Does not end while there is a table `slow`.
SLOW = "CREATE TABLE trial (id int); SELECT pg_sleep(CASE WHEN to_regclass('slow') IS NULL THEN 0.5 ELSE 600 END);"
CONCURRENTLY = """-- migrate: no transaction
DROP INDEX CONCURRENTLY IF EXISTS trial;
CREATE INDEX CONCURRENTLY trial ON problem (title);
"""


@pytest.fixture
def next_house(tmp_path: Path) -> Callable[[str], Path]:
    """Makes a house that has one migration more, and returns where it is."""

    def next_house(migration: str) -> Path:
        house = tmp_path / "house"
        shutil.copytree(ROOT, house, ignore=NO_HOUSE)
        (house / "migrations").mkdir(exist_ok=True)
        (house / "migrations" / f"{FIRST:04}_trial.sql").write_text(migration)
        return house

    return next_house


@pytest.fixture
def begin(start, database_url: str) -> Callable[[Path], Process]:
    """Starts the house in a folder on the database of the test."""
    return lambda house: start(root=house, DATABASE_URL=database_url, secret_key="kunci")


async def until(connection: Connection, question: str) -> None:
    end = time.monotonic() + PATIENCE
    while not await connection.fetchval(question):
        assert time.monotonic() < end, question


def one_line(process: Process) -> str:
    """What it says, beside its log, as it does not start."""
    assert process.wait() == 1, process.err
    (line,) = [line for line in process.err.splitlines() if not line.startswith("{")]
    return line


async def test_killed_in_the_middle_it_is_finished_by_the_next_start(next_house, begin, connection: Connection):
    house = next_house(SLOW)
    await connection.execute("CREATE TABLE slow ()")
    killed = begin(house)
    await until(connection, "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep')")
    killed.process.send_signal(signal.SIGKILL)
    assert await connection.fetchval("SELECT to_regclass('trial') IS NULL")
    await connection.execute("DROP TABLE slow")
    begin(house).serving()
    assert await db.get_schema_version(connection) == FIRST
    assert await connection.fetchval("SELECT count(*) FROM trial") == 0


async def test_killed_without_a_transaction_it_is_begun_again(
    next_house, begin, connection: Connection, database_url: str
):
    house = next_house(CONCURRENTLY)
    async with connected(database_url) as other:
        writing = other.transaction()
        await writing.start()
        await other.execute("LOCK TABLE problem IN ROW EXCLUSIVE MODE")
        killed = begin(house)
        half = "SELECT EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass('trial') AND NOT indisvalid)"
        await until(connection, half)
        killed.process.send_signal(signal.SIGKILL)
        await until(
            connection, "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'sih migrate')"
        )
        assert await connection.fetchval(half), "a crash leaves an index that is none"
        await writing.rollback()
    begin(house).serving()
    assert await connection.fetchval("SELECT indisvalid FROM pg_index WHERE indexrelid = 'trial'::regclass")


async def test_two_at_once_migrate_once(next_house, begin, connection: Connection):
    house = next_house(SLOW)
    both = [begin(house), begin(house)]
    for process in both:
        process.serving()
    assert sum(process.err.count('"migrated"') for process in both) == 1
    assert await db.get_schema_version(connection) == FIRST


async def test_the_version_before_serves_on_and_does_not_start_again(next_house, begin, connection: Connection):
    old = begin(ROOT).serving()
    new = begin(next_house("CREATE TABLE trial (id int);")).serving()
    assert {old.status("/health/ready"), old.status("/login"), new.status("/health/ready")} == {200}
    line = one_line(begin(ROOT))
    assert str(FIRST) in line and str(db.SCHEMA_VERSION) in line


async def test_a_migration_that_fails_is_said_in_one_line(next_house, begin, connection: Connection):
    line = one_line(begin(next_house("CREATE TABLE trial (id int); SELECT 1 / 0;")))
    assert f"{FIRST:04}_trial.sql" in line
    assert await connection.fetchval("SELECT to_regclass('trial') IS NULL")
    begin(ROOT).serving()


async def test_bin_sih_migrate_says_what_it_did(next_house, connection: Connection, database_url: str):
    def migrate(house: Path) -> tuple[int, str]:
        environment = {"PATH": os.environ["PATH"], "PYTHON": sys.executable, "secret_key": "kunci"}
        command = [house / "bin" / "sih", "migrate"]
        environment["DATABASE_URL"] = database_url
        done = subprocess.run(command, env=environment, cwd="/", capture_output=True, text=True)
        said = [line for line in (done.stdout + done.stderr).splitlines() if not line.startswith("{")]
        assert len(said) == 1, done
        return done.returncode, said[0]

    house = next_house("CREATE TABLE trial (id int);")
    assert migrate(house) == (0, f"migrated from schema version {FIRST - 1} to {FIRST}")
    assert migrate(house) == (0, f"nothing to migrate: the schema has version {FIRST}")
    status, said = migrate(ROOT)
    assert status == 1
    assert f"version {FIRST} is newer than {FIRST - 1}" in said
