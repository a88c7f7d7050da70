"""The database of the first installation (schema version 3), migrated: it is what schema.sql makes, and nothing in it was lost.

version_3.sql.gz is made by make_version_3.sh.
"""

import gzip
import json
import re
import subprocess
from collections.abc import AsyncIterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from starlette.applications import Starlette

import db
from app import create_app
from jobs.registry import KINDS
from jobs.worker import working
from queries.chains import list_sealed_events
from server.chains import verify
from server.migrate import migrate_database
from server.postgres.programs import find_bin_folder
from server.recap_check import Miscounted, find_miscounted
from tests.client import Client
from tests.conftest import apart, connected, execute, settings_for
from tests.databases import Databases, of_database
from tests.jobs.conftest import until_empty
from tests.memberships import belong
from tests.processes import log_in

DUMP = Path(__file__).with_name("version_3.sql.gz")
KEY = "key-of-version-3"
ACCOUNTS = {
    "10000001": "739152",
    "20000001": "637281",
    "30000001": "916245",
    "40000001": "274859",
    "90000001": "385961",
}

GROWN = {"budget_rule"}  # the tables that a migration adds rows to

# The columns that a migration fills anew on purpose, by table: their old values are not looked for.
REWRITTEN: dict[str, set[str]] = {"problem": {"search_text"}}


@pytest.fixture(scope="module")
def version_3(databases: Databases) -> str:
    """The name of a database as it landed, to be cloned."""
    url = databases.empty()
    apart(execute(url, gzip.decompress(DUMP.read_bytes()).decode()))
    return urlsplit(url).path.removeprefix("/")


@pytest.fixture
def old_url(databases: Databases, version_3: str) -> str:
    """The URL of one of one's own."""
    return databases.clone(version_3)


def schema_of(url: str) -> dict[str, str]:
    """What pg_dump says of the schema: each thing by its name, in an order that does not tell how it came about."""
    command = [find_bin_folder() / "pg_dump", "--schema-only", "--no-owner", "--no-privileges", "-d", url]
    dump = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    things = re.split(r"^--\n-- (Name: .*; Type: .*); Schema: .*\n--\n", dump, flags=re.M)
    return {name: _in_order(text) for name, text in zip(things[1::2], things[2::2], strict=True)}


def _in_order(text: str) -> str:
    """Columns and constraints sorted: a migration can add a column only at the end."""
    text = re.sub(r"^(--|\\).*\n", "", text, flags=re.M).strip()
    if "CREATE TABLE" not in text and "CREATE UNLOGGED TABLE" not in text:
        return text
    return "\n".join(sorted(line.rstrip(",") for line in text.splitlines()))


async def rows_of(url: str) -> dict[str, list[dict]]:
    """All rows of all tables, as objects."""
    async with connected(url, timezone="UTC") as connection:
        names = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {
            name: [row[0] for row in await connection.fetch(f'SELECT to_jsonb(t) FROM "{name}" t')] for (name,) in names
        }


def in_columns(rows: list[dict], columns: set[str]) -> list[str]:
    return sorted(json.dumps({name: row[name] for name in columns}, sort_keys=True) for row in rows)


async def test_migrated_it_has_the_schema_of_schema_sql(old_url: str, template: str, server: str):
    before, after = await migrate_database(old_url)
    assert (before, after) == (3, db.SCHEMA_VERSION)
    migrated, made = schema_of(old_url), schema_of(of_database(server, template))
    assert len(made) > 150
    assert migrated.keys() == made.keys()
    assert {name: text for name, text in migrated.items() if text != made[name]} == {}


async def test_the_version_before_finds_every_function_that_it_calls(old_url: str):
    """It still serves while the next one comes: what is no longer called goes a version later (docs/decisions/0060)."""
    functions = "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
    async with connected(old_url) as connection:
        before = {name for (name,) in await connection.fetch(functions)}
        await migrate_database(old_url)
        assert before - {name for (name,) in await connection.fetch(functions)} == set()


