"""Employees: who they are and what they may be asked for."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from asyncpg import Connection

from formats.search import like
from queries.rows import read_row, read_rows

FEW_STORES = 64  # of an area; docs/decisions/0119 says what more and fewer cost


class Reach(Protocol):
    """Which problems somebody sees: all, or those of a store, of the stores of an area, if there is one, and their own."""

    @property
    def nik(self) -> str: ...

    @property
    def store_code(self) -> str: ...

    @property
    def sees_all(self) -> bool: ...

    @property
    def area_code(self) -> str | None: ...

    @property
    def is_wide(self) -> bool: ...


class Overseen(NamedTuple):
    """The reach in which a manager or a handler has the numbers of the desk screen: that of all, or of an area alone."""

    sees_all: bool
    area_code: str | None
    is_wide: bool
    nik: str = ""
    store_code: str = ""


class Employee(NamedTuple):
    """An active person who is logged in. `sees_all`, `store_code` and `area_code` are the reach, `scopes` the roles. An area is
    wide if it has more than FEW_STORES: its stores are then not asked one by one. `unread` is how many notifications they have
    not read."""

    nik: str
    name: str
    store_code: str
    store_name: str
    time_zone: str
    divisions: list[str]  # those that the person is a member of, by code
    departments: list[str]  # and those that the person is a PIC of
    scopes: frozenset[str]
    sees_all: bool
    has_initial_pin: bool = False  # and has to choose another one before anything else
    area_code: str | None = None  # whose stores a manager sees, and has the numbers of, instead of all
    is_wide: bool = False
    unread: int = 0
    theme: str = "auto"  # of the pages: "light" or "dark", or as the device has it
    density: str = "roomy"  # of lists: or "compact"
    visited_at: datetime | None = None  # when the visit before this one ended

    @property
    def look(self) -> str:
        """What pages depend on that the person has chosen, or that is of this visit."""
        return f"{self.theme} {self.density} {self.visited_at} {self.unread}"

    @property
    def is_handler(self) -> bool:
        """Whether the person may be given problems to solve."""
        return "handler" in self.scopes

    @property
    def is_store_head(self) -> bool:
        """Whether the person vouches for the people of their store."""
        return "store head" in self.scopes

    @property
    def oversees(self) -> bool:
        """Whether the person is shown how others work: handlers and managers."""
        return not self.scopes.isdisjoint(("handler", "manager"))

    @property
    def overseen(self) -> Overseen:
        """What of the numbers that are not of problems one by one."""
        return Overseen(self.sees_all, self.area_code, self.is_wide)


class Person(NamedTuple):
    """An employee's name and workplace, and whether they get in."""

    nik: str
    name: str
    active: bool
    store_code: str
    store_name: str


class Pic(NamedTuple):
    """A PIC that can be chosen. `load` is the number of problems that they hold and that are neither closed nor void."""

    department_code: str
    department: str
    nik: str
    name: str
    load: int


class Account(NamedTuple):
    """An employee as an admin sees them."""

    nik: str
    name: str
    active: bool
    store_code: str
    store_name: str
    time_zone: str
    scopes: list[str]
    divisions: list[str]  # code and name of each
    departments: list[str]
    has_pin: bool
    pin_changed_at: datetime
    pin_initial_until: datetime | None
    leaving_since: datetime | None  # gets in no more; what they hold is being handed over


async def get_person(connection: Connection, nik: str) -> Person | None:
    """Who has the NIK: what the first step of the login shows. None if unknown."""
    record = await connection.fetchrow(
        """
        SELECT e.nik, e.name, e.active AND e.leaving_since IS NULL AS active, s.code AS store_code, s.name AS store_name
          FROM employee e JOIN store s ON s.code = e.store_code
         WHERE e.nik = $1
        """,
        nik,
    )
    return read_row(Person, record)


async def list_pics(connection: Connection) -> list[Pic]:
    """The PICs that can be chosen, by department and name."""
    records = await connection.fetch(
        """
        SELECT d.code AS department_code, d.name AS department, e.nik, e.name,
               (SELECT count(*) FROM problem p WHERE p.holder_pic_nik = e.nik
                   AND p.status IN ('open', 'waiting', 'escalated')) AS load
          FROM department_pic m JOIN department d ON d.code = m.department_code JOIN employee e ON e.nik = m.nik
         WHERE e.active AND d.active
         ORDER BY lower(d.name) COLLATE "C", lower(e.name) COLLATE "C", e.nik
        """
    )
    return read_rows(Pic, records)


