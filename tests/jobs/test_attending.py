"""What nobody can act on is found, said, and brought to the desk: by the nightly job; and told by `bin/sih verify`."""

import asyncio
import logging

import pytest
from asyncpg import Connection

from jobs.registry import KINDS
from jobs.worker import working
from settings import Settings
from tests.jobs.conftest import enqueue, until_empty
from tests.queries.life import NET, PIC, problem_in
from tests.server.test_command import sih

STATES = ("open at IT-NET", "open at the PIC", "open")


@pytest.fixture
async def strays(connection: Connection) -> list[int]:
    """Problems, the first two of which are nobody's, by somebody who went behind the database's back."""
    ids = [await problem_in(connection, state) for state in STATES]
    await connection.execute("ALTER TABLE employee DISABLE TRIGGER employee_changed")
    await connection.execute("UPDATE employee SET active = false WHERE nik = ANY ($1)", [NET, PIC])
    return ids


async def test_the_job_brings_them_home(
    connection: Connection, strays: list[int], settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    async with working(settings, KINDS):
        await enqueue(connection, "attendance")
        await until_empty(connection)
    said = [record for record in caplog.records if record.message == "problems without anybody"]
    assert [(record.problems, record.first, record.brought) for record in said] == [(2, strays[:2], 2)]
    holders = await connection.fetch("SELECT holder_division_code FROM problem")
    assert [row[0] for row in holders] == ["HD"] * 3


async def test_verify_names_them(connection: Connection, strays: list[int], database_url: str) -> None:
    done = await asyncio.to_thread(sih, "verify", DATABASE_URL=database_url, secret_key="k")
    first = ", ".join(f"K-{number}" for number in strays[:2])
    assert done.returncode == 1
    assert (
        done.stderr.strip()
        == f"sih verify: UNATTENDED: nobody can act on 2 unfinished problems, the first of them {first}"
    )
    await connection.fetchval("SELECT bring_home(10)")
    assert (await asyncio.to_thread(sih, "verify", DATABASE_URL=database_url, secret_key="k")).returncode == 0
