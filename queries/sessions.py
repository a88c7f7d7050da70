"""Sessions: the server's side of being logged in."""

from asyncpg import Connection

from queries.employees import Employee


async def insert_session(connection: Connection, id_hash: bytes, nik: str) -> None:
    """Log `nik` in under the hash of a session id."""
    await connection.execute("INSERT INTO session (id_hash, nik) VALUES ($1, $2)", id_hash, nik)


async def get_session_employee(connection: Connection, id_hash: bytes, idle: int, absolute: int) -> Employee | None:
    """Who is logged in under `id_hash`, with the scopes of this moment; None if nobody.

    A session ends `idle` seconds after it was last seen (noted at most once a minute) and `absolute` seconds after login.
    """
    row = await connection.fetchrow(
        """
        WITH seen AS (
            UPDATE session SET last_seen_at = now() WHERE id_hash = $1 AND last_seen_at < now() - interval '1 minute'
               AND ended_at IS NULL AND last_seen_at > now() - make_interval(secs => $2))
        SELECT e.nik, e.name, e.store_code, s.name AS store_name, e.division_code, e.department_code, e.scopes, e.sees_all
          FROM session i
          JOIN employee e ON e.nik = i.nik AND e.active
          JOIN store s ON s.code = e.store_code
         WHERE i.id_hash = $1 AND i.ended_at IS NULL
           AND i.last_seen_at > now() - make_interval(secs => $2)
           AND i.created_at > now() - make_interval(secs => $3)
        """,
        id_hash,
        float(idle),
        float(absolute),
    )
    if row is None:
        return None
    return Employee(**{**row, "scopes": frozenset(row["scopes"])})


async def end_session(connection: Connection, id_hash: bytes) -> None:
    """Log out whoever is logged in under `id_hash`."""
    await connection.execute("UPDATE session SET ended_at = now() WHERE id_hash = $1 AND ended_at IS NULL", id_hash)
