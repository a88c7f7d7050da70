"""Saved views: the filters of the list that a person has given a name."""

from asyncpg import Connection, Record

from queries.submissions import Submission, insert_submission

LIMIT = 20  # a person


async def list_views(connection: Connection, nik: str) -> list[Record]:
    """(id, name, query) of a person's views, by name."""
    return await connection.fetch(
        'SELECT id, name, query FROM saved_view WHERE nik = $1 ORDER BY lower(name) COLLATE "C", id', nik
    )


async def save_view(connection: Connection, submission: Submission, name: str, query: str) -> bool:
    """Keep `query` under `name` for who sent the form, in place of what had that name; False if there are LIMIT others.

    Raises KeyReused.
    """
    try:
        async with connection.transaction():
            if await insert_submission(connection, submission):
                await _save(connection, submission.nik, name, query)
    except _Full:
        return False
    return True


class _Full(Exception):
    """Undoes the submission: what was not saved may be sent again."""


async def _save(connection: Connection, nik: str, name: str, query: str) -> None:
    # One at a time for each person, so that the limit holds.
    await connection.execute("SELECT FROM employee WHERE nik = $1 FOR NO KEY UPDATE", nik)
    saved = await connection.fetchval(
        """
        INSERT INTO saved_view (nik, name, query)
        SELECT $1, $2, $3
         WHERE $4 > (SELECT count(*) FROM saved_view v WHERE v.nik = $1 AND lower(v.name) <> lower($2))
        ON CONFLICT (nik, lower(name)) DO UPDATE SET name = excluded.name, query = excluded.query
        RETURNING true
        """,
        nik,
        name,
        query,
        LIMIT,
    )
    if not saved:
        raise _Full


async def delete_view(connection: Connection, nik: str, view_id: int) -> bool:
    """Forget a view of `nik`; False if there is no such view of that person."""
    return bool(
        await connection.fetchval("DELETE FROM saved_view WHERE id = $1 AND nik = $2 RETURNING true", view_id, nik)
    )
