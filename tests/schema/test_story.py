"""The triggers of schema.sql: transitions, history, custody and escalation, whatever the application does."""

import asyncio

import asyncpg
import pytest
from asyncpg import Connection

from tests.queries.life import blocked, problem_in
from tests.schema.life import (
    ANSWER,
    BEGIN,
    END,
    EVENT,
    IDENTIFIED,
    LATE,
    PASS,
    REPORT,
    SEND,
    STATES,
    TO_NET,
    TO_PIC,
    change,
    refused,
    report,
)

TRANSITIONS = {
    ("reported", "open"),
    ("reported", "void"),
    ("open", "open"),  # identified otherwise
    ("open", "escalated"),
    ("open", "closed"),
    ("open", "void"),
    ("escalated", "escalated"),
    ("escalated", "open"),
    ("closed", "confirmed"),
    ("closed", "open"),
    ("void", "reported"),
}

# The life of a problem -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("after", STATES)
@pytest.mark.parametrize("before", STATES)
async def test_transition(before: str, after: str, draft: Connection):
    problem_id = await problem_in(draft, before)
    attempt = draft.execute(f"UPDATE problem SET {STATES[after]} WHERE id = $1", problem_id)
    if (before, after) in TRANSITIONS:
        await attempt
    else:
        with refused("no transition"):
            await attempt


OTHERWISE = "identification = 'Sakelar'"
NOT_ALONE = {
    "reported": ("version = version", IDENTIFIED, f"{TO_NET}, {IDENTIFIED}"),
    "open": ("version = version", f"{TO_NET}, {OTHERWISE}"),
    "escalated": ("version = version", f"{TO_PIC}, {OTHERWISE}"),
    "void": (f"status = 'reported', {TO_NET}", f"status = 'open', {IDENTIFIED}"),
}


@pytest.mark.parametrize(("before", "columns"), [(state, each) for state, all in NOT_ALONE.items() for each in all])
async def test_a_state_that_stays_changes_in_one_way_and_what_is_restored_in_none(
    before: str, columns: str, draft: Connection
):
    problem_id = await problem_in(draft, before)
    with refused("no transition"):
        await draft.execute(f"UPDATE problem SET {columns} WHERE id = $1", problem_id)


@pytest.mark.parametrize(
    ("before", "columns"),
    [("reported", TO_NET), ("open", TO_NET), ("open", OTHERWISE), ("escalated", OTHERWISE), ("escalated", TO_PIC)],
)
async def test_it_may_be_taken_over_or_corrected(before: str, columns: str, draft: Connection):
    await draft.execute(f"UPDATE problem SET {columns} WHERE id = $1", await problem_in(draft, before))


@pytest.mark.parametrize("columns", ["status = 'open'", "version = 2"])
async def test_a_problem_begins_as_reported(columns: str, draft: Connection):
    name, value = columns.split(" = ")
    with refused("a problem begins as reported"):
        await draft.execute(
            f"""INSERT INTO problem (reporter_nik, recorded_by_nik, store_code, title, description, holder_division_code,
                                     category_code, impact, urgency, identification, {name})
                VALUES ('10001', '10001', 'T01', 'x', 'x', 'HD', 'NET-WIFI', 1, 1, 'x', {value})"""
        )


async def test_a_change_is_one_version_and_later(connection: Connection):
    problem_id = await report(connection)
    await change(connection, problem_id, f"{STATES['open']}, version = 40, changed_at = 'epoch'", "opened")
    row = await connection.fetchrow("SELECT version, changed_at > reported_at AS later FROM problem")
    assert tuple(row) == (2, True)


async def test_a_change_is_later_although_the_clock_steps_back(connection: Connection):
    async with connection.transaction():
        problem_id = await connection.fetchval(
            """INSERT INTO problem (reporter_nik, recorded_by_nik, store_code, title, description, holder_division_code,
                                    reported_at)
               VALUES ('10001', '10001', 'T01', 'x', 'x', 'HD', now() + interval '1 hour') RETURNING id"""
        )
        await connection.execute(EVENT, problem_id, "reported")
        await connection.execute(BEGIN, problem_id)
    await change(connection, problem_id, STATES["open"], "opened")
    assert await connection.fetchval("SELECT changed_at - reported_at = interval '1 microsecond' FROM problem")


