"""What is promised follows what decides it, portion by portion, when calendars, holidays or targets were changed."""

from datetime import timedelta
from typing import NamedTuple

from asyncpg import Connection

from queries.rows import read_only_row

RENEWAL = "promises"  # the kind of the job


async def enqueue_renewal(connection: Connection) -> None:
    """Have all promises looked through, after this transaction; once, where that is about to be done."""
    await connection.execute("SELECT enqueue_renewal()")


async def renew_promises(connection: Connection, after: int, portion: int) -> int | None:
    """Those of at most so many unfinished problems beyond number `after`; the number of the last one, None if there was none."""
    return await connection.fetchval("SELECT renew_promises($1, $2)", after, portion)


class Effect(NamedTuple):
    """What renewing the promises would move: of `number` unfinished problems so many were `looked_at`; of these so many would be
    due `later` or `earlier`, by `latest` and `earliest` at most, would be `made_late`, or `late_no_more`."""

    number: int
    looked_at: int
    later: int
    earlier: int
    latest: timedelta
    earliest: timedelta
    made_late: int
    late_no_more: int


async def begin_trial(connection: Connection) -> None:
    """Whatever is done in this transaction is to be undone: nobody waits for it, nor it for anybody."""
    await connection.execute("SELECT set_config('sih.trial', 'yes', true)")


async def get_effect(connection: Connection, portion: int) -> Effect:
    """That, as calendars and targets are in this transaction, looking at some `portion` problems."""
    return read_only_row(Effect, await connection.fetchrow("SELECT * FROM renewal_effect($1)", portion))


async def extend_working_time(connection: Connection) -> None:
    """Lay out the calendars to the end of the third year to come, where they are not."""
    await connection.execute(
        """
        SELECT renew_working_time(ARRAY(
            SELECT c.code FROM calendar c
             WHERE (SELECT max(s.closes) FROM working_span s WHERE s.calendar_code = c.code)
                   < make_timestamptz(extract(year FROM now())::integer + 3, 12, 1, 0, 0, 0)))
        """
    )
