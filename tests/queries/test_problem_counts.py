"""Counts beside the list: at every moment what is added up, with what is not yet, is what there is."""

import asyncio
import random
from functools import partial
from itertools import product

import pytest
from asyncpg import Connection

from jobs.registry import KINDS
from jobs.worker import working
from queries.employees import Employee
from queries.leaving import let_go
from queries.problem_counts import (
    STATUSES,
    count_miscounted_problems,
    count_problems,
    fold_problem_counts,
    recount_problems,
)
from queries.problem_filter import Filter
from server.command import COMMANDS, Failed
from settings import Settings
from tests.conftest import connected
from tests.jobs.conftest import until_empty
from tests.journeys import WAYS
from tests.queries.life import (
    ADMIN,
    DESK,
    DESK_TOO,
    FAR,
    GA,
    NET,
    PIC,
    PIC_TOO,
    REPORTER,
    STRANGER,
    assign,
    blocked,
    change,
    close,
    problem_in,
    reopen_problem,
    report,
    to_net,
    viewer,
)
from tests.recap.lives import make_lives, write_lives

OF_AREAS = {"40011": "HO", "40012": "T02", "40013": "T01"}  # managers of one, and their stores
NOTED = "SELECT count(*) FROM problem_count_change"
KEPT = "SELECT count(*) FROM problem_count"
HOLDERS = [
    {},
    *({"division": code} for code in ("HD", "IT-NET", "GA")),
    {"department": "MNT"},
    *({"department": "PRC", "pic": nik} for nik in (PIC, PIC_TOO)),
    *({"mine": mine} for mine in ((DESK, ["HD"]), (DESK_TOO, ["HD", "IT-NET", "HD"]), (PIC_TOO, []), (REPORTER, []))),
]
STORES = [{}, {"store": "T01"}, {"store": "T02"}, {"reporter": REPORTER}]
FILTERS = [
    Filter(year=year, priority=priority, **holder, **store)
    for year, priority, holder, store in product((None, 2025, 2024), (None, 2, 6), HOLDERS, STORES)
]


async def count_slowly(connection: Connection, who: Employee, filter: Filter) -> dict[str, int]:
    """One by one, by all that the list goes by."""
    rows = await connection.fetch(
        """
        SELECT p.status FROM problem p
         WHERE in_reach(p, $1, $2, $3, $4) AND in_filter(p, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, NULL)
        """,
        *(who.sees_all, who.store_code, who.nik, who.area_code),
        *filter.parameters[:-1],
    )
    found = [row["status"] for row in rows]
    return {status: found.count(status) for status in STATUSES}


async def check(connection: Connection, filters: int = 20) -> None:
    """Whoever looks with whichever filter, so many of them by chance, is told what there is."""
    known = await connection.fetch("SELECT nik FROM employee WHERE area_code IS NOT NULL")
    whom = [await viewer(connection, nik) for nik in (DESK, REPORTER, STRANGER, FAR, *(nik for (nik,) in known))]
    for who in (*whom, *(who._replace(is_wide=True) for who in whom if who.area_code)):
        for filter in random.sample(FILTERS, filters):
            found = await count_problems(connection, who, filter)
            assert found == await count_slowly(connection, who, filter), (who.nik, filter)


@pytest.fixture
async def lives(connection: Connection) -> Connection:
    """A database with lives of which nothing is counted yet."""
    await write_lives(connection, make_lives(7, 150))
    await connection.execute("SELECT setval(pg_get_serial_sequence('problem', 'id'), 150)")
    for nik, store in OF_AREAS.items():
        await connection.execute(
            """
            INSERT INTO employee (nik, name, store_code, is_manager, area_code, pin_hash)
            VALUES ($1, 'Atasan ' || $1, $2, true, 'TIMUR', '')
            """,
            nik,
            store,
        )
    await connection.execute("INSERT INTO area (code, name, parent_code) VALUES ('BALI', 'Bali', 'TIMUR')")
    await connection.execute("UPDATE store SET area_code = 'BALI' WHERE code = 'T02'")
    return connection


