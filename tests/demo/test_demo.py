"""The demo company: it is what SPEC §7 promises, and every history in it could have happened."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import asyncpg
import pytest

from demo import accounts, loading
from demo.company import NO_LOGIN, Problem
from server.migrate import migrate
from tests.conftest import connected
from tests.databases import Databases

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
ENGLISH = re.compile(r"\b(the|and|is|are|not|with|for|please|broken|error|failed|token|issue|done|fixed|store)\b", re.I)


@asynccontextmanager
async def an_empty_database(databases: Databases) -> AsyncIterator[asyncpg.Connection]:
    """A connection to a database with the schema and nothing in it."""
    async with connected(databases.empty(), timezone="UTC") as connection:
        await migrate(connection)
        yield connection


@pytest.fixture(scope="module")
async def company(databases: Databases) -> AsyncIterator[asyncpg.Connection]:
    """A connection to the demo company, loaded once. The hash shows the PIN, so that a test can see it."""
    async with an_empty_database(databases) as connection:
        await loading.load_demo(connection, "hash of {}".format)
        yield connection


ACCOUNTS = {  # NIK: PIN, scopes, division or department, zone
    "10000001": ("482913", ["reporter"], None, "Asia/Jakarta"),
    "10000002": ("591374", ["reporter"], None, "Asia/Makassar"),
    "10000003": ("163958", ["reporter"], None, "Asia/Jayapura"),
    "10000009": ("728164", ["reporter"], None, "Asia/Jakarta"),
    "10000011": ("527481", ["reporter", "store head"], None, "Asia/Jakarta"),
    "20000001": ("637281", ["reporter", "handler"], "HD", "Asia/Jakarta"),
    "20000002": ("748392", ["reporter", "handler"], "IT-NET", "Asia/Jakarta"),
    "20000012": ("316942", ["reporter", "handler"], "IT-NET", "Asia/Jakarta"),
    "20000003": ("859417", ["reporter", "handler"], "GA", "Asia/Jakarta"),
    "30000001": ("916245", ["reporter", "handler"], "MNT", "Asia/Jakarta"),
    "30000002": ("204867", ["reporter", "handler"], "PRC", "Asia/Jakarta"),
    "40000001": ("274859", ["reporter", "manager"], None, "Asia/Jakarta"),
    "40000011": ("639175", ["reporter", "manager"], None, "Asia/Jakarta"),
    "90000001": ("385961", ["reporter", "admin"], None, "Asia/Jakarta"),
}


async def test_accounts(company: asyncpg.Connection) -> None:
    rows = await company.fetch(
        """
        SELECT e.nik, e.pin_hash, e.scopes, e.divisions || e.departments AS units, s.time_zone,
               e.active
          FROM employee e JOIN store s ON s.code = e.store_code WHERE e.pin_hash <> $1
        """,
        NO_LOGIN,
    )
    assert {
        row["nik"]: (
            row["pin_hash"].removeprefix("hash of "),
            row["scopes"],
            "".join(row["units"]) or None,
            row["time_zone"],
        )
        for row in rows
    } == ACCOUNTS
    assert [row["nik"] for row in rows if not row["active"]] == ["10000009"]
    assert {account.nik: account.pin for account in accounts.ACCOUNTS} == {
        nik: pin for nik, (pin, *_) in ACCOUNTS.items()
    }


async def test_master_data(company: asyncpg.Connection) -> None:
    zones = await company.fetch("SELECT time_zone, count(*) FROM store GROUP BY 1")
    assert len(zones) == 3
    assert min(row["count"] for row in zones) >= 5
    divisions = {row["code"]: (row["kind"], row["is_general"]) for row in await company.fetch("SELECT * FROM division")}
    it = dict.fromkeys(("IT-NET", "IT-SYS", "IT-POS"), ("it", False))
    assert divisions == {"HD": ("desk", False), **it, "GA": ("other", True), "LOG": ("other", False)}
    pics = await company.fetch("SELECT department_code, count(*) FROM department_pic GROUP BY 1 ORDER BY 1")
    assert [tuple(row) for row in pics] == [("MNT", 5), ("PRC", 5)]
    assets = await company.fetch(
        "SELECT s.code, count(a) FROM store s LEFT JOIN asset a ON a.store_code = s.code GROUP BY 1"
    )
    assert min(row["count"] for row in assets if row["code"] != "HO") >= 15
    assert await company.fetchval("SELECT bool_and(active) FROM employee WHERE sees_all")


async def test_loading_again_changes_nothing(company: asyncpg.Connection) -> None:
    async def figures() -> list[asyncpg.Record]:
        return await company.fetch(
            "SELECT count(*), max(changed_at) FROM problem UNION ALL SELECT count(*), NULL FROM event"
        )

    before = await figures()
    assert await loading.load_demo(company, lambda _pin: pytest.fail("a PIN was hashed again"))
    assert await figures() == before


async def test_every_state_lately_and_every_year(company: asyncpg.Connection) -> None:
    lately = await company.fetch(
        """
        SELECT p.status, p.confirmed_at IS NOT NULL AS confirmed, count(*) FROM problem p
         WHERE p.reported_at > now() - interval '10 days' GROUP BY 1, 2
        """
    )
    assert {(row["status"], row["confirmed"]) for row in lately} == {
        ("reported", False), ("open", False), ("waiting", False), ("escalated", False), ("closed", False),
        ("closed", True), ("void", False),
    }  # fmt: skip
    years = {row["year"]: row["count"] for row in await company.fetch("SELECT year, count(*) FROM problem GROUP BY 1")}
    assert sorted(years) == list(range(2023, max(years) + 1))
    assert years[2023] < years[2024] < years[2025]
    assert await company.fetchval("SELECT max(reported_at) BETWEEN now() - interval '8 hours' AND now() FROM problem")
    assert await company.fetchval("SELECT max(at) < now() FROM event")
    unfinished = await company.fetchval("SELECT count(*) FROM problem WHERE status NOT IN ('closed', 'void')")
    assert 50 <= unfinished <= 120
    assert (
        await company.fetchval(
            "SELECT count(*) FROM problem WHERE status IN ('open', 'waiting') AND assignee_nik IS NOT NULL"
        )
        > 5
    )


async def test_what_waits_until_some_time_goes_on_then(company: asyncpg.Connection) -> None:
    rows = await company.fetch(
        """
        SELECT p.id, p.waiting_until, p.waiting_until > now() AS later, j.due_at, (j.arguments ->> 'until')::timestamptz AS until
          FROM problem p LEFT JOIN job j ON (j.arguments ->> 'problem_id')::bigint = p.id AND j.kind = 'resumption'
         WHERE p.waiting_until IS NOT NULL
        """
    )
    assert rows and all(row["later"] and row["waiting_until"] == row["due_at"] == row["until"] for row in rows)


@pytest.mark.parametrize("nik", ["10000001", "10000002", "10000003"])
async def test_reporters_have_something_in_every_state(company: asyncpg.Connection, nik: str) -> None:
    rows = await company.fetch("SELECT status, confirmed_at FROM problem WHERE reporter_nik = $1", nik)
    assert {row["status"] for row in rows} == {"reported", "open", "waiting", "escalated", "closed", "void"}
    assert any(row["status"] == "closed" and row["confirmed_at"] is None for row in rows)
    assert any(row["confirmed_at"] for row in rows)


@pytest.mark.parametrize("nik", ["20000001", "20000002", "20000003", "30000001", "30000002"])
async def test_handlers_have_something_to_do(company: asyncpg.Connection, nik: str) -> None:
    rows = await company.fetch(
        """
        SELECT action, count(*)
          FROM problem p, employee e, unnest(ARRAY['opening', 'answer', 'closure']) AS action
         WHERE e.nik = $1 AND may(action, p, e) GROUP BY 1
        """,
        nik,
    )
    first = "opening" if nik == "20000001" else "answer"
    todo = {row["action"]: row["count"] for row in rows}
    assert min(todo[first], todo["closure"]) >= 2


async def test_what_nobody_answers_is_confirmed_in_time(company: asyncpg.Connection) -> None:
    """As the job would have done it; what is of the last days it does."""
    late = await company.fetch(
        """
        SELECT DISTINCT p.changed_at - answer_until(c.at, p.store_code) AS late
          FROM problem p
          JOIN event v ON v.problem_id = p.id AND v.version = p.version AND v.cause = 'auto-confirmed'
          JOIN event c ON c.problem_id = p.id AND c.version = p.version - 1 AND c.cause = 'closed'
        """
    )
    assert [row["late"] for row in late] == [timedelta(0)]
    forgotten = "status = 'closed' AND confirmed_at IS NULL AND changed_at < now() - interval '10 days'"
    assert not await company.fetchval(f"SELECT count(*) FROM problem WHERE {forgotten}")


async def test_custody_is_without_gap(company: asyncpg.Connection) -> None:
    """A problem's custody lasts from its report to its end, or to now, less the time that it was closed."""
    wrong = await company.fetch(
        """
        WITH spans AS (
            SELECT e.problem_id, e.at, e.cause,
                   lead(e.at, 1, now()) OVER (PARTITION BY e.problem_id ORDER BY e.seq) AS until
              FROM event e WHERE e.cause <> 'commented'),
        ages AS (
            SELECT problem_id, sum(until - at) AS age FROM spans
             WHERE cause NOT IN ('closed', 'confirmed', 'auto-confirmed', 'voided') GROUP BY 1)
        SELECT a.problem_id FROM ages a
         WHERE a.age IS DISTINCT FROM (SELECT sum(coalesce(upper(c.during), now()) - lower(c.during))
                                         FROM custody c WHERE c.problem_id = a.problem_id)
        """
    )
    assert wrong == []
    assert await company.fetchval("SELECT count(DISTINCT problem_id) = (SELECT count(*) FROM problem) FROM custody")


