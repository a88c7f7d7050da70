"""The list, one problem, a new one: what they find, and in whose reach."""

import pytest
from asyncpg import Connection

from queries.escalations import get_other_division, list_it_divisions
from queries.problem_counts import count_problems
from queries.problem_filter import COUNT_LIMIT, ORDERS, Filter, Place
from queries.problem_list import age, list_problem_ids, list_problems, list_years
from queries.problems import get_problem
from tests.queries.life import (
    ADMIN,
    COLLEAGUE,
    DESK,
    FAR,
    GA,
    LOG,
    MANAGER,
    NET,
    PIC,
    REPORTER,
    STRANGER,
    accept_escalation,
    change,
    close,
    confirm_problem,
    escalate_to_pic,
    identify,
    open_problem,
    problem_in,
    report,
    to_net,
    viewer,
    void,
)

ALL = Filter()


@pytest.fixture
async def shelf(connection: Connection) -> dict[str, int]:
    """A problem of each store, one of Ani from before she came to T01, one of the admin's store; by name."""
    problems = {
        "own": await report(connection, REPORTER),
        "colleague's": await report(connection, COLLEAGUE),
        "Denpasar": await report(connection, STRANGER),
        "Jayapura": await report(connection, FAR),
        "head office": await report(connection, ADMIN),
    }
    await connection.execute("UPDATE employee SET store_code = 'T02' WHERE nik = $1", REPORTER)
    problems["moved"] = await report(connection, REPORTER)
    await connection.execute("UPDATE employee SET store_code = 'T03' WHERE nik = $1", REPORTER)
    return problems


EVERY = {"own", "colleague's", "Denpasar", "Jayapura", "head office", "moved"}
REACH = {
    REPORTER: {"own", "moved", "Jayapura"},  # who now works in Jayapura
    COLLEAGUE: {"own", "colleague's"},
    STRANGER: {"Denpasar", "moved"},
    FAR: {"Jayapura"},
    ADMIN: {"head office"},
    **dict.fromkeys((DESK, NET, GA, LOG, PIC, MANAGER), EVERY),
}


@pytest.mark.parametrize("nik", REACH)
async def test_reach(nik: str, shelf: dict[str, int], connection: Connection):
    who = await viewer(connection, nik)
    within = {shelf[name] for name in REACH[nik]}
    everything = sorted(shelf.values(), reverse=True)
    expected = sorted(within, reverse=True)
    assert await list_problem_ids(connection, who, ALL, limit=50) == expected
    assert await list_problem_ids(connection, who, ALL, before=Place(0, 0), limit=50) == expected
    assert [row.id for row in await list_problems(connection, who, everything)] == expected
    for sort in ORDERS:
        assert set(await list_problem_ids(connection, who, ALL, sort, limit=50)) == within
    for named in (Filter(patterns=["%%"]), *(Filter(number=number) for number in everything)):
        searched = within & ({named.number} if named.number else within)
        assert set(await list_problem_ids(connection, who, named, limit=50)) == searched
        assert sum((await count_problems(connection, who, named)).values()) == len(searched)
    assert (await count_problems(connection, who, ALL))["reported"] == len(within)
    assert {id for id in everything if await get_problem(connection, who, id, None)} == within
    assert len(await list_years(connection, who)) == 1


async def test_years_in_reach_newest_first(connection: Connection):
    await connection.execute("ALTER TABLE problem DISABLE TRIGGER problem_whole")
    await connection.execute(
        """
        INSERT INTO problem (reporter_nik, recorded_by_nik, store_code, title, description, holder_division_code, reported_at)
        SELECT nik, nik, store_code, 'x', 'x', 'HD', at::timestamptz
          FROM employee JOIN (VALUES ('10001', '2021-05-01'), ('10002', '2023-05-01'), ('10002', '2023-06-01'),
                                     ('10003', '2024-05-01')) AS v (nik, at) USING (nik)
        """
    )
    years = {
        nik: await list_years(connection, await viewer(connection, nik)) for nik in (DESK, REPORTER, STRANGER, FAR)
    }
    assert years == {DESK: [2024, 2023, 2021], REPORTER: [2023, 2021], STRANGER: [2024], FAR: []}


