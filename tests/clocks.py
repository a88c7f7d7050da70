"""Time that has passed: problems whose history lies further back, in a company that works day and night, so that no test depends
on the hour at which it runs."""

from datetime import timedelta

from asyncpg import Connection


async def work_day_and_night(connection: Connection) -> None:
    """Everybody, since 2020, and on holidays too."""
    await connection.execute("DELETE FROM calendar_shift")
    await connection.execute(
        """
        INSERT INTO calendar_shift (calendar_code, weekday, opens, closes)
        SELECT 'UMUM', day, 0, 1440 FROM generate_series(1, 7) AS day;
        UPDATE calendar SET closes_on = 'none' WHERE code = 'UMUM'
        """
    )
    await connection.execute("SELECT renew_working_time(ARRAY['UMUM'], '2020-01-01')")


async def put_back(connection: Connection, problem_id: int, *lengths: timedelta) -> None:
    """The events of a problem lie back as if before each, and before now, so much time had passed; what is promised follows."""
    back = [sum(lengths[n:], timedelta()) for n in range(len(lengths))]
    async with connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute(
            """
            UPDATE event e SET at = now() - b.back FROM unnest($2::interval[]) WITH ORDINALITY AS b (back, version)
             WHERE e.problem_id = $1 AND e.version = b.version
            """,
            problem_id,
            back,
        )
        await connection.execute(
            """
            UPDATE problem p SET reported_at = (SELECT min(e.at) FROM event e WHERE e.problem_id = p.id),
                                 changed_at = (SELECT max(e.at) FROM event e WHERE e.problem_id = p.id)
             WHERE p.id = $1
            """,
            problem_id,
        )
        await replay(connection, problem_id)


async def replay(connection: Connection, problem_id: int) -> None:
    """What is promised of a problem, anew from its history."""
    async with connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute("DELETE FROM promise WHERE problem_id = $1", problem_id)
        await connection.execute("UPDATE problem SET due_at = replay_promises(id) WHERE id = $1", problem_id)