async def test_every_problem_is_whole(company: asyncpg.Connection) -> None:
    """The schema's own check, run over every problem: its trigger function needs but an id."""
    async with company.transaction():
        await company.execute("CREATE TEMP TABLE looked_at (id bigint) ON COMMIT DROP")
        await company.execute(
            "CREATE TRIGGER whole AFTER INSERT ON looked_at FOR EACH ROW EXECUTE FUNCTION problem_is_whole()"
        )
        assert await company.execute("INSERT INTO looked_at SELECT id FROM problem") != "INSERT 0 0"


async def test_a_broken_history_is_not_loaded(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
    """All or nothing: the schema's check sees the mistake, and nothing is left of the attempt."""
    monkeypatch.setattr(Problem, "comment", lambda problem, *_: problem.custody.clear())
    async with an_empty_database(databases) as connection:
        with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="custody"):
            await loading.load_demo(connection, str)
        assert not await connection.fetchval("SELECT EXISTS (SELECT FROM store)")
        assert await connection.fetchval("SELECT bool_and(tgenabled = 'O') FROM pg_trigger")


async def test_rules_are_back_in_force(company: asyncpg.Connection) -> None:
    off = await company.fetch("SELECT tgname FROM pg_trigger WHERE tgenabled <> 'O'")
    assert off == []
    last, following = await company.fetchrow(
        "SELECT max(id), nextval(pg_get_serial_sequence('problem', 'id')) FROM problem"
    )
    assert following == last + 1


