"""The functions of schema.sql: what is derived from a row, and who may do what."""

import pytest
from asyncpg import Connection

from tests.memberships import belong
from tests.queries import life
from tests.queries.life import problem_in
from tests.schema.life import (
    BEGIN,
    END,
    EVENT,
    LATE,
    MOVE,
    SESSION,
    STATES,
    TO_DESK,
    TO_NET,
    TO_PIC,
    WRITE,
    change,
    refused,
)

# What is derived -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("nik", "scopes", "sees_all"),
    [
        ("10001", ["reporter"], False),
        ("20001", ["reporter", "handler"], True),
        ("30001", ["reporter", "handler"], True),
        ("40001", ["reporter", "manager"], True),
        ("90001", ["reporter", "admin"], False),
    ],
)
async def test_scopes(nik: str, scopes: list[str], sees_all: bool, draft: Connection):
    row = await draft.fetchrow("SELECT scopes, sees_all FROM employee WHERE nik = $1", nik)
    assert tuple(row) == (scopes, sees_all)


async def test_scopes_add_up(draft: Connection):
    everything = "UPDATE employee SET is_manager = true, is_admin = true WHERE nik = '20001' RETURNING scopes"
    assert await draft.fetchval(everything) == ["reporter", "handler", "manager", "admin"]


@pytest.mark.parametrize("statement", [
    "INSERT INTO department (code, name) VALUES ('IT-NET', 'Jaringan')",
    "INSERT INTO division (code, name, kind) VALUES ('MNT', 'Maintenance', 'other')",
])  # fmt: skip
async def test_a_division_and_a_department_never_share_a_code(statement: str, draft: Connection):
    with refused("has this code"):
        await draft.execute(statement)


async def test_deactivation_ends_the_sessions_of_that_person(connection: Connection):
    await connection.execute(
        f"{SESSION} ('10001', sha256('ended')), ('10001', sha256('open')), ('10002', sha256('other'))"
    )
    await connection.execute("UPDATE session SET ended_at = 'epoch' WHERE id_hash = sha256('ended')")
    await connection.execute("UPDATE employee SET name = 'Ani', active = true WHERE nik = '10001'")
    assert await connection.fetchval("SELECT count(*) FROM session WHERE ended_at IS NULL") == 2
    await connection.execute("UPDATE employee SET active = false WHERE nik = '10001'")
    rows = await connection.fetch("SELECT ended_at = 'epoch' FROM session ORDER BY nik, ended_at")
    assert [row[0] for row in rows] == [True, False, None]


@pytest.mark.parametrize(("store", "hours"), [("T01", 7), ("T02", 8), ("T03", 9)])
async def test_the_year_is_that_of_the_store(store: str, hours: int, draft: Connection):
    years = await draft.fetch(
        """
        INSERT INTO problem (reporter_nik, recorded_by_nik, store_code, title, description, holder_division_code, reported_at)
        SELECT '10001', '10001', $1, 'x', 'x', 'HD', timestamptz '2026-01-01 00:00+00' - make_interval(hours => $2, secs => s)
          FROM unnest(ARRAY[1, 0]) s
        RETURNING year
        """,
        store,
        hours,
    )
    assert [row[0] for row in years] == [2025, 2026]


@pytest.mark.parametrize(("impact", "urgency"), [(impact, urgency) for impact in (1, 2, 3) for urgency in (1, 2, 3)])
async def test_priority(impact: int, urgency: int, draft: Connection):
    identify = f"{MOVE} impact = $1, urgency = $2 WHERE id = 1 RETURNING priority"
    matrix = [[1, 2, 3], [2, 3, 4], [3, 4, 5]]
    assert await draft.fetchval(identify, impact, urgency) == matrix[impact - 1][urgency - 1]


async def test_search_text(connection: Connection):
    async with connection.transaction():
        problem_id = await connection.fetchval(f"{WRITE} 'Tidak dingin', 'Sejak pagi', 'T01-AC-01', NULL) RETURNING id")
        await connection.execute(EVENT, problem_id, "reported")
        await connection.execute(BEGIN, problem_id)
    text = "tidak dingin sejak pagi t01ac01 ac gudang 10001 ani lestari t01 toko bandung hd meja bantuan"
    assert await connection.fetchval("SELECT search_text FROM problem") == f"{text}\n sebab"
    await change(connection, problem_id, STATES["open"], "opened")
    await change(connection, problem_id, STATES["closed"], "closed", END)
    assert await connection.fetchval("SELECT search_text FROM problem") == f"{text} netwifi wifi kabel diganti\n sebab"


