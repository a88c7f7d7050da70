"""Counting at the same time: changes while a month is frozen, adding up that is killed, two workers, a history that goes on."""

import asyncio
from datetime import date
from functools import partial

import asyncpg
import pytest
from asyncpg import Connection
from asyncpg.transaction import Transaction

from jobs.registry import KINDS as JOBS
from jobs.worker import working
from queries.counting import count_history, fold_tally, freeze_month, promise_history, recount_sums
from queries.recap import Cut, Numbers, get_total, list_months, list_numbers
from queries.recap_standing import get_standing
from queries.restatements import get_difference, list_differences
from server.recap_check import Miscounted, find_miscounted
from settings import Settings
from tests.conftest import connected
from tests.jobs.conftest import enqueue, until, until_empty
from tests.queries.life import blocked
from tests.recap.lives import make_lives, write_lives
from tests.server.test_command import sih

PROBLEMS = 40


@pytest.fixture
async def lives(connection: Connection) -> Connection:
    """A database with lives of which nothing is counted yet."""
    await write_lives(connection, make_lives(5, PROBLEMS))
    await connection.execute("UPDATE counting SET up_to = $1", PROBLEMS)
    return connection


@pytest.fixture
async def other(database_url: str):
    async with connected(database_url) as connection:
        yield connection


@pytest.fixture
async def watcher(database_url: str):
    """Who looks whether others wait, in no transaction."""
    async with connected(database_url) as connection:
        yield connection


async def correct(connection: Connection) -> date:
    """Identify one of the problems that are open otherwise; the first month that this changes."""
    async with connection.transaction():
        problem_id, before = await connection.fetchrow(
            "SELECT id, facts(p) FROM problem p WHERE status IN ('open', 'waiting') ORDER BY id LIMIT 1 FOR NO KEY UPDATE"
        )
        await connection.execute(
            "UPDATE problem SET category_code = CASE category_code WHEN 'UMUM' THEN 'FAS-AC' ELSE 'UMUM' END WHERE id = $1",
            problem_id,
        )
        await connection.execute("SELECT record_change($1, '20001', 'corrected', $2, NULL)", problem_id, before)
    return await connection.fetchval("SELECT min(month) FROM movement WHERE problem_id = $1", problem_id)


async def everything(connection: Connection) -> list[tuple[Numbers, list[Numbers]]]:
    """All numbers of now, by category."""
    return [
        (await get_total(connection, Cut(row.month)), await list_numbers(connection, Cut(row.month, "category")))
        for row in await list_months(connection, None)
    ]


async def assert_counted(connection: Connection) -> None:
    assert await find_miscounted(connection) == Miscounted()


async def freeze_until(connection: Connection, month: date) -> None:
    while (frozen := await freeze_month(connection)) and frozen < month:
        pass


async def test_what_is_counted_before_the_freeze_is_in_it(lives: Connection, other: Connection) -> None:
    await count_history(lives, PROBLEMS)
    late = lives.transaction()
    await late.start()
    month = await correct(lives)
    freezing = asyncio.create_task(freeze_until(other, month))
    await asyncio.sleep(0.3)
    assert not freezing.done(), "it waits for who is counting"
    await late.commit()
    await freezing
    assert await list_differences(lives, Cut(month, "category")) == {}
    await assert_counted(lives)


async def test_what_is_counted_during_the_freeze_is_a_restatement(
    lives: Connection, other: Connection, watcher: Connection
) -> None:
    await count_history(lives, PROBLEMS)
    freezing = other.transaction()
    await freezing.start()
    await freeze_until(other, date(2026, 10, 1))
    changing = asyncio.create_task(correct(lives))
    await blocked(watcher)
    await freezing.commit()
    month = await changing
    differences = await list_differences(lives, Cut(month, "category"))
    assert sum(row.reported for row in differences.values()) == 0 and len(differences) == 2
    assert not any((await get_difference(lives, Cut(month)))[1:14]), "in all it is the same"
    await assert_counted(lives)


async def test_freezing_is_put_off_while_somebody_counts_all_the_time(
    lives: Connection, other: Connection, settings: Settings
) -> None:
    await count_history(lives, PROBLEMS)
    await correct(lives)
    late = other.transaction()
    await late.start()
    await other.execute("SELECT share_counting()")
    async with working(settings, JOBS):
        await enqueue(lives, "freeze")
        await until(lambda: lives.fetchval("SELECT count(*) = 1 FROM job WHERE due_at > now() + interval '50 seconds'"))
    assert [tuple(row) for row in await lives.fetch("SELECT kind, attempts, error FROM job")] == [("freeze", 0, None)]
    await late.rollback()


async def begin_adding(lives: Connection, other: Connection) -> tuple[list[tuple[Numbers, list[Numbers]]], Transaction]:
    """All numbers, while somebody else is adding up what has changed of them, in a transaction."""
    await count_history(lives, PROBLEMS)
    await correct(lives)
    before = await everything(lives)
    adding = other.transaction()
    await adding.start()
    await fold_tally(other)
    return before, adding