async def test_pages_meet_without_gap_or_overlap(connection: Connection):
    ids = [await report(connection) for _ in range(7)][::-1]
    who = await viewer(connection, REPORTER)

    async def page(after: int | None = None, before: int | None = None) -> list[int]:
        sides = {"after": Place(0, after) if after else None, "before": Place(0, before) if before else None}
        return await list_problem_ids(connection, who, ALL, **sides, limit=3)

    assert [await page(), await page(after=ids[2]), await page(after=ids[5])] == [ids[:3], ids[3:6], ids[6:]]
    assert [await page(before=ids[6]), await page(before=ids[3]), await page(before=ids[0])] == [ids[3:6], ids[:3], []]


@pytest.fixture
async def variety(connection: Connection) -> dict[str, int]:
    """One problem in each state and of a text of its own."""
    found = {
        state: await problem_in(connection, state) for state in ("reported", "open", "escalated", "closed", "void")
    }
    found["100%"] = await report(connection, STRANGER, "Diskon 100% salah", asset_text="Kasir_2 \\ depan")
    return found


FILTERS = [
    (Filter(), {"reported", "open", "escalated", "closed", "void", "100%"}),
    (Filter(status="escalated"), {"escalated"}),
    (Filter(division="IT-NET"), {"escalated"}),
    (Filter(division="HD", status="open"), {"open"}),
    (Filter(store="T02"), {"100%"}),
    (Filter(year=1999), set()),
    (Filter(patterns=["%putus%"]), {"open", "escalated", "closed"}),
    (Filter(patterns=["%kabel%", "%diganti%"]), {"closed"}),
    (Filter(patterns=["%kabel%", "%kasir%"]), set()),
    (Filter(patterns=[r"%100\%%"]), {"100%"}),
    (Filter(patterns=[r"%r\_2 \\ d%"]), {"100%"}),
    (Filter(patterns=["%denpasar%"]), {"100%"}),
    (Filter(patterns=["%printer%"], status="reported"), {"reported"}),
    (Filter(number=2), {"open"}),
    (Filter(number=2, patterns=[r"%100\%%"]), {"open", "100%"}),
    (Filter(number=2, status="void"), set()),
]


@pytest.mark.parametrize(("filter", "expected"), FILTERS)
async def test_filters(filter: Filter, expected: set[str], variety: dict[str, int], connection: Connection):
    who = await viewer(connection, DESK)
    ids = await list_problem_ids(connection, who, filter, limit=50)
    backwards = await list_problem_ids(connection, who, filter, before=Place(0, 0), limit=50)
    assert ids == backwards == sorted((variety[name] for name in expected), reverse=True)
    if filter.status is None:
        assert sum((await count_problems(connection, who, filter)).values()) == len(expected)


async def test_counts_are_by_status_whatever_status_is_chosen(variety: dict[str, int], connection: Connection):
    counts = await count_problems(connection, await viewer(connection, DESK), Filter(status="void"))
    assert counts == {"reported": 2, "open": 1, "waiting": 0, "escalated": 1, "closed": 1, "void": 1}


async def test_counting_what_a_text_finds_ends_at_the_limit(connection: Connection):
    await connection.execute("ALTER TABLE problem DISABLE TRIGGER problem_whole")
    await connection.execute("ALTER TABLE problem DISABLE TRIGGER problem_2_search")
    await connection.execute(
        """
        INSERT INTO problem (reporter_nik, recorded_by_nik, store_code, title, description, holder_division_code, search_text)
        SELECT '10001', '10001', 'T01', 'x', 'x', 'HD', 'printer' FROM generate_series(1, $1)
        """,
        COUNT_LIMIT + 7,
    )
    who = await viewer(connection, REPORTER)
    assert (await count_problems(connection, who, Filter(patterns=["%printer%"])))["reported"] == COUNT_LIMIT + 1
    assert (await count_problems(connection, who, ALL))["reported"] == COUNT_LIMIT + 7


