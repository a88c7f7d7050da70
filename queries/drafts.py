"""Drafts: the text of a form that is not yet sent, by the form's key. They go when it is sent, or after a month."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from asyncpg import Connection

RETENTION = timedelta(days=30)  # since it was last saved
DRAFTS_LIMIT = 5  # drafts of one form of one problem that a person may have; the oldest goes for one more


class DraftRow(NamedTuple):
    """What somebody has typed, when, and the time zone of the person's store."""

    form: str
    key: UUID
    fields: dict[str, Any]
    at: datetime
    time_zone: str


async def save_draft(
    connection: Connection, nik: str, problem_id: int | None, form: str, key: UUID, fields: dict[str, str]
) -> bool:
    """Keep what was typed in the form with this key, in place of what was kept of it before.

    False, and nothing is kept, if the form was recorded already, or the problem is out of the person's reach.
    """
    added = await connection.fetchval(
        """
        INSERT INTO draft (nik, problem_id, form, key, fields)
        SELECT e.nik, $2, $3, $4, $5 FROM employee e
         WHERE e.nik = $1 AND e.active
           AND ($2::bigint IS NULL
                OR EXISTS (SELECT FROM problem p WHERE p.id = $2 AND in_reach(p, e.sees_all, e.store_code, e.nik, e.area_code)))
           AND NOT EXISTS (SELECT FROM submission s WHERE s.key = $4)
        ON CONFLICT (nik, key) DO UPDATE SET problem_id = $2, form = $3, fields = $5, at = now()
        RETURNING xmax = 0
        """,
        nik,
        problem_id,
        form,
        key,
        fields,
    )
    if added:
        await _drop_oldest(connection, nik, problem_id, form)
    return added is not None


async def _drop_oldest(connection: Connection, nik: str, problem_id: int | None, form: str) -> None:
    await connection.execute(
        """
        WITH dropped AS (
            DELETE FROM draft WHERE nik = $1 AND key IN (
                SELECT d.key FROM draft d WHERE d.nik = $1 AND d.problem_id IS NOT DISTINCT FROM $2 AND d.form = $3
                 ORDER BY d.at DESC, d.key OFFSET $4)
            RETURNING key),
             photos AS (DELETE FROM draft_photo p USING dropped WHERE p.nik = $1 AND p.key = dropped.key)
        DELETE FROM draft_file f USING dropped WHERE f.nik = $1 AND f.key = dropped.key
        """,
        nik,
        problem_id,
        form,
        DRAFTS_LIMIT,
    )


async def list_drafts(connection: Connection, nik: str, problem_id: int | None) -> list[DraftRow]:
    """What a person has typed about a problem (None: about no single one), the newest first.

    What was kept of a form that has been recorded since counts no more, in whatever order the two arrived.
    """
    rows = await connection.fetch(
        """
        SELECT d.form, d.key, d.fields, d.at, s.time_zone
          FROM draft d
          JOIN employee e ON e.nik = d.nik
          JOIN store s ON s.code = e.store_code
         WHERE d.nik = $1 AND d.problem_id IS NOT DISTINCT FROM $2 AND d.at > now() - $3::interval
           AND NOT EXISTS (SELECT FROM submission k WHERE k.key = d.key)
         ORDER BY d.at DESC, d.key
        """,
        nik,
        problem_id,
        RETENTION,
    )
    return [DraftRow(*row) for row in rows]


async def delete_draft(connection: Connection, nik: str, key: UUID) -> None:
    """Let go of a draft: its form was recorded or emptied, or the person does not want it."""
    await connection.execute("DELETE FROM draft WHERE nik = $1 AND key = $2", nik, key)
