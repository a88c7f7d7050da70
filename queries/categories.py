"""Categories, as the identification offers them."""

from collections.abc import Sequence
from typing import NamedTuple

from asyncpg import Connection

from queries.masters import State
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


class Node(NamedTuple):
    """A category, or an area, in its tree; `parent_code` is that of the one above it."""

    code: str
    name: str
    parent_code: str | None


async def list_tree(connection: Connection) -> list[Node]:
    """All categories, the inactive ones too: problems of theirs are counted."""
    return read_rows(Node, await connection.fetch("SELECT code, name, parent_code FROM category ORDER BY code"))


async def list_below(connection: Connection, code: str) -> list[str]:
    """The category itself and those below it, by code."""
    return await connection.fetchval(
        """
        WITH RECURSIVE below (code) AS (
            VALUES ($1) UNION SELECT c.code FROM category c JOIN below b ON c.parent_code = b.code)
        SELECT array_agg(code) FROM below
        """,
        code,
    )


async def count_problems(connection: Connection, code: str) -> int:
    """How many problems have the category or one below it: what was ever reported with it, as the recap has added it up, and what
    is not added up yet."""
    return await connection.fetchval(
        """
        WITH RECURSIVE below (code) AS (
            VALUES ($1) UNION SELECT c.code FROM category c JOIN below b ON c.parent_code = b.code)
        SELECT (SELECT coalesce(sum(t.reported), 0)
                  FROM generate_series((SELECT min(month) FROM tally)::timestamp, (now() + interval '1 month')::timestamp,
                                       interval '1 month') AS m
                 CROSS JOIN below b
                  JOIN tally t ON t.month = m::date AND t.by = 'category' AND t.holder = '' AND t.key = b.code)
             + (SELECT coalesce(sum(u.difference), 0) FROM uncounted u JOIN below b ON b.code = u.category_code
                 WHERE u.kind = 'reported')
        """,
        code,
    )


async def put_categories(connection: Connection, rows: Sequence[State]) -> None:
    """Categories as they are to be, new ones or not, each with all its fields and its code.

    Raises IntegrityConstraintViolationError of category_check, tree_has_no_loop.
    """
    await connection.execute(
        """
        INSERT INTO category (code, name, parent_code, division_code, active)
        SELECT r.code, r.name, r.parent, r.division, r.active
          FROM jsonb_to_recordset($1) AS r (code text, name text, parent text, division text, active boolean)
            ON CONFLICT (code) DO UPDATE
           SET name = excluded.name, parent_code = excluded.parent_code, division_code = excluded.division_code,
               active = excluded.active
        """,
        rows,
    )