async def test_a_row_of_the_list(connection: Connection):
    problem_id = await report(connection)
    await identify(connection, await change(connection, problem_id, DESK))
    await escalate_to_pic(connection, await change(connection, problem_id, DESK), PIC, "Perlu tukang")
    (row,) = await list_problems(connection, await viewer(connection, REPORTER), [problem_id, 999])
    *times, due_at = await connection.fetchrow("SELECT version, reported_at, changed_at, due_at FROM problem")
    assert row.involved == [REPORTER, None] and due_at is not None
    assert tuple(row)[:-4] == (
        *(problem_id, *times, "Asia/Jakarta", "T01", "Toko Bandung", "Ani Lestari", "Printer mati", "Wi-Fi"),
        *("escalated", 2, due_at, False, "MNT", "Gita Permata", None),
    )


async def test_the_age_stops_with_the_end_and_goes_on_with_a_reopening(connection: Connection):
    closed, running = await problem_in(connection, "closed"), await problem_in(connection, "escalated")
    await connection.execute("SELECT pg_sleep(0.05)")
    who = await viewer(connection, DESK)
    reported_at, changed_at, now = await connection.fetchrow(
        "SELECT reported_at, changed_at, now() FROM problem WHERE id = $1", closed
    )
    ages = {row.id: age(row.held, row.since, now) for row in await list_problems(connection, who, [closed, running])}
    assert ages[closed] == changed_at - reported_at
    assert ages[running] < now - reported_at
    ended, still = await get_problem(connection, who, closed, None), await get_problem(connection, who, running, None)
    assert (ended.age, ended.held_for) == (ages[closed], None)
    assert ages[running] < still.age
    assert still.held_for < still.age


@pytest.mark.parametrize(
    ("state", "nik", "actions"),
    [
        ("reported", DESK, {"comment", "opening", "voiding"}),
        ("reported", REPORTER, {"comment", "voiding"}),
        ("reported", COLLEAGUE, {"comment"}),
        (
            "open",
            DESK,
            {"comment", "correction", "waiting", "assignment", "taking", "escalation", "closure", "voiding"},
        ),
        ("open", REPORTER, {"comment"}),
        ("open", NET, {"comment"}),
        ("escalated", NET, {"comment", "correction", "answer"}),
        ("escalated", DESK, {"comment", "correction", "recall", "takeover"}),
        ("escalated to the PIC", PIC, {"comment", "correction", "answer"}),
        ("open at IT-NET", DESK, {"comment", "correction", "waiting", "assignment", "takeover"}),
        ("open at the PIC", DESK, {"comment", "correction", "waiting", "takeover"}),
        ("open at the PIC", PIC, {"comment", "correction", "waiting", "escalation", "closure", "voiding"}),
        ("closed", REPORTER, {"comment", "confirmation", "reopening"}),
        ("closed", COLLEAGUE, {"comment", "confirmation", "reopening"}),
        ("closed", DESK, {"comment", "reopening"}),
        ("closed", NET, {"comment"}),
        ("closed", MANAGER, {"comment"}),
        ("confirmed", REPORTER, {"comment"}),
        ("confirmed", DESK, {"comment"}),
        ("void", DESK, {"comment", "restoration"}),
        ("void", REPORTER, {"comment"}),
    ],
)
async def test_what_can_be_done_now(state: str, nik: str, actions: set[str], connection: Connection):
    problem = await get_problem(connection, await viewer(connection, nik), await problem_in(connection, state), None)
    assert set(problem.actions) - {"note"} == actions


