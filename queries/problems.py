"""Problems: the list, one, and a new one."""

from collections.abc import Sequence
from dataclasses import dataclass

from asyncpg import Connection, Record

from pictures import Picture
from queries.changes import insert_event, pass_custody
from queries.drafts import delete_draft
from queries.employees import Employee
from queries.photos import insert_photos
from queries.submissions import Submission, get_recorded, insert_submission, set_problem

COUNT_LIMIT = 10_000  # a count beyond says "more than": counting on would make every page as slow as the table is long


@dataclass(frozen=True)
class Filter:
    """What the list is narrowed to; None stands for all. `patterns` are LIKE patterns that must all be found."""

    year: int | None = None
    status: str | None = None
    division: str | None = None
    store: str | None = None
    patterns: list[str] | None = None
    number: int | None = None

    @property
    def parameters(self) -> tuple:
        """In the order in which the statements of the list name them."""
        return self.year, self.status, self.division, self.store, self.patterns, self.number


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


async def list_problem_ids(
    connection: Connection, viewer: Employee, filter: Filter, *, after: int | None, before: int | None, limit: int
) -> list[int]:
    """The ids of one page, newest first: those older than `after`, or else the nearest newer than `before`."""
    reach = viewer.sees_all, viewer.store_code, viewer.nik
    if before is not None:
        rows = await connection.fetch(
            """
            SELECT p.id FROM problem p
             WHERE in_reach(p, $1, $2, $3) AND in_filter(p, $4, $5, $6, $7, $8, $9) AND p.id > $10
             ORDER BY p.id LIMIT $11
            """,
            *reach,
            *filter.parameters,
            before,
            limit,
        )
        return [row["id"] for row in reversed(rows)]
    rows = await connection.fetch(
        """
        SELECT p.id FROM problem p
         WHERE in_reach(p, $1, $2, $3) AND in_filter(p, $4, $5, $6, $7, $8, $9) AND ($10::bigint IS NULL OR p.id < $10)
         ORDER BY p.id DESC LIMIT $11
        """,
        *reach,
        *filter.parameters,
        after,
        limit,
    )
    return [row["id"] for row in rows]


async def list_problems(connection: Connection, viewer: Employee, ids: list[int]) -> list[Record]:
    """What the list shows of `ids`, newest first, as rows to be unpacked:

    id, reported_at, time_zone, store_code, store, reporter, title, category, status, confirmed, priority, holder_code,
    holder, age (a timedelta: the sum of custody).
    """
    return await connection.fetch(
        """
        SELECT p.id, p.reported_at, s.time_zone, s.code, s.name, r.name, p.title, c.name, p.status,
               p.confirmed_at IS NOT NULL, p.priority,
               coalesce(p.holder_division_code, p.holder_department_code), coalesce(i.name, d.name),
               (SELECT sum(coalesce(upper(k.during), now()) - lower(k.during)) FROM custody k WHERE k.problem_id = p.id)
          FROM problem p
          JOIN store s ON s.code = p.store_code
          JOIN employee r ON r.nik = p.reporter_nik
          LEFT JOIN category c ON c.code = p.category_code
          LEFT JOIN division d ON d.code = p.holder_division_code
          LEFT JOIN employee i ON i.nik = p.holder_pic_nik
         WHERE p.id = ANY ($4) AND in_reach(p, $1, $2, $3)
         ORDER BY p.id DESC
        """,
        viewer.sees_all,
        viewer.store_code,
        viewer.nik,
        ids,
    )


async def count_problems(connection: Connection, viewer: Employee, filter: Filter) -> dict[str, int]:
    """How many problems the filter finds in each status, whatever status it names; at most COUNT_LIMIT + 1 each."""
    rows = await connection.fetch(
        """
        SELECT t.status, (SELECT count(*) FROM (
                   SELECT FROM problem p
                    WHERE p.status = t.status AND in_reach(p, $1, $2, $3) AND in_filter(p, $4, NULL, $5, $6, $7, $8)
                    LIMIT $9) found) AS count
          FROM unnest(ARRAY['reported', 'open', 'escalated', 'closed', 'void']) AS t (status)
        """,
        viewer.sees_all,
        viewer.store_code,
        viewer.nik,
        filter.year,
        filter.division,
        filter.store,
        filter.patterns,
        filter.number,
        COUNT_LIMIT + 1,
    )
    return {row["status"]: row["count"] for row in rows}


