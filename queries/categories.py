"""Categories, as the identification offers them."""

from typing import NamedTuple

from asyncpg import Connection

from queries.rows import read_rows


class Category(NamedTuple):
    """A category that a problem can be given; `parent` is the name of the one above it, or its own."""

    parent: str
    code: str
    name: str


async def list_categories(connection: Connection) -> list[Category]:
    """The categories that a problem can be given: the leaves of the tree."""
    records = await connection.fetch(
        """
        SELECT coalesce(u.name, c.name) AS parent, c.code, c.name
          FROM category c LEFT JOIN category u ON u.code = c.parent_code
         WHERE c.active AND NOT EXISTS (SELECT FROM category k WHERE k.parent_code = c.code AND k.active)
         ORDER BY coalesce(u.code, c.code), c.code
        """
    )
    return read_rows(Category, records)
