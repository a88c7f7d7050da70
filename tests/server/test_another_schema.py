"""A schema of another version that is found only after the start, because the database was away: no door is open on it."""

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from asyncpg import Connection
from starlette.applications import Starlette

import app as house
import db
from app import create_app
from doors import Door
from server import migrate as runner
from tests.client import Client
from tests.conftest import PIN, connected, execute, settings_for
from tests.databases import of_database

NEWER = db.SCHEMA_VERSION + 1


@pytest.fixture
def away_url(server: str) -> str:
    """The URL of a database that is not there yet."""
    return of_database(server, f"sih_away_{uuid.uuid4().hex[:12]}")


@pytest.fixture
async def app(away_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Starlette]:
    """The application, started while it was not."""
    monkeypatch.setattr(runner, "RETRY_PAUSE", 0.1)
    application = create_app(settings_for(away_url, tmp_path))
    async with application.router.lifespan_context(application):
        yield application


async def come_back(server: str, template: str, url: str, version: int) -> None:
    """The database is there, with this version."""
    name = url.partition("?")[0].rpartition("/")[2]
    await execute(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
    await execute(url, f"UPDATE schema_version SET version = {version}")


async def test_a_newer_one_closes_every_door(
    app: Starlette, server: str, template: str, away_url: str, caplog: pytest.LogCaptureFixture
):
    client = Client(app)
    assert (await client.get("/health/ready")).text == "database unavailable"
    await come_back(server, template, away_url, NEWER)
    async with asyncio.timeout(20):
        while not app.state.schema_mismatch:  # noqa: ASYNC110 (the application tells its log only)
            await asyncio.sleep(0.02)
    said = [record.error for record in caplog.records if record.levelno == logging.CRITICAL]
    assert len(said) == 1 and f"version {NEWER} is newer than {db.SCHEMA_VERSION}" in said[0]
    for door in house.DOORS:
        if not isinstance(door, Door) or door.path == "/health/live":
            continue
        for method in door.endpoints:
            path = door.path.replace("{id}", "1").replace("{nik}", "10001")
            path = path.replace("{seq}", "1").replace("{session}", "1").replace("{form}", "report")
            response = await client.request(method, path)
            assert response.status_code == 503, (method, path)
            assert door.path == "/health/ready" or "Versi basis data tidak sama" in response.text
    assert (await client.get("/health/ready")).text == "another schema version"
    assert (await client.get("/health/live")).status_code == 200
    assert (await client.get("/static/app.css")).status_code == 200


@pytest.mark.parametrize(
    ("version", "said"), [(NEWER, "Versi basis data tidak sama"), (db.SCHEMA_VERSION - 1, "Basis data tidak menjawab")]
)
async def test_nor_is_one_open_before_that_is_found(
    version: int, said: str, app: Starlette, server: str, template: str, away_url: str, monkeypatch
):
    monkeypatch.setattr(runner, "RETRY_PAUSE", 600)
    await asyncio.sleep(0.3)
    await come_back(server, template, away_url, version)
    client = Client(app)
    response = await client.get("/problems")
    assert (response.status_code, said in response.text) == (503, True)
    assert (await client.post("/login", {"nik": "10001", "pin": PIN})).status_code == 503
    async with connected(away_url) as connection:
        assert await connection.fetchval("SELECT count(*) FROM session") == 0


async def test_an_empty_one_gets_its_schema(app: Starlette, server: str, away_url: str):
    client = Client(app)
    await execute(server, f'CREATE DATABASE "{away_url.partition("?")[0].rpartition("/")[2]}"')
    async with asyncio.timeout(20):
        while (await client.get("/health/ready")).status_code != 200:  # noqa: ASYNC110 (it is asked as by a load balancer)
            await asyncio.sleep(0.05)


async def test_who_began_on_this_version_goes_on_when_the_next_is_brought_in(
    server: str, database_url: str, connection: Connection, tmp_path: Path
):
    """Also on connections that are made after that; but not on a database that is older, as from a backup."""
    app = create_app(settings_for(database_url, tmp_path))
    async with app.router.lifespan_context(app):
        client = Client(app)
        assert (await client.get("/health/ready")).status_code == 200
        while any(task.get_coro().__name__ == "migrate" for task in asyncio.all_tasks()):  # noqa: ASYNC110 (not our task)
            await asyncio.sleep(0.02)
        others = """
            SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
             WHERE application_name = 'sih' AND datname = current_database()
        """
        await connection.execute("INSERT INTO schema_version VALUES ($1)", NEWER)
        await connection.execute(others)
        await asyncio.sleep(0.1)
        assert (await client.get("/health/ready")).status_code == 200
        assert (await client.post("/login", {"nik": "10001", "pin": PIN})).status_code == 303
        await connection.execute(
            "UPDATE schema_version SET version = $1 WHERE version <> $2", db.SCHEMA_VERSION - 1, NEWER
        )
        await connection.execute("DELETE FROM schema_version WHERE version = $1", NEWER)
        await connection.execute(others)
        await asyncio.sleep(0.1)
        assert (await client.get("/problems")).status_code == 503
