"""The oldest PostgreSQL that is supported: the schema, and one whole life of a problem through the application."""

import gzip
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from asyncpg import Connection

import db
from server.migrate import migrate_database
from server.postgres.embedded import EmbeddedPostgres
from settings import ROOT
from tests.client import forms
from tests.conftest import connected, execute
from tests.databases import Databases, databases_on
from tests.pools import Kept

OLDEST = 15


def oldest_bin_folder() -> Path:
    """The programs of the oldest PostgreSQL on this machine that is supported, where Debian puts them."""
    found = {int(folder.parent.name): folder for folder in Path("/usr/lib/postgresql").glob("[0-9]*/bin")}
    majors = sorted(major for major in found if major >= OLDEST)
    assert majors, f"there is no PostgreSQL in /usr/lib/postgresql: apt-get install postgresql-{OLDEST}"
    return found[majors[0]]


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Those of a server of that version, whatever DATABASE_URL says."""
    folder = tmp_path_factory.mktemp("postgres15")
    server = EmbeddedPostgres(folder, bin_folder=oldest_bin_folder(), durable=False)
    with server as url, databases_on(url, kept=False) as databases:
        yield databases


@pytest.fixture(scope="module")
async def kept(databases: Databases) -> AsyncIterator[Kept]:
    """Connections to that server that outlive a test."""
    kept = Kept(databases)
    yield kept
    await kept.end()


# Who opens which page, sends which form of it, and types what. {p} is the address of the problem.
LIFE = [
    (
        "20001",
        "{p}/opening",
        "{p}/opening",
        {"category": "NET-WIFI", "impact": "1", "urgency": "2", "identification": "Kabel"},
    ),
    ("20001", "{p}/escalation", "{p}/escalation", {"kind": "it", "division": "IT-NET", "reason": "Perlu ahli"}),
    ("20003", "{p}", "{p}/escalation/return", {"reason": "Bukan kami"}),
    ("10002", "{p}", "{p}/comments", {"comment": "Mohon segera"}),
    ("20001", "{p}/escalation", "{p}/escalation", {"kind": "other", "reason": "Perlu umum"}),
    ("20004", "{p}", "{p}/escalation/acceptance", {}),
    ("20004", "{p}/closure", "{p}/closure", {"solution": "Diganti"}),
    ("10001", "{p}", "{p}/reopening", {"reason": "Masih mati"}),
    ("20004", "{p}/closure", "{p}/closure", {"solution": "Diganti lagi"}),
    ("10001", "{p}", "{p}/confirmation", {}),
]


async def test_a_whole_life_on_the_oldest_postgres(people, connection: Connection):
    assert connection.get_server_version().major == int(oldest_bin_folder().parent.name)
    ani = await people("10001")
    sent = await ani.submit("/problems/new", "/problems", title="Printer mati", description="Sejak pagi")
    path = sent.headers["Location"]
    for nik, page, action, typed in LIFE:
        who = await people(nik)
        response = await who.submit(page.format(p=path), action.format(p=path), **typed)
        assert response.status_code == 303, (action, response.text)
    page = (await ani.get(path)).text
    causes = re.findall(r'data-kind="(\w+)"', page)
    assert causes == [
        *("reported", "opened", "escalated", "returned", "commented", "escalated", "accepted"),
        *("closed", "reopened", "closed", "confirmed"),
    ]
    found = await ani.get("/problems?q=printer&status=closed")
    assert f'href="{path}"' in found.text


async def test_an_escalation_to_a_pic_on_the_oldest_postgres(people):
    ani, desk, gita = await people("10001"), await people("20001"), await people("30001")
    path = (await ani.submit("/problems/new", "/problems", title="AC mati", description="Panas")).headers["Location"]
    await desk.submit(f"{path}/opening", f"{path}/opening", **LIFE[0][3])
    second = await desk.submit(f"{path}/escalation", f"{path}/escalation", kind="department", reason="Perlu tukang")
    await desk.post(f"{path}/escalation/pic", forms(second.text)[f"{path}/escalation/pic"] | {"pic": "30001"})
    assert (await gita.submit(path, f"{path}/escalation/acceptance")).status_code == 303


async def test_the_first_installation_is_migrated_on_the_oldest_postgres(databases: Databases):
    dump = ROOT / "tests" / "migrations" / "version_3.sql.gz"
    url = databases.empty()
    await execute(url, gzip.decompress(dump.read_bytes()).decode())
    assert await migrate_database(url) == (3, db.SCHEMA_VERSION)
    async with connected(url) as connection:
        assert await connection.fetchval("SELECT count(*) FROM problem") > 20
