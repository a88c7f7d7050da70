"""The list of problems: its pages by filter and order (keyset), and what it shows of each."""

from array import array
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from asyncpg import Connection

from queries.employees import Employee, Reach
from queries.problem_filter import FIRST, LAST, ORDERS, Filter, Place, place_by_due, place_in, split_by_due
from queries.problem_search import READ_AT_ONCE, search_all, search_page
from queries.problem_walks import Shape, reach_of, statement_for
from queries.rows import read_rows


class Found(NamedTuple):
    """A problem that is on a page of the list, the version that it has there, and when it is due, which no version tells."""

    id: int
    version: int
    due_at: datetime | None


class Listed(NamedTuple):
    """A problem as the list shows it, at a version of it. Somebody has had it for `held`, and has it `since`, if anybody has: the
    custody that has ended, and that which has not. `stands`: the clock does, of what is promised. `rights` are those that
    were asked for, and that the viewer has now; another handler of the same divisions who is no PIC has the same, unless
    `involved`: as the reporter or the assignee."""

    id: int
    version: int
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
    due_at: datetime | None
    stands: bool
    holder_code: str
    holder: str
    assignee: str | None
    held: timedelta
    since: datetime | None
    involved: list[str | None]
    rights: list[str]

    def place(self, sort: str) -> Place:
        """Where it stands in an order."""
        return place_in(sort, self.id, self.priority, self.changed_at, self.due_at)


def age(held: timedelta, since: datetime | None, now: datetime) -> timedelta:
    """How long somebody has had a problem, at a moment."""
    return held + (now - since if since else timedelta())


async def list_years(connection: Connection, viewer: Employee) -> list[int]:
    """The years that have problems in the viewer's reach, newest first. One look into an index a year, or two; of an area what is
    counted, once it is."""
    rows = await connection.fetch(
        """
        WITH RECURSIVE years (year) AS (
            SELECT 32767
            UNION ALL
            SELECT CASE WHEN $1 THEN (SELECT max(p.year) FROM problem p WHERE p.year < y.year)
                        ELSE greatest((SELECT max(p.year) FROM problem p WHERE p.store_code = $2 AND p.year < y.year),
                                      (SELECT max(p.year) FROM problem p WHERE p.reporter_nik = $3 AND p.year < y.year)) END
              FROM years y WHERE y.year IS NOT NULL)
        SELECT year FROM years WHERE year < 32767
         UNION
        SELECT y.year FROM reported_year y
         WHERE NOT $1 AND $4::text IS NOT NULL
           AND (NOT EXISTS (SELECT FROM problem_count)
                OR EXISTS (SELECT FROM problem_count c WHERE c.scope = 'area=' || $4 AND c.year = y.year AND c.number > 0)
                OR EXISTS (SELECT FROM problem_count_change c
                            WHERE c.year = y.year AND c.difference > 0 AND is_in_area(substr(c.scopes[2], 7), $4)))
         ORDER BY year DESC
        """,
        viewer.sees_all,
        viewer.store_code,
        viewer.nik,
        viewer.area_code,
    )
    return [row["year"] for row in rows]


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
    found = await find_problems(connection, viewer, filter, sort, after=after, before=before, limit=limit)
    return [each.id for each in found]


async def find_problems(
    connection: Connection,
    viewer: Employee,
    filter: Filter,
    sort: str,
    *,
    after: Place | None,
    before: Place | None,
    limit: int,
) -> list[Found]:
    """The same as they are found."""
    place, back = before or after, before is not None
    if filter.is_search:
        ids = await search_page(connection, viewer, filter, sort, place, back=back, limit=limit)
        return await list_versions(connection, viewer, ids[::-1] if back else ids)
    found = read_rows(Found, await connection.fetch(*_walk(viewer, filter, sort, place, back=back), limit))
    return found[::-1] if back else found


