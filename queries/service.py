"""How soon problems are answered and solved in a month, in working time, and how many within their target (service level)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from asyncpg import Connection, Record

from queries.recap import Cut


class Service(NamedTuple):
    """Of a row of the recap: the working time until what was opened in the month was opened, and until what was closed in it was
    closed, without the time that the clock stood (None: nothing was); and how many of these closures had a target and kept it, or
    missed it."""

    response_median: timedelta | None
    response_p90: timedelta | None
    resolution_median: timedelta | None
    resolution_p90: timedelta | None
    kept: int
    missed: int

    @property
    def share(self) -> int | float | None:
        """The per cent of closures with a target that kept it, rounded down to a tenth; None where there was none."""
        counted = self.kept + self.missed
        return None if not counted else 100 if not self.missed else self.kept * 1000 // counted / 10


UNKNOWN = Service(None, None, None, None, 0, 0)


class ServiceMonth(NamedTuple):
    """Since when these numbers of a frozen month stay as they are, and why: 'frozen' with the others, or 'targets', when they
    began to be counted."""

    cause: str
    at: datetime


async def get_service_month(connection: Connection, month: date) -> ServiceMonth | None:
    """Since when they are kept; None: they are those of now."""
    row = await connection.fetchrow("SELECT s.cause, s.at FROM service_month s WHERE s.month = $1", month)
    return ServiceMonth(*row) if row else None


async def get_service(connection: Connection, cut: Cut, *, kept: bool) -> Service:
    """Of the company, or of the cut's holders together: as it was `kept`, or of now. Of several holders, and of areas, it is
    always that of now."""
    if kept and cut.area is None and len(cut.holders or ("",)) == 1:
        by, key = ("", "") if cut.store is None else ("store", cut.store)
        records = await _list_kept(connection, cut, by, [key])
    else:
        records = await _list_now(connection, cut, "", None)
    return _read(records[0]) if records else UNKNOWN


async def list_service(
    connection: Connection, cut: Cut, keys: Sequence[str] | None = None, *, kept: bool
) -> dict[str, Service]:
    """Of each row of the cut, by its key; only of some `keys` of stores, if they are given. Rows of a tree hold those below."""
    if cut.by in ("area", "category"):
        if cut.by == "category" and kept and cut.area is None and cut.store is None and len(cut.holders or ("",)) == 1:
            records = await _list_kept(connection, cut, "category", None)
        else:
            records = await _list_tree(connection, cut)
    elif cut.by == "holder" and kept and cut.area is None:
        records = await _list_kept_holders(connection, cut)
    elif kept and cut.area is None and cut.store is None and len(cut.holders or ("",)) == 1:
        records = await _list_kept(connection, cut, cut.by, keys)
    else:
        records = await _list_now(connection, cut, cut.by, keys)
    return {record["key"]: _read(record) for record in records}


def _read(record: Record) -> Service:
    response, resolution = (
        [None if record[n] is None else timedelta(seconds=record[n]) for n in pair] for pair in ((1, 2), (3, 4))
    )
    return Service(response[0], response[1], resolution[0], resolution[1], record[5], record[6])


async def _list_kept(connection: Connection, cut: Cut, by: str, keys: Sequence[str] | None) -> list[Record]:
    return await connection.fetch(
        """
        SELECT s.key, s.response_median, s.response_p90, s.resolution_median, s.resolution_p90, s.kept, s.missed
          FROM frozen_service s
         WHERE s.month = $1 AND s.by = $2 AND s.holder = $3 AND ($4::text[] IS NULL OR s.key = ANY ($4))
        """,
        cut.month,
        by,
        (cut.holders or ("",))[0],
        keys,
    )


async def _list_kept_holders(connection: Connection, cut: Cut) -> list[Record]:
    return await connection.fetch(
        """
        SELECT s.holder AS key, s.response_median, s.response_p90, s.resolution_median, s.resolution_p90, s.kept, s.missed
          FROM frozen_service s
         WHERE s.month = $1 AND s.by = CASE WHEN $2::text IS NULL THEN '' ELSE 'store' END AND s.key = coalesce($2, '')
           AND s.holder <> '' AND ($3::text[] IS NULL OR s.holder = ANY ($3))
        """,
        cut.month,
        cut.store,
        cut.holders,
    )


async def _list_now(connection: Connection, cut: Cut, by: str, keys: Sequence[str] | None) -> list[Record]:
    """By holder, store or priority, or of all (''), from the movements."""
    return await connection.fetch(
        """
        SELECT s.key, s.response[1], s.response[2], s.resolution[1], s.resolution[2], s.kept, s.missed
          FROM (SELECT k.key,
                       percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY m.worked) FILTER (WHERE m.kind = 'opened')
                           AS response,
                       percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY m.worked) FILTER (WHERE m.kind = 'closed')
                           AS resolution,
                       count(*) FILTER (WHERE m.allowed IS NOT NULL AND (m.due IS NULL OR m.at <= m.due)) AS kept,
                       count(*) FILTER (WHERE m.at > m.due) AS missed
                  FROM movement m
                 CROSS JOIN LATERAL (
                       SELECT CASE $2 WHEN 'holder' THEN m.holder WHEN 'store' THEN m.store_code
                                      WHEN 'priority' THEN coalesce(m.priority::text, '') ELSE '' END COLLATE "C" AS key) k
                 WHERE m.month = $1 AND m.kind IN ('opened', 'closed') AND m.worked IS NOT NULL
                   AND ($3::text[] IS NULL OR m.holder = ANY ($3)) AND ($4::text IS NULL OR m.store_code = $4)
                   AND ($5::text IS NULL OR m.store_code IN (SELECT w.store_code FROM area_store w WHERE w.area_code = $5))
                   AND ($6::text[] IS NULL OR m.store_code = ANY ($6))
                 GROUP BY k.key) s
        """,
        cut.month,
        by,
        cut.holders,
        cut.store,
        cut.area,
        keys,
    )


async def _list_tree(connection: Connection, cut: Cut) -> list[Record]:
    """By area or category, each with those below it, from the movements."""
    return await connection.fetch(
        """
        WITH RECURSIVE above (key, code) AS (
            SELECT c.code, c.code FROM category c WHERE $2 = 'category'
             UNION
            SELECT c.parent_code, a.code FROM above a JOIN category c ON c.code = a.key WHERE c.parent_code IS NOT NULL
        ), below (code) AS (
            SELECT a.code FROM area a WHERE a.code = $5 OR ($5::text IS NULL AND a.parent_code IS NULL)
             UNION
            SELECT a.code FROM area a JOIN below b ON a.parent_code = b.code
        ), inside (key, code) AS (
            SELECT a.key, a.code FROM above a
             UNION ALL
            SELECT '', '' WHERE $2 = 'category'
             UNION ALL
            SELECT w.area_code, w.store_code FROM area_store w WHERE $2 = 'area' AND w.area_code IN (SELECT b.code FROM below b)
             UNION ALL
            SELECT '', s.code FROM store s
             WHERE $2 = 'area' AND NOT EXISTS (SELECT FROM area_store w WHERE w.store_code = s.code)
        )
        SELECT s.key, s.response[1], s.response[2], s.resolution[1], s.resolution[2], s.kept, s.missed
          FROM (SELECT i.key,
                       percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY m.worked) FILTER (WHERE m.kind = 'opened')
                           AS response,
                       percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY m.worked) FILTER (WHERE m.kind = 'closed')
                           AS resolution,
                       count(*) FILTER (WHERE m.allowed IS NOT NULL AND (m.due IS NULL OR m.at <= m.due)) AS kept,
                       count(*) FILTER (WHERE m.at > m.due) AS missed
                  FROM movement m
                  JOIN inside i ON i.code = CASE $2 WHEN 'category' THEN coalesce(m.category_code, '') ELSE m.store_code END
                 WHERE m.month = $1 AND m.kind IN ('opened', 'closed') AND m.worked IS NOT NULL
                   AND ($3::text[] IS NULL OR m.holder = ANY ($3)) AND ($4::text IS NULL OR m.store_code = $4)
                   AND ($5 IS NULL OR m.store_code IN (SELECT w.store_code FROM area_store w WHERE w.area_code = $5))
                 GROUP BY i.key) s
        """,
        cut.month,
        cut.by,
        cut.holders,
        cut.store,
        cut.area,
    )
