"""The recap: what the numbers of a month are (metrics), for the company and by holder, area, store, category and priority.

What they count stands in the section "Recap" of schema.sql and in docs/decisions/0100.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

from asyncpg import Connection, Record

from queries.recap_areas import Within, list_by_keys_in_area, list_in_areas, list_times_in_area

KINDS = (
    *("reported", "opened", "received", "passed_on", "returned", "closed", "confirmed", "auto_confirmed"),
    *("reopened", "voided", "restored"),
)
TIMES = ("held_median", "held_p90", "waited_median", "waited_p90")
By = Literal["holder", "area", "store", "category", "priority"]


@dataclass(frozen=True)
class Cut:
    """Which part of a month's numbers: rows by what, for which holders (None: the company), of which store (None: all), of the
    stores of which area and of those below it (None: all). A holder is the code of a division or of a department.
    """

    month: date
    by: By = "holder"
    holders: tuple[str, ...] | None = None
    store: str | None = None
    area: str | None = None

    @property
    def is_of_area(self) -> bool:
        """Whether its numbers are those of several stores added up."""
        return self.store is None and self.area is not None

    @property
    def within(self) -> Within:
        """What it is narrowed to."""
        return {"area": self.area, "holders": self.holders, "store": self.store}


class Numbers(NamedTuple):
    """A row of the recap. `key` is the code of a holder, area, store or category, or a priority; '' in the row of all, of what is
    not identified, and of stores without an area. `opening` and `closing` are what was unfinished before and after the month, or
    is so now.

    The times are of the custody of holders that ended in the month, without the time that it waited, and that time; known of the
    row of all and of holders, else None.
    """

    key: str
    opening: int
    reported: int
    opened: int
    received: int
    passed_on: int
    returned: int
    closed: int
    confirmed: int
    auto_confirmed: int
    reopened: int
    voided: int
    restored: int
    closing: int
    held_median: timedelta | None = None
    held_p90: timedelta | None = None
    waited_median: timedelta | None = None
    waited_p90: timedelta | None = None


NOTHING = Numbers("", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)


class MonthNumbers(NamedTuple):
    """The numbers of a month in the list of months; when it was frozen, if it is."""

    month: date
    frozen_at: datetime | None
    numbers: Numbers


async def get_total(connection: Connection, cut: Cut) -> Numbers:
    """The numbers of the company, or of the cut's holders together: those of the month when it was frozen, or those of now."""
    if cut.is_of_area:
        records = await list_in_areas(connection, cut.month, "", **cut.within)
    else:
        records = await _list_by(connection, cut, "" if cut.store is None else "store", cut.store or "")
    total = Numbers(*records[0]) if records else NOTHING
    times = await _get_times(connection, cut)
    return total._replace(key="", **times)


async def list_numbers(
    connection: Connection, cut: Cut, after: str | None = None, limit: int | None = None
) -> list[Numbers]:
    """The rows of the cut that have any number, by key, after that key and at most so many; of stores also each active one."""
    if cut.is_of_area and cut.by in ("category", "priority"):
        records = await list_by_keys_in_area(connection, cut.month, cut.by, area=cut.area, holders=cut.holders)
        return [Numbers(*record) for record in records]
    if cut.store is not None and cut.by in ("category", "priority"):
        return [Numbers(*record) for record in await _list_of_store(connection, cut, after, limit)]
    if cut.by == "store":
        return await _list_stores(connection, cut, after, limit)
    if cut.by == "area" or cut.is_of_area:
        rows = [Numbers(*record) for record in await list_in_areas(connection, cut.month, cut.by, **cut.within)]
    else:
        rows = [Numbers(*record) for record in await _list_by(connection, cut, cut.by, cut.store)]
    times = await _list_times(connection, cut) if cut.by == "holder" else {}
    return [row._replace(**times.get(row.key, {})) for row in rows]


async def _list_by(connection: Connection, cut: Cut, by: str, key: str | None) -> list[Record]:
    """By holder, of one store (`key`) or all; by store, category, priority or all (''): of one key or all of them."""
    return await connection.fetch(
        'SELECT n.* FROM numbers_by($1, $2, $3, $4) n ORDER BY n.key COLLATE "C"',
        cut.month,
        by,
        [""] if cut.holders is None and by != "holder" else cut.holders,
        key,
    )