async def list_all_ids(connection: Connection, viewer: Reach, filter: Filter, sort: str) -> array:
    """The ids of all that the filter finds, in an order of ORDERS: eight bytes each, read by a cursor, in a transaction."""
    if filter.is_search:
        return await search_all(connection, viewer, filter, sort)
    ids = array("q")
    walk = _walk(viewer, filter, sort, None, back=False)
    async for row in connection.cursor(*walk, None, prefetch=READ_AT_ONCE):
        ids.append(row["id"])
    return ids


def _walk(viewer: Reach, filter: Filter, sort: str, place: Place | None, *, back: bool) -> tuple:
    """The statement that finds what the filter does from a place in an order on, and all its parameters but the limit."""
    key, down = ORDERS[sort]
    down = down != back
    shape = Shape(reach_of(viewer), filter.narrowing, filter.status, key, down)
    asked = viewer.store_code, viewer.nik, viewer.area_code
    if key == "due":
        return statement_for(shape), *asked, *filter.values, *split_by_due(place_by_due(place, back=back))
    place = place or (LAST if down else FIRST)
    return statement_for(shape), *asked, *filter.values, place.rank, place.id, place.moment


async def list_versions(connection: Connection, viewer: Employee, ids: Sequence[int]) -> list[Found]:
    """Those of `ids` that are in the viewer's reach, in their order."""
    records = await connection.fetch(
        """
        SELECT p.id, p.version, p.due_at FROM problem p WHERE in_reach(p, $1, $2, $3, $5) AND p.id = ANY ($4)
         ORDER BY array_position($4::bigint[], p.id)
        """,
        viewer.sees_all,
        viewer.store_code,
        viewer.nik,
        ids,
        viewer.area_code,
    )
    return read_rows(Found, records)


async def list_problems(
    connection: Connection, viewer: Employee, ids: Sequence[int], rights: Sequence[str] = ()
) -> list[Listed]:
    """What the list shows of `ids`, in their order, and which of `rights` the viewer has to those that are worked on."""
    records = await connection.fetch(
        """
        SELECT p.id, p.version, p.reported_at, p.changed_at, s.time_zone, s.code AS store_code, s.name AS store,
               r.name AS reporter, p.title, c.name AS category, p.status, p.priority,
               p.due_at,
               p.status = 'waiting' AND EXISTS (SELECT FROM promise q WHERE q.problem_id = p.id AND q.until IS NULL AND q.stands
                                                                        AND q.resolution IS NOT NULL) AS stands,
               coalesce(p.holder_division_code, p.holder_department_code) AS holder_code, coalesce(i.name, d.name) AS holder,
               w.name AS assignee, k.held, k.since, ARRAY[p.reporter_nik, p.assignee_nik] AS involved,
               ARRAY(SELECT a FROM unnest($5::text[]) a, employee e
                      WHERE e.nik = $3 AND p.status IN ('reported', 'open', 'waiting') AND may(a, p, e)) AS rights
          FROM problem p
          CROSS JOIN LATERAL (SELECT coalesce(sum(upper(c.during) - lower(c.during)), '0') AS held,
                                     max(lower(c.during)) FILTER (WHERE upper_inf(c.during)) AS since
                                FROM custody c WHERE c.problem_id = p.id) k
          JOIN store s ON s.code = p.store_code
          JOIN employee r ON r.nik = p.reporter_nik
          LEFT JOIN category c ON c.code = p.category_code
          LEFT JOIN division d ON d.code = p.holder_division_code
          LEFT JOIN employee i ON i.nik = p.holder_pic_nik
          LEFT JOIN employee w ON w.nik = p.assignee_nik
         WHERE p.id = ANY ($4) AND in_reach(p, $1, $2, $3, $6)
         ORDER BY array_position($4::bigint[], p.id)
        """,
        viewer.sees_all,
        viewer.store_code,
        viewer.nik,
        ids,
        rights,
        viewer.area_code,
    )
    return read_rows(Listed, records)
