"""The list of problems: its pages by filter and order (keyset), and what it shows of each."""

from array import array
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from asyncpg import Connection

from queries.employees import Employee, Reach
from queries.problem_filter import EPOCH, ORDERS, Filter, Place
from queries.problem_search import READ_AT_ONCE, search_all, search_page
from queries.rows import read_rows


class Listed(NamedTuple):
    """A problem as the list shows it. `age` is how long somebody has had it: the sum of custody."""

    id: int
    reported_at: datetime
    changed_at: datetime
    time_zone: str
    store_code: str
    store: str
    reporter: str
    title: str
    category: str | None
    status: str
    priority: int | None
    holder_code: str
    holder: str
    assignee: str | None
    age: timedelta

    def place(self, sort: str) -> Place:
        """Where it stands in an order; by priority, what has none comes last."""
        ranks = {"priority": self.priority or 6, "changed": (self.changed_at - EPOCH) // timedelta(microseconds=1)}
        return Place(ranks.get(sort, 0), self.id)


async def list_years(connection: Connection, viewer: Employee) -> list[int]:
    """The years that have problems in the viewer's reach, newest first. One look into an index a year."""
    rows = await connection.fetch(
        """
        WITH RECURSIVE years AS (
            (SELECT p.year FROM problem p WHERE in_reach(p, $1, $2, $3) ORDER BY p.year DESC LIMIT 1)
            UNION ALL
            SELECT (SELECT p.year FROM problem p WHERE in_reach(p, $1, $2, $3) AND p.year < y.year
                     ORDER BY p.year DESC LIMIT 1)
              FROM years y WHERE y.year IS NOT NULL)
        SELECT year FROM years WHERE year IS NOT NULL
        """,
        viewer.sees_all,
        viewer.store_code,
        viewer.nik,
    )
    return [row["year"] for row in rows]


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
     ORDER BY CASE WHEN $17 = 'priority' AND $18 THEN coalesce(p.priority, 6) END DESC,
              CASE WHEN $17 = 'priority' AND NOT $18 THEN coalesce(p.priority, 6) END,
              CASE WHEN $17 = 'changed' AND $18 THEN p.changed_at END DESC,
              CASE WHEN $17 = 'changed' AND NOT $18 THEN p.changed_at END,
              CASE WHEN $18 THEN p.id END DESC,
              CASE WHEN NOT $18 THEN p.id END
     LIMIT $22
"""


async def list_problem_ids(
    connection: Connection,
    viewer: Employee,
    filter: Filter,
    sort: str = "newest",
    *,
    after: Place | None = None,
    before: Place | None = None,
    limit: int,
) -> list[int]:
    """The ids of one page in an order of ORDERS: what follows `after`, or else the nearest that come before `before`."""
    key, down = ORDERS[sort]
    place = before or after
    if filter.is_search:
        found = await search_page(connection, viewer, filter, sort, place, back=before is not None, limit=limit)
        return found[::-1] if before is not None else found
    rows = await connection.fetch(
        _IDS,
        viewer.sees_all,
        viewer.store_code,
        viewer.nik,
        *filter.parameters,
        key,
        down != (before is not None),
        place.rank if place else None,
        place.id if place else None,
        place.moment if place else None,
        limit,
    )
    return [row["id"] for row in (reversed(rows) if before is not None else rows)]


async def list_all_ids(connection: Connection, viewer: Reach, filter: Filter, sort: str) -> array:
    """The ids of all that the filter finds, in an order of ORDERS: eight bytes each, read by a cursor, in a transaction."""
    if filter.is_search:
        return await search_all(connection, viewer, filter, sort)
    key, down = ORDERS[sort]
    ids = array("q")
    reach = viewer.sees_all, viewer.store_code, viewer.nik
    order = key, down, None, None, None, None
    async for row in connection.cursor(_IDS, *reach, *filter.parameters, *order, prefetch=READ_AT_ONCE):
        ids.append(row["id"])
    return ids


async def list_problems(connection: Connection, viewer: Employee, ids: Sequence[int]) -> list[Listed]:
    """What the list shows of `ids`, in their order."""
    records = await connection.fetch(
        """
        SELECT p.id, p.reported_at, p.changed_at, s.time_zone, s.code AS store_code, s.name AS store, r.name AS reporter, p.title,
               c.name AS category, p.status, p.priority,
               coalesce(p.holder_division_code, p.holder_department_code) AS holder_code, coalesce(i.name, d.name) AS holder,
               w.name AS assignee,
               (SELECT sum(coalesce(upper(k.during), now()) - lower(k.during)) FROM custody k WHERE k.problem_id = p.id) AS age
          FROM problem p
          JOIN store s ON s.code = p.store_code
          JOIN employee r ON r.nik = p.reporter_nik
          LEFT JOIN category c ON c.code = p.category_code
          LEFT JOIN division d ON d.code = p.holder_division_code
          LEFT JOIN employee i ON i.nik = p.holder_pic_nik
          LEFT JOIN employee w ON w.nik = p.assignee_nik
         WHERE p.id = ANY ($4) AND in_reach(p, $1, $2, $3)
         ORDER BY array_position($4::bigint[], p.id)
        """,
        viewer.sees_all,
        viewer.store_code,
        viewer.nik,
        ids,
    )
    return read_rows(Listed, records)


async def get_version(connection: Connection, viewer: Employee) -> str:
    """A text that changes with every change of a problem in the viewer's reach, and, for durations, every minute.

    Two numbers with a dot between: the moment of the last change (microseconds) and the minute. The minute also brings what a
    transaction that ended late, with an earlier `changed_at`, has changed.
    """
    return await connection.fetchval(
        """
        SELECT concat_ws('.', coalesce((SELECT (extract(epoch FROM p.changed_at) * 1000000)::bigint FROM problem p
                                         WHERE in_reach(p, $1, $2, $3) ORDER BY p.changed_at DESC LIMIT 1), 0),
                              floor(extract(epoch FROM now()) / 60))
        """,
        viewer.sees_all,
        viewer.store_code,
        viewer.nik,
    )
