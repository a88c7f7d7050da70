"""What is promised of a problem (service level agreement): when it is due, what stands still, what goes on."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from asyncpg import Connection

from tests.queries.life import problem_in

WIB = ZoneInfo("Asia/Jakarta")
KEPT = "SELECT keep_promise(1000, $1, 'T01', $2, $3, $4, $5::integer, NULL)"
MINUTES = "SELECT sum(worked) / 60 FROM promise WHERE problem_id = 1000 AND NOT stands"


def at(text: str) -> datetime:
    """A moment of November 2026, in WIB: `24 08:00`; the 23rd is a Monday."""
    return datetime.strptime(f"2026-11-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=WIB)


class Life:
    """What becomes of one problem, at moments; each answers when it is due."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def is_so(
        self, moment: str, status: str, holder: str = "HD", waiting_for: str | None = None, priority: int | None = None
    ) -> datetime | None:
        """It is so from then on."""
        return await self._connection.fetchval(KEPT, at(moment), status, holder, waiting_for, priority)


@pytest.fixture
async def life(connection: Connection) -> Life:
    """Of a store in WIB, where nobody but the general calendar counts: Monday to Friday, 08.00 to 12.00 and 13.00 to 17.00."""
    return Life(connection)


async def test_it_is_answered_within_an_hour_and_solved_within_those_of_its_priority(
    life: Life, connection: Connection
) -> None:
    assert await life.is_so("23 11:30", "reported") == at("23 13:30"), (
        "half an hour before noon, half an hour after one"
    )
    assert await life.is_so("23 13:10", "open", priority=1) == at("23 16:30"), (
        "four hours, of which forty minutes are used"
    )
    assert await life.is_so("23 14:10", "open", priority=2) == at("24 11:30"), (
        "eight hours, of which a hundred minutes are"
    )
    assert await life.is_so("24 09:00", "closed", priority=2) is None
    assert await connection.fetchval(MINUTES) == 40 + 60 + 170 + 60


async def test_the_clock_stands_for_the_reporter_and_the_vendor_alone(life: Life, connection: Connection) -> None:
    await life.is_so("23 08:00", "reported")
    assert await life.is_so("23 08:00", "open", priority=1) == at("23 12:00")
    assert await life.is_so("23 09:00", "waiting", waiting_for="vendor", priority=1) is None
    assert await life.is_so("24 09:00", "waiting", waiting_for="part", priority=1) == at("24 12:00")
    assert await life.is_so("24 11:00", "waiting", waiting_for="reporter", priority=1) is None
    assert await life.is_so("25 08:00", "open", priority=1) == at("25 09:00")
    stood = "SELECT waiting_for, worked / 60 FROM promise WHERE stands ORDER BY since"
    assert [tuple(row) for row in await connection.fetch(stood)] == [("vendor", 480), ("reporter", 300)]


async def test_what_is_late_is_due_when_it_was(life: Life) -> None:
    await life.is_so("23 08:00", "reported")
    due = await life.is_so("23 08:30", "open", priority=1)
    assert due == at("23 12:00")
    assert await life.is_so("23 15:00", "escalated", "IT-NET", priority=1) == due
    assert await life.is_so("23 16:00", "waiting", "IT-NET", "vendor", 1) == due, "what is late is no less so"
    assert await life.is_so("24 09:00", "open", "IT-NET", priority=3) == at("25 10:00"), (
        "of sixteen hours seven are used"
    )
    assert await life.is_so("24 10:00", "open", "IT-NET", priority=1) == at("24 10:00"), "made late by the correction"


async def test_a_shorter_target_makes_nothing_less_late(life: Life, connection: Connection) -> None:
    await life.is_so("23 08:00", "reported")
    due = await life.is_so("23 08:30", "open", priority=1)
    await connection.execute("UPDATE target SET resolution = 60 WHERE code = 'P1'")
    assert await life.is_so("24 09:00", "open", priority=1) == due == at("23 12:00")
    await connection.execute("UPDATE target SET resolution = 300 WHERE code = 'P1'")
    assert await life.is_so("24 10:00", "open", priority=1) == due, "nor does one that is used up as well"


async def test_reopened_it_goes_on(life: Life) -> None:
    await life.is_so("23 08:00", "reported")
    await life.is_so("23 08:30", "open", priority=1)
    await life.is_so("23 10:00", "closed", priority=1)
    assert await life.is_so("25 08:00", "open", priority=1) == at("25 10:00"), "two hours are left"


async def test_each_minute_counts_by_the_calendar_of_who_holds_it(life: Life, connection: Connection) -> None:
    await connection.execute(
        """
        INSERT INTO calendar_use (calendar_code, division_code) VALUES ('SIAGA', 'IT-NET');
        """
    )
    await life.is_so("27 16:00", "reported")
    assert await life.is_so("27 16:00", "open", priority=1) == at("30 11:00")
    assert await life.is_so("27 16:30", "open", "IT-NET", priority=1) == at("27 20:00")
    assert await life.is_so("27 18:00", "open", "HD", priority=1) == at("30 10:00"), "two of four hours are used"


