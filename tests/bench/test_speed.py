"""The large company of `make bench`: what the loader makes is what the schema would have made, and SIH serves it."""

from collections.abc import AsyncIterator
from pathlib import Path
from unittest.mock import AsyncMock

import asyncpg
import pytest

from app import create_app
from bench.speed import report
from bench.speed.carrying import LIFE, carry
from bench.speed.loading import load_company
from bench.speed.measuring import Measured
from bench.speed.run import Run
from demo import histories
from server import promise_check
from server.command import COMMANDS
from server.migrate import migrate_database
from tests.conftest import People, connected, settings_for
from tests.databases import Databases

pytestmark = pytest.mark.anyio

PROBLEMS, STORES, LIVES = 2_000, 40, 200
# What the tables have beside their columns.
SCHEMA = """
    SELECT pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
     WHERE c.relnamespace = 'public'::regnamespace
     UNION ALL
    SELECT concat_ws(' ', k.conrelid::regclass, k.conname, k.convalidated, pg_get_constraintdef(k.oid)) FROM pg_constraint k
     WHERE k.connamespace = 'public'::regnamespace
     UNION ALL
    SELECT concat_ws(' ', t.tgrelid::regclass, t.tgenabled, pg_get_triggerdef(t.oid)) FROM pg_trigger t WHERE NOT t.tgisinternal
     ORDER BY 1
"""
# Of each foreign key the question for rows that it would have refused.
ORPHANS = """
    SELECT format('SELECT %L FROM %s a WHERE num_nulls(%s) = 0 AND NOT EXISTS (SELECT FROM %s b WHERE (%s) = (%s))', k.conname,
                  k.conrelid::regclass, string_agg('a.' || f.attname, ', '), k.confrelid::regclass,
                  string_agg('a.' || f.attname, ', ' ORDER BY n.place), string_agg('b.' || t.attname, ', ' ORDER BY n.place))
      FROM pg_constraint k CROSS JOIN unnest(k.conkey, k.confkey) WITH ORDINALITY n (key, other, place)
      JOIN pg_attribute f ON (f.attrelid, f.attnum) = (k.conrelid, n.key)
      JOIN pg_attribute t ON (t.attrelid, t.attnum) = (k.confrelid, n.other)
     WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace
     GROUP BY k.oid, k.conname, k.conrelid, k.confrelid
"""


@pytest.fixture(scope="module")
async def company_url(databases: Databases) -> AsyncIterator[str]:
    """The URL of a database with a large company that is small enough for a test."""
    url = databases.empty()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(histories, "ORDINARY", LIVES)
        await load_company(url, PROBLEMS, "-", STORES)
    yield url


@pytest.fixture
async def company(company_url: str) -> AsyncIterator[asyncpg.Connection]:
    async with connected(company_url) as connection:
        yield connection


async def test_the_schema_is_as_before(company: asyncpg.Connection, databases: Databases) -> None:
    url = databases.empty()
    await migrate_database(url)
    async with connected(url) as untouched:
        assert await company.fetch(SCHEMA) == await untouched.fetch(SCHEMA)


async def test_what_follows_from_the_histories_is_right(
    company_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for what was worked: lives are told again at other hours and beside other holidays."""
    monkeypatch.setattr(promise_check, "list_misworked", AsyncMock(return_value=([], None)))
    said = await COMMANDS["verify"].run(settings_for(company_url, tmp_path), noted=[])
    assert said.startswith("whole")


async def test_nothing_refers_to_what_is_not_there(company: asyncpg.Connection) -> None:
    questions = await company.fetch(ORPHANS)
    assert len(questions) > 20
    for (question,) in questions:
        assert await company.fetch(question) == []


async def test_what_is_searched_is_what_the_schema_makes_of_it(company: asyncpg.Connection) -> None:
    transaction = company.transaction()
    await transaction.start()
    await company.execute("CREATE TEMPORARY TABLE loaded ON COMMIT DROP AS SELECT id, year, search_text FROM problem")
    await company.execute("SELECT renew_search('problem', NULL, NULL, (SELECT max(id)::int FROM problem))")
    changed = "SELECT p.id FROM problem p JOIN loaded l USING (id) WHERE l.search_text <> p.search_text"
    assert await company.fetch(changed) == []
    await transaction.rollback()
    of_another_year = """
        SELECT p.id FROM problem p JOIN store s ON s.code = p.store_code
         WHERE p.year <> extract(year FROM p.reported_at AT TIME ZONE s.time_zone)
    """
    assert await company.fetch(of_another_year) == []


async def test_it_is_served(company: asyncpg.Connection, company_url: str, tmp_path: Path) -> None:
    newest = await company.fetchrow("SELECT id, title, reporter_nik FROM problem ORDER BY id DESC LIMIT 1")
    application = create_app(settings_for(company_url, tmp_path))
    async with application.router.lifespan_context(application):
        people = People(application)
        listed = await (await people("40000001")).get("/problems")
        assert listed.status_code == 200 and f"/problems/{newest['id']}" in listed.text
        shown = await (await people(newest["reporter_nik"])).get(f"/problems/{newest['id']}")
        assert shown.status_code == 200 and newest["title"] in shown.text


def test_what_was_measured_is_kept_and_described(tmp_path: Path) -> None:
    quick, slow = Measured(1500, 0.6, 0.2, 20, 40, 9000, 0), Measured(100, 3, 8, 300, 400, 9000, 0)
    small = Run(10_000, {"app year": quick, "paper year": slow}, {"year": 40_000}, (80, 81), 300_000, 20, 0.2)
    large = Run(1_000_000, {"app year": slow, "paper year": slow}, {"year": 50_000}, (80, 95), 1, 200, 7)
    for run in (small, large):
        run.save(tmp_path)
    kept = [Run.load(tmp_path / f"{run.problems}.json") for run in (small, large)]
    assert kept == [small, large]
    text = report.describe(kept)
    assert "| year: ≥ 12 × the paper's year | 15.0 × | holds |" in text
    assert "| year: ≥ 12 × the paper's year | 1.0 × | **does not** |" in text
    assert "| year: growth ≤ 1.3 × | 13.75 × from 10,000 to 1,000,000 | **does not** |" in text
    assert carry(large) == ""  # most of a problem's life was not measured
    whole = Run(1, {f"app {name}": quick for name in LIFE}, {}, (80, 80), 1, 1, 1)
    assert "carries 288,462 problems a day" in carry(whole)
    assert report.draw_growth(kept).count("<polyline") == 1
