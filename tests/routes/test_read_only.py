"""A database that only reads, a standby or one that was told so: what reads goes on, the rest says so, and it heals by itself."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest

import db
import doors
from app import DOORS, create_app
from doors import Door
from server.postgres.embedded import EmbeddedPostgres
from tests.client import HTMX, Client, forms
from tests.conftest import People, execute, settings_for
from tests.databases import Databases, make_company
from tests.journeys import ADMIN, ANI, DESK, MANAGER, photograph, problem_in
from tests.routes.catalogue import address
from web.logs import JsonFormatter

NOTHING_RECORDED = "Untuk sementara tidak ada yang dapat dicatat."
# It leads to work that could not be done.
WRITE = {"/desk/next"}
END_OTHERS = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()
                AND pid <> pg_backend_pid() AND backend_type = 'client backend'"""
READ = [door for door in DOORS if isinstance(door, Door) and "GET" in door.endpoints and door.path not in WRITE]


@pytest.fixture(autouse=True)
def believed_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "READS_ONLY_LIMIT", 0.1)


class World(NamedTuple):
    """Somebody who is not logged in, those who are, and the path of a problem."""

    nobody: Client
    people: People
    path: str


@asynccontextmanager
async def started(url: str, folder: Path) -> AsyncIterator[World]:
    """The application, with a problem of Ani's and a photo of it."""
    app = create_app(settings_for(url, folder))
    async with app.router.lifespan_context(app):
        people = People(app)
        path = await problem_in(people, "open at IT-NET")
        await photograph(people, path)
        yield World(Client(app), people, path)


async def answers(world: World) -> dict[str, int]:
    """What every door that reads answers to those who pass it, by page and fragment."""
    statuses = {}
    for nik in ("", ANI, DESK, MANAGER, ADMIN):
        client = await world.people(nik) if nik else world.nobody
        for door in READ:
            for headers in ({}, HTMX):
                if door.policy == doors.ADMIN and nik != ADMIN:
                    continue
                answer = await client.request("GET", address(door.path, world.path), headers=headers)
                statuses[f"{nik} {door.path} {len(headers)}"] = answer.status_code
    return statuses


async def assert_reads_only(world: World, before: dict[str, int]) -> None:
    await asyncio.sleep(0.1)  # the driver notices that its connections are gone
    ready = await world.nobody.get("/health/ready")
    assert (ready.status_code, ready.text) == (503, "read only")
    now = await answers(world)
    assert {key: status for key, status in now.items() if status != before[key]} == {
        key: 503 for key in before if "/health/ready" in key
    }
    ani, path = await world.people(ANI), world.path
    fields = forms((await ani.get(path)).text)[f"{path}/comments"] | {"comment": 'Masih <mati>\ndan "panas"'}
    for htmx in (False, True):
        refused = await ani.post(f"{path}/comments", fields, htmx=htmx)
        assert refused.status_code == 503
        assert NOTHING_RECORDED in refused.text
    kept = forms((await ani.post(f"{path}/comments", fields)).text)
    assert kept[f"{path}/comments"] == fields, "it can be sent again from there"
    assert (await world.nobody.post("/login/nik", {"nik": "10001"})).status_code == 503


async def assert_healed(world: World) -> None:
    await asyncio.sleep(0.15)
    assert (await world.nobody.get("/health/ready")).text == "ok"
    ani, path = await world.people(ANI), world.path
    assert (await ani.submit(path, f"{path}/comments", comment="Sudah bisa.")).status_code == 303


async def test_told_to_read_only(databases: Databases, tmp_path: Path, lines: list[dict]) -> None:
    url = databases.clone()
    name = urlsplit(url).path.removeprefix("/")
    async with started(url, tmp_path) as world:
        before = await answers(world)
        await execute(url, "UPDATE session SET last_seen_at = last_seen_at - interval '2 minutes'")
        await execute(url, f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
        await execute(url, END_OTHERS)
        await assert_reads_only(world, before)
        refused = [line for line in lines if line.get("status") == 503]
        assert refused
        assert {line["reason"] for line in refused} == {"read only"}
        await execute(url, f'BEGIN READ WRITE; ALTER DATABASE "{name}" RESET default_transaction_read_only; COMMIT')
        await assert_healed(world)


@pytest.fixture
def lines() -> Iterator[list[dict]]:
    """Every line of the log."""
    said: list[dict] = []

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(json.loads(JsonFormatter().format(record)))

    handler, root = Lines(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield said
    root.removeHandler(handler)
    root.setLevel(level)


async def test_a_standby_and_its_promotion(tmp_path: Path) -> None:
    data = tmp_path / "data"
    server = EmbeddedPostgres(data, durable=False)
    try:
        url = server.start()
        await make_company(url)
        async with started(url, tmp_path) as world:
            before = await answers(world)
            server.stop()
            (data / "cluster" / "standby.signal").touch()
            assert server.start() == url
            await assert_reads_only(world, before)
            await execute(url, "SELECT pg_promote()")
            await assert_healed(world)
    finally:
        server.stop()