@pytest.mark.parametrize(
    "columns",
    [
        "id = DEFAULT",
        "reported_at = reported_at - interval '1 day'",
        "year = 2001",
        "reporter_nik = '10002'",
        "recorded_by_nik = '10002'",
        "store_code = 'T02'",
        "title = 'Lain'",
        "description = 'Lain'",
    ],
)
async def test_a_report_is_never_rewritten(columns: str, draft: Connection):
    with refused("a report is never rewritten"):
        await draft.execute(f"UPDATE problem SET {STATES['escalated']}, {columns} WHERE id = 1")


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("DELETE FROM problem", "DELETE of problem"),
        ("TRUNCATE problem CASCADE", "TRUNCATE of problem"),
        ("UPDATE event SET note = 'Lain'", "UPDATE of event"),
        ("DELETE FROM event", "DELETE of event"),
        ("TRUNCATE event CASCADE", "TRUNCATE of event"),
        ("DELETE FROM custody", "DELETE of custody"),
        ("TRUNCATE custody", "TRUNCATE of custody"),
    ],
)
async def test_nothing_is_deleted_and_history_stays(statement: str, what: str, draft: Connection):
    with refused(f"{what} is refused"):
        await draft.execute(statement)


async def test_events_are_numbered_by_problem_whatever_is_said(connection: Connection):
    first, second = await problem_in(connection, "open"), await report(connection)
    for problem_id in (first, second):
        await connection.execute(f"{LATE} ($1, 70, '20001', 'commented', 1, 'x')", problem_id)
    rows = await connection.fetch("SELECT problem_id, seq FROM event ORDER BY problem_id, seq")
    assert [tuple(row) for row in rows] == [(first, 1), (first, 2), (first, 3), (second, 1), (second, 2)]


async def test_events_are_numbered_one_after_the_other(connection: Connection, database_url: str):
    problem_id = await report(connection)
    other = await asyncpg.connect(database_url)
    comment = f"{LATE} ($1, 1, '20001', 'commented', 1, 'x') RETURNING seq"
    async with connection.transaction():
        assert await connection.fetchval(comment, problem_id) == 2
        waiting = asyncio.create_task(other.fetchval(comment, problem_id))
        await blocked(connection)
    assert await waiting == 3
    await other.close()


# Custody ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "columns",
    [
        "during = tstzrange(lower(during) + interval '1 us', now() + interval '1 h')",
        "during = tstzrange(lower(during), now() + interval '1 h'), division_code = 'GA'",
        "during = tstzrange(lower(during), now() + interval '1 h'), problem_id = 2",
        "during = tstzrange(lower(during), now() + interval '1 h'), division_code = NULL, "
        "department_code = 'MNT', pic_nik = '30001'",
    ],
)
async def test_custody_is_only_ever_ended(columns: str, draft: Connection):
    with refused("custody is only ever ended"):
        await draft.execute(f"UPDATE custody SET {columns} WHERE upper_inf(during) AND problem_id = 1")


@pytest.mark.parametrize("upper", ["NULL", "now() + interval '1 day'", "upper(during)"])
async def test_custody_is_ended_once(upper: str, connection: Connection):
    await problem_in(connection, "void")
    with refused("custody is only ever ended"):
        await connection.execute(f"UPDATE custody SET during = tstzrange(lower(during), {upper})")


LATE_BEGIN = BEGIN.replace("changed_at, NULL", "changed_at + interval '1 us', NULL")
# (the state before, its change, what goes with it, what the commit says): what is missing, or wrong, in each.
BROKEN = [
    ("reported", STATES["open"], "", (), "changed without its event"),
    ("reported", STATES["open"], "commented", (), "changed without its event"),
    ("reported", STATES["void"], "voided", (), "custody does not fit its status"),
    ("reported", STATES["open"], "opened", (END,), "custody does not fit its status"),
    ("closed", STATES["open"], "reopened", (), "custody does not fit its status"),
    ("closed", STATES["confirmed"], "confirmed", (BEGIN,), "custody does not fit its status"),
    ("reported", f"{STATES['open']}, {TO_NET}", "opened", (), "custody is not its holder's"),
    ("reported", f"{STATES['open']}, {TO_PIC}", "opened", (), "custody is not its holder's"),
    ("open", f"{STATES['escalated']}, {TO_NET}", "escalated", (SEND, END, LATE_BEGIN), "custody is not its holder's"),
    ("closed", STATES["open"], "reopened", (LATE_BEGIN,), "custody is not its holder's"),
    ("open", STATES["escalated"], "escalated", (), "escalation does not fit its status"),
    ("open", f"{STATES['escalated']}, {TO_NET}", "escalated", (END, BEGIN), "escalation does not fit its status"),
    ("open", STATES["escalated"], "escalated", (SEND,), "escalation does not fit its status"),
    ("escalated", STATES["open"], "accepted", (), "escalation does not fit its status"),
]


