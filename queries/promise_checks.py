"""Whether what is promised of problems is what it follows from (promise), where that can be said without histories."""

from asyncpg import Connection


async def list_mispromised(connection: Connection, after: int, portion: int) -> tuple[list[int], int | None]:
    """Of the next `portion` problems after a number those of which something else is promised than they are, or the pieces of
    time do not follow one another, or what was used does not add up; and the last of them all, after which to go on, or None at
    the end. What the job that goes through the history has not come to is left out."""
    row = await connection.fetchrow(
        """
        WITH looked_at AS (
            SELECT p.* FROM problem p, counting c WHERE p.id > greatest($1, c.unpromised) ORDER BY p.id LIMIT $2
        ), piece AS (
            SELECT q.*, l.until AS l_until, l.problem_id IS NOT NULL AS has_before, l.used AS l_used, l.part_used AS l_part_used,
                   l.answered AS l_answered, l.until = q.since AND l.holder = q.holder AS is_same_stint,
                   CASE WHEN l.stands THEN 0 ELSE l.worked END AS counted
              FROM looked_at p JOIN promise q ON q.problem_id = p.id
              LEFT JOIN LATERAL (SELECT * FROM promise b WHERE b.problem_id = q.problem_id AND b.since < q.since
                                  ORDER BY b.since DESC LIMIT 1) l ON true
        ), wrong AS (
            SELECT q.problem_id AS id FROM piece q
             WHERE CASE WHEN q.has_before
                        THEN q.l_until IS NULL OR q.l_until > q.since OR q.used <> q.l_used + q.counted
                             OR q.part_used <> CASE WHEN q.is_same_stint THEN q.l_part_used + q.counted ELSE 0 END
                             OR coalesce(q.answered <> q.l_answered, q.answered IS NULL AND q.l_answered IS NOT NULL)
                             OR q.l_until < q.since AND NOT EXISTS (
                                 SELECT FROM event e WHERE e.problem_id = q.problem_id AND e.at = q.l_until
                                                       AND e.cause IN ('closed', 'voided'))
                        ELSE q.used <> 0 OR q.part_used <> 0 END
            UNION
            SELECT p.id
              FROM looked_at p LEFT JOIN promise q ON q.problem_id = p.id AND q.until IS NULL
             WHERE (q.problem_id IS NULL) IS DISTINCT FROM (p.status IN ('closed', 'void'))
                OR p.due_at IS DISTINCT FROM next_due(q)
                OR q.problem_id IS NOT NULL AND (
                       (q.holder, q.waiting_for, q.priority, q.category_code) IS DISTINCT FROM
                       (coalesce(p.holder_division_code, p.holder_department_code), p.waiting_for, p.priority, p.category_code)
                       OR q.answered IS NULL AND p.status <> 'reported'))
        SELECT ARRAY(SELECT w.id FROM wrong w ORDER BY w.id) AS wrong, max(p.id) AS last FROM looked_at p
        """,
        after,
        portion,
    )
    return (row["wrong"], row["last"]) if row else ([], None)


async def list_misworked(connection: Connection, after: int, portion: int) -> tuple[list[int], int | None]:
    """As list_mispromised: those of which what was worked is not what calendars say."""
    row = await connection.fetchrow(
        """
        WITH looked_at AS (
            SELECT p.id FROM problem p, counting c WHERE p.id > greatest($1, c.unpromised) ORDER BY p.id LIMIT $2
        )
        SELECT ARRAY(SELECT DISTINCT q.problem_id FROM looked_at p JOIN promise q ON q.problem_id = p.id
                      WHERE q.worked <> worked_by(q.calendar_code, q.time_zone, q.until)
                                        - worked_by(q.calendar_code, q.time_zone, q.since)
                      ORDER BY 1) AS wrong, max(p.id) AS last
          FROM looked_at p
        """,
        after,
        portion,
    )
    return (row["wrong"], row["last"]) if row else ([], None)
