"""Sessions: the server's side of being logged in."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from asyncpg import Connection

from queries.employees import FEW_STORES, Employee
from queries.rows import read_rows


@dataclass(frozen=True)
class Lifetime:
    """How long a session lasts, in seconds: `idle` after it was last seen, and `absolute` after login."""

    idle: int
    absolute: int


class Session(NamedTuple):
    """Where somebody is logged in; `current` is the one that asks."""

    id: int
    browser: str
    created_at: datetime
    last_seen_at: datetime
    current: bool


async def insert_session(connection: Connection, id_hash: bytes, nik: str, lifetime: Lifetime, browser: str) -> None:
    """Log `nik` in under the hash of a session id, which begins a visit."""
    await connection.execute(
        """
        INSERT INTO session (id_hash, nik, browser, idle, expires_at)
        SELECT $1, $2, $3, make_interval(secs => $4), now() + make_interval(secs => $5) FROM note_visit($2)
        """,
        id_hash,
        nik,
        browser,
        float(lifetime.idle),
        float(lifetime.absolute),
    )


async def replace_session(connection: Connection, old_hash: bytes, id_hash: bytes) -> bool | None:
    """Go on under another id with a session that has ended in this transaction, no longer than it would have lasted.

    Whether it is one of days, not of hours; None if it had ended before: it does not go on. The row stays the same, so that
    whoever waits to end it does.
    """
    return await connection.fetchval(
        """
        UPDATE session SET id_hash = $2, ended_at = NULL WHERE id_hash = $1 AND ended_at = now()
        RETURNING idle > interval '1 day'
        """,
        old_hash,
        id_hash,
    )


class LoggedIn(NamedTuple):
    """Who is logged in; `unnoted` if it is some time ago that the session was noted as seen, `unvisited` if it is that the
    person was. `reference_version` is that of the reference data (queries.reference) at this moment.

    `version` changes with every change of a problem in the person's reach and, for durations, every minute: two numbers with a
    dot between. The first is the sum of the eight latest moments of change, which grows with every further one, also with one
    that ends later than it began. `views_version` changes with the person's saved views.
    """

    employee: Employee
    unnoted: bool
    unvisited: bool
    reference_version: str
    version: str
    views_version: str


async def get_session_employee(connection: Connection, id_hash: bytes) -> LoggedIn | None:
    """Who is logged in under `id_hash`, with the scopes of this moment; None if nobody. All that an admission needs, in one
    statement."""
    row = await connection.fetchrow(
        """
        SELECT i.last_seen_at < now() - interval '1 minute' AS unnoted,
               coalesce(l.seen_at < now() - interval '1 minute', true) AS unvisited,
               (SELECT r.version::text FROM reference_version r) AS reference_version,
               concat(CASE WHEN e.sees_all OR e.area_code IS NOT NULL     -- more than those of an area
                           THEN (SELECT coalesce(sum(extract(epoch FROM c.changed_at) * 1000000), 0)::bigint
                                   FROM (SELECT p.changed_at FROM problem p ORDER BY p.changed_at DESC LIMIT 8) c)
                           ELSE (SELECT coalesce(sum(extract(epoch FROM c.changed_at) * 1000000), 0)::bigint
                                   FROM ((SELECT p.changed_at FROM problem p WHERE p.store_code = e.store_code
                                           ORDER BY p.changed_at DESC LIMIT 8)
                                         UNION ALL
                                         (SELECT p.changed_at FROM problem p WHERE p.reporter_nik = e.nik
                                           ORDER BY p.changed_at DESC LIMIT 8)) c) END,
                      '.', floor(extract(epoch FROM now()) / 60)) AS version,
               (SELECT concat(count(*), sum(hashtextextended(concat(w.name, '?', w.query), w.id))) FROM saved_view w
                 WHERE w.nik = e.nik) AS views_version,
               e.nik, e.name, e.store_code, s.name AS store_name, s.time_zone, e.divisions, e.departments, e.scopes,
               e.sees_all,
               e.pin_initial_until IS NOT NULL AS has_initial_pin, e.area_code,
               e.area_code IS NOT NULL AND EXISTS (
                   SELECT FROM area_store w WHERE w.area_code = e.area_code OFFSET $2) AS is_wide,
               coalesce((SELECT u.number FROM unread u WHERE u.nik = e.nik), 0) AS unread,
               coalesce(l.theme, 'auto') AS theme, coalesce(l.density, 'roomy') AS density,
               CASE WHEN l.seen_at < now() - interval '30 minutes' THEN l.seen_at ELSE l.visited_at END AS visited_at
          FROM session i
          JOIN employee e ON e.nik = i.nik AND e.active AND e.leaving_since IS NULL
          JOIN store s ON s.code = e.store_code
          LEFT JOIN reader l ON l.nik = e.nik
         WHERE i.id_hash = $1 AND is_live(i)
        """,
        id_hash,
        FEW_STORES,
    )
    if row is None:
        return None
    values = {**row, "scopes": frozenset(row["scopes"])}
    versions = [values.pop(name) for name in LoggedIn._fields[1:]]
    return LoggedIn(Employee(**values), *versions)


async def note_session_seen(connection: Connection, id_hash: bytes) -> None:
    """Somebody is there: the session does not idle out yet. Another request of it that notes the same is not waited for."""
    await connection.execute(
        """
        UPDATE session s SET last_seen_at = now()
         WHERE id = (SELECT i.id FROM session i WHERE i.id_hash = $1 FOR NO KEY UPDATE SKIP LOCKED) AND is_live(s)
        """,
        id_hash,
    )


async def list_sessions(connection: Connection, nik: str, id_hash: bytes | None = None) -> list[Session]:
    """The live sessions of `nik`, the last seen first; `current` is the one under `id_hash`."""
    records = await connection.fetch(
        """
        SELECT s.id, s.browser, s.created_at, s.last_seen_at, coalesce(s.id_hash = $2, false) AS current
          FROM session s WHERE s.nik = $1 AND is_live(s) ORDER BY s.last_seen_at DESC, s.id DESC
        """,
        nik,
        id_hash,
    )
    return read_rows(Session, records)


async def end_session(connection: Connection, id_hash: bytes) -> str | None:
    """Log out whoever is logged in under `id_hash`; whose session it was, None if it had ended before."""
    # Found by the id, ended by the number: it may be getting another id at this moment.
    return await connection.fetchval(
        """
        UPDATE session s SET ended_at = now()
         WHERE id = (SELECT i.id FROM session i WHERE i.id_hash = $1) AND is_live(s) RETURNING nik
        """,
        id_hash,
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