async def test_search_text_of_an_asset_in_words(draft: Connection):
    text = await draft.fetchval(f"{WRITE} 'Tidak dingin', 'Sejak pagi', NULL, 'Kipas angin') RETURNING search_text")
    assert text == "tidak dingin sejak pagi kipas angin 10001 ani lestari t01 toko bandung hd meja bantuan\n"


# How it may change: of a problem that is or was waiting, what changes with it, and whether there is such a change.
OPEN = {"status": "open", "holder_division_code": "HD", "urgency": 2}
WAITING = OPEN | {"status": "waiting", "waiting_for": "vendor"}
ESCALATED = OPEN | {"status": "escalated"}
ASSIGNED, CORRECTED, MOVED = {"assignee_nik": "20001"}, {"urgency": 1}, {"holder_division_code": "GA"}
ANOTHER_WAIT, ANOTHER_END = {"waiting_for": "part"}, {"waiting_until": "2036-01-01T09:00+07:00"}
NO_WAIT = {"status": "open", "waiting_for": None}
PAUSED = {"status": "waiting", "waiting_for": "vendor"}


@pytest.mark.parametrize(
    ("before", "change", "exists"),
    [
        *((WAITING, change, True) for change in (ASSIGNED, CORRECTED, MOVED)),
        *(
            (WAITING, change, False)
            for change in (ANOTHER_WAIT, ANOTHER_END, CORRECTED | ANOTHER_WAIT, ASSIGNED | ANOTHER_END)
        ),
        *((WAITING, change, False) for change in (ASSIGNED | CORRECTED, MOVED | CORRECTED)),
        *((WAITING, NO_WAIT | change, True) for change in ({}, MOVED, MOVED | ASSIGNED)),
        *((WAITING, NO_WAIT | change, False) for change in (ASSIGNED, CORRECTED, MOVED | CORRECTED)),
        (WAITING | ASSIGNED, NO_WAIT | {"assignee_nik": None}, False),
        (OPEN, PAUSED, True),
        *((OPEN, PAUSED | change, False) for change in (ASSIGNED, CORRECTED, MOVED)),
        *((ESCALATED, change, True) for change in (CORRECTED, MOVED)),
        *((ESCALATED, change, False) for change in ({}, CORRECTED | MOVED)),
        ({"status": "void", "urgency": 2}, PAUSED, True),
        *(({"status": "void", "urgency": 2}, PAUSED | change, False) for change in (CORRECTED, MOVED)),
    ],
)
async def test_one_thing_changes_at_a_time(before: dict, change: dict, exists: bool, draft: Connection):
    rows = (f"jsonb_populate_record(NULL::problem, ${n})" for n in (1, 2))
    assert await draft.fetchval(f"SELECT is_transition({', '.join(rows)})", before, before | change) is exists


async def test_what_a_pic_holds_is_assigned_to_nobody(draft: Connection):
    await draft.execute(f"UPDATE problem SET {STATES['escalated']}, {TO_PIC} WHERE id = 1")
    assignable = "SELECT count(*) FROM problem p, employee e WHERE p.id = 1 AND is_assignable(p, e)"
    assert await draft.fetchval(assignable) == 0


# Who may ---------------------------------------------------------------------------------------------------------------

STORE, HOLDER = {"confirmation", "reopening"}, {"opening", "escalation", "answer", "closure", "voiding"}
# What is asked of here. Another action's rights are its example's in tests/routes/catalogue.py.
ACTIONS = STORE | HOLDER | {"comment"}
EVERYBODY = ("10001", "10002", "10003", "20001", "20002", "20003", "20004", "30001", "30002", "40001", "90001")
# Beside the comment, which everybody has; who is not named has nothing.
RIGHTS = {
    TO_DESK: {"10001": STORE, "10002": STORE, "20001": HOLDER, "20002": HOLDER},
    TO_NET: {"10001": STORE, "10002": STORE, "20001": {"opening"}, "20002": {"opening"}, "20003": HOLDER},
    TO_PIC: {"10001": STORE, "10002": STORE, "20001": {"opening"}, "20002": {"opening"}, "30001": HOLDER},
}


