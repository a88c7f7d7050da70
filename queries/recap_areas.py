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