async def get_problem(
    connection: Connection, viewer: Employee, problem_id: int, version_seen: int | None
) -> Record | None:
    """A problem with all that its page shows; None outside the viewer's reach.

    `rights` is what the viewer may do with it at one time or another, `actions` what is possible now, `rights_then` what the
    rights were at `version_seen`; `age` and `held_for` are timedeltas.
    """
    return await connection.fetchrow(
        """
        SELECT p.id, p.version, p.status, p.year, p.reported_at, p.changed_at, p.confirmed_at, p.title, p.description,
               p.category_code, p.impact, p.urgency, p.priority, p.identification, p.solution,
               p.reporter_nik, r.name AS reporter, p.recorded_by_nik, b.name AS recorded_by,
               s.code AS store_code, s.name AS store, s.time_zone,
               coalesce(a.tag || ' — ' || a.name, p.asset_text) AS asset,
               c.name AS category, u.name AS parent_category,
               p.holder_division_code, d.name AS holder_division, p.holder_department_code, t.name AS holder_department,
               p.holder_pic_nik, i.name AS holder_pic,
               (SELECT sum(coalesce(upper(k.during), now()) - lower(k.during)) FROM custody k WHERE k.problem_id = p.id) AS age,
               (SELECT now() - lower(k.during) FROM custody k WHERE k.problem_id = p.id AND upper_inf(k.during)) AS held_for,
               rights(p, e, is_holder(p, e)) AS rights,
               ARRAY(SELECT unnest(rights(p, e, is_holder(p, e))) INTERSECT SELECT unnest(admits(p))) AS actions,
               rights(p, e, held_at(p.id, $3, e)) AS rights_then
          FROM problem p
          JOIN employee e ON e.nik = $2
          JOIN employee r ON r.nik = p.reporter_nik
          JOIN employee b ON b.nik = p.recorded_by_nik
          JOIN store s ON s.code = p.store_code
          LEFT JOIN asset a ON a.tag = p.asset_tag
          LEFT JOIN category c ON c.code = p.category_code
          LEFT JOIN category u ON u.code = c.parent_code
          LEFT JOIN division d ON d.code = p.holder_division_code
          LEFT JOIN department t ON t.code = p.holder_department_code
          LEFT JOIN employee i ON i.nik = p.holder_pic_nik
         WHERE p.id = $1 AND in_reach(p, e.sees_all, e.store_code, e.nik)
        """,
        problem_id,
        viewer.nik,
        version_seen,
    )


@dataclass(frozen=True)
class Report:
    """What is reported: of the two ways to name the asset at most one."""

    reporter_nik: str
    title: str
    description: str
    asset_tag: str | None
    asset_text: str | None


async def insert_problem(
    connection: Connection, submission: Submission, report: Report, pictures: Sequence[Picture] = ()
) -> int:
    """Record a report for its reporter, in the store of that person, with its photos, in the custody of the desk; its id.

    If the same form was recorded by a transaction that came first, the id of what that made. Raises KeyReused.
    """
    async with connection.transaction():
        if not await insert_submission(connection, submission):
            return await get_recorded(connection, submission)
        problem_id = await connection.fetchval(
            """
            INSERT INTO problem (reporter_nik, recorded_by_nik, store_code, title, description, asset_tag, asset_text,
                                 holder_division_code)
            SELECT e.nik, $2, e.store_code, $3, $4, $5, $6, (SELECT code FROM division WHERE kind = 'desk')
              FROM employee e WHERE e.nik = $1
            RETURNING id
            """,
            report.reporter_nik,
            submission.nik,
            report.title,
            report.description,
            report.asset_tag,
            report.asset_text,
        )
        await set_problem(connection, submission, problem_id)
        await insert_event(connection, problem_id, submission.nik, "reported", {}, None)
        await insert_photos(connection, problem_id, 1, pictures)
        await delete_draft(connection, submission.nik, None, "report")
        await pass_custody(connection, problem_id)
        return problem_id
