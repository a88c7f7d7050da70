"""The desk screen: the queue at a glance. Every question reads the unclosed problems, or those changed today, by an index."""

from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

from asyncpg import Connection

from queries.employees import Employee, Reach
from queries.presence import LASTS, REMEMBERED
from queries.rows import read_only_row, read_rows

LINES = 24  # of each list, of which the screen shows as many as it has room for; of what is critical, all up to MOST
MOST = 100


class Clock(NamedTuple):
    """The database's clock, a time zone, and when the day began and ends there."""

    now: datetime
    time_zone: str
    today: datetime
    tomorrow: datetime


class Holder(NamedTuple):
    """A division, or a PIC of a department (whose `code` it is): how many problems of each status, and critical ones, it holds,
    and how many of them are late, or due today; the ids of the oldest and of what it has held longest, and for how long; how many
    it has closed today.
    """

    division_code: str | None
    pic_nik: str | None
    code: str
    name: str
    reported: int
    open: int
    waiting: int
    escalated: int
    critical: int
    late: int
    due_today: int
    oldest: int | None
    age: timedelta | None
    longest: int | None
    held_for: timedelta | None
    closed: int


class Waiting(NamedTuple):
    """A problem that waits since `at`; `place` is for whom it waits, its holder if that waits for something; None if nobody
    has opened it.
    """

    id: int
    title: str
    priority: int | None
    store_code: str
    store_name: str
    place: str | None
    at: datetime
    time_zone: str
    since: timedelta
    waiting_for: str | None


async def get_now(connection: Connection, viewer: Employee) -> Clock:
    """The clock of the viewer's store."""
    record = await connection.fetchrow(
        """
        SELECT now() AS now, s.time_zone, date_trunc('day', now(), s.time_zone) AS today,
               date_trunc('day', now(), s.time_zone) + interval '1 day' AS tomorrow
          FROM store s WHERE s.code = $1
        """,
        viewer.store_code,
    )
    return read_only_row(Clock, record)


async def list_holders(connection: Connection, viewer: Reach, clock: Clock) -> list[Holder]:
    """Who has unclosed problems or closed some today, divisions first, in an order that does not depend on the counts."""
    records = await connection.fetch(
        """
        WITH unclosed AS (
            SELECT p.id, p.status, p.priority, p.reported_at, held_since(p.id) AS since, p.due_at,
                   p.holder_division_code AS division, p.holder_department_code AS department, p.holder_pic_nik AS pic
              FROM problem p
             WHERE p.status IN ('reported', 'open', 'waiting', 'escalated') AND in_reach(p, $1, $2, $3, $5)
        ), closed AS (
            SELECT p.id, p.status, NULL::integer, NULL::timestamptz, NULL::timestamptz, NULL::timestamptz,
                   p.holder_division_code, p.holder_department_code, p.holder_pic_nik
              FROM problem p
             WHERE p.status = 'closed' AND p.changed_at >= $4 AND in_reach(p, $1, $2, $3, $5)
               -- not those that were only confirmed today
               AND $4 <= (SELECT max(upper(k.during)) FROM custody k WHERE k.problem_id = p.id)
        )
        SELECT h.division AS division_code, h.pic AS pic_nik, coalesce(h.division, h.department) AS code,
               coalesce(d.name, i.name) AS name,
               count(*) FILTER (WHERE h.status = 'reported') AS reported,
               count(*) FILTER (WHERE h.status = 'open') AS open,
               count(*) FILTER (WHERE h.status = 'waiting') AS waiting,
               count(*) FILTER (WHERE h.status = 'escalated') AS escalated,
               count(*) FILTER (WHERE h.priority = 1) AS critical,
               count(*) FILTER (WHERE h.due_at < now()) AS late,
               count(*) FILTER (WHERE h.due_at >= now() AND h.due_at < $6) AS due_today,
               (array_agg(h.id ORDER BY h.reported_at, h.id) FILTER (WHERE h.since IS NOT NULL))[1] AS oldest,
               now() - min(h.reported_at) AS age,
               (array_agg(h.id ORDER BY h.since, h.id) FILTER (WHERE h.since IS NOT NULL))[1] AS longest,
               now() - min(h.since) AS held_for,
               count(*) FILTER (WHERE h.status = 'closed') AS closed
          FROM (SELECT * FROM unclosed UNION ALL SELECT * FROM closed) h
          LEFT JOIN division d ON d.code = h.division
          LEFT JOIN employee i ON i.nik = h.pic
         GROUP BY h.division, h.department, h.pic, d.kind, d.name, i.name
         ORDER BY array_position(ARRAY['desk', 'it', 'other'], d.kind), code, lower(i.name) COLLATE "C", h.pic
        """,
        viewer.sees_all,
        viewer.store_code,
        viewer.nik,
        clock.today,
        viewer.area_code,
        clock.tomorrow,
    )
    return read_rows(Holder, records)