async def test_adding_up_that_is_killed_has_done_nothing(
    lives: Connection, other: Connection, watcher: Connection
) -> None:
    before, _ = await begin_adding(lives, other)
    assert await everything(lives) == before
    again = asyncio.create_task(fold_tally(lives))
    await blocked(watcher)
    await watcher.execute("SELECT pg_terminate_backend($1)", other.get_server_pid())
    await again
    assert await everything(lives) == before
    await assert_counted(lives)


async def test_two_who_add_up_at_once_add_everything_once(
    lives: Connection, other: Connection, watcher: Connection
) -> None:
    before, adding = await begin_adding(lives, other)
    again = asyncio.create_task(fold_tally(lives))
    await blocked(watcher)
    await adding.commit()
    await again
    assert await everything(lives) == before


async def test_two_workers_count_the_history_once(lives: Connection, settings: Settings) -> None:
    assert (await get_standing(lives)).preparation == (0, PROBLEMS)
    async with working(settings, JOBS), working(settings, JOBS):
        for kind in ("history", "history", "fold", "freeze"):
            await enqueue(lives, kind)
        await until_empty(lives)
    assert (await get_standing(lives)).preparation is None
    assert [row.month for row in await list_months(lives, None) if not row.frozen_at] == [
        await lives.fetchval("SELECT date_trunc('month', now() AT TIME ZONE 'Asia/Jakarta')::date")
    ]
    await assert_counted(lives)


async def test_a_history_that_was_parked_is_taken_up_again(lives: Connection, settings: Settings) -> None:
    """A database that was migrated while only the version before served: it knows no such job, and gives it up."""
    await lives.execute(
        "INSERT INTO job (kind, attempts, error, parked_at) VALUES ('history', 8, 'UnknownKind', now())"
    )
    async with working(settings, JOBS):
        await enqueue(lives, "fold")
        await until_empty(lives)
    assert (await get_standing(lives)).preparation is None
    await assert_counted(lives)


async def test_two_workers_promise_the_history_once_and_then_what_is_frozen_has_it(
    lives: Connection, settings: Settings
) -> None:
    """Also if only a version served that knew of no such jobs, and gave them up."""
    while await count_history(lives, 500):
        pass
    await fold_tally(lives)
    while await freeze_month(lives):
        pass
    frozen = await everything(lives)
    await lives.execute("SET session_replication_role = replica; DELETE FROM frozen_service; DELETE FROM service_month")
    await lives.execute("RESET session_replication_role")
    await lives.execute("UPDATE counting SET unpromised = $1", PROBLEMS)
    await lives.execute(
        "INSERT INTO job (kind, attempts, error, parked_at) VALUES ('promise_history', 8, 'UnknownKind', now())"
    )
    async with working(settings, JOBS), working(settings, JOBS):
        await enqueue(lives, "fold")
        await until_empty(lives)
    assert await lives.fetchval("SELECT count(DISTINCT problem_id) FROM promise") == PROBLEMS
    assert (
        await lives.fetchval("SELECT count(*) FROM movement WHERE kind IN ('opened', 'closed') AND worked IS NULL") == 0
    )
    causes = await lives.fetch("SELECT cause FROM recap_month r LEFT JOIN service_month s USING (month)")
    assert {cause for (cause,) in causes} == {"targets"}
    assert await everything(lives) == frozen, "no number was changed by it"
    await assert_counted(lives)


async def test_who_changes_a_problem_while_its_history_is_counted_is_counted_once(
    lives: Connection, other: Connection, watcher: Connection
) -> None:
    late = lives.transaction()
    await late.start()
    await correct(lives)
    counting = asyncio.create_task(count_history(other, PROBLEMS))
    await blocked(watcher)
    await late.commit()
    assert not await counting
    await assert_counted(lives)


async def test_verify_names_what_is_miscounted_and_recount_mends_it(lives: Connection, database_url: str) -> None:
    await count_history(lives, PROBLEMS)
    await freeze_until(lives, date(2026, 1, 1))
    await lives.execute(
        "DELETE FROM movement WHERE problem_id = 7; UPDATE movement SET held = held * 2 WHERE problem_id = 9"
    )
    operate = partial(asyncio.to_thread, sih, DATABASE_URL=database_url, secret_key="k")
    done = await operate("verify")
    assert done.returncode == 1
    assert "MISCOUNTED: the recap counts 2 problems" in done.stderr and "the first of them K-7, K-9" in done.stderr
    await lives.execute("UPDATE tally SET closed = closed + 1")
    assert (await operate("recount")).stdout.startswith("counted anew: 2 problems, the sums of 20")
    await assert_counted(lives)
    await lives.execute("UPDATE tally SET closed = closed + 1")
    assert "sums of 20" in (await operate("verify")).stderr
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="refused"):
        await lives.execute("UPDATE frozen SET closed = closed + 1")
    await lives.execute("SET session_replication_role = replica; UPDATE frozen SET closed = closed + 1")
    assert "frozen numbers of 20" in (await operate("recount")).stderr