async def list_unloaded_pics(connection: Connection) -> list[Pic]:
    """The same ones in the same order; of their load nothing is told."""
    records = await connection.fetch(
        """
        SELECT d.code AS department_code, d.name AS department, e.nik, e.name, 0 AS load
          FROM department_pic m JOIN department d ON d.code = m.department_code JOIN employee e ON e.nik = m.nik
         WHERE e.active AND d.active
         ORDER BY lower(d.name) COLLATE "C", lower(e.name) COLLATE "C", e.nik
        """
    )
    return read_rows(Pic, records)


async def list_pic_loads(connection: Connection) -> dict[str, int]:
    """How many problems that are neither closed nor void each PIC holds, by NIK; who holds none is not in it."""
    records = await connection.fetch(
        """
        SELECT p.holder_pic_nik, count(*) FROM problem p
         WHERE p.holder_pic_nik IS NOT NULL AND p.status IN ('open', 'waiting', 'escalated')
         GROUP BY p.holder_pic_nik
        """
    )
    return dict(map(tuple, records))


async def list_callers(connection: Connection, words: Sequence[str], limit: int) -> list[Person]:
    """The active employees of whom each word begins the NIK, or is a part of the name or of the store's code or name; those
    of that name before those of that store, by name, at most `limit`. The first word is what the index is asked for, among
    people and among stores."""
    records = await connection.fetch(
        """
        WITH possible AS (
            SELECT e.nik FROM employee e WHERE searchable(e.nik || ' ' || e.name) LIKE $1
            UNION
            SELECT e.nik FROM store s JOIN employee e ON e.store_code = s.code WHERE s.search_text LIKE $1)
        SELECT e.nik, e.name, e.active, s.code AS store_code, s.name AS store_name
          FROM possible JOIN employee e USING (nik) JOIN store s ON s.code = e.store_code
         WHERE e.active AND e.leaving_since IS NULL
           AND NOT EXISTS (SELECT FROM unnest($2::text[]) word
                            WHERE NOT starts_with(e.nik, word) AND strpos(s.search_text, word) = 0
                              AND strpos(searchable(e.name), word) = 0)
         ORDER BY (SELECT count(*) FROM unnest($2::text[]) word
                    WHERE starts_with(e.nik, word) OR strpos(searchable(e.name), word) > 0) DESC,
               lower(e.name) COLLATE "C", e.nik
         LIMIT $3
        """,
        like(words[0]),
        words,
        limit,
    )
    return read_rows(Person, records)


async def get_employee(connection: Connection, nik: str) -> Account | None:
    """The employee `nik`; None if there is none."""
    record = await connection.fetchrow(
        """
        SELECT e.nik, e.name, e.active, s.code AS store_code, s.name AS store_name, s.time_zone, e.scopes,
               ARRAY(SELECT d.code || ' — ' || d.name FROM division d WHERE d.code = ANY (e.divisions) ORDER BY d.code)
                   AS divisions,
               ARRAY(SELECT d.code || ' — ' || d.name FROM department d WHERE d.code = ANY (e.departments) ORDER BY d.code)
                   AS departments,
               e.pin_hash <> '!' AS has_pin, e.pin_changed_at, e.pin_initial_until, e.leaving_since
          FROM employee e JOIN store s ON s.code = e.store_code
         WHERE e.nik = $1
        """,
        nik,
    )
    return read_row(Account, record)


async def lock_employees(connection: Connection, niks: Sequence[str]) -> None:
    """Keep what these people are as it is until the transaction ends; in one order, so that two of these never deadlock."""
    await connection.execute("SELECT FROM employee WHERE nik = ANY ($1) ORDER BY nik FOR NO KEY UPDATE", niks)


async def lock_everybody(connection: Connection) -> None:
    """The same of all."""
    await connection.execute("SELECT FROM employee ORDER BY nik FOR NO KEY UPDATE")


async def activate(connection: Connection, nik: str) -> None:
    """Let an employee in again. The database notes it."""
    await connection.execute(
        """
        UPDATE employee SET active = true, leaving_since = NULL WHERE nik = $1 AND (NOT active OR leaving_since IS NOT NULL)
        """,
        nik,
    )