async def test_a_holiday_changes_only_what_is_to_come(life: Life, connection: Connection) -> None:
    await life.is_so("23 08:00", "reported")
    assert await life.is_so("23 16:00", "open", priority=2) == at("23 17:00")
    assert await life.is_so("23 16:30", "open", priority=3) == at("24 17:00")
    await connection.execute(
        """
        INSERT INTO holiday (date, name) VALUES ('2026-11-23', 'Hari ini'), ('2026-11-24', 'Besok');
        SELECT renew_working_time('{UMUM}', '2026-11-23 16:45+07');
        """
    )
    assert await life.is_so("23 16:50", "open", priority=3) == at("26 08:15"), (
        "what was worked until the change stays worked"
    )
    used = "SELECT used / 60 FROM promise WHERE problem_id = 1000 ORDER BY since DESC LIMIT 1"
    assert await connection.fetchval(used) == 7 * 60 + 45


async def test_a_holder_has_a_part_of_its_own_each_time(life: Life, connection: Connection) -> None:
    await connection.execute(
        "INSERT INTO target (code, name, division_code, resolution) VALUES ('NET', 'Bagian IT-NET', 'IT-NET', 120)"
    )
    part = "SELECT part_due FROM promise WHERE problem_id = 1000 AND until IS NULL"
    await life.is_so("23 08:00", "reported")
    await life.is_so("23 09:00", "escalated", "IT-NET", priority=3)
    assert await connection.fetchval(part) == at("23 11:00")
    await life.is_so("23 10:00", "open", "IT-NET", priority=2)
    assert await connection.fetchval(part) == at("23 11:00"), "accepted, it goes on"
    await life.is_so("23 10:30", "open", "HD", priority=2)
    assert await connection.fetchval(part) is None
    await life.is_so("23 14:00", "escalated", "IT-NET", priority=2)
    assert await connection.fetchval(part) == at("23 16:00")


async def test_a_verb_keeps_it_and_a_replay_of_its_history_says_the_same(connection: Connection) -> None:
    problem_id = await problem_in(connection, "open")
    kept = await connection.fetch("SELECT * FROM promise WHERE problem_id = $1 ORDER BY since", problem_id)
    due_at = await connection.fetchval("SELECT due_at FROM problem WHERE id = $1", problem_id)
    assert [row["answered"] is None for row in kept] == [True, False] and due_at == kept[-1]["resolution_due"]
    await connection.execute("DELETE FROM promise WHERE problem_id = $1", problem_id)
    assert await connection.fetchval("SELECT replay_promises($1)", problem_id) == due_at
    assert await connection.fetch("SELECT * FROM promise WHERE problem_id = $1 ORDER BY since", problem_id) == kept


async def test_a_changed_target_makes_a_new_row_of_each_that_is_unfinished(connection: Connection) -> None:
    problem_id = await problem_in(connection, "open")
    version = "SELECT version FROM problem WHERE id = $1"
    before = await connection.fetchval(version, problem_id)
    assert await connection.fetchval("SELECT renew_promises(0, 100)") == problem_id
    rows = "SELECT count(*) FROM promise WHERE problem_id = $1"
    assert await connection.fetchval(rows, problem_id) == 2, "nothing has changed"
    await connection.execute("UPDATE target SET resolution = 4801, response = 481 WHERE code LIKE 'P_'")
    assert await connection.fetchval("SELECT renew_promises(0, 100)") == problem_id
    assert await connection.fetchval("SELECT renew_promises($1, 100)", problem_id) is None
    assert await connection.fetchval(rows, problem_id) == 3
    due = await connection.fetchrow(
        "SELECT p.due_at, q.resolution_due FROM problem p, promise q WHERE p.id = $1 AND q.problem_id = p.id AND q.until IS NULL",
        problem_id,
    )
    assert due["due_at"] == due["resolution_due"] and due["due_at"] is not None
    assert await connection.fetchval(version, problem_id) == before


async def test_a_timeline_is_what_its_inverse_says(connection: Connection) -> None:
    """Any number of seconds is worked at a moment by which so many are worked, and a second before it was not yet."""
    wrong = await connection.fetchval(
        """
        SELECT count(*) FROM generate_series(1, 40000000, 99991) AS n, worked_at('UMUM', 'Asia/Makassar', n) AS t
         WHERE worked_by('UMUM', 'Asia/Makassar', t) <> n OR worked_by('UMUM', 'Asia/Makassar', t - interval '1 microsecond') >= n
        """
    )
    assert wrong == 0
    assert await connection.fetchval("SELECT worked_at('UMUM', 'Asia/Jakarta', 1000000000)") is None