async def _list_stores(connection: Connection, cut: Cut, after: str | None, limit: int | None) -> list[Numbers]:
    """By store. Stores where nothing moved are those that are asked after: each that is active has its row.

    Only the next stores are read: what a page takes does not grow with how many there are.
    """
    found: list[Numbers] = []
    while limit is None or len(found) < limit:
        records = await connection.fetch(
            """
            WITH next AS (SELECT s.code, s.active FROM store s
                           WHERE ($3::text IS NULL OR s.code COLLATE "C" > $3) AND ($5::text IS NULL OR s.code = $5)
                             AND ($6::text IS NULL OR is_in_area(s.code, $6))
                           ORDER BY s.code COLLATE "C" LIMIT $4)
            SELECT s.active, s.code, n.opening, n.reported, n.opened, n.received, n.passed_on, n.returned, n.closed,
                   n.confirmed, n.auto_confirmed, n.reopened, n.voided, n.restored, n.closing
              FROM next s LEFT JOIN numbers_of_stores($1, $2, ARRAY(SELECT code FROM next)) n ON n.key = s.code
             ORDER BY s.code COLLATE "C"
            """,
            cut.month,
            [""] if cut.holders is None else cut.holders,
            after,
            limit,
            cut.store,
            cut.area,
        )
        for active, code, *counts in records:
            if counts[0] is not None:
                found.append(Numbers(code, *counts))
            elif active:
                found.append(NOTHING._replace(key=code))
        if limit is None or len(records) < limit:
            break
        after = records[-1]["code"]
    return found[:limit]


async def _list_of_store(connection: Connection, cut: Cut, after: str | None, limit: int | None) -> list[Record]:
    """By category or priority of one store: from its movements; of a frozen month without what was restated since."""
    return await connection.fetch(
        """
        SELECT * FROM (
            SELECT c.key, coalesce(sum(c.net) FILTER (WHERE m.month < $1), 0)::bigint AS opening,
                   coalesce(sum(c.here) FILTER (WHERE m.kind = 'reported'), 0)::bigint AS reported,
                   coalesce(sum(c.here) FILTER (WHERE m.kind = 'opened'), 0)::bigint AS opened,
                   coalesce(sum(c.here) FILTER (WHERE m.kind = 'received'), 0)::bigint AS received,
                   coalesce(sum(c.here) FILTER (WHERE m.kind = 'passed_on'), 0)::bigint AS passed_on,
                   coalesce(sum(c.here) FILTER (WHERE m.kind = 'returned'), 0)::bigint AS returned,
                   coalesce(sum(c.here) FILTER (WHERE m.kind = 'closed'), 0)::bigint AS closed,
                   coalesce(sum(c.here) FILTER (WHERE m.kind = 'confirmed'), 0)::bigint AS confirmed,
                   coalesce(sum(c.here) FILTER (WHERE m.kind = 'auto_confirmed'), 0)::bigint AS auto_confirmed,
                   coalesce(sum(c.here) FILTER (WHERE m.kind = 'reopened'), 0)::bigint AS reopened,
                   coalesce(sum(c.here) FILTER (WHERE m.kind = 'voided'), 0)::bigint AS voided,
                   coalesce(sum(c.here) FILTER (WHERE m.kind = 'restored'), 0)::bigint AS restored,
                   sum(c.net)::bigint AS closing
              FROM (SELECT m.month, m.kind, m.holder, m.category_code, m.priority, 1 AS difference
                      FROM movement m WHERE m.store_code = $4 AND m.month <= $1
                     UNION ALL
                    SELECT r.month, r.kind, r.holder, r.category_code, r.priority, -r.difference
                      FROM recap_month f
                      JOIN restatement r ON r.month = f.month OR (r.month < f.month AND r.id > f.restatement_id)
                     WHERE f.month = $1 AND r.store_code = $4) m,
                   LATERAL (SELECT
                   coalesce(CASE $2 WHEN 'category' THEN m.category_code ELSE m.priority::text END, '') AS key,
                   m.difference * (m.month = $1)::int AS here,
                   m.difference * net(m.kind, $3::text[] IS NULL) AS net) c
             WHERE $3 IS NULL OR m.holder = ANY ($3)
             GROUP BY c.key) n
         WHERE (n.opening, n.reported, n.opened, n.received, n.passed_on, n.returned, n.closed, n.confirmed, n.auto_confirmed,
                n.reopened, n.voided, n.restored) <> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
           AND ($5::text IS NULL OR n.key COLLATE "C" > $5)
         ORDER BY n.key COLLATE "C" LIMIT $6
        """,
        cut.month,
        cut.by,
        cut.holders,
        cut.store,
        after,
        limit,
    )


