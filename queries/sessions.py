"""Sessions: the server's side of being logged in."""

from dataclasses import dataclass

from asyncpg import Connection

from queries.employees import Employee


@dataclass(frozen=True)
class Lifetime:
    """How long a session lasts, in seconds: `idle` after it was last seen, and `absolute` after login."""

    idle: int
    absolute: int


async def insert_session(connection: Connection, id_hash: bytes, nik: str, lifetime: Lifetime, browser: str) -> None:
    """Log `nik` in under the hash of a session id."""
    await connection.execute(
        """
        INSERT INTO session (id_hash, nik, browser, idle, expires_at)
        VALUES ($1, $2, $3, make_interval(secs => $4), now() + make_interval(secs => $5))
        """,
        id_hash,
        nik,
        browser,
        float(lifetime.idle),
        float(lifetime.absolute),
    )


async def replace_session(connection: Connection, old_hash: bytes, id_hash: bytes) -> bool | None:
    """Go on under another id with a session that has ended in this transaction, no longer than it would have lasted.

    Whether it is one of days, not of hours; None if it had ended before: it does not go on.
    """
    return await connection.fetchval(
        """
        INSERT INTO session (id_hash, nik, browser, idle, created_at, expires_at)
        SELECT $2, nik, browser, idle, created_at, expires_at FROM session WHERE id_hash = $1 AND ended_at = now()
        RETURNING idle > interval '1 day'
        """,
        old_hash,
        id_hash,
    )


async def get_session_employee(connection: Connection, id_hash: bytes) -> Employee | None:
    """Who is logged in under `id_hash`, with the scopes of this moment; None if nobody. Notes that the session was seen."""
    row = await connection.fetchrow(
        """
        WITH seen AS (
            UPDATE session s SET last_seen_at = now()
             WHERE id_hash = $1 AND last_seen_at < now() - interval '1 minute' AND is_live(s))
        SELECT e.nik, e.name, e.store_code, s.name AS store_name, e.division_code, e.department_code, e.scopes, e.sees_all,
               e.pin_initial_until IS NOT NULL AS has_initial_pin
          FROM session i
          JOIN employee e ON e.nik = i.nik AND e.active
          JOIN store s ON s.code = e.store_code
         WHERE i.id_hash = $1 AND is_live(i)
        """,
        id_hash,
    )
    if row is None:
        return None
    return Employee(**{**row, "scopes": frozenset(row["scopes"])})


async def list_sessions(connection: Connection, nik: str, id_hash: bytes | None = None) -> list[dict]:
    """The live sessions of `nik`, the last seen first; `current` is the one under `id_hash`."""
    rows = await connection.fetch(
        """
        SELECT s.id, s.browser, s.created_at, s.last_seen_at, coalesce(s.id_hash = $2, false) AS current
          FROM session s WHERE s.nik = $1 AND is_live(s) ORDER BY s.last_seen_at DESC, s.id DESC
        """,
        nik,
        id_hash,
    )
    return [dict(row) for row in rows]


async def end_session(connection: Connection, id_hash: bytes) -> str | None:
    """Log out whoever is logged in under `id_hash`; whose session it was, None if it had ended before."""
    return await connection.fetchval(
        "UPDATE session s SET ended_at = now() WHERE id_hash = $1 AND is_live(s) RETURNING nik", id_hash
    )


async def end_session_of(connection: Connection, nik: str, session_id: int) -> bool:
    """End one session of `nik` by its number; False if `nik` has no such live session."""
    found = await connection.fetchval(
        "UPDATE session s SET ended_at = now() WHERE id = $2 AND nik = $1 AND is_live(s) RETURNING true",
        nik,
        session_id,
    )
    return bool(found)


async def end_sessions(connection: Connection, nik: str, except_hash: bytes | None = None) -> int:
    """End all live sessions of `nik` but the one under `except_hash`; how many they were."""
    rows = await connection.fetch(
        """
        UPDATE session s SET ended_at = now()
         WHERE nik = $1 AND is_live(s) AND id_hash IS DISTINCT FROM $2 RETURNING id
        """,
        nik,
        except_hash,
    )
    return len(rows)
