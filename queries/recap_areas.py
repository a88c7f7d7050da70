"""The recap of areas: the numbers of stores, which are counted one by one, added up."""

from collections.abc import Sequence
from datetime import date
from typing import TypedDict

from asyncpg import Connection, Record


class Within(TypedDict):
    """What numbers are narrowed to: the stores of an area and of those below it, holders, a store; None: all."""

    area: str | None
    holders: Sequence[str] | None
    store: str | None


async def list_in_areas(
    connection: Connection, month: date, by: str, *, area: str | None, holders: Sequence[str] | None, store: str | None
) -> list[Record]:
    """The numbers of stores added up, as queries.recap.Numbers has them, without times: of one store, of all in an area, or of
    all; together (''), by 'holder', or by 'area', each with those below it."""
    return await connection.fetch(
        """
        WITH RECURSIVE below (code) AS (
            SELECT a.code FROM area a WHERE a.code = $3 OR ($3::text IS NULL AND a.parent_code IS NULL)
             UNION
            SELECT a.code FROM area a JOIN below b ON a.parent_code = b.code)
        SELECT k.key, sum(n.opening)::bigint, sum(n.reported)::bigint, sum(n.opened)::bigint, sum(n.received)::bigint,
               sum(n.passed_on)::bigint, sum(n.returned)::bigint, sum(n.closed)::bigint, sum(n.confirmed)::bigint,
               sum(n.auto_confirmed)::bigint, sum(n.reopened)::bigint, sum(n.voided)::bigint, sum(n.restored)::bigint,
               sum(n.closing)::bigint
          FROM numbers_of($1) n
         CROSS JOIN LATERAL (
               SELECT CASE $2::text WHEN 'holder' THEN n.holder ELSE '' END AS key WHERE $2 <> 'area'
                UNION ALL
               SELECT w.area_code FROM area_store w
                WHERE $2 = 'area' AND w.store_code = n.key AND w.area_code IN (SELECT b.code FROM below b)
                UNION ALL
               SELECT '' WHERE $2 = 'area' AND NOT EXISTS (SELECT FROM area_store w WHERE w.store_code = n.key)) k
         WHERE n.by = 'store'
           AND CASE WHEN $2 = 'holder' THEN n.holder <> '' AND ($4::text[] IS NULL OR n.holder = ANY ($4))
                    ELSE n.holder = ANY (coalesce($4, ARRAY[''])) END
           AND ($5::text IS NULL OR n.key = $5)
           AND ($3 IS NULL OR n.key IN (SELECT w.store_code FROM area_store w WHERE w.area_code = $3))
         GROUP BY k.key ORDER BY k.key COLLATE "C"
        """,
        month,
        by,
        area,
        holders,
        store,
    )


async def list_times_in_area(connection: Connection, month: date, area: str) -> list[Record]:
    """The times of each holder, in the stores of an area."""
    return await connection.fetch(
        """
        SELECT t.holder, t.held[1] AS held_median, t.held[2] AS held_p90, t.waited[1] AS waited_median,
               t.waited[2] AS waited_p90
          FROM (SELECT m.holder, percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY m.held) AS held,
                       percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY m.waited) AS waited
                  FROM movement m
                 WHERE m.month = $1 AND m.held IS NOT NULL
                   AND m.store_code IN (SELECT w.store_code FROM area_store w WHERE w.area_code = $2)
                 GROUP BY m.holder) t
        """,
        month,
        area,
    )