async def test_events_tell_the_present(company: asyncpg.Connection) -> None:
    """Each event starts from the facts that the ones before it left; the last one leaves those of today."""
    present = dict(await company.fetch("SELECT id, facts(p) FROM problem p"))
    told: dict[int, dict] = {}
    versions: dict[int, int] = {}
    for problem_id, cause, version, before, after in await company.fetch(
        "SELECT problem_id, cause, version, before, after FROM event ORDER BY problem_id, seq"
    ):
        facts = told.setdefault(problem_id, {})
        assert before.items() <= facts.items()
        told[problem_id] = {**{key: facts[key] for key in facts.keys() - before.keys()}, **after}
        assert version == versions.get(problem_id, 0) + (cause != "commented")
        versions[problem_id] = version
    assert told == present


async def test_events_stand_in_the_order_of_time(company: asyncpg.Connection) -> None:
    rows = await company.fetch("SELECT problem_id, seq, at FROM event ORDER BY problem_id, seq")
    for last, row in pairwise(rows):
        same = last["problem_id"] == row["problem_id"]
        assert row["seq"] == (last["seq"] + 1 if same else 1)
        assert not same or row["at"] > last["at"]


async def test_everyone_could_do_what_they_did(company: asyncpg.Connection) -> None:
    """Who acted on a problem held it at that moment, or reported it."""
    wrong = await company.fetch(
        """
        SELECT e.problem_id, e.cause
          FROM event e JOIN problem p ON p.id = e.problem_id JOIN employee a ON a.nik = e.actor_nik
         WHERE NOT CASE
               WHEN e.cause = 'reported' THEN a.nik = p.recorded_by_nik
                                              AND (a.nik = p.reporter_nik OR 'HD' = ANY (a.divisions))
               WHEN e.cause IN ('confirmed', 'reopened') THEN a.nik = p.reporter_nik
               WHEN e.cause = 'commented' THEN a.sees_all OR a.store_code = p.store_code
               ELSE EXISTS (SELECT FROM custody c
                             WHERE c.problem_id = p.id AND c.during @> e.at - interval '1 microsecond'
                               AND (c.division_code = ANY (a.divisions) OR c.pic_nik = a.nik)) END
        """
    )
    assert wrong == []
    assert await company.fetchval(
        "SELECT bool_and(p.store_code = r.store_code) FROM problem p JOIN employee r ON r.nik = p.reporter_nik"
    )