async def test_rights_then_are_those_of_who_held_it_then(connection: Connection):
    problem_id = await problem_in(connection, "escalated")
    desk = await viewer(connection, DESK)
    then = {
        v: "closure" in (await get_problem(connection, desk, problem_id, v)).rights_then for v in (None, 1, 2, 3, 9)
    }
    assert then == {None: False, 1: True, 2: True, 3: False, 9: False}


async def test_a_problem_with_all_that_its_page_shows(connection: Connection):
    await connection.execute("UPDATE employee SET name = 'Nama lain' WHERE nik = '10002'")
    problem_id = await report(connection, asset_tag="T01-AC-01")
    await identify(connection, await change(connection, problem_id, DESK))
    problem = await get_problem(connection, await viewer(connection, COLLEAGUE), problem_id, None)
    names = (
        "asset",
        "category",
        "parent_category",
        "holder_division",
        "reporter",
        "recorded_by",
        "store",
        "time_zone",
        "priority",
    )
    assert [getattr(problem, name) for name in names] == [
        *("T01-AC-01 — AC gudang", "Wi-Fi", "Jaringan", "Meja Bantuan", "Ani Lestari", "Ani Lestari"),
        *("Toko Bandung", "Asia/Jakarta", 2),
    ]


async def test_a_report_for_a_caller_is_of_the_callers_store(connection: Connection):
    from queries.problems import Report, insert_problem
    from tests.queries.life import submission

    await insert_problem(connection, submission(DESK), Report(STRANGER, "x", "y", None, "Kursi"))
    columns = "reporter_nik, recorded_by_nik, store_code, holder_division_code, asset_text, status, version"
    row = await connection.fetchrow(f"SELECT {columns} FROM problem")
    assert tuple(row) == (STRANGER, DESK, "T02", "HD", "Kursi", "reported", 1)


async def test_where_an_escalation_can_go(connection: Connection):
    problem_id = await problem_in(connection, "open")
    assert [code for code, _ in await list_it_divisions(connection, problem_id)] == ["IT-NET", "IT-POS"]
    assert tuple(await get_other_division(connection, problem_id)) == ("GA", "Umum", False)
    await to_net(connection, await change(connection, problem_id, DESK))
    await accept_escalation(connection, await change(connection, problem_id, NET))
    assert await list_it_divisions(connection, problem_id) == [("IT-POS", "Sistem Kasir")]
    await connection.execute("UPDATE employee SET active = false WHERE nik = '20006'")
    assert await list_it_divisions(connection, problem_id) == [], "nobody is there to take it"
    await connection.execute("UPDATE employee SET active = true WHERE nik = '20006'")
    await connection.execute("UPDATE division SET active = false WHERE code = 'IT-POS'")
    assert await list_it_divisions(connection, problem_id) == []


async def test_an_escalation_outside_it_goes_to_the_owner_of_the_category(connection: Connection):
    problem_id = await report(connection)
    await open_problem(connection, await change(connection, problem_id, DESK), "KIR-TRK", 3, 3, "Ban kempis")
    assert tuple(await get_other_division(connection, problem_id)) == ("LOG", "Logistik", False)


async def test_who_ends_a_problem_keeps_it_in_the_row(connection: Connection):
    problem_id = await problem_in(connection, "closed")
    await confirm_problem(connection, await change(connection, problem_id, REPORTER))
    (row,) = await list_problems(connection, await viewer(connection, REPORTER), [problem_id])
    assert (row.status, row.holder_code) == ("closed", "HD")
    gone = await report(connection)
    await void(connection, await change(connection, gone, DESK))
    reopened = await report(connection)
    await identify(connection, await change(connection, reopened, DESK))
    await close(connection, await change(connection, reopened, DESK))
    counts = await count_problems(connection, await viewer(connection, REPORTER), ALL)
    assert (counts["closed"], counts["void"]) == (2, 1)
