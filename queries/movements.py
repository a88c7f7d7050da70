"""What a number of the recap counts (drill-down): movements, or problems that are unfinished at the border of a month."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from asyncpg import Connection

from queries.categories import list_below
from queries.recap import Cut
from queries.rows import read_rows

BORDERS = ("opening", "closing")  # the numbers that count problems, not movements
USED = {
    "response": "opened",
    "resolution": "closed",
    "kept": "closed",
    "missed": "closed",
}  # those of working time: of which kind


class Counted(NamedTuple):
    """One of what a number counts. Of a movement: when it was, and of whom; of what was unfinished: when it was reported, and who
    had it then. `worked` is the working time until then, `allowed` what it might have taken."""

    problem_id: int
    at: datetime
    title: str
    holder: str
    store_code: str
    time_zone: str
    held: timedelta | None
    waited: timedelta | None
    worked: timedelta | None = None
    allowed: timedelta | None = None

    @property
    def place(self) -> "Place":
        """Where the next page goes on. What was unfinished goes by its number alone."""
        return Place(self.at, self.problem_id)


class Place(NamedTuple):
    """A row of the list, after which the next ones come (keyset)."""

    at: datetime
    problem_id: int


class Narrowed(NamedTuple):
    """What a row of a cut counts; None stands for all, '' for what is not identified, and for stores without an area."""

    holders: Sequence[str] | None
    store: str | None
    categories: Sequence[str] | None  # one and those below it
    priority: str | None
    area: str | None  # with those below it


async def narrow(connection: Connection, cut: Cut, key: str | None) -> Narrowed:
    """The row `key` of the cut; None: the row of all. A category holds those below it."""
    holders, store, area, categories, priority = cut.holders, cut.store, cut.area, None, None
    if key is not None:
        match cut.by:
            case "holder":
                holders = [key] if holders is None or key in holders else []
            case "store":
                store = key if store in (None, key) else ""  # no store
            case "area":
                area = key
            case "category":
                categories = await list_below(connection, key)
            case "priority":
                priority = key
    return Narrowed(holders, store, categories, priority, area)


async def list_movements(
    connection: Connection, cut: Cut, key: str | None, number: str, after: Place | None = None, limit: int = 50
) -> list[Counted]:
    """What `number`, a kind, one of BORDERS or of USED, of a row of the cut counts now, the newest first.

    Of a frozen month they are as many as the frozen number and its restatements say.
    """
    if number in BORDERS:
        return await _list_unfinished(connection, cut, key, number, after, limit)
    records = await connection.fetch(
        """
        SELECT m.problem_id, m.at, p.title, m.holder, m.store_code, s.time_zone, m.held, m.waited,
               CASE WHEN $11 <> $2 THEN make_interval(secs => m.worked) END AS worked,
               make_interval(mins => m.allowed) AS allowed
          FROM movement m
          JOIN problem p ON p.id = m.problem_id
          JOIN store s ON s.code = m.store_code
         WHERE m.month = $1 AND m.kind = $2 AND ($3::text[] IS NULL OR m.holder = ANY ($3))
           AND ($4::text IS NULL OR m.store_code = $4) AND ($5::text[] IS NULL OR coalesce(m.category_code, '') = ANY ($5))
           AND ($6::text IS NULL OR coalesce(m.priority::text, '') = $6)
           AND CASE WHEN $7::text IS NULL THEN true
                    WHEN $7 = '' THEN NOT EXISTS (SELECT FROM area_store w WHERE w.store_code = m.store_code)
                    ELSE m.store_code IN (SELECT w.store_code FROM area_store w WHERE w.area_code = $7) END
           AND ($8::timestamptz IS NULL OR (m.at, m.problem_id) < ($8, $9::bigint))
           AND CASE $11::text WHEN 'kept' THEN m.allowed IS NOT NULL AND (m.due IS NULL OR m.at <= m.due)
                              WHEN 'missed' THEN m.at > m.due ELSE $11 = $2 OR m.worked IS NOT NULL END
         ORDER BY m.at DESC, m.problem_id DESC LIMIT $10
        """,
        cut.month,
        USED.get(number, number),
        *await narrow(connection, cut, key),
        *(after or (None, None)),
        limit,
        number,
    )
    return read_rows(Counted, records)


async def _list_unfinished(
    connection: Connection, cut: Cut, key: str | None, number: str, after: Place | None, limit: int
) -> list[Counted]:
    """Who had what when the month began, or ended, by the clocks of each store; or has it now, if that has not come yet."""
    border = cut.month if number == "opening" else _month_after(cut.month)
    records = await connection.fetch(
        """
        WITH border AS (
            SELECT z.time_zone, CASE WHEN b.at <= now() THEN b.at - interval '1 microsecond' ELSE 'infinity' END AS moment
              FROM unnest(ARRAY['Asia/Jakarta', 'Asia/Makassar', 'Asia/Jayapura']) z (time_zone),
                   LATERAL (SELECT $1::date::timestamp AT TIME ZONE z.time_zone AS at) b
        ), held AS MATERIALIZED (       -- about then: those few who changed hands meanwhile, by the clocks of their stores
            SELECT c.problem_id, c.during, coalesce(c.division_code, c.department_code) AS holder FROM custody c
             WHERE c.during && (SELECT tstzrange(min(b.moment), max(b.moment), '[]') FROM border b)
               AND ($2::text[] IS NULL OR coalesce(c.division_code, c.department_code) = ANY ($2))
               AND ($7::timestamptz IS NULL OR c.problem_id < $8::bigint)
        )
        SELECT h.problem_id, p.at, p.title, h.holder, p.store_code, p.time_zone, NULL::interval AS held,
               NULL::interval AS waited, NULL::interval AS worked, NULL::interval AS allowed
          FROM (SELECT * FROM held ORDER BY problem_id DESC) h
         CROSS JOIN LATERAL (            -- one after the other, until there are enough
            SELECT p.reported_at AS at, p.title, p.store_code, s.time_zone
              FROM problem p
              JOIN store s ON s.code = p.store_code
              JOIN border b ON b.time_zone = s.time_zone
             WHERE p.id = h.problem_id AND h.during @> b.moment
               AND ($3::text IS NULL OR p.store_code = $3) AND ($4::text[] IS NULL OR coalesce(p.category_code, '') = ANY ($4))
               AND ($5::text IS NULL OR coalesce(p.priority::text, '') = $5)
               AND CASE WHEN $6::text IS NULL THEN true
                        WHEN $6 = '' THEN NOT EXISTS (SELECT FROM area_store w WHERE w.store_code = p.store_code)
                        ELSE is_in_area(p.store_code, $6) END OFFSET 0) p
         ORDER BY h.problem_id DESC LIMIT $9
        """,
        border,
        *await narrow(connection, cut, key),
        *(after or (None, None)),
        limit,
    )
    return read_rows(Counted, records)


def _month_after(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)