async def test_migrated_it_has_all_that_it_had(old_url: str):
    before = await rows_of(old_url)
    await migrate_database(old_url)
    after = await rows_of(old_url)
    assert before.pop("schema_version")[0]["version"] == 3
    assert all(before.values()), "there is something of everything"
    for table, rows in before.items():
        # The columns that are there before and after: none that held something is gone without a word here.
        columns = rows[0].keys() & after[table][0].keys() - REWRITTEN.get(table, set())
        was, now = in_columns(rows, columns), in_columns(after[table], columns)
        assert was == [row for row in now if table not in GROWN or row in was], table
    async with connected(old_url) as connection:
        assert not (await verify(connection, list_sealed_events)).wrong


async def test_every_state_and_every_cause_is_in_it(old_url: str):
    rows = await rows_of(old_url)
    assert {row["status"] for row in rows["problem"]} == {"reported", "open", "escalated", "closed", "void"}
    assert {row["cause"] for row in rows["event"]} == {
        *("reported", "opened", "escalated", "accepted", "returned", "commented"),
        *("closed", "confirmed", "reopened", "voided"),
    }


@pytest.fixture
async def app(old_url: str, tmp_path: Path) -> AsyncIterator[Starlette]:
    """The application, started on it; nobody else has migrated it."""
    application = create_app(replace(settings_for(old_url, tmp_path), secret_keys=(KEY,)))
    async with application.router.lifespan_context(application):
        yield application


async def test_its_people_find_their_pages_in_it(app: Starlette, old_url: str):
    await migrate_database(old_url)  # returns when the application has done so
    for nik, pin in ACCOUNTS.items():
        client = Client(app)
        assert (await client.post("/login", {"nik": nik, "pin": pin})).status_code == 303, nik
        html = (await client.get("/problems?status=")).text
        for path in {"/problems", "/problems/new", "/views", "/sessions", *re.findall(r'href="(/problems/\d+)"', html)}:
            assert (await client.get(path)).status_code == 200, (nik, path)
    desk, ani = Client(app), Client(app)
    await desk.post("/login", {"nik": "20000001", "pin": ACCOUNTS["20000001"]})
    await ani.post("/login", {"nik": "10000001", "pin": ACCOUNTS["10000001"]})
    assert "Dibuka" in (await desk.get("/views")).text
    assert (await desk.get("/desk")).status_code == 200
    page = (await ani.get("/problems/new")).text
    draft = re.search(r"/problems/new\?draft=[0-9a-f-]{36}", page)
    assert "Belum selesai" in (await ani.get(draft[0])).text, "what was typed and not sent"
    assert (await ani.submit("/problems/new", "/problems", title="Baru", description="Baru")).status_code == 303


# What that version showed of what had been through everything, without the times.
HISTORY = (
    "Rahmat Simanjuntak melaporkan kendala ini. |",
    "Galih Suryani (HD) membuka kendala sebagai NET-WIFI — Wi-Fi, prioritas P3. | Kabel",
    "Galih Suryani (HD) mengalihkan kendala ke IT-NET — Jaringan. | Perlu ahli",
    "Bambang Gunawan (IT-NET) mengembalikan kendala ke HD — Meja Bantuan. | Bukan kami",
    "Rahmat Simanjuntak berkomentar: | Mohon segera",
    "Galih Suryani (HD) mengalihkan kendala ke GA — Umum & Fasilitas. | Perlu umum",
    "Sri Wicaksono (GA) menerima kendala ini. |",
    "Sri Wicaksono (GA) menutup kendala dengan solusi: | Diganti",
    "Rahmat Simanjuntak menyatakan kendala belum beres; kendala dibuka kembali. | Masih mati",
    "Sri Wicaksono (GA) menutup kendala dengan solusi: | Diganti lagi",
    "Rahmat Simanjuntak menyatakan kendala sudah beres. |",
)


def history_in(page: str) -> list[str]:
    """The lines of a history as one reads them; a bar where the time stands."""
    lines = re.findall(r'<li class="event"(.*?)</li>', page, flags=re.S)
    texts = (re.sub(r"<time.*?</time>", "|", line.partition(">")[2], flags=re.S) for line in lines)
    return [" ".join(unescape(re.sub("<[^>]*>", " ", text)).split()) for text in texts]


