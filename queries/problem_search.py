"""The list of problems, searched by text or number: which it finds, and how far it reads (full-text search, trigrams)."""

from array import array

from asyncpg import Connection

from queries.employees import Reach
from queries.problem_filter import ORDERS, Filter, Place

READ_AT_MOST = 20_000  # problems, the newest, where no index finds what is searched
READ_AT_ONCE = 5_000  # ids, where all are read

# The ids of what a filter finds, in an order of ORDERS, which is one of a closed list, from a place in it on, up or down. Each is
# a walk along an index; the planner, who knows the parameters, is left with one of the expressions.
_IDS = """
    SELECT p.id FROM problem p
     WHERE in_reach(p, $1, $2, $3) AND in_filter(p, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
       AND CASE WHEN $20::bigint IS NULL THEN true
                WHEN $17 = 'id' AND $18 THEN p.id < $20
                WHEN $17 = 'id' THEN p.id > $20
                WHEN $17 = 'priority' AND $18 THEN (coalesce(p.priority, 6), p.id) < ($19::bigint, $20)
                WHEN $17 = 'priority' THEN (coalesce(p.priority, 6), p.id) > ($19::bigint, $20)
                WHEN $18 THEN (p.changed_at, p.id) < ($21::timestamptz, $20)
                ELSE (p.changed_at, p.id) > ($21::timestamptz, $20) END
       AND ($23::bigint IS NULL OR p.id > $23)
     ORDER BY CASE WHEN $17 = 'priority' AND $18 THEN coalesce(p.priority, 6) END DESC,
              CASE WHEN $17 = 'priority' AND NOT $18 THEN coalesce(p.priority, 6) END,
              CASE WHEN $17 = 'changed' AND $18 THEN p.changed_at END DESC,
              CASE WHEN $17 = 'changed' AND NOT $18 THEN p.changed_at END,
              CASE WHEN $18 THEN p.id END DESC,
              CASE WHEN NOT $18 THEN p.id END
     LIMIT $22
"""


async def get_since(connection: Connection) -> int | None:
    """The number beyond which there are READ_AT_MOST problems at most; None if there are no more than that in all."""
    last = await connection.fetchval("SELECT max(id) FROM problem") or 0
    return last - READ_AT_MOST if last > READ_AT_MOST else None


async def search_page(
    connection: Connection, viewer: Reach, filter: Filter, sort: str, place: Place | None, *, back: bool, limit: int
) -> list[int]:
    """The ids of at most `limit` problems that follow a place in an order of ORDERS, or, going `back`, that come before it,
    the nearest first."""
    reach = viewer.sees_all, viewer.store_code, viewer.nik
    key, down = ORDERS[sort]
    start = (place.rank, place.id, place.moment) if place else (None, None, None)
    order = key, down != back, *start, limit, filter.since
    rows = await connection.fetch(_IDS, *reach, *filter.parameters, *order)
    return [row["id"] for row in rows]


async def search_all(connection: Connection, viewer: Reach, filter: Filter, sort: str) -> array:
    """The ids of all that the filter finds, in an order of ORDERS: eight bytes each, read by a cursor, in a transaction."""
    key, down = ORDERS[sort]
    ids = array("q")
    reach = viewer.sees_all, viewer.store_code, viewer.nik
    order = key, down, None, None, None, None, filter.since
    async for row in connection.cursor(_IDS, *reach, *filter.parameters, *order, prefetch=READ_AT_ONCE):
        ids.append(row["id"])
    return ids