class Due(NamedTuple):
    """A problem that is late or will be soon; `place` is its holder."""

    id: int
    title: str
    priority: int | None
    store_code: str
    store_name: str
    place: str
    due_at: datetime
    time_zone: str


async def list_due(connection: Connection, viewer: Reach, clock: Clock) -> list[Due]:
    """What is late or due today, all that is critical first, then what has been late for longest."""
    records = await connection.fetch(
        """
        SELECT p.id, p.title, p.priority, s.code AS store_code, s.name AS store_name,
               coalesce(p.holder_division_code, p.holder_department_code || ' ' || i.name) AS place, p.due_at, s.time_zone
          FROM ((SELECT q.* FROM problem q
                  WHERE q.status IN ('reported', 'open', 'waiting', 'escalated') AND q.due_at < $4 AND coalesce(q.priority, 6) = 1
                    AND in_reach(q, $1, $2, $3, $7)
                  ORDER BY q.due_at, q.id LIMIT $5)
                UNION ALL
                (SELECT q.* FROM problem q
                  WHERE q.status IN ('reported', 'open', 'waiting', 'escalated') AND q.due_at < $4 AND coalesce(q.priority, 6) > 1
                    AND in_reach(q, $1, $2, $3, $7)
                  ORDER BY q.due_at, q.id LIMIT $6)) p
          JOIN store s ON s.code = p.store_code
          LEFT JOIN employee i ON i.nik = p.holder_pic_nik
         ORDER BY coalesce(p.priority, 6) > 1, p.due_at, p.id
        """,
        viewer.sees_all,
        viewer.store_code,
        viewer.nik,
        clock.tomorrow,
        MOST,
        LINES,
        viewer.area_code,
    )
    return _most_urgent(read_rows(Due, records))


class Load(NamedTuple):
    """How many unfinished problems of a division are assigned to somebody."""

    division_code: str
    name: str
    number: int


async def list_loads(connection: Connection, viewer: Reach) -> list[Load]:
    """Who works on how much, by division, those with most first."""
    records = await connection.fetch(
        """
        SELECT p.holder_division_code AS division_code, e.name, count(*) AS number
          FROM problem p JOIN employee e ON e.nik = p.assignee_nik
         WHERE p.status IN ('open', 'waiting') AND in_reach(p, $1, $2, $3, $4)
         GROUP BY p.holder_division_code, e.nik, e.name
         ORDER BY 1, 3 DESC, lower(e.name) COLLATE "C", e.nik
        """,
        viewer.sees_all,
        viewer.store_code,
        viewer.nik,
        viewer.area_code,
    )
    return read_rows(Load, records)


async def list_reported(connection: Connection, viewer: Reach) -> list[Waiting]:
    """The new problems by urgency: by priority, where there is one, and those that wait longest; all critical ones."""
    records = await connection.fetch(
        """
        SELECT p.id, p.title, p.priority, s.code AS store_code, s.name AS store_name, NULL AS place,
               p.reported_at AS at, s.time_zone, now() - p.reported_at AS since, NULL AS waiting_for
          FROM problem p JOIN store s ON s.code = p.store_code
         WHERE p.status = 'reported' AND in_reach(p, $1, $2, $3, $5)
         ORDER BY coalesce(p.priority, 6), p.id LIMIT $4
        """,
        viewer.sees_all,
        viewer.store_code,
        viewer.nik,
        MOST,
        viewer.area_code,
    )
    return _most_urgent(read_rows(Waiting, records))


