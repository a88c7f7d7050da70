"""What was closed and nobody answers counts as confirmed by itself, after five working days."""

from datetime import datetime

import pytest
from asyncpg import Connection

from jobs.registry import KINDS
from queries.closures import confirm_unanswered
from queries.jobs import enqueue_job
from tests.conftest import People
from tests.jobs.conftest import until_empty
from tests.journeys import ANI, DESK, closed, confirm, problem_in
from tests.queries.life import REPORTER, change, close, reopen_problem
from tests.queries.life import problem_in as made

# What has been closed, and nothing else, was so that many days before.
AGE = """
    ALTER TABLE problem DISABLE TRIGGER USER;
    ALTER TABLE event DISABLE TRIGGER USER;
    UPDATE problem SET changed_at = changed_at - interval '8 days';
    UPDATE event v SET at = at - interval '8 days' WHERE cause = 'closed';
    ALTER TABLE problem ENABLE TRIGGER USER;
    ALTER TABLE event ENABLE TRIGGER USER;
"""
STORE = {"Asia/Jakarta": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}


@pytest.mark.parametrize(
    ("zone", "closed_at", "due"),
    [
        ("Asia/Jakarta", "2026-11-26 14:05:30", "2026-12-03 14:05:30"),  # a Thursday
        ("Asia/Makassar", "2026-11-23 00:00:00", "2026-11-30 00:00:00"),
        ("Asia/Jayapura", "2026-11-27 23:59:59", "2026-12-04 23:59:59"),  # on a Friday, 21.59 in Jakarta
        ("Asia/Jayapura", "2026-11-28 00:30:00", "2026-12-05 00:00:00"),  # on a Saturday, still Friday in Jakarta
        ("Asia/Jakarta", "2026-11-29 23:59:59", "2026-12-05 00:00:00"),  # from Monday to Friday, wholly
    ],
)
async def test_five_working_days_by_the_clocks_of_the_store(
    connection: Connection, zone: str, closed_at: str, due: str
) -> None:
    found = await connection.fetchval(
        "SELECT answer_until($1::timestamp AT TIME ZONE $2, code) AT TIME ZONE $2 FROM store WHERE time_zone = $2 LIMIT 1",
        datetime.fromisoformat(closed_at),
        zone,
    )
    assert found == datetime.fromisoformat(due)


async def test_of_holidays_and_shifts_the_calendar_of_the_store_decides(connection: Connection) -> None:
    until = "SELECT answer_until('2026-12-23 15:00:00+07', code) AT TIME ZONE time_zone FROM store WHERE code = 'T01'"
    await connection.execute(
        """
        INSERT INTO holiday (date, name, kind)
        VALUES ('2026-12-24', 'Cuti bersama Natal', 'joint'), ('2026-12-25', 'Natal', 'national');
        SELECT renew_working_time('{UMUM}', '2026-12-01 00:00:00+07');
        """
    )
    assert await connection.fetchval(until) == datetime.fromisoformat("2027-01-01 15:00"), (
        "from Thursday on only 28 to 31 and the first are left"
    )
    await connection.execute(
        """
        INSERT INTO calendar (code, name, closes_on) VALUES ('TOKO', 'Setiap hari', 'none');
        INSERT INTO calendar_shift SELECT 'TOKO', day, 0, 1440 FROM generate_series(1, 7) AS day;
        INSERT INTO calendar_use (calendar_code, store_code) VALUES ('TOKO', 'T01');
        SELECT renew_working_time('{TOKO}');
        """
    )
    assert await connection.fetchval(until) == datetime.fromisoformat("2026-12-28 15:00")


async def test_only_what_nobody_has_answered_is_confirmed_and_once(connection: Connection) -> None:
    unanswered, answered, open_again = [await made(connection, state) for state in ("closed", "confirmed", "open")]
    assert await confirm_unanswered(connection, 10) == 0, "there is time yet"
    before = await connection.fetchval("SELECT count(*) FROM event")
    await connection.execute(AGE.replace("8 days", "5 days"))
    assert await confirm_unanswered(connection, 10) == 0, "among any five days and a moment is a day of a weekend"
    await connection.execute(AGE)
    assert [await confirm_unanswered(connection, 10) for _ in range(2)] == [1, 0]
    event = await connection.fetchrow("SELECT * FROM event WHERE problem_id = $1 ORDER BY seq DESC LIMIT 1", unanswered)
    problem = await connection.fetchrow("SELECT * FROM problem WHERE id = $1", unanswered)
    assert (event["cause"], event["actor_nik"], event["note"]) == ("auto-confirmed", None, None)
    assert (event["before"], list(event["after"])) == ({}, ["confirmed_at"])
    assert (problem["version"], problem["status"]) == (event["version"], "closed") and problem["confirmed_at"]
    assert await connection.fetchval("SELECT count(*) FROM event") == before + 1
    assert not await connection.fetchval(
        "SELECT bool_or(confirmed_at IS NOT NULL) FROM problem WHERE id = $1", open_again
    )
    last = "SELECT cause FROM event WHERE problem_id = $1 ORDER BY seq DESC LIMIT 1"
    assert await connection.fetchval(last, answered) == "confirmed"


async def test_portion_by_portion_and_not_what_is_being_answered(connection: Connection, other: Connection) -> None:
    first, second, third = [await made(connection, "closed") for _ in range(3)]
    await connection.execute(AGE)
    async with other.transaction():
        await other.execute("SELECT FROM problem WHERE id = $1 FOR NO KEY UPDATE", third)
        assert await confirm_unanswered(connection, 1) == 1
        assert await connection.fetchval("SELECT id FROM problem WHERE confirmed_at IS NOT NULL") == second, (
            "the last first"
        )
        assert await confirm_unanswered(connection, 10) == 1
    assert await confirm_unanswered(connection, 10) == 1
    assert await connection.fetchval("SELECT count(*) FROM problem WHERE confirmed_at IS NULL") == 0 and first


async def test_it_is_done_by_the_hour_and_told_apart(people: People, connection: Connection) -> None:
    path = await closed(people)
    ani, desk = await people(ANI), await people(DESK)
    assert "kendala ini dianggap sudah beres." in (await ani.get(path)).text
    form = await ani.form(path, f"{path}/reopening")
    await connection.execute(AGE)
    assert KINDS["confirmation"].schedule
    await enqueue_job(connection, "confirmation", {})
    await until_empty(connection)
    page = (await ani.get(path)).text
    assert (
        "dikonfirmasi otomatis" in page
        and "tidak ada jawaban selama lima hari kerja" in page
        and "Belum beres" not in page
    )
    assert (await ani.post(f"{path}/reopening", form | {"reason": "Mati lagi"})).status_code == 409
    for person in (ani, desk):
        assert f'action="{path}/reopening"' not in (await person.get(path)).text
    other = await problem_in(people, "closed")
    await confirm(people, other)
    page = (await ani.get(other)).text
    assert "dinyatakan beres" in page and "otomatis" not in page.lower()


async def test_what_was_reopened_and_closed_again_has_its_time_anew(connection: Connection) -> None:
    problem_id = await made(connection, "closed")
    await connection.execute(AGE)
    await reopen_problem(connection, await change(connection, problem_id, REPORTER), "Mati lagi")
    assert await confirm_unanswered(connection, 10) == 0
    await close(connection, await change(connection, problem_id, DESK))
    assert await confirm_unanswered(connection, 10) == 0
    await connection.execute(AGE)
    assert await confirm_unanswered(connection, 10) == 1
