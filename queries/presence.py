"""Presence: which handlers look at a problem, or fill in one of its forms, at this moment."""

from typing import NamedTuple

from asyncpg import Connection

from queries.rows import read_rows

LASTS = 60  # seconds after the last beat
NOTED_EVERY = 10.0  # seconds: a beat is noted, a page that is looked at again right away is not
REMEMBERED = 600  # seconds that somebody's own visits count in what comes next for them


class Present(NamedTuple):
    """Somebody who is at a problem, and which of FORMS they fill in, if any."""

    name: str
    editing: str | None


async def note_presence(
    connection: Connection,
    problem_id: int,
    nik: str,
    editing: str | None,
    *,
    is_seen: bool = True,
    again: float = NOTED_EVERY,
) -> list[Present]:
    """`nik` is at the problem, filling in the form `editing`, if any; who else is, of the handlers: those who fill in a form
    first, then by who came first. It is noted of whoever `is_seen` by others, unless it was within `again` seconds."""
    records = await connection.fetch(
        """
        WITH noted AS (
            INSERT INTO presence AS p (problem_id, nik, editing)
            SELECT $1, $2, $3::text
             WHERE $4 AND NOT EXISTS (
                   SELECT FROM presence p WHERE p.problem_id = $1 AND p.nik = $2 AND p.editing IS NOT DISTINCT FROM $3
                                            AND p.seen_at > now() - make_interval(secs => $5))
            ON CONFLICT (problem_id, nik) DO UPDATE
               SET seen_at = now(), editing = excluded.editing,
                   since = CASE WHEN p.seen_at < now() - make_interval(secs => $6) THEN now() ELSE p.since END)
        SELECT e.name, p.editing
          FROM presence p JOIN employee e ON e.nik = p.nik AND e.active AND 'handler' = ANY (e.scopes)
         WHERE p.problem_id = $1 AND p.nik <> $2 AND p.seen_at > now() - make_interval(secs => $6)
         ORDER BY p.editing IS NULL, p.since, p.nik
        """,
        problem_id,
        nik,
        editing,
        is_seen,
        again,
        float(LASTS),
    )
    return read_rows(Present, records)


async def forget_presence(connection: Connection) -> None:
    """Drop what is no longer remembered."""
    await connection.execute(
        "DELETE FROM presence WHERE seen_at < now() - make_interval(secs => $1)", float(REMEMBERED)
    )
