"""The holidays of the years to come, and how what is promised follows a change of them."""

from datetime import UTC, date, datetime

from asyncpg import Connection

from formats.national_holidays import national_holidays
from jobs.registry import KINDS
from jobs.worker import working
from queries.jobs import enqueue_job
from settings import Settings
from tests.jobs.conftest import until_empty
from tests.queries.life import problem_in


def test_a_decreed_year_is_certain_and_one_to_come_is_not() -> None:
    decreed = {each.date: each for each in national_holidays(2026)}
    assert decreed[date(2026, 8, 17)].name == "Hari Kemerdekaan Republik Indonesia"
    assert decreed[date(2026, 3, 20)] == (date(2026, 3, 20), "Cuti Bersama Hari Raya Idul Fitri", "joint", False)
    assert not any(each.estimated for each in decreed.values())
    to_come = national_holidays(2040)
    assert {(each.date.month, each.date.day) for each in to_come if not each.estimated} >= {(1, 1), (8, 17), (12, 25)}
    assert any(each.estimated for each in to_come) and not any("perkiraan" in each.name for each in to_come)


async def test_each_year_without_any_gets_them_and_promises_follow(connection: Connection, settings: Settings) -> None:
    """This year has one that somebody entered; then the next weeks are holidays."""
    problem_id = await problem_in(connection, "open")
    due_at = "SELECT due_at FROM problem WHERE id = $1"
    before = await connection.fetchval(due_at, problem_id)
    this_year = datetime.now(UTC).year
    await connection.execute("UPDATE holiday SET name = 'Milik kita', date = make_date($1, 8, 17)", this_year)
    await enqueue_job(connection, "holidays")
    async with working(settings, KINDS):
        await until_empty(connection)
    years = await connection.fetch(
        "SELECT extract(year FROM date)::integer, count(*) FROM holiday GROUP BY 1 ORDER BY 1"
    )
    assert [year for year, _ in years] == list(range(2023, this_year + 3))
    assert dict(map(tuple, years))[this_year] == 1, "what somebody entered stays as it is"
    assert {
        row["cause"] for row in await connection.fetch("SELECT cause FROM master_change WHERE kind = 'holiday'")
    } >= {"setup"}

    async with connection.transaction():
        await connection.execute(
            """
            INSERT INTO holiday SELECT d::date, 'Libur panjang' FROM generate_series(now(), now() + interval '20 days', '1 day') d
                ON CONFLICT DO NOTHING
            """
        )
        await connection.execute("SELECT renew_working_time(ARRAY['UMUM'])")
        await enqueue_job(connection, "promises", {"after": 0})
    async with working(settings, KINDS):
        await until_empty(connection)
    assert await connection.fetchval(due_at, problem_id) > before