@pytest.mark.parametrize("holder", RIGHTS)
async def test_rights(holder: str, draft: Connection):
    await draft.execute(f"UPDATE problem SET {STATES['escalated']}, {holder} WHERE id = 1")
    rights = "SELECT e.nik, rights(p, e) FROM problem p, employee e WHERE p.id = 1"
    given = {nik: ACTIONS & set(rights) for nik, rights in await draft.fetch(rights)}
    assert {nik: given[nik] for nik in EVERYBODY} == {
        nik: RIGHTS[holder].get(nik, set()) | {"comment"} for nik in EVERYBODY
    }


async def test_a_pic_who_has_left_the_department_holds_nothing(draft: Connection):
    await draft.execute(f"UPDATE problem SET {STATES['escalated']}, {TO_PIC} WHERE id = 1")
    # As it would be, were it not handed over as soon as they leave.
    left = "jsonb_populate_record(p, jsonb_build_object('holder_department_code', $1::text))"
    holds = f"SELECT is_holder({left}, e) FROM problem p, employee e WHERE p.id = 1 AND e.nik = '30001'"
    assert [await draft.fetchval(holds, department) for department in ("MNT", "PRC")] == [True, False]


@pytest.mark.parametrize(
    ("state", "admitted"),
    [
        ("reported", {"comment", "opening", "voiding"}),
        ("open", {"comment", "escalation", "closure", "voiding"}),
        ("escalated", {"comment", "answer"}),
        ("closed", {"comment", "confirmation", "reopening"}),
        ("confirmed", {"comment"}),
        ("void", {"comment"}),
    ],
)
async def test_admits(state: str, admitted: set[str], draft: Connection):
    problem_id = await problem_in(draft, state)
    admits = await draft.fetchval("SELECT admits(p) FROM problem p WHERE p.id = $1", problem_id)
    assert ACTIONS & set(admits) == admitted


@pytest.mark.parametrize(
    ("action", "nik", "answer"),
    [
        ("closure", "20001", True),
        ("closure", "20003", False),  # no right to it
        ("opening", "20001", False),  # the right, but another state
        ("comment", "10001", True),
        ("comment", "10003", False),  # out of reach
        ("comment", "10009", False),  # deactivated
    ],
)
async def test_may(action: str, nik: str, answer: bool, draft: Connection):
    may = "SELECT may($1, p, e) FROM problem p, employee e WHERE p.id = 1 AND e.nik = $2"
    assert await draft.fetchval(may, action, nik) is answer


async def test_reach(draft: Connection):
    await draft.execute("UPDATE employee SET store_code = 'T02' WHERE nik = '10001'")
    reach = "SELECT e.nik FROM problem p, employee e WHERE in_reach(p, e.sees_all, e.store_code, e.nik) AND e.active AND p.id = 1"
    within = {row[0] for row in await draft.fetch(reach)}
    assert within == {
        "10001",
        "10002",
        "10011",
        "20001",
        "20002",
        "20003",
        "20004",
        "20005",
        "20006",
        "30001",
        "30002",
        "40001",
    }


async def test_a_problem_is_known_as_it_was_at_each_version(connection: Connection):
    problem_id = await problem_in(connection, "closed at IT-NET")
    await connection.execute(f"{LATE} ($1, 1, '20003', 'commented', 3, 'x')", problem_id)
    await life.confirm_problem(connection, await life.change(connection, problem_id, "10001"))
    then = await connection.fetch(
        """
        SELECT t.status, t.holder_division_code, t.confirmed_at IS NOT NULL,
               t.changed_at = (SELECT e.at FROM event e WHERE e.version = v AND e.cause <> 'commented')
          FROM generate_series(1, 6) v, problem p, problem_at(p, v) t ORDER BY v
        """
    )
    assert [tuple(row) for row in then] == [
        ("reported", "HD", False, True),
        ("open", "HD", False, True),
        ("escalated", "IT-NET", False, True),
        ("open", "IT-NET", False, True),
        ("closed", "IT-NET", False, True),
        ("closed", "IT-NET", True, True),
    ]
    now = "SELECT problem_at(p, v) = p FROM problem p, unnest($1::int[]) v"
    assert [row[0] for row in await connection.fetch(now, [None, 0, -1, 6, 7])] == [True] * 5


async def test_a_pic_held_a_problem_in_person(connection: Connection):
    problem_id = await problem_in(connection, "open at the PIC")
    await life.to_net(connection, await life.change(connection, problem_id, "30001"))
    await belong(connection, "30002", "MNT")  # a colleague's business
    held = "SELECT e.nik FROM problem p, employee e WHERE is_holder(problem_at(p, 4), e)"
    assert [row[0] for row in await connection.fetch(held)] == ["30001"]
