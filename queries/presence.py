"""Presence: which handlers look at a problem, or fill in one of its forms, at this moment."""

from typing import NamedTuple

from asyncpg import Connection

from queries.rows import read_rows

LASTS = 60  # seconds after the last beat
REMEMBERED = 600  # seconds that somebody's own visits count in what comes next for them


class Present(NamedTuple):
    """Somebody who is at a problem, and which of FORMS they fill in, if any."""

    name: str
    editing: str | None


async def note_presence(connection: Connection, problem_id: int, nik: str, editing: str | None) -> None:
    """`nik` is at the problem, filling in the form `editing`, if any. Also forgets what is no longer remembered."""
    await connection.execute(
        """
        WITH gone AS (
            DELETE FROM presence WHERE (problem_id, nik) IN (
                SELECT problem_id, nik FROM presence WHERE seen_at < now() - make_interval(secs => $5)
                   AND (problem_id, nik) <> ($1, $2) FOR UPDATE SKIP LOCKED))
        INSERT INTO presence AS p (problem_id, nik, editing) VALUES ($1, $2, $3)
        ON CONFLICT (problem_id, nik) DO UPDATE
           SET seen_at = now(), editing = excluded.editing,
               since = CASE WHEN p.seen_at < now() - make_interval(secs => $4) THEN now() ELSE p.since END
        """,
        problem_id,
        nik,
        editing,
        float(LASTS),
        float(REMEMBERED),
    )


async def list_present(connection: Connection, problem_id: int, nik: str) -> list[Present]:
    """The handlers at the problem beside `nik`, those who fill in a form first, then by who came first."""
    records = await connection.fetch(
        """
        SELECT e.name, p.editing
          FROM presence p JOIN employee e ON e.nik = p.nik AND e.active AND 'handler' = ANY (e.scopes)
         WHERE p.problem_id = $1 AND p.nik <> $2 AND p.seen_at > now() - make_interval(secs => $3)
         ORDER BY p.editing IS NULL, p.since, p.nik
        """,
        problem_id,
        nik,
        float(LASTS),
    )
    return read_rows(Present, records)
