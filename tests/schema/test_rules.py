"""The functions of schema.sql: what is derived from a row, and who may do what."""

import pytest
from asyncpg import Connection

from tests.schema.life import (
    ANSWER,
    BEGIN,
    END,
    EVENT,
    LATE,
    MOVE,
    PASS,
    SESSION,
    STATES,
    TO_DESK,
    TO_NET,
    TO_PIC,
    WRITE,
    change,
    problem_in,
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
    text = "Tidak dingin\nSejak pagi\nT01-AC-01\nAC gudang\nAni Lestari\nT01\nToko Bandung"
    assert await connection.fetchval("SELECT search_text FROM problem") == text
    await change(connection, problem_id, STATES["open"], "opened")
    await change(connection, problem_id, STATES["closed"], "closed", END)
    assert await connection.fetchval("SELECT search_text FROM problem") == f"{text}\nKabel\nDiganti"


async def test_search_text_of_an_asset_in_words(draft: Connection):
    text = await draft.fetchval(f"{WRITE} 'Tidak dingin', 'Sejak pagi', NULL, 'Kipas angin') RETURNING search_text")
    assert text == "Tidak dingin\nSejak pagi\nKipas angin\nAni Lestari\nT01\nToko Bandung"


# Who may ---------------------------------------------------------------------------------------------------------------

REPORTER, HOLDER = {"confirmation", "reopening"}, {"opening", "escalation", "answer", "closure", "voiding"}
EVERYBODY = ("10001", "10002", "10003", "20001", "20002", "20003", "20004", "30001", "30002", "40001", "90001")
# Beside the comment, which everybody has; who is not named has nothing.
RIGHTS = {
    TO_DESK: {"10001": REPORTER, "20001": HOLDER, "20002": HOLDER},
    TO_NET: {"10001": REPORTER, "20001": {"opening"}, "20002": {"opening"}, "20003": HOLDER},
    TO_PIC: {"10001": REPORTER, "20001": {"opening"}, "20002": {"opening"}, "30001": HOLDER},
}


@pytest.mark.parametrize("holder", RIGHTS)
async def test_rights(holder: str, draft: Connection):
    await draft.execute(f"UPDATE problem SET {STATES['escalated']}, {holder} WHERE id = 1")
    rights = "SELECT e.nik, rights(p, e, is_holder(p, e)) FROM problem p, employee e WHERE p.id = 1"
    given = {nik: set(rights) for nik, rights in await draft.fetch(rights)}
    assert {nik: given[nik] for nik in EVERYBODY} == {
        nik: RIGHTS[holder].get(nik, set()) | {"comment"} for nik in EVERYBODY
    }


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
    assert set(await draft.fetchval("SELECT admits(p) FROM problem p WHERE p.id = $1", problem_id)) == admitted


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
    assert within == {"10001", "10002", "20001", "20002", "20003", "20004", "20005", "30001", "30002", "40001"}


async def test_who_held_a_problem_when(connection: Connection):
    problem_id = await problem_in(connection, "escalated")
    await connection.execute(f"{LATE} ($1, 1, '20003', 'commented', 3, 'x')", problem_id)
    await change(connection, problem_id, STATES["open"], "accepted", ANSWER)
    await change(connection, problem_id, STATES["closed"], "closed", END)
    held = "SELECT ARRAY(SELECT v FROM generate_series(0, 6) v WHERE held_at(1, v, e)) FROM employee e WHERE e.nik = $1"
    versions = {nik: await connection.fetchval(held, nik) for nik in ("20001", "20003", "20004", "10001", "30001")}
    assert versions == {"20001": [1, 2], "20003": [3, 4], "20004": [], "10001": [], "30001": []}


async def test_a_pic_held_a_problem_in_person(connection: Connection):
    problem_id = await problem_in(connection, "open")
    send = f"{PASS} ($1, now(), '20001', 'x', 'department', 'HD', NULL, NULL, NULL, 'MNT', '30001')"
    await change(connection, problem_id, f"{STATES['escalated']}, {TO_PIC}", "escalated", send, END, BEGIN)
    held = "SELECT nik FROM employee e WHERE held_at(1, 3, e)"
    assert [row[0] for row in await connection.fetch(held)] == ["30001"]
