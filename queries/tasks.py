"""What waits for a person: how much, and what comes first (work queue)."""

from typing import NamedTuple

from asyncpg import Connection

from queries.employees import Employee
from queries.rows import read_row

MOST = 100  # that are counted of each kind


class Tasks(NamedTuple):
    """`tasks` problems that the person has to work on, `unanswered` of which are not accepted yet, and `reports` of their own
    that wait for them, `unconfirmed` of which are closed, the latest being `report_id`; at most MOST of a kind."""

    tasks: int
    unanswered: int
    reports: int
    unconfirmed: int
    report_id: int | None


async def get_tasks(connection: Connection, viewer: Employee) -> Tasks | None:
    """What waits for the viewer, the tasks as `holder=me` of the list has them; None if there is nothing."""
    record = await connection.fetchrow(
        """
        WITH task AS (
            (SELECT p.status
               FROM problem p
              WHERE coalesce(p.assignee_nik, p.holder_pic_nik) = $1 AND p.status IN ('reported', 'open', 'waiting', 'escalated')
              LIMIT $3)
            UNION ALL
            (SELECT p.status
               FROM problem p
              WHERE p.status = 'escalated' AND p.holder_division_code = ANY ($2)
                AND coalesce(p.assignee_nik, p.holder_pic_nik) IS NULL
              LIMIT $3)
            UNION ALL
            (SELECT p.status
               FROM problem p
              WHERE p.status IN ('reported', 'open', 'waiting') AND p.holder_division_code = ANY ($2)
                AND coalesce(p.assignee_nik, p.holder_pic_nik) IS NULL
              LIMIT $3)),
        report AS (
            SELECT p.id, p.status
              FROM problem p
             WHERE p.reporter_nik = $1 AND p.changed_at > now() - interval '30 days'
               AND (p.status = 'waiting' AND p.waiting_for = 'reporter' OR p.status = 'closed' AND p.confirmed_at IS NULL)
             ORDER BY p.changed_at DESC LIMIT $3)
        SELECT t.tasks, t.unanswered, r.reports, r.unconfirmed, r.report_id
          FROM (SELECT count(*) AS tasks, count(*) FILTER (WHERE k.status = 'escalated') AS unanswered FROM task k) t,
               (SELECT count(*) AS reports, count(*) FILTER (WHERE o.status = 'closed') AS unconfirmed,
                       (array_agg(o.id))[1] AS report_id FROM report o) r
         WHERE t.tasks + r.reports > 0
        """,
        viewer.nik,
        viewer.divisions,
        MOST,
    )
    return read_row(Tasks, record)
