"""What a manager asks of a month, beyond its numbers: what was held longest and passed around, which stores report unusually much
or little."""

from datetime import datetime, timedelta
from typing import NamedTuple

from asyncpg import Connection

from queries.recap import Cut
from queries.rows import read_rows

PING_PONG = 3  # times that a problem is passed on in a month, from which on it is told


class Stint(NamedTuple):
    """The time that a holder had a problem, which ended in a month: without the time that it waited, and that time."""

    problem_id: int
    version: int
    at: datetime
    title: str
    holder: str
    store_code: str
    time_zone: str
    held: timedelta
    waited: timedelta

    @property
    def place(self) -> "StintPlace":
        """Where the next page goes on."""
        return StintPlace(self.held, self.problem_id, self.version)


class StintPlace(NamedTuple):
    """A row of the list, after which the next ones come (keyset)."""

    held: timedelta
    problem_id: int
    version: int


class PassedAround(NamedTuple):
    """A problem, how often it was passed on in a month, and who had it then."""

    problem_id: int
    title: str
    times: int
    holders: list[str]


class Unusual(NamedTuple):
    """A store that reports far more or far less than others: how much it reported; how much as many people elsewhere do, or where
    that is more and it reported nothing, how much it did itself in the months before."""

    code: str
    name: str
    reported: int
    usual: float


async def list_stints(
    connection: Connection, cut: Cut, after: StintPlace | None = None, limit: int = 50
) -> list[Stint]:
    """What left the hands of the cut's holders, the longest in them first."""
    records = await connection.fetch(
        """
        SELECT m.problem_id, m.version, m.at, p.title, m.holder, m.store_code, s.time_zone, m.held, m.waited
          FROM ((SELECT m.* FROM movement m
                  WHERE $3::text IS NULL AND m.month = $1 AND m.held IS NOT NULL
                    AND ($2::text[] IS NULL OR m.holder = ANY ($2))
                    AND ($8::text IS NULL OR is_in_area(m.store_code, $8))
                    AND ($4::interval IS NULL OR (m.held, m.problem_id, m.version) < ($4, $5::bigint, $6::bigint))
                  ORDER BY m.held DESC, m.problem_id DESC, m.version DESC LIMIT $7)
                UNION ALL
                (SELECT m.* FROM movement m
                  WHERE m.store_code = $3 AND m.month = $1 AND m.held IS NOT NULL
                    AND ($2 IS NULL OR m.holder = ANY ($2))
                    AND ($4 IS NULL OR (m.held, m.problem_id, m.version) < ($4, $5, $6))
                  ORDER BY m.held DESC, m.problem_id DESC, m.version DESC LIMIT $7)) m
          JOIN problem p ON p.id = m.problem_id
          JOIN store s ON s.code = m.store_code
         ORDER BY m.held DESC, m.problem_id DESC, m.version DESC
        """,
        cut.month,
        cut.holders,
        cut.store,
        *(after or (None, None, None)),
        limit,
        cut.area,
    )
    return read_rows(Stint, records)


async def list_passed_around(connection: Connection, cut: Cut, limit: int) -> list[PassedAround]:
    """What was passed on PING_PONG times or more, also by one of the cut's holders; the most often passed on first."""
    records = await connection.fetch(
        """
        SELECT o.problem_id, p.title, o.times, h.holders
          FROM (SELECT m.problem_id, count(*) AS times FROM movement m
                 WHERE m.month = $1 AND m.kind = 'passed_on' GROUP BY m.problem_id HAVING count(*) >= $4) o
          JOIN problem p ON p.id = o.problem_id AND ($3::text IS NULL OR p.store_code = $3)
           AND ($6::text IS NULL OR is_in_area(p.store_code, $6))
         CROSS JOIN LATERAL (
               SELECT array_agg(m.holder ORDER BY m.at) AS holders, bool_or(m.holder = ANY ($2)) AS is_theirs
                 FROM movement m WHERE m.problem_id = o.problem_id AND m.month = $1 AND m.kind = 'passed_on') h
         WHERE $2::text[] IS NULL OR h.is_theirs
         ORDER BY o.times DESC, o.problem_id LIMIT $5
        """,
        cut.month,
        cut.holders,
        cut.store,
        PING_PONG,
        limit,
        cut.area,
    )
    return read_rows(PassedAround, records)


_UNUSUAL = """
    WITH people AS (
        SELECT e.store_code AS code, count(*) AS number FROM employee e WHERE e.active GROUP BY e.store_code
        HAVING bool_or((SELECT d.code FROM division d WHERE d.kind = 'desk') = ANY (e.divisions)) IS NOT TRUE
    ), months_before AS (
        SELECT ARRAY(SELECT ($1::date - make_interval(months => n))::date FROM generate_series(1, 6) n) AS months,
               least(1, extract(epoch FROM now() AT TIME ZONE 'Asia/Jakarta' - $1::timestamp)
                        / extract(epoch FROM $1 + interval '1 month' - $1::timestamp)) AS passed
    ), own AS (
        SELECT k.key AS code, (sum(k.reported) / 6.0 * b.passed)::float AS usual
          FROM months_before b, LATERAL (
               SELECT f.key, f.reported FROM frozen f
                WHERE f.month = ANY (b.months) AND f.by = 'store' AND f.holder = ''
               UNION ALL
               SELECT t.key, t.reported FROM live_tally t
                WHERE t.month = ANY (b.months) AND t.by = 'store' AND t.holder = '') k
         GROUP BY k.key, b.passed
    ), compared AS (
        SELECT s.code, s.name, coalesce(n.reported, 0) AS reported, coalesce(o.usual, 0) AS own,
               w.number * (sum(n.reported) OVER () / sum(w.number) OVER ())::float AS elsewhere
          FROM store s
          JOIN people w ON w.code = s.code
          LEFT JOIN own o ON o.code = s.code
          LEFT JOIN numbers_of($1) n ON n.by = 'store' AND n.holder = '' AND n.key = s.code
         WHERE s.active AND ($3::text IS NULL OR is_in_area(s.code, $3))
    ), store_reports AS (
        SELECT *, CASE WHEN reported = 0 THEN greatest(elsewhere, own) ELSE elsewhere END AS usual FROM compared
    )
    SELECT r.code, r.name, r.reported, r.usual
      FROM (SELECT r.*, row_number() OVER (PARTITION BY r.reported > r.usual
                                           ORDER BY abs(r.reported - r.usual) DESC, r.code) AS place
              FROM store_reports r
             WHERE r.usual >= 3 AND (r.reported >= 2 * r.usual OR 3 * r.reported <= r.usual)
                OR r.usual < 3 AND r.reported >= 6
                OR r.reported = 0 AND r.own >= 1) r
     WHERE r.place <= $2 ORDER BY r.place
"""


async def list_unusual_stores(connection: Connection, cut: Cut, limit: int) -> tuple[list[Unusual], list[Unusual]]:
    """Stores that report at least twice as much as as many people in other stores do, and those that report at most a third of
    that, where three reports or more are usual; and those that report nothing where they themselves usually do (on an average of
    the six months before, of a month that runs as much of it as is over). Those that differ most come first. Of an area its
    stores, compared with one another.

    The office in which the helpdesk desk works is no store: its many people report little.
    """
    records = await connection.fetch(_UNUSUAL, cut.month, limit, cut.area)
    stores = read_rows(Unusual, records)
    return [s for s in stores if s.reported > s.usual], [s for s in stores if s.reported <= s.usual]
