"""How the numbers of the recap come about (materialized aggregates): history, adding up, freezing."""

from datetime import date

from asyncpg import Connection


async def count_history(connection: Connection, portion: int) -> bool:
    """Count the history of at most so many problems from before there were recaps; whether some are left."""
    return await connection.fetchval("SELECT count_history($1)", portion)


async def is_history_left(connection: Connection) -> bool:
    """Whether history is left to be counted, and no job is there that will."""
    return await connection.fetchval(
        """
        SELECT EXISTS (SELECT FROM counting c WHERE c.counted < c.up_to)
           AND NOT EXISTS (SELECT FROM job j WHERE j.kind = 'history' AND j.parked_at IS NULL)
        """
    )


async def fold_tally(connection: Connection) -> None:
    """Add up what changed since the last time; no number changes by it."""
    await connection.execute("SELECT fold_tally()")


async def freeze_month(connection: Connection) -> date | None:
    """Freeze the oldest month that is over and not frozen; which one it was."""
    return await connection.fetchval("SELECT freeze_month()")


async def list_miscounted(connection: Connection, after: int, portion: int) -> tuple[list[int], int | None]:
    """Of the next `portion` problems after a number those that are not counted as their histories say; and the last of them all,
    after which to go on, or None at the end. What the job that counts the history has not come to is left out."""
    row = await connection.fetchrow(
        """
        SELECT ARRAY(SELECT m FROM miscounted(i.ids) m ORDER BY m) AS miscounted, i.ids[cardinality(i.ids)] AS last
          FROM (SELECT ARRAY(SELECT p.id FROM problem p, counting c
                              WHERE p.id > $1 AND (p.id <= c.counted OR p.id > c.up_to) ORDER BY p.id LIMIT $2) AS ids) i
        """,
        after,
        portion,
    )
    return (row["miscounted"], row["last"]) if row else ([], None)


async def list_miscounted_months(connection: Connection) -> list[date]:
    """The months whose sums, frozen ones with their restatements, are not as many as their movements."""
    rows = await connection.fetch(
        """
        SELECT coalesce(m.month, n.month) AS month
          FROM (SELECT m.month, count(*) AS movements FROM movement m GROUP BY m.month) m
          FULL JOIN (SELECT n.month, sum(n.movements) AS movements
                       FROM (SELECT t.month, t.reported + t.opened + t.received + t.passed_on + t.returned + t.closed
                                    + t.confirmed + t.auto_confirmed + t.reopened + t.voided + t.restored AS movements
                               FROM live_tally t WHERE t.holder = '' AND t.by = ''
                              UNION ALL
                             SELECT f.month, f.reported + f.opened + f.received + f.passed_on + f.returned + f.closed
                                    + f.confirmed + f.auto_confirmed + f.reopened + f.voided + f.restored
                               FROM frozen f WHERE f.holder = '' AND f.by = ''
                              UNION ALL
                             SELECT r.month, r.difference FROM restatement r) n
                      GROUP BY n.month) n USING (month)
         WHERE coalesce(m.movements, 0) <> coalesce(n.movements, 0) ORDER BY 1
        """
    )
    return [row["month"] for row in rows]
