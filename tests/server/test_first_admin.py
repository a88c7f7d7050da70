"""A company begins: `bin/sih admin` makes its first admin, and the login page of one that has nobody says so."""

import asyncio
import re
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from app import create_app
from auth.first_admin import NotMade, make_first_admin
from auth.pins import PinHasher
from demo.loading import load_demo
from server import migrating
from server.migrate import migrate
from tests.client import Client
from tests.conftest import connected, settings_for
from tests.databases import KEYS, Databases
from tests.server.test_command import sih

PINS = PinHasher(KEYS)
KEY = "a-key-for-tests"
WHAT_TO_DO = "bin/sih admin NIK NAMA"


async def command(url: str, *arguments: str) -> tuple[int, str]:
    """Its status, and the last line of what it said."""
    done = await asyncio.to_thread(sih, *arguments, DATABASE_URL=url, secret_key=KEY)
    return done.returncode, (done.stdout or done.stderr).splitlines()[-1]


async def test_an_empty_database_becomes_a_company_with_an_admin(databases: Databases, tmp_path: Path):
    url = databases.empty()
    app = create_app(replace(settings_for(url, tmp_path), secret_keys=(KEY,)))
    async with app.router.lifespan_context(app):
        await migrating.migrate(app.state)
        assert WHAT_TO_DO in (await Client(app).get("/login")).text
        status, said = await command(url, "admin", "9000-0001", " Joko  Susilo ")
        assert status == 0 and said.startswith("90000001 Joko Susilo is the first admin")
        assert WHAT_TO_DO not in (await Client(app).get("/login")).text
        assert not app.state.is_empty, "and it is never asked again"
        admin = Client(app)
        pin = re.findall(r"\b[0-9]{6}\b", said)[0]
        assert (await admin.post("/login", {"nik": "90000001", "pin": pin})).status_code == 303
        assert (await admin.get("/problems")).headers["Location"].startswith("/pin"), "it is to be changed first"
    assert await command(url, "admin", "90000002", "Lain") == (
        1,
        "sih admin: there is an admin already, who can make others",
    )
    assert (await command(url, "verify"))[0] == 0
    async with connected(url) as connection:
        noted = await connection.fetch("SELECT kind, nik, detail ->> 'cause' FROM security_event ORDER BY seq LIMIT 2")
        assert list(map(tuple, noted)) == [(kind, "90000001", "command") for kind in ("scope changed", "pin reset")]
        shown = "SELECT kind || ' ' || code, cause FROM master_change WHERE cause <> 'setup' ORDER BY seq"
        changes = await connection.fetch(shown)
        assert dict(map(tuple, changes)) == dict.fromkeys(("store HO", "division HD", "employee 90000001"), "command")
        assert await connection.fetchval("SELECT scopes FROM employee") == ["reporter", "admin"]
        assert await connection.fetchval("SELECT time_zone FROM store") == "Asia/Jakarta"
        assert not await load_demo(connection, pytest.fail), "where somebody is, no demo company comes"


async def test_of_two_at_once_one_makes_it(databases: Databases):
    url = databases.empty()
    async with connected(url) as one, connected(url) as other:
        await migrate(one)
        both = (make_first_admin(one, PINS, "9001", "Joko"), make_first_admin(other, PINS, "9002", "Rini"))
        made = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(each).__name__ for each in made) == ["FirstAdmin", "NotMade"]


@pytest.mark.parametrize(
    ("nik", "name", "why"),
    [
        ("123", "Joko", "'123' is no NIK"),
        ("9000x", "Joko", "is no NIK"),
        ("90002", " \u200b ", "a name has"),
        ("90002", "x" * 121, "a name has"),
        ("10001", "Joko", "somebody has the NIK 10001"),
        ("90002", "Joko", "there is an admin already"),
    ],
)
async def test_what_cannot_be_made_is_said_and_leaves_nothing(
    connection: asyncpg.Connection, nik: str, name: str, why: str
):
    if nik == "10001":
        await connection.execute("SET session_replication_role = replica")  # the last admin stays, else
        await connection.execute("UPDATE employee SET is_admin = false")
        await connection.execute("RESET session_replication_role")
    count = "SELECT (SELECT count(*) FROM employee), (SELECT count(*) FROM security_event), (SELECT count(*) FROM master_change)"
    before = await connection.fetchrow(count)
    with pytest.raises(NotMade, match=why):
        await make_first_admin(connection, PINS, nik, name)
    assert await connection.fetchrow(count) == before