async def test_counts_are_exact_before_they_are_kept_and_after(lives: Connection) -> None:
    assert await lives.fetchval(KEPT) == 0
    await check(lives)
    await fold_problem_counts(lives)
    assert await lives.fetchval(KEPT) > 100
    await check(lives, 100)
    for state in WAYS:
        await problem_in(lives, state)
    assert await lives.fetchval(NOTED) > len(WAYS)
    await check(lives)
    await fold_problem_counts(lives)
    assert await lives.fetchval(NOTED) == 0
    await check(lives)
    assert await count_miscounted_problems(lives) == 0


async def test_what_is_counted_of_an_area_goes_with_its_stores(lives: Connection) -> None:
    """Whatever is not added up yet when they go from area to area."""
    await fold_problem_counts(lives)
    for move in (
        "UPDATE store SET area_code = 'TIMUR' WHERE code = 'T01'",
        "UPDATE area SET parent_code = NULL WHERE code = 'BALI'",
        "INSERT INTO area (code, name, parent_code) VALUES ('NTT', 'Nusa Tenggara', 'BALI')",
        "UPDATE store SET area_code = 'NTT' WHERE code IN ('T01', 'T02')",
        "UPDATE area SET parent_code = 'TIMUR' WHERE code = 'BALI'",
        "UPDATE store SET area_code = NULL WHERE code = 'T02'",
    ):
        for state in WAYS:
            await problem_in(lives, state)
        await lives.execute(move)
        assert await count_miscounted_problems(lives) == 0, move
        await check(lives, 10)
    assert await lives.fetchval("SELECT count(*) FROM problem_count WHERE scope ^@ 'area=NTT'") > 0


async def live(url: str, seed: int, number: int) -> None:
    """Random ways and changes, each in a transaction that may take its time, and of which some come to nothing."""
    rng = random.Random(seed)
    async with connected(url) as connection:
        for _ in range(number):
            transaction = connection.transaction()
            await transaction.start()
            await problem_in(connection, rng.choice(list(WAYS)))
            opened = await problem_in(connection, "open")
            doing = rng.choice((close, to_net, assign))
            await doing(connection, await change(connection, opened, DESK))
            await asyncio.sleep(rng.random() * 0.05)
            await (transaction.rollback() if rng.random() < 0.2 else transaction.commit())


async def test_counts_are_exact_at_every_moment(lives: Connection, database_url: str) -> None:
    """While four change things, one adds up all the time, and one counts anew."""
    people = asyncio.gather(*(live(database_url, seed, 12) for seed in range(4)))
    looks = 0
    async with connected(database_url) as folding, connected(database_url) as counting:

        async def keep(doing, pause: float) -> None:
            while not people.done():
                await doing()
                await asyncio.sleep(pause)

        work = [
            asyncio.create_task(keep(partial(fold_problem_counts, folding), 0.02)),
            asyncio.create_task(keep(partial(recount_problems, counting), 0.3)),
        ]
        while not people.done():
            assert await count_miscounted_problems(lives) == 0
            looks += 1
        await people
        await asyncio.gather(*work)
    assert looks > 10 and await lives.fetchval(KEPT) > 100
    await check(lives)


async def test_what_is_changed_while_all_are_counted_is_counted_once(lives: Connection, other: Connection) -> None:
    late = other.transaction()
    await late.start()
    await problem_in(other, "closed")
    await fold_problem_counts(lives)
    assert await lives.fetchval(KEPT) > 100, "nobody was waited for"
    await late.commit()
    assert await count_miscounted_problems(lives) == 0
    await check(lives)