# By category or priority: what was unfinished when the month began, by the custody of then, and the movements of the month; of a
# frozen one without what was restated since.
_BY_KEYS = """
    WITH stores AS (SELECT w.store_code AS code FROM area_store w WHERE w.area_code = $4),
    border AS (
        SELECT z.time_zone, CASE WHEN b.at <= now() THEN b.at - interval '1 microsecond' ELSE 'infinity' END AS moment
          FROM unnest(ARRAY['Asia/Jakarta', 'Asia/Makassar', 'Asia/Jayapura']) z (time_zone),
               LATERAL (SELECT $1::date::timestamp AT TIME ZONE z.time_zone AS at) b
    ), held AS MATERIALIZED (
        SELECT c.problem_id, c.during, coalesce(c.division_code, c.department_code) AS holder FROM custody c
         WHERE c.during && (SELECT tstzrange(min(b.moment), max(b.moment), '[]') FROM border b)
    ), counted AS (
        SELECT NULL AS kind, h.holder, p.category_code, p.priority, 1 AS difference, true AS is_before, 1 AS net
          FROM held h JOIN problem p ON p.id = h.problem_id AND p.store_code IN (SELECT s.code FROM stores s)
          JOIN store t ON t.code = p.store_code JOIN border b ON b.time_zone = t.time_zone AND h.during @> b.moment
         UNION ALL
        SELECT m.kind, m.holder, m.category_code, m.priority, 1, false, net(m.kind, $3::text[] IS NULL)
          FROM stores s JOIN movement m ON m.store_code = s.code AND m.month = $1
         UNION ALL
        SELECT r.kind, r.holder, r.category_code, r.priority, -r.difference, r.month < $1, -r.difference * net(r.kind, $3 IS NULL)
          FROM recap_month f JOIN restatement r ON r.month = f.month OR (r.month < f.month AND r.id > f.restatement_id)
         WHERE f.month = $1 AND r.store_code IN (SELECT s.code FROM stores s)
    )
    SELECT * FROM (
        SELECT k.key, coalesce(sum(c.net) FILTER (WHERE c.is_before), 0)::bigint AS opening,
               coalesce(sum(k.here) FILTER (WHERE c.kind = 'reported'), 0)::bigint AS reported,
               coalesce(sum(k.here) FILTER (WHERE c.kind = 'opened'), 0)::bigint AS opened,
               coalesce(sum(k.here) FILTER (WHERE c.kind = 'received'), 0)::bigint AS received,
               coalesce(sum(k.here) FILTER (WHERE c.kind = 'passed_on'), 0)::bigint AS passed_on,
               coalesce(sum(k.here) FILTER (WHERE c.kind = 'returned'), 0)::bigint AS returned,
               coalesce(sum(k.here) FILTER (WHERE c.kind = 'closed'), 0)::bigint AS closed,
               coalesce(sum(k.here) FILTER (WHERE c.kind = 'confirmed'), 0)::bigint AS confirmed,
               coalesce(sum(k.here) FILTER (WHERE c.kind = 'auto_confirmed'), 0)::bigint AS auto_confirmed,
               coalesce(sum(k.here) FILTER (WHERE c.kind = 'reopened'), 0)::bigint AS reopened,
               coalesce(sum(k.here) FILTER (WHERE c.kind = 'voided'), 0)::bigint AS voided,
               coalesce(sum(k.here) FILTER (WHERE c.kind = 'restored'), 0)::bigint AS restored, sum(c.net)::bigint AS closing
          FROM counted c,
               LATERAL (SELECT coalesce(CASE $2 WHEN 'category' THEN c.category_code ELSE c.priority::text END, '') AS key,
                               c.difference * (NOT c.is_before)::int AS here) k
         WHERE $3 IS NULL OR c.holder = ANY ($3)
         GROUP BY k.key) n
     WHERE (n.opening, n.reported, n.opened, n.received, n.passed_on, n.returned, n.closed, n.confirmed, n.auto_confirmed,
            n.reopened, n.voided, n.restored) <> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
     ORDER BY n.key COLLATE "C"
"""


async def list_by_keys_in_area(
    connection: Connection, month: date, by: str, *, area: str | None, holders: Sequence[str] | None
) -> list[Record]:
    """The numbers of the stores of an area by 'category' or 'priority', without times."""
    return await connection.fetch(_BY_KEYS, month, by, holders, area)
