"""How the numbers of the recap come about (materialized aggregates): history, adding up, freezing."""

from datetime import date

from asyncpg import Connection


async def count_history(connection: Connection, portion: int) -> bool:
    """Count the history of at most so many problems from before there were recaps; whether some are left."""
    return await connection.fetchval("SELECT count_history($1)", portion)


async def promise_history(connection: Connection, portion: int) -> bool:
    """Have at most so many problems from before there were promises have theirs, the newest first; whether some are left."""
    return await connection.fetchval("SELECT promise_history($1)", portion)


async def restate_service(connection: Connection) -> date | None:
    """Keep how soon problems were answered and solved in the newest month that was frozen without it; which one it was."""
    return await connection.fetchval("SELECT restate_service()")


async def list_left(connection: Connection) -> list[str]:
    """The kinds of jobs that have something left to do and of which no job is there that will: 'history', 'promise_history' and
    'service'."""
    rows = await connection.fetch(
        """
        SELECT k.kind
          FROM counting c, LATERAL (VALUES
               ('history', c.counted < c.up_to),
               ('promise_history', c.unpromised > 0),
               ('service', c.unpromised = 0 AND EXISTS (SELECT FROM recap_month r WHERE NOT EXISTS (
                    SELECT FROM service_month s WHERE s.month = r.month)))) k (kind, is_left)
         WHERE k.is_left AND NOT EXISTS (SELECT FROM job j WHERE j.kind = k.kind AND j.parked_at IS NULL)
        """
    )
    return [row["kind"] for row in rows]


async def fold_tally(connection: Connection) -> None:
    """Add up what changed since the last time; no number changes by it."""
    await connection.execute("SELECT fold_tally()")


async def freeze_month(connection: Connection) -> date | None:
    """Freeze the oldest month that is over and not frozen; which one it was."""
    return await connection.fetchval("SELECT freeze_month()")


async def list_miscounted(connection: Connection, after: int, portion: int) -> tuple[list[int], int | None]:
    """Of the next `portion` problems after a number those that are not counted as their histories say; and the last of them all,
    after which to go on, or None at the end. What the jobs that count the history have not come to is left out."""
    row = await connection.fetchrow(
        """
        SELECT ARRAY(SELECT m FROM miscounted(i.ids) m ORDER BY m) AS miscounted, i.ids[cardinality(i.ids)] AS last
          FROM (SELECT ARRAY(SELECT p.id FROM problem p, counting c
                              WHERE p.id > greatest($1, c.unpromised) AND (p.id <= c.counted OR p.id > c.up_to)
                              ORDER BY p.id LIMIT $2) AS ids) i
        """,
        after,
        portion,
    )
    return (row["miscounted"], row["last"]) if row else ([], None)


async def list_counted_months(connection: Connection) -> list[date]:
    """The months that have movements or sums, oldest first."""
    rows = await connection.fetch(
        """
        SELECT s.month::date FROM (SELECT min(m.month) AS first, max(m.month) AS last FROM movement m) m,
                                  generate_series(m.first, m.last, interval '1 month') s (month)
        UNION SELECT t.month FROM live_tally t UNION SELECT r.month FROM recap_month r ORDER BY month
        """
    )
    return [row["month"] for row in rows]


async def is_frozen(connection: Connection, month: date) -> bool:
    """Whether the numbers of the month stay as they are."""
    return await connection.fetchval("SELECT EXISTS (SELECT FROM recap_month r WHERE r.month = $1)", month)


async def list_misfrozen(connection: Connection) -> list[date]:
    """The months of which nothing was restated, but how soon problems were answered and solved (frozen_service) is not that of
    their movements. By category it need not be: whoever moves one below another changes that."""
    rows = await connection.fetch(
        """
        SELECT s.month FROM service_month s
         WHERE NOT EXISTS (SELECT FROM restatement r WHERE r.month = s.month)
           AND EXISTS (SELECT FROM (SELECT f.holder, f.by, f.key, f.response_median, f.response_p90, f.resolution_median,
                                           f.resolution_p90, f.kept, f.missed
                                      FROM frozen_service f WHERE f.month = s.month AND f.by <> 'category') f
                         FULL JOIN (SELECT * FROM service_of(s.month) n WHERE n.by <> 'category') n
                                ON (n.holder, n.by, n.key) = (f.holder, f.by, f.key)
                        WHERE n IS DISTINCT FROM f)
         ORDER BY s.month
        """
    )
    return [row["month"] for row in rows]


async def count_miscounted_sums(connection: Connection, month: date) -> int:
    """How many sums of a month, of a frozen one with its restatements, are not those of its movements."""
    return await connection.fetchval("SELECT count(*) FROM miscounted_sums($1)", month)


async def recount(connection: Connection, ids: list[int]) -> None:
    """Count these problems anew, by their histories."""
    await connection.execute("SELECT recount($1)", ids)


async def recount_sums(connection: Connection) -> None:
    """Add up anew what is not frozen; whoever counts something waits for it, which may take minutes before anything is frozen."""
    await connection.execute("SET LOCAL statement_timeout = 0")
    await connection.execute("SELECT recount_sums()")
