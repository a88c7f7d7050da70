"""Master data as the forms offer it: (code, name) pairs, active ones only, by code."""

from asyncpg import Connection

from queries.employees import Employee

STORES_IN_A_SELECT = 200  # more of them are no help to who chooses, and weigh more than the rest of the page


async def list_stores(connection: Connection, viewer: Employee) -> list[tuple[str, str]] | None:
    """The stores whose problems the viewer may filter by: all, or the own one; None if they are too many for a select."""
    rows = await connection.fetch(
        "SELECT code, name FROM store WHERE $1 OR code = $2 ORDER BY code LIMIT $3",
        viewer.sees_all,
        viewer.store_code,
        STORES_IN_A_SELECT + 1,
    )
    return [tuple(row) for row in rows] if len(rows) <= STORES_IN_A_SELECT else None


async def search_stores(connection: Connection, viewer: Employee, text: str, limit: int) -> list[tuple[str, str]]:
    """Those of the same stores that `text` may mean: by all of their code, their name, or both as they are shown, which come
    first; by the beginning of the code; or by a part of the name."""
    rows = await connection.fetch(
        """
        SELECT s.code, s.name FROM store s
         WHERE ($1 OR s.code = $2)
           AND (starts_with(lower(s.code), lower($3)) OR strpos(lower(s.name), lower($3)) > 0
                OR lower(s.code || ' — ' || s.name) = lower($3))
         ORDER BY lower($3) IN (lower(s.code), lower(s.name), lower(s.code || ' — ' || s.name)) DESC,
                  starts_with(lower(s.code), lower($3)) DESC, s.code
         LIMIT $4
        """,
        viewer.sees_all,
        viewer.store_code,
        text,
        limit,
    )
    return [tuple(row) for row in rows]


async def find_stores(connection: Connection, viewer: Employee, text: str) -> list[tuple[str, str]]:
    """The store that `text` names: by its code, its name, or both as they are shown; else by a part that no other has.

    Two, if it names several; none, if it names none.
    """
    found = await search_stores(connection, viewer, text, 2) if text else []
    named = [
        (code, name) for code, name in found if text.lower() in (code.lower(), name.lower(), f"{code} — {name}".lower())
    ]
    return named or found


async def list_divisions(connection: Connection) -> list[tuple[str, str]]:
    """All divisions, the inactive ones too: problems of theirs can still be found."""
    return [tuple(row) for row in await connection.fetch("SELECT code, name FROM division ORDER BY code")]


async def list_categories(connection: Connection) -> list[tuple[str, str, str]]:
    """(name of the parent, code, name) of the categories that a problem can be given: the leaves of the tree."""
    rows = await connection.fetch(
        """
        SELECT coalesce(u.name, c.name) AS parent, c.code, c.name
          FROM category c LEFT JOIN category u ON u.code = c.parent_code
         WHERE c.active AND NOT EXISTS (SELECT FROM category k WHERE k.parent_code = c.code AND k.active)
         ORDER BY coalesce(u.code, c.code), c.code
        """
    )
    return [tuple(row) for row in rows]


async def list_assets(connection: Connection, store_code: str) -> list[tuple[str, str]]:
    """(tag, name) of the assets of a store."""
    rows = await connection.fetch(
        'SELECT tag, name FROM asset WHERE store_code = $1 AND active ORDER BY lower(name) COLLATE "C", tag', store_code
    )
    return [tuple(row) for row in rows]


async def list_active_it_divisions(connection: Connection) -> list[tuple[str, str]]:
    """The IT divisions that problems can be passed on to."""
    rows = await connection.fetch("SELECT code, name FROM division WHERE kind = 'it' AND active ORDER BY code")
    return [tuple(row) for row in rows]
