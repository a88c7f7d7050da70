"""What waits for a person: how much, and what comes first (work queue)."""

from typing import NamedTuple

from asyncpg import Connection

from queries.employees import Employee
from queries.rows import read_row

MOST = 100  # that are counted of each kind


class Tasks(NamedTuple):
    """`tasks` problems that the person has to work on, `unanswered` of which are not accepted yet, and `reports` of their own
    that wait for them, `unconfirmed` of which are closed; at most MOST of a kind. The first of all is `id`."""

    tasks: int
    unanswered: int
    reports: int
    unconfirmed: int
    id: int


async def get_tasks(connection: Connection, viewer: Employee) -> Tasks | None:
    """What waits for the viewer, the tasks as `holder=me` of the list has them; None if there is nothing. First comes what is to
    be answered, then what is most urgent, and of the same priority what was reported first."""
    record = await connection.fetchrow(
        """
        WITH waiting AS (
            (SELECT p.id, p.priority, p.status, true AS is_task
               FROM problem p
              WHERE coalesce(p.assignee_nik, p.holder_pic_nik) = $1 AND p.status IN ('reported', 'open', 'waiting', 'escalated')
              LIMIT $3)
            UNION ALL
            (SELECT p.id, p.priority, p.status, true
               FROM problem p
              WHERE p.status = 'escalated' AND p.holder_division_code = ANY ($2) AND coalesce(p.assignee_nik, p.holder_pic_nik) IS NULL
              ORDER BY coalesce(p.priority, 6), p.id LIMIT $3)
            UNION ALL
            (SELECT p.id, p.priority, p.status, true
               FROM problem p
              WHERE p.status IN ('reported', 'open', 'waiting') AND p.holder_division_code = ANY ($2)
                AND coalesce(p.assignee_nik, p.holder_pic_nik) IS NULL
              ORDER BY coalesce(p.priority, 6), p.id LIMIT $3)
            UNION ALL
            (SELECT p.id, p.priority, p.status, false
               FROM problem p
              WHERE p.reporter_nik = $1 AND p.changed_at > now() - interval '30 days'
                AND (p.status = 'waiting' AND p.waiting_for = 'reporter' OR p.status = 'closed' AND p.confirmed_at IS NULL)
              ORDER BY p.changed_at DESC LIMIT $3)),
        counted AS (
            SELECT count(*) FILTER (WHERE w.is_task) AS tasks,
                   count(*) FILTER (WHERE w.is_task AND w.status = 'escalated') AS unanswered,
                   count(*) FILTER (WHERE NOT w.is_task) AS reports,
                   count(*) FILTER (WHERE NOT w.is_task AND w.status = 'closed') AS unconfirmed
              FROM waiting w)
        SELECT c.*, w.id
          FROM counted c, waiting w
         ORDER BY w.status = 'escalated' DESC, w.is_task DESC, coalesce(w.priority, 6), w.id
         LIMIT 1
        """,
        viewer.nik,
        viewer.divisions,
        MOST,
    )
    return read_row(Tasks, record)