async def test_escalations_are_those_of_the_events(company: asyncpg.Connection) -> None:
    wrong = await company.fetch(
        """
        SELECT x.id FROM escalation x JOIN problem p ON p.id = x.problem_id
         WHERE NOT EXISTS (SELECT FROM event e WHERE e.problem_id = x.problem_id AND e.cause = 'escalated'
                              AND e.at = x.sent_at AND e.actor_nik = x.sent_by_nik AND e.note = x.reason)
            OR (x.answer IS NOT NULL AND NOT EXISTS (
                   SELECT FROM event e
                    WHERE e.problem_id = x.problem_id AND e.cause = x.answer AND e.at = x.answered_at
                      AND e.actor_nik = x.answered_by_nik AND e.note IS NOT DISTINCT FROM x.answer_reason))
            OR (x.kind = 'other' AND x.to_division_code <> other_division_for(p.category_code))
        """
    )
    assert wrong == []
    assert await company.fetchval(
        "SELECT (SELECT count(*) FROM escalation) = count(*) FROM event WHERE cause = 'escalated'"
    )


async def test_what_triggers_derive(company: asyncpg.Connection) -> None:
    """Ids ascend in time; the year is the store's, and so is the asset; the text can be searched."""
    assert await company.fetchval(
        """
        SELECT bool_and(earlier <= reported_at)
          FROM (SELECT reported_at, lag(reported_at, 1, '-infinity') OVER (ORDER BY id) AS earlier
                  FROM problem) p
        """
    )
    assert await company.fetchval(
        """
        SELECT bool_and(p.year = extract(year FROM p.reported_at AT TIME ZONE s.time_zone)
                        AND coalesce(a.store_code = p.store_code, true)
                        AND strpos(p.search_text, searchable(p.title)) > 0
                        AND strpos(p.search_text, searchable(coalesce(p.solution, ''))) > 0)
          FROM problem p JOIN store s ON s.code = p.store_code LEFT JOIN asset a ON a.tag = p.asset_tag
        """
    )


async def test_texts_are_indonesian_and_filled_in(company: asyncpg.Connection) -> None:
    rows = await company.fetch(
        """
        SELECT concat_ws(' ', title, description, asset_text, identification, solution) AS text FROM problem
        UNION SELECT note FROM event WHERE note IS NOT NULL
        """
    )
    assert len(rows) > 1500
    for (text,) in rows:
        assert not ENGLISH.search(text), text
        assert not re.search(r"[{}|]|=>| / |  ", text), text


def test_same_clock_same_company() -> None:
    assert loading.make_demo(NOW, {}) == loading.make_demo(NOW, {})
