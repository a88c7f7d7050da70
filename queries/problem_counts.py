"""How many problems a filter of the list finds, by status."""

from asyncpg import Connection

from queries.employees import Employee
from queries.problem_filter import Filter


async def count_problems(connection: Connection, viewer: Employee, filter: Filter) -> dict[str, int]:
    """How many problems the filter finds in each status, whatever status it names; at most its count_limit + 1 each."""
    rows = await connection.fetch(
        """
        SELECT t.status, (SELECT count(*) FROM (
                   SELECT FROM problem p
                    WHERE p.status = t.status AND in_reach(p, $1, $2, $3)
                      AND in_filter(p, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, NULL)
                      AND ($17::bigint IS NULL OR p.id > $17)
                    LIMIT $16) found) AS count
          FROM unnest(ARRAY['reported', 'open', 'waiting', 'escalated', 'closed', 'void']) AS t (status)
        """,
        viewer.sees_all,
        viewer.store_code,
        viewer.nik,
        *filter.parameters[:-1],
        filter.count_limit + 1,
        filter.since,
    )
    return {row["status"]: row["count"] for row in rows}
