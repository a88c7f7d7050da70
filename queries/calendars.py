"""Calendars and holidays: when somebody works (business hours). Written with the timelines that follow from them."""

from collections.abc import Sequence

from asyncpg import Connection

from queries.masters import State
from queries.promise_renewal import enqueue_renewal


async def put_calendars(connection: Connection, rows: Sequence[State]) -> None:
    """Calendars as they are to be, new ones or not, each with all its fields and its code; they are laid out anew from now on.
    One that is general takes that from the one that was.

    Raises IntegrityConstraintViolationError of calendar_use_division, calendar_use_area, calendar_use_store,
    calendar_general_is_active, calendar_general_stays; LockNotAvailableError where problems change all the time.
    """
    await connection.execute(
        """
        UPDATE calendar c SET is_general = false
          FROM jsonb_to_recordset($1) AS r (code text, general boolean)
         WHERE c.is_general AND r.general AND r.code <> c.code
        """,
        rows,
    )
    await connection.execute(
        """
        INSERT INTO calendar (code, name, time_zone, closes_on, is_general, active)
        SELECT r.code, r.name, r.time_zone, r.closes_on, r.general, r.active
          FROM jsonb_to_recordset($1) AS r (code text, name text, time_zone text, closes_on text, general boolean, active boolean)
            ON CONFLICT (code) DO UPDATE
           SET name = excluded.name, time_zone = excluded.time_zone, closes_on = excluded.closes_on,
               is_general = excluded.is_general, active = excluded.active
        """,
        rows,
    )
    await _put_shifts(connection, rows)
    await _put_uses(connection, rows)
    await connection.execute("SELECT renew_working_time($1)", [row["code"] for row in rows])
    await enqueue_renewal(connection)


async def put_holidays(connection: Connection, rows: Sequence[State]) -> None:
    """Holidays as they are to be, new ones or not, each with all its fields and its date as its code; the calendars that keep
    any are laid out anew from now on.

    Raises LockNotAvailableError where problems change all the time.
    """
    await connection.execute(
        """
        INSERT INTO holiday (date, name, kind, estimated, active)
        SELECT r.code, r.name, r.kind, r.estimated, r.active
          FROM jsonb_to_recordset($1) AS r (code date, name text, kind text, estimated boolean, active boolean)
            ON CONFLICT (date) DO UPDATE
           SET name = excluded.name, kind = excluded.kind, estimated = excluded.estimated, active = excluded.active
        """,
        rows,
    )
    await connection.execute(
        "SELECT renew_working_time(ARRAY(SELECT c.code FROM calendar c WHERE c.closes_on <> 'none'))"
    )
    await enqueue_renewal(connection)


async def list_holiday_years(connection: Connection) -> set[int]:
    """The years that have any, active or not."""
    rows = await connection.fetch("SELECT DISTINCT extract(year FROM date)::integer FROM holiday")
    return {year for (year,) in rows}


async def _put_shifts(connection: Connection, rows: Sequence[State]) -> None:
    await connection.execute(
        """
        DELETE FROM calendar_shift f
         USING jsonb_to_recordset($1) AS r (code text, shifts jsonb)
         WHERE f.calendar_code = r.code AND NOT r.shifts @> jsonb_build_array(jsonb_build_array(f.weekday, f.opens, f.closes))
        """,
        rows,
    )
    await connection.execute(
        """
        INSERT INTO calendar_shift (calendar_code, weekday, opens, closes)
        SELECT r.code, (s ->> 0)::smallint, (s ->> 1)::smallint, (s ->> 2)::smallint
          FROM jsonb_to_recordset($1) AS r (code text, shifts jsonb), jsonb_array_elements(r.shifts) AS s
            ON CONFLICT (calendar_code, weekday, opens) DO NOTHING
        """,
        rows,
    )


async def _put_uses(connection: Connection, rows: Sequence[State]) -> None:
    await connection.execute(
        """
        DELETE FROM calendar_use u
         USING jsonb_to_recordset($1) AS r (code text, divisions text[], areas text[], stores text[])
         WHERE u.calendar_code = r.code
           AND coalesce(u.division_code = ANY (r.divisions), u.area_code = ANY (r.areas),
                        u.store_code = ANY (r.stores)) IS NOT TRUE
        """,
        rows,
    )
    await connection.execute(
        """
        INSERT INTO calendar_use (calendar_code, division_code, area_code, store_code)
        SELECT r.code, x.division, x.area, x.store
          FROM jsonb_to_recordset($1) AS r (code text, divisions text[], areas text[], stores text[])
         CROSS JOIN LATERAL (SELECT u.code, NULL, NULL FROM unnest(r.divisions) AS u (code) UNION ALL
                             SELECT NULL, u.code, NULL FROM unnest(r.areas) AS u (code) UNION ALL
                             SELECT NULL, NULL, u.code FROM unnest(r.stores) AS u (code)) AS x (division, area, store)
         WHERE NOT EXISTS (SELECT FROM calendar_use u
                            WHERE u.calendar_code = r.code
                              AND (u.division_code = x.division OR u.area_code = x.area OR u.store_code = x.store))
        """,
        rows,
    )