async def test_an_old_history_reads_as_before(old_url: str, tmp_path: Path):
    await migrate_database(old_url)
    application = create_app(replace(settings_for(old_url, tmp_path), secret_keys=(KEY,)))
    async with application.router.lifespan_context(application):
        ani = Client(application)
        await ani.post("/login", {"nik": "10000001", "pin": ACCOUNTS["10000001"]})
        found = (await ani.get("/problems?q=Printer+kasir+mati&year=all")).text
        path = max(re.findall(r'href="(/problems/\d+)"', found), key=lambda path: int(path.rpartition("/")[2]))
        assert history_in((await ani.get(path)).text) == list(HISTORY)


ORPHANS = """
    SELECT id FROM problem p
     WHERE status IN ('reported', 'open', 'escalated')
       AND NOT EXISTS (SELECT FROM employee e
                        WHERE e.active AND (e.division_code = p.holder_division_code OR e.nik = p.holder_pic_nik))
     ORDER BY id
"""
EVENTS = "SELECT problem_id, seq, to_jsonb(v)::text FROM event v ORDER BY 1, 2"


async def test_what_was_nobodys_comes_home_by_the_first_run_of_the_job(old_url: str, tmp_path: Path):
    """A division whose people had all left, and PICs who had: that version let them go with what they held."""
    async with connected(old_url) as connection:
        await connection.execute(
            "UPDATE employee SET active = false WHERE division_code = 'GA' OR department_code = 'MNT'"
        )
        orphans = [row[0] for row in await connection.fetch(ORPHANS)]
        holders = await connection.fetch(
            "SELECT DISTINCT holder_division_code FROM problem WHERE id = ANY ($1)", orphans
        )
        assert {row[0] for row in holders} == {"GA", None}
        before = [tuple(row) for row in await connection.fetch(EVENTS)]
        await migrate_database(old_url)
        found = [row[0] for row in await connection.fetch("SELECT id FROM unattended_problems()")]
        assert found == orphans, "the migration itself moves nothing"
        async with working(replace(settings_for(old_url, tmp_path), secret_keys=(KEY,)), KINDS):
            await until_empty(connection)
        assert await connection.fetch("SELECT id FROM unattended_problems()") == []
        after = [tuple(row) for row in await connection.fetch(EVENTS)]
        assert [row for row in after if row in set(before)] == before
        added = [(row[0], json.loads(row[2])) for row in after if row not in set(before)]
        assert [(number, event["cause"], event["actor_nik"]) for number, event in added] == [
            (number, "handed over", None) for number in orphans
        ]
        assert {event["after"]["division"] for _, event in added} == {"HD"}
        # The history is counted by then, every month that is over frozen.
        assert await connection.fetchval("SELECT counted = up_to AND up_to > 0 FROM counting")
        assert await connection.fetchval("SELECT count(*) > 0 FROM frozen")
        assert await find_miscounted(connection) == Miscounted()
        assert not (await verify(connection, list_sealed_events)).wrong


async def test_memberships_are_carried_over_and_may_be_two(old_url: str):
    members = "SELECT nik, division_code FROM {0} WHERE division_code IS NOT NULL ORDER BY nik"
    pics = "SELECT nik, department_code FROM {0} WHERE department_code IS NOT NULL ORDER BY nik"
    async with connected(old_url) as connection:
        before = [await connection.fetch(query.format("employee")) for query in (members, pics)]
        assert all(before)
        await migrate_database(old_url)
        tables = ((members, "division_member"), (pics, "department_pic"))
        assert [await connection.fetch(query.format(table)) for query, table in tables] == before
        await belong(connection, "20000002", "IT-NET", "LOG", "MNT")
        row = await connection.fetchrow("SELECT divisions, departments FROM employee WHERE nik = '20000002'")
        assert tuple(row) == (["IT-NET", "LOG"], ["MNT"])


def test_sih_starts_on_it(start, old_url: str):
    process = start(DATABASE_URL=old_url, secret_key=KEY).serving()
    with process.browser() as browser:
        log_in(browser, "10000001", ACCOUNTS["10000001"])
        assert "Printer kasir mati" in browser.get("/problems?status=closed").text
    assert process.stop() == 0
    assert "Traceback" not in process.err
