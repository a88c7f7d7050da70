"""What changed of a month after it was frozen (restatements): by how much which number, and by which event."""

from datetime import datetime
from typing import NamedTuple

from asyncpg import Connection

from queries.movements import narrow
from queries.recap import NOTHING, Cut, Numbers
from queries.rows import read_rows


class Restatement(NamedTuple):
    """By how much an event changed a number, when, and what it was of which problem."""

    id: int
    at: datetime
    difference: int
    problem_id: int
    title: str
    time_zone: str
    cause: str


async def get_difference(connection: Connection, cut: Cut) -> Numbers:
    """What is to be added to the frozen numbers of all of the cut for those of now; nothing where the month is not frozen."""
    return (await _list_differences(connection, cut, "")).get("", NOTHING)


async def list_differences(connection: Connection, cut: Cut) -> dict[str, Numbers]:
    """The same for each row of the cut in which there is a difference, by its key."""
    return await _list_differences(connection, cut, cut.by)


async def _list_differences(connection: Connection, cut: Cut, by: str) -> dict[str, Numbers]:
    records = await connection.fetch(
        """
        WITH RECURSIVE below (code) AS (
            SELECT a.code FROM area a WHERE a.code = $5 OR ($5::text IS NULL AND a.parent_code IS NULL)
             UNION
            SELECT a.code FROM area a JOIN below b ON a.parent_code = b.code)
        SELECT r.key, coalesce(sum(r.net) FILTER (WHERE r.is_before), 0)::bigint AS opening,
               coalesce(sum(r.here) FILTER (WHERE r.kind = 'reported'), 0)::bigint AS reported,
               coalesce(sum(r.here) FILTER (WHERE r.kind = 'opened'), 0)::bigint AS opened,
               coalesce(sum(r.here) FILTER (WHERE r.kind = 'received'), 0)::bigint AS received,
               coalesce(sum(r.here) FILTER (WHERE r.kind = 'passed_on'), 0)::bigint AS passed_on,
               coalesce(sum(r.here) FILTER (WHERE r.kind = 'returned'), 0)::bigint AS returned,
               coalesce(sum(r.here) FILTER (WHERE r.kind = 'closed'), 0)::bigint AS closed,
               coalesce(sum(r.here) FILTER (WHERE r.kind = 'confirmed'), 0)::bigint AS confirmed,
               coalesce(sum(r.here) FILTER (WHERE r.kind = 'auto_confirmed'), 0)::bigint AS auto_confirmed,
               coalesce(sum(r.here) FILTER (WHERE r.kind = 'reopened'), 0)::bigint AS reopened,
               coalesce(sum(r.here) FILTER (WHERE r.kind = 'voided'), 0)::bigint AS voided,
               coalesce(sum(r.here) FILTER (WHERE r.kind = 'restored'), 0)::bigint AS restored,
               sum(r.net)::bigint AS closing
          FROM (SELECT r.kind, r.month < $1 AS is_before, r.difference * (r.month = $1)::int AS here,
                       r.difference * net(r.kind, $2 <> 'holder' AND $3::text[] IS NULL) AS net,
                       k.key
                  FROM recap_month f
                  JOIN restatement r ON r.month = f.month OR (r.month < f.month AND r.id > f.restatement_id)
                 CROSS JOIN LATERAL (
                       SELECT CASE $2 WHEN 'holder' THEN r.holder WHEN 'store' THEN r.store_code
                                      WHEN 'category' THEN coalesce(r.category_code, '')
                                      WHEN 'priority' THEN coalesce(r.priority::text, '') ELSE '' END AS key WHERE $2 <> 'area'
                        UNION ALL
                       SELECT w.area_code FROM area_store w
                        WHERE $2 = 'area' AND w.store_code = r.store_code AND w.area_code IN (SELECT b.code FROM below b)
                        UNION ALL
                       SELECT '' WHERE $2 = 'area' AND NOT EXISTS (SELECT FROM area_store w WHERE w.store_code = r.store_code)) k
                 WHERE f.month = $1 AND ($3 IS NULL OR r.holder = ANY ($3)) AND ($4::text IS NULL OR r.store_code = $4)
                   AND ($5::text IS NULL OR r.store_code IN (SELECT w.store_code FROM area_store w WHERE w.area_code = $5))) r
         GROUP BY r.key
        """,
        cut.month,
        by,
        cut.holders,
        cut.store,
        cut.area,
    )
    return {record["key"]: Numbers(*record) for record in records if any(list(record)[1:])}


async def list_restatements(
    connection: Connection, cut: Cut, key: str | None, number: str, before: int | None = None, limit: int = 50
) -> list[Restatement]:
    """What `number`, a kind, 'opening' or 'closing', of a row of the cut differs by from the frozen one, the newest first."""
    records = await connection.fetch(
        """
        SELECT r.id, r.at, r.difference, r.problem_id, p.title, s.time_zone, v.cause
          FROM (SELECT max(r.id) AS id, max(r.at) AS at, sum(c.difference) AS difference, r.problem_id, r.version
                  FROM recap_month f
                  JOIN restatement r ON r.month = f.month OR (r.month < f.month AND r.id > f.restatement_id),
                       LATERAL (SELECT r.difference * CASE
                           WHEN $2 = 'opening' THEN (r.month < $1)::int * net(r.kind, $3)
                           WHEN $2 = 'closing' THEN net(r.kind, $3)
                           ELSE (r.month = $1 AND r.kind = $2)::int END AS difference) c
                 WHERE f.month = $1 AND ($4::text[] IS NULL OR r.holder = ANY ($4))
                   AND ($5::text IS NULL OR r.store_code = $5)
                   AND ($6::text[] IS NULL OR coalesce(r.category_code, '') = ANY ($6))
                   AND ($7::text IS NULL OR coalesce(r.priority::text, '') = $7)
                   AND CASE WHEN $8::text IS NULL THEN true
                    WHEN $8 = '' THEN NOT EXISTS (SELECT FROM area_store w WHERE w.store_code = r.store_code)
                    ELSE r.store_code IN (SELECT w.store_code FROM area_store w WHERE w.area_code = $8) END
                 GROUP BY r.problem_id, r.version HAVING sum(c.difference) <> 0) r
          JOIN problem p ON p.id = r.problem_id
          JOIN store s ON s.code = p.store_code
          JOIN event v ON v.problem_id = r.problem_id AND v.version = r.version AND v.cause <> 'commented'
         WHERE $9::bigint IS NULL OR r.id < $9
         ORDER BY r.id DESC LIMIT $10
        """,
        cut.month,
        number,
        cut.holders is None and (cut.by != "holder" or key is None),
        *await narrow(connection, cut, key),
        before,
        limit,
    )
    return read_rows(Restatement, records)
