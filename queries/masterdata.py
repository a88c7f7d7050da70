"""Master data as the forms offer it: (code, name) pairs, active ones only, by code."""

from asyncpg import Connection

from queries.employees import Employee


async def list_stores(connection: Connection, viewer: Employee) -> list[tuple[str, str]]:
    """The stores whose problems the viewer may filter by: all, or the own one."""
    rows = await connection.fetch(
        "SELECT code, name FROM store WHERE $1 OR code = $2 ORDER BY code", viewer.sees_all, viewer.store_code
    )
    return [tuple(row) for row in rows]


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
