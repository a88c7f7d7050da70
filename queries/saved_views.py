"""Saved views: the filters of the list that a person has given a name."""

from typing import NamedTuple

from asyncpg import Connection

from formats.text import folded
from queries.rows import read_rows
from queries.submissions import Submission, insert_submission

LIMIT = 20  # a person


class SavedView(NamedTuple):
    """A name for the query of a list."""

    id: int
    name: str
    query: str


async def list_views(connection: Connection, nik: str) -> list[SavedView]:
    """A person's views, by name."""
    records = await connection.fetch(
        'SELECT id, name, query FROM saved_view WHERE nik = $1 ORDER BY lower(name) COLLATE "C", id', nik
    )
    return read_rows(SavedView, records)


async def save_view(connection: Connection, submission: Submission, name: str, query: str) -> bool:
    """Keep `query` under `name` for who sent the form, in place of what had that name; False if there are LIMIT others.

    Raises KeyReused.
    """
    try:
        async with connection.transaction():
            if await insert_submission(connection, submission, f"/problems?{query}"):
                await _save(connection, submission.nik, name, query)
    except _Full:
        return False
    return True


class _Full(Exception):
    """Undoes the submission: what was not saved may be sent again."""


async def _save(connection: Connection, nik: str, name: str, query: str) -> None:
    # One at a time for each person, so that the limit holds.
    await connection.execute("SELECT FROM employee WHERE nik = $1 FOR NO KEY UPDATE", nik)
    views = await list_views(connection, nik)
    same = [view.id for view in views if folded(view.name) == folded(name)]
    if len(views) - len(same) >= LIMIT:
        raise _Full
    await connection.execute("DELETE FROM saved_view WHERE id = ANY ($1)", same[1:])
    if same:
        await connection.execute("UPDATE saved_view SET name = $2, query = $3 WHERE id = $1", same[0], name, query)
    else:
        await connection.execute("INSERT INTO saved_view (nik, name, query) VALUES ($1, $2, $3)", nik, name, query)


async def delete_view(connection: Connection, nik: str, view_id: int) -> bool:
    """Forget a view of `nik`; False if there is no such view of that person."""
    return bool(
        await connection.fetchval("DELETE FROM saved_view WHERE id = $1 AND nik = $2 RETURNING true", view_id, nik)
    )