async def list_unanswered(connection: Connection, viewer: Reach) -> list[Waiting]:
    """The escalations that wait for their answer by urgency: by priority, and those that wait longest; all critical ones."""
    records = await connection.fetch(
        """
        SELECT p.id, p.title, p.priority, s.code AS store_code, s.name AS store_name,
               coalesce(x.to_division_code, x.to_department_code || ' ' || i.name) AS place,
               x.sent_at AS at, s.time_zone, now() - x.sent_at AS since, NULL AS waiting_for
          FROM escalation x
          JOIN problem p ON p.id = x.problem_id
          JOIN store s ON s.code = p.store_code
          LEFT JOIN employee i ON i.nik = x.to_pic_nik
         WHERE x.answer IS NULL AND in_reach(p, $1, $2, $3, $5)
         ORDER BY p.priority, x.sent_at, x.id LIMIT $4
        """,
        viewer.sees_all,
        viewer.store_code,
        viewer.nik,
        MOST,
        viewer.area_code,
    )
    return _most_urgent(read_rows(Waiting, records))


async def list_waiting(connection: Connection, viewer: Reach) -> list[Waiting]:
    """What its holder can't go on with by urgency: by priority, and what waits longest; all critical ones."""
    records = await connection.fetch(
        """
        SELECT p.id, p.title, p.priority, s.code AS store_code, s.name AS store_name,
               coalesce(p.holder_division_code, p.holder_department_code || ' ' || i.name) AS place,
               w.at, s.time_zone, now() - w.at AS since, p.waiting_for
          FROM problem p
          JOIN store s ON s.code = p.store_code
          LEFT JOIN employee i ON i.nik = p.holder_pic_nik
          CROSS JOIN LATERAL (SELECT v.at FROM event v WHERE v.problem_id = p.id AND v.after ->> 'status' = 'waiting'
                               ORDER BY v.seq DESC LIMIT 1) w
         WHERE p.status = 'waiting' AND in_reach(p, $1, $2, $3, $5)
         ORDER BY p.priority, w.at, p.id LIMIT $4
        """,
        viewer.sees_all,
        viewer.store_code,
        viewer.nik,
        MOST,
        viewer.area_code,
    )
    return _most_urgent(read_rows(Waiting, records))


Line = TypeVar("Line", Waiting, Due)


def _most_urgent(lines: list[Line]) -> list[Line]:
    """The first of them, and what is critical beyond."""
    return [line for number, line in enumerate(lines) if number < LINES or line.priority == 1]


async def get_next(connection: Connection, viewer: Employee, after: int) -> int | None:
    """The id of what the viewer should turn to next, other than `after`; None if nothing waits.

    What waits: what the viewer holds, but what a colleague works on and what waits for somebody else; and, for the desk, what is
    new. Last comes what somebody else is at, and before that,
    so that one can pass something by and come round to it, what the viewer has been at lately; the longest ago first. The
    rest by urgency: what nobody has identified yet, then by priority, and the oldest first.
    """
    return await connection.fetchval(
        """
        SELECT p.id
          FROM problem p
          JOIN employee e ON e.nik = $3
          LEFT JOIN presence mine ON mine.problem_id = p.id AND mine.nik = e.nik
                                 AND mine.seen_at > now() - make_interval(secs => $6)
         WHERE p.status IN ('reported', 'open', 'escalated') AND in_reach(p, $1, $2, $3, $7) AND p.id <> $4
           AND coalesce(p.assignee_nik, e.nik) = e.nik
           AND (is_holder(p, e) OR (p.status = 'reported' AND may('opening', p, e)))
         ORDER BY EXISTS (SELECT FROM presence other WHERE other.problem_id = p.id AND other.nik <> e.nik
                                                       AND other.seen_at > now() - make_interval(secs => $5)),
                  mine.seen_at NULLS FIRST, p.priority NULLS FIRST, p.id
         LIMIT 1
        """,
        viewer.sees_all,
        viewer.store_code,
        viewer.nik,
        after,
        float(LASTS),
        float(REMEMBERED),
        viewer.area_code,
    )
