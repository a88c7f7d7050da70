"""The database of the second installation (schema version 35), migrated: it is what schema.sql makes, nothing in it was lost, and
each history reads as that version showed it.

version_35.sql.gz and version_35.json are made by make_version_35.sh.
"""

import gzip
import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import db
from app import create_app
from jobs.registry import KINDS
from jobs.worker import working
from queries.chains import list_sealed_events
from server.chains import verify
from server.migrate import migrate_database
from server.recap_check import Miscounted, find_miscounted
from tests.client import Client
from tests.conftest import PIN, apart, connected, execute, settings_for
from tests.databases import Databases, of_database
from tests.jobs.conftest import until
from tests.journeys import ANI, DESK
from tests.migrations.test_version_3 import GROWN, REWRITTEN, history_in, in_columns, rows_of, schema_of

FOLDER = Path(__file__).parent
SHOWN: dict[str, list[str]] = json.loads((FOLDER / "version_35.json").read_text(encoding="utf-8"))
WORK = {"job", "schedule", "schema_version"}  # what is to be done is another by then
TRIGGERED = {"hand_over_left(employee,employee)", "release_assignments(text)"}  # called by the database alone
DUE = "SELECT count(*) FROM job WHERE parked_at IS NULL AND due_at <= now()"


@pytest.fixture(scope="module")
def version_35(databases: Databases) -> str:
    """The name of a database as it was, to be cloned."""
    url = databases.empty()
    apart(execute(url, gzip.decompress((FOLDER / "version_35.sql.gz").read_bytes()).decode()))
    return urlsplit(url).path.removeprefix("/")


@pytest.fixture
def old_url(databases: Databases, version_35: str) -> str:
    """The URL of one of one's own."""
    return databases.clone(version_35)


def _bare(text: str) -> str:
    """Without the brackets that a dump of the dump adds to some expressions."""
    return re.sub(r"[()\s]", "", text)


async def test_migrated_it_is_what_it_was_and_what_schema_sql_makes(old_url: str, template: str, server: str):
    functions = "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
    rows = await rows_of(old_url)
    async with connected(old_url) as connection:
        called = {name for (name,) in await connection.fetch(functions)} - TRIGGERED
        assert await migrate_database(old_url) == (35, db.SCHEMA_VERSION)
        assert called - {name for (name,) in await connection.fetch(functions)} == set(), (
            "the version before still serves"
        )
    migrated, made = schema_of(old_url), schema_of(of_database(server, template))
    assert migrated.keys() == made.keys()
    differ = {name: text for name, text in migrated.items() if _bare(text) != _bare(made[name])}
    assert differ == {}
    after = await rows_of(old_url)
    for table in rows.keys() - WORK:
        if rows[table]:
            columns = rows[table][0].keys() & after[table][0].keys() - REWRITTEN.get(table, set())
            was, now = in_columns(rows[table], columns), in_columns(after[table], columns)
            assert was == [row for row in now if table not in GROWN or row in was], table
    async with connected(old_url) as connection:
        assert not (await verify(connection, list_sealed_events)).wrong


async def test_every_history_reads_as_before(old_url: str, tmp_path: Path):
    await migrate_database(old_url)
    application = create_app(settings_for(old_url, tmp_path))
    async with application.router.lifespan_context(application):
        desk, ani = Client(application), Client(application)
        for person, nik in ((desk, DESK), (ani, ANI)):
            assert (await person.post("/login", {"nik": nik, "pin": PIN})).status_code == 303
        shown = {path: history_in((await desk.get(path)).text) for path in SHOWN}
        assert shown == SHOWN
        assert history_in((await ani.get("/problems/1")).text) == SHOWN["/problems/1"]
        draft = re.search(r"/problems/new\?draft=[0-9a-f-]{36}", (await ani.get("/problems/new")).text)
        assert "Belum selesai" in (await ani.get(draft[0])).text, "what was typed and not sent"
        assert "Menunggu" in (await desk.get("/views")).text


async def test_what_waits_ends_when_it_would_have(old_url: str, tmp_path: Path):
    """The jobs of waits that had ended early are gone, that of the one that goes on is there; and the other work gets done."""
    waits = "SELECT arguments ->> 'until' FROM job WHERE kind = 'resumption' ORDER BY 1"
    async with connected(old_url) as connection:
        assert len(await connection.fetch(waits)) == 4
        await migrate_database(old_url)
        left = [row[0] for row in await connection.fetch(waits)]
        assert [until_then[:16] for until_then in left] == ["2036-03-01T09:00"]
        async with working(settings_for(old_url, tmp_path), KINDS):
            await until(lambda: connection.fetchval(f"SELECT ({DUE}) = 0"))
        assert [row[0] for row in await connection.fetch(waits)] == left
        assert await connection.fetchval("SELECT count(*) FROM job WHERE parked_at IS NOT NULL") == 0
        assert await connection.fetch("SELECT id FROM unattended_problems()") == []
        assert await find_miscounted(connection) == Miscounted()