async def test_two_who_add_up_at_once_add_everything_once(
    lives: Connection, other: Connection, database_url: str
) -> None:
    adding = other.transaction()
    await adding.start()
    await fold_problem_counts(other)
    again = asyncio.create_task(fold_problem_counts(lives))
    async with connected(database_url) as watcher:
        await blocked(watcher)
        await adding.commit()
        await again
        await check(watcher)


async def test_two_who_count_anew_at_once_mend_once(lives: Connection, other: Connection, database_url: str) -> None:
    await fold_problem_counts(lives)
    await lives.execute("UPDATE problem_count SET number = number + 1")
    counting = other.transaction()
    await counting.start()
    await recount_problems(other)
    again = asyncio.create_task(recount_problems(lives))
    async with connected(database_url) as watcher:
        await blocked(watcher)
        await counting.commit()
        await again
        assert await count_miscounted_problems(watcher) == 0


async def test_adding_up_that_is_killed_has_done_nothing(lives: Connection, other: Connection) -> None:
    await fold_problem_counts(lives)
    await report(lives)
    await other.transaction().start()
    await fold_problem_counts(other)
    await check(lives)
    await lives.execute("SELECT pg_terminate_backend($1)", other.get_server_pid())
    await check(lives)


async def test_who_leaves_and_whatever_is_handed_over_is_counted(lives: Connection) -> None:
    await fold_problem_counts(lives)
    for state in ("open at IT-NET", "escalated to IT-NET", "waiting at IT-NET", "closed at IT-NET", "open at the PIC"):
        await problem_in(lives, state)
    async with lives.transaction():
        assert await let_go(lives, NET, "GA", ADMIN) and await let_go(lives, PIC, None, ADMIN)
    assert (await count_problems(lives, await viewer(lives, DESK), Filter(mine=(GA, ["GA"]))))["open"] >= 1
    await check(lives)
    assert await count_miscounted_problems(lives) == 0


async def test_only_what_counts_otherwise_is_noted(connection: Connection) -> None:
    problem_id = await problem_in(connection, "closed")
    before = await connection.fetchval(NOTED)
    await connection.execute("UPDATE problem SET search_text = search_text || 'wifi' WHERE id = $1", problem_id)
    await connection.execute("UPDATE store SET name = 'Toko Baru' WHERE code = 'T01'")
    assert await connection.fetchval(NOTED) == before
    await reopen_problem(connection, await change(connection, problem_id, REPORTER), "Masih mati")
    assert await connection.fetchval(NOTED) == before + 2


async def test_what_is_noted_is_added_up_before_it_is_many(connection: Connection, settings: Settings) -> None:
    await connection.execute("SELECT setval(pg_get_serial_sequence('problem', 'id'), 198)")
    await report(connection)
    assert await connection.fetchval("SELECT array_agg(kind) FROM job") == ["fold"]
    async with working(settings, KINDS):
        await until_empty(connection)
    assert (await connection.fetchval(NOTED), await connection.fetchval(KEPT)) == (0, 4)


async def test_verify_says_what_is_wrong_and_recount_mends_it(lives: Connection, settings: Settings) -> None:
    # Of these the recap knows nothing yet, and nothing is promised.
    await lives.execute("UPDATE counting SET counted = 0, up_to = 150, unpromised = 150")
    await fold_problem_counts(lives)
    await report(lives)
    verify = partial(COMMANDS["verify"].run, settings, noted=[])
    assert (await verify()).startswith("whole")
    await lives.execute("UPDATE problem_count SET number = number + 1 WHERE scope = 'store=T01' AND status = 'closed'")
    wrong = await lives.fetchval(KEPT + " WHERE scope = 'store=T01' AND status = 'closed'")
    with pytest.raises(Failed, match=f"MISCOUNTED: {wrong} numbers beside the list"):
        await verify()
    assert f"{wrong} numbers beside the list" in await COMMANDS["recount"].run(settings)
    await check(lives)
    assert (await COMMANDS["recount"].run(settings)).startswith("nothing to recount")
