"""Drafts: the text of a form that is not yet sent, per person, problem and form. They go when it is sent, or after a month."""

from uuid import UUID

from asyncpg import Connection, Record


async def save_draft(
    connection: Connection, nik: str, problem_id: int | None, form: str, key: UUID, fields: dict[str, str]
) -> bool:
    """Keep what was typed in the form with this key, in place of what was kept before.

    False, and nothing is kept, if the form was recorded already, or the problem is out of the person's reach.
    """
    saved = await connection.fetchval(
        """
        INSERT INTO draft (nik, problem_id, form, key, fields)
        SELECT e.nik, $2, $3, $4, $5 FROM employee e
         WHERE e.nik = $1 AND e.active
           AND ($2::bigint IS NULL
                OR EXISTS (SELECT FROM problem p WHERE p.id = $2 AND in_reach(p, e.sees_all, e.store_code, e.nik)))
           AND NOT EXISTS (SELECT FROM submission s WHERE s.key = $4)
        ON CONFLICT (nik, problem_id, form) DO UPDATE SET key = $4, fields = $5, at = now()
        RETURNING true
        """,
        nik,
        problem_id,
        form,
        key,
        fields,
    )
    return saved is True


async def list_drafts(connection: Connection, nik: str, problem_id: int | None) -> dict[str, Record]:
    """What a person has typed about a problem (None: about no single one), by form: fields, at, and the person's time_zone.

    What was kept of a form that has been recorded since counts no more, in whatever order the two arrived.
    """
    rows = await connection.fetch(
        """
        SELECT d.form, d.fields, d.at, s.time_zone
          FROM draft d
          JOIN employee e ON e.nik = d.nik
          JOIN store s ON s.code = e.store_code
         WHERE d.nik = $1 AND d.problem_id IS NOT DISTINCT FROM $2 AND d.at > now() - interval '30 days'
           AND NOT EXISTS (SELECT FROM submission k WHERE k.key = d.key)
        """,
        nik,
        problem_id,
    )
    return {row["form"]: row for row in rows}


async def delete_draft(connection: Connection, nik: str, problem_id: int | None, form: str) -> None:
    """Let go of a draft: its form was recorded, or the person does not want it."""
    await connection.execute(
        "DELETE FROM draft WHERE nik = $1 AND problem_id IS NOT DISTINCT FROM $2 AND form = $3", nik, problem_id, form
    )
