"""The people of a store, for its store head."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from asyncpg import Connection

from formats.search import like
from queries.rows import read_row, read_rows


class StoreEmployee(NamedTuple):
    """Somebody who works at the store of a store head; `vouched_for` if that one may give them a PIN."""

    nik: str
    name: str
    active: bool
    store_code: str
    store_name: str
    scopes: list[str]
    has_pin: bool
    pin_changed_at: datetime
    pin_initial_until: datetime | None
    vouched_for: bool


async def list_store_employees(
    connection: Connection, head_nik: str, words: Sequence[str], after: str, limit: int
) -> list[StoreEmployee]:
    """Those of the store of `head_nik` of whom each word begins the NIK or is a part of the name, by name, beyond the one with
    the NIK `after`; at most `limit`."""
    records = await connection.fetch(
        """
        SELECT e.nik, e.name, e.active AND e.leaving_since IS NULL AS active, s.code AS store_code, s.name AS store_name,
               e.scopes, e.pin_hash <> '!' AS has_pin, e.pin_changed_at, e.pin_initial_until, vouches_for(h, e) AS vouched_for
          FROM employee h JOIN employee e ON e.store_code = h.store_code JOIN store s ON s.code = e.store_code
         WHERE h.nik = $1 AND searchable(e.nik || ' ' || e.name) LIKE ALL ($2)
           AND NOT EXISTS (SELECT FROM unnest($3::text[]) word
                            WHERE NOT starts_with(e.nik, word) AND strpos(searchable(e.name), word) = 0)
           AND (lower(e.name) COLLATE "C", e.nik) >
               (coalesce((SELECT lower(a.name) COLLATE "C" FROM employee a WHERE a.nik = $4), ''), $4)
         ORDER BY lower(e.name) COLLATE "C", e.nik LIMIT $5
        """,
        head_nik,
        list(map(like, words)),
        words,
        after,
        limit,
    )
    return read_rows(StoreEmployee, records)


async def get_store_employee(connection: Connection, head_nik: str, nik: str) -> StoreEmployee | None:
    """The employee `nik`, if they work at the store of `head_nik`."""
    record = await connection.fetchrow(
        """
        SELECT e.nik, e.name, e.active AND e.leaving_since IS NULL AS active, s.code AS store_code, s.name AS store_name,
               e.scopes, e.pin_hash <> '!' AS has_pin, e.pin_changed_at, e.pin_initial_until, vouches_for(h, e) AS vouched_for
          FROM employee h JOIN employee e ON e.store_code = h.store_code JOIN store s ON s.code = e.store_code
         WHERE h.nik = $1 AND e.nik = $2
        """,
        head_nik,
        nik,
    )
    return read_row(StoreEmployee, record)
