"""The holidays of the years to come, once somebody has published them (calendar data)."""

from datetime import UTC, datetime

from asyncpg import Connection

from formats.national_holidays import national_holidays
from queries.calendars import list_holiday_years, put_holidays
from queries.jobs import Job
from queries.masters import set_cause
from settings import Settings

FIRST = 2023  # the year of the oldest problem that SIH itself can have
AHEAD = 2


async def keep(connection: Connection, job: Job, settings: Settings) -> None:
    """Each year that has none yet gets those that are known. What people entered, changed or deactivated stays."""
    there = await list_holiday_years(connection)
    missing = [year for year in range(FIRST, datetime.now(UTC).year + AHEAD + 1) if year not in there]
    rows = [
        {
            "code": each.date.isoformat(),
            "name": each.name,
            "kind": each.kind,
            "estimated": each.estimated,
            "active": True,
        }
        for year in missing
        for each in national_holidays(year)
    ]
    if rows:
        await set_cause(connection, "setup")
        await put_holidays(connection, rows)