async def _get_times(connection: Connection, cut: Cut) -> dict[str, timedelta | None]:
    """The times of the company, or of the cut's holders together. Those of several holders are not frozen, nor of stores."""
    holders = [""] if cut.holders is None else cut.holders
    if cut.store is None and cut.area is None and len(holders) == 1:
        row = await _get_known_times(connection, cut.month, holders[0])
        return dict(row) if row else {}
    rows = await connection.fetch(
        """
        SELECT t.held[1] AS held_median, t.held[2] AS held_p90, t.waited[1] AS waited_median, t.waited[2] AS waited_p90
          FROM (SELECT percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY m.held) AS held,
                       percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY m.waited) AS waited
                  FROM movement m
                 WHERE m.month = $1 AND m.held IS NOT NULL AND ($2::text[] IS NULL OR m.holder = ANY ($2))
                   AND ($3::text IS NULL OR m.store_code = $3)
                   AND ($4::text IS NULL OR m.store_code IN (SELECT w.store_code FROM area_store w WHERE w.area_code = $4))) t
        """,
        cut.month,
        cut.holders,
        cut.store,
        cut.area,
    )
    return dict(rows[0])


async def _get_known_times(connection: Connection, month: date, holder: str) -> Record | None:
    """Those of one holder ('' for the company), frozen or of now; None if nothing has left its hands."""
    return await connection.fetchrow(
        """
        SELECT f.held_median, f.held_p90, f.waited_median, f.waited_p90 FROM frozen f
         WHERE f.month = $1 AND f.by = '' AND f.holder = $2 AND f.key = ''
        UNION ALL
        SELECT t.held_median, t.held_p90, t.waited_median, t.waited_p90 FROM live_times($1, ARRAY[$2]) t
        """,
        month,
        holder,
    )


async def _list_times(connection: Connection, cut: Cut) -> dict[str, dict[str, timedelta | None]]:
    """The times of each holder."""
    if cut.area and cut.store is None:
        records = await list_times_in_area(connection, cut.month, cut.area)
        return {holder: dict(zip(TIMES, times, strict=True)) for holder, *times in records}
    records = await connection.fetch(
        """
        SELECT f.holder, f.held_median, f.held_p90, f.waited_median, f.waited_p90 FROM frozen f
         WHERE f.month = $1 AND f.by = '' AND $2::text IS NULL
        UNION ALL
        SELECT t.holder, t.held_median, t.held_p90, t.waited_median, t.waited_p90 FROM live_times($1, NULL) t
         WHERE $2 IS NULL
        UNION ALL
        SELECT t.holder, t.held_median, t.held_p90, t.waited_median, t.waited_p90 FROM times_of($1, $2) t
         WHERE $2 IS NOT NULL
        """,
        cut.month,
        cut.store,
    )
    return {holder: dict(zip(TIMES, times, strict=True)) for holder, *times in records}


async def list_months(
    connection: Connection, holders: tuple[str, ...] | None, area: str | None = None
) -> list[MonthNumbers]:
    """All months from the first one with any number to the present one, newest first, of all stores or those of an area; without
    times."""
    records = await connection.fetch(
        """
        SELECT m.month::date, r.frozen_at, coalesce(sum(n.opening), 0)::bigint AS opening,
               coalesce(sum(n.reported), 0)::bigint AS reported, coalesce(sum(n.opened), 0)::bigint AS opened,
               coalesce(sum(n.received), 0)::bigint AS received,
               coalesce(sum(n.passed_on), 0)::bigint AS passed_on,
               coalesce(sum(n.returned), 0)::bigint AS returned, coalesce(sum(n.closed), 0)::bigint AS closed,
               coalesce(sum(n.confirmed), 0)::bigint AS confirmed,
               coalesce(sum(n.auto_confirmed), 0)::bigint AS auto_confirmed,
               coalesce(sum(n.reopened), 0)::bigint AS reopened, coalesce(sum(n.voided), 0)::bigint AS voided,
               coalesce(sum(n.restored), 0)::bigint AS restored, coalesce(sum(n.closing), 0)::bigint AS closing
          FROM generate_series((SELECT least((SELECT min(r.month) FROM recap_month r), (SELECT min(t.month) FROM tally t),
                                             (SELECT min(u.month) FROM uncounted u)))::timestamp,
                               (SELECT greatest(date_trunc('month', now() AT TIME ZONE 'Asia/Jakarta')::date,
                                                (SELECT max(t.month) FROM live_tally t)))::timestamp, '1 month') m (month)
          LEFT JOIN recap_month r ON r.month = m.month
          LEFT JOIN LATERAL numbers_of(m.month::date) n
            ON n.by = CASE WHEN $2::text IS NULL THEN '' ELSE 'store' END AND n.holder = ANY ($1)
           AND ($2 IS NULL OR n.key IN (SELECT w.store_code FROM area_store w WHERE w.area_code = $2))
         GROUP BY m.month, r.frozen_at ORDER BY m.month DESC
        """,
        [""] if holders is None else holders,
        area,
    )
    return [MonthNumbers(month, frozen_at, Numbers("", *numbers)) for month, frozen_at, *numbers in records]