@pytest.mark.parametrize(
    ("before", "columns", "cause", "also", "words"),
    BROKEN,
    ids=[f"{cause or before}: {words}" for before, _, cause, _, words in BROKEN],
)
async def test_a_commit_refuses_half_a_story(before, columns, cause, also, words, connection: Connection):
    problem_id = await problem_in(connection, before)
    with refused(words):
        await change(connection, problem_id, columns, cause, *also)


async def test_a_comment_has_a_text_or_a_photo(connection: Connection):
    problem_id = await report(connection)
    comment = f"{LATE} ({problem_id}, 1, '20001', 'commented', 1, NULL)"
    photo = "INSERT INTO photo (problem_id, seq, event_seq, image, thumbnail, width, height) VALUES ($1, 1, $2, 'x', 'x', 1, 1)"
    with refused("a comment without text, photo and file"):
        await connection.execute(comment)
    with refused("a comment without text, photo and file"):
        async with connection.transaction():
            await connection.execute(comment)
            await connection.execute(photo, problem_id, 1)  # the report's
    async with connection.transaction():
        await connection.execute(comment)
        await connection.execute(photo, problem_id, 2)
    async with connection.transaction():
        await connection.execute(comment)
        file = "INSERT INTO file (problem_id, seq, event_seq, kind, name, content) VALUES ($1, 1, $2, 'pdf', 'x', 'x')"
        await connection.execute(file, problem_id, 3)


async def test_a_commit_refuses_an_event_of_another_moment(connection: Connection):
    problem_id = await report(connection)
    with refused("changed without its event"):
        await change(
            connection, problem_id, STATES["open"], "", EVENT.replace("changed_at,", "now(),").replace("$2", "'opened'")
        )


async def test_a_commit_refuses_a_report_without_its_event_or_custody(connection: Connection):
    with refused("changed without its event"):
        await connection.execute(REPORT)
    with refused("custody does not fit its status"):
        async with connection.transaction():
            await connection.execute(EVENT, await connection.fetchval(REPORT), "reported")


async def test_a_whole_life_is_accepted(connection: Connection):
    problem_id = await problem_in(connection, "escalated")
    await change(connection, problem_id, STATES["open"], "accepted", ANSWER)
    await change(connection, problem_id, STATES["closed"], "closed", END)
    await change(connection, problem_id, STATES["open"], "reopened", BEGIN)
    await change(connection, problem_id, STATES["closed"], "closed", END)
    await change(connection, problem_id, STATES["confirmed"], "confirmed")
    assert await connection.fetchval("SELECT version FROM problem") == 8
    custody = await connection.fetch("SELECT division_code FROM custody ORDER BY during")
    assert [row[0] for row in custody] == ["HD", "IT-NET", "IT-NET"]


# Escalation ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change_of_heart", "kind", "division", "department", "pic"),
    [
        ("SELECT", "it", "GA", None, None),
        ("SELECT", "other", "IT-NET", None, None),
        ("SELECT", "other", "HD", None, None),
        ("SELECT", "it", "NONE", None, None),
        ("UPDATE division SET active = false WHERE code = 'IT-NET'", "it", "IT-NET", None, None),
        ("UPDATE employee SET active = false WHERE nik = '30001'", "department", None, "MNT", "30001"),
        ("UPDATE department SET active = false WHERE code = 'MNT'", "department", None, "MNT", "30001"),
        ("SELECT", "department", None, "PRC", "30001"),
        ("SELECT", "department", None, "MNT", "10001"),
    ],
)
async def test_a_receiver_is_active_and_of_its_kind(
    change_of_heart, kind, division, department, pic, draft: Connection
):
    await draft.execute(change_of_heart)
    with refused("no such receiver"):
        await draft.execute(
            f"{PASS} (1, now(), '20001', 'x', $1, 'HD', NULL, NULL, $2, $3, $4)", kind, division, department, pic
        )


@pytest.mark.parametrize(
    ("category", "target"),
    [("NET-WIFI", "GA"), ("UMUM", "GA"), ("FAS-AC", "GA"), ("KIR-TRK", "LOG"), (None, "GA"), ("NONE", "GA")],
)
async def test_other_division(category: str | None, target: str, draft: Connection):
    assert await draft.fetchval("SELECT other_division_for($1)", category) == target


async def test_other_division_is_the_general_one_when_the_owner_is_inactive(draft: Connection):
    await draft.execute("UPDATE division SET active = false WHERE code = 'LOG'")
    assert await draft.fetchval("SELECT other_division_for('KIR-TRK')") == "GA"