async def test_a_store_by_other_clocks_is_counted_in_their_months(lives: Connection) -> None:
    """Frozen months by restatements, as all that changes them."""
    await count_history(lives, PROBLEMS)
    await freeze_until(lives, date(2026, 1, 1))
    await assert_counted(lives)
    before = await everything(lives)
    await lives.execute(
        "UPDATE store SET time_zone = CASE time_zone WHEN 'Asia/Jayapura' THEN 'Asia/Jakarta' ELSE 'Asia/Jayapura' END"
    )
    await assert_counted(lives)
    assert await everything(lives) != before


FROZEN = {
    "kept and missed": "UPDATE frozen_service SET kept = kept - 1, missed = missed + 1 WHERE kept > 0",
    "a median": "UPDATE frozen_service SET resolution_median = resolution_median + 1 WHERE by = 'store'",
    "one less": "DELETE FROM frozen_service WHERE by = 'priority'",
    "one more": """
        INSERT INTO frozen_service SELECT month, 'X', by, key, 1, 1, 1, 1, 1, 1 FROM frozen_service WHERE by = '' AND holder = ''
    """,
}


@pytest.mark.parametrize("wrong", FROZEN)
async def test_times_that_are_frozen_otherwise_than_they_were_are_found(
    lives: Connection, database_url: str, wrong: str
) -> None:
    """Where nothing was restated since: what was, differs by right."""
    await lives.execute("UPDATE counting SET unpromised = $1", PROBLEMS)
    await count_history(lives, PROBLEMS)
    while await promise_history(lives, PROBLEMS):
        pass
    await freeze_until(lives, date(2026, 1, 1))
    await assert_counted(lives)
    await lives.execute("SET session_replication_role = replica;" + FROZEN[wrong])
    found = await find_miscounted(lives)
    assert found.misfrozen and found == Miscounted(misfrozen=found.misfrozen)
    if wrong == "a median":
        operate = partial(asyncio.to_thread, sih, DATABASE_URL=database_url, secret_key="k")
        assert "is frozen otherwise than it was" in (await operate("verify")).stderr
        assert "frozen numbers of 20" in (await operate("recount")).stderr


WRONG = {
    "columns": "opened = opened + 1, closed = closed - 1",
    "net": "net = net + 1",
    "a row of a store": "month = month - 3650",
}


@pytest.mark.parametrize("wrong", WRONG)
async def test_each_sum_that_is_wrong_is_found_and_added_up_anew(lives: Connection, wrong: str) -> None:
    """Also where the company's sum of all kinds is right."""
    await count_history(lives, PROBLEMS)
    await freeze_until(lives, date(2026, 1, 1))
    await correct(lives)
    before = await everything(lives)
    row = await lives.fetchrow("SELECT * FROM tally WHERE by = 'store' AND holder <> '' LIMIT 1")
    found = await lives.execute(
        f"UPDATE tally SET {WRONG[wrong]} WHERE (month, holder, by, key) = ($1, $2, $3, $4)",
        *list(row)[:4],
    )
    assert found == "UPDATE 1" and row["month"] in (await find_miscounted(lives)).months
    async with lives.transaction():
        await recount_sums(lives)
    await assert_counted(lives)
    assert await everything(lives) == before


async def test_nothing_is_frozen_before_the_history_is_counted(lives: Connection) -> None:
    assert await count_history(lives, PROBLEMS - 1)
    assert await freeze_month(lives) is None
    assert not await count_history(lives, PROBLEMS)
    assert await freeze_month(lives)


async def test_times_waited_by_a_holder_are_read_from_their_place_in_the_index(lives: Connection) -> None:
    await count_history(lives, PROBLEMS)
    await lives.execute("UPDATE movement SET waited = held + '1 hour' WHERE held IS NOT NULL")
    month, holder = await lives.fetchrow(
        "SELECT month, holder FROM movement WHERE waited > '0' GROUP BY 1, 2 HAVING count(*) > 1 LIMIT 1"
    )
    await lives.execute("ANALYZE movement")
    async with lives.transaction():
        for what in ("seqscan", "bitmapscan", "sort"):  # which are cheaper with so few
            await lives.execute(f"SET LOCAL enable_{what} = off")
        await lives.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        read = "SELECT pg_stat_get_xact_tuples_returned('movement_waited'::regclass)"
        before = await lives.fetchval(read)
        await lives.execute("SELECT nth_waited($1, $2, 1, 1)", month, holder)
        assert await lives.fetchval(read) - before == 1, "the one, and none that would have to be sorted"
