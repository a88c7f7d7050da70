"""Stores, as forms and filters offer them."""

from collections.abc import Sequence
from typing import NamedTuple

from asyncpg import Connection

from formats.search import words_of
from formats.text import searchable
from queries.employees import Employee
from queries.masters import State
from queries.rows import read_rows

IN_A_SELECT = 200  # more of them are no help to who chooses, and weigh more than the rest of the page


class Store(NamedTuple):
    """Where people work and problems are."""

    code: str
    name: str


async def list_stores(connection: Connection, viewer: Employee) -> list[Store] | None:
    """The stores whose problems the viewer may filter by: all, those of an area, or the own one; None if they are too many for a
    select."""
    records = await connection.fetch(
        "SELECT code, name FROM store WHERE $1 OR code = $2 OR is_in_area(code, $4) ORDER BY code LIMIT $3",
        viewer.sees_all,
        viewer.store_code,
        IN_A_SELECT + 1,
        viewer.area_code,
    )
    return read_rows(Store, records) if len(records) <= IN_A_SELECT else None


async def list_named(connection: Connection, codes: list[str]) -> list[Store]:
    """The stores of these codes."""
    return read_rows(Store, await connection.fetch("SELECT code, name FROM store WHERE code = ANY ($1)", codes))


async def search_stores(connection: Connection, viewer: Employee, text: str, limit: int) -> list[Store]:
    """Those of the same stores that `text` may mean: by all of their code, their name, or both as they are shown, which come
    first; else each of its words begins the code, or is a part of the name."""
    typed = searchable(text)
    if not typed:
        return []
    records = await connection.fetch(
        """
        SELECT s.code, s.name
          FROM (SELECT code, name, search_text, split_part(search_text, ' ', 1) AS found_code,
                       substr(search_text, strpos(search_text, ' ') + 1) AS found_name
                  FROM store WHERE $1 OR code = $2 OR is_in_area(code, $6)) s
         WHERE NOT EXISTS (SELECT FROM unnest($3::text[]) word
                            WHERE NOT starts_with(s.found_code, word) AND strpos(s.found_name, word) = 0)
            OR replace(s.search_text, ' ', '') = replace($4, ' ', '')
         ORDER BY $4 IN (s.found_code, s.found_name) OR replace(s.search_text, ' ', '') = replace($4, ' ', '') DESC,
                  starts_with(s.found_code, $4) DESC, s.code
         LIMIT $5
        """,
        viewer.sees_all,
        viewer.store_code,
        words_of(text) or [typed],
        typed,
        limit,
        viewer.area_code,
    )
    return read_rows(Store, records)


async def find_stores(connection: Connection, viewer: Employee, text: str) -> list[Store]:
    """The store that `text` names: by its code, its name, or both as they are shown; else by words that no other has.

    Two, if it names several; none, if it names none.
    """
    found = await search_stores(connection, viewer, text, 2)
    typed = _squeezed(text)
    named = [s for s in found if typed in map(_squeezed, (s.code, s.name, s.code + s.name))]
    return named or found


def _squeezed(text: str) -> str:
    return searchable(text).replace(" ", "")


async def put_stores(connection: Connection, rows: Sequence[State]) -> None:
    """Stores as they are to be, new ones or not, each with all its fields and its code."""
    await connection.execute(
        """
        INSERT INTO store (code, name, time_zone, area_code, address, phone, active)
        SELECT r.code, r.name, r.time_zone, r.area, r.address, r.phone, r.active
          FROM jsonb_to_recordset($1) AS r (code text, name text, time_zone text, area text, address text, phone text,
                                            active boolean)
            ON CONFLICT (code) DO UPDATE
           SET name = excluded.name, time_zone = excluded.time_zone, area_code = excluded.area_code, address = excluded.address,
               phone = excluded.phone, active = excluded.active
        """,
        rows,
    )
