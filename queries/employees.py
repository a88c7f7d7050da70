"""Employees: who they are and what they may be asked for."""

from collections.abc import Sequence
from dataclasses import dataclass

from asyncpg import Connection


@dataclass(frozen=True)
class Employee:
    """An active person who is logged in. `sees_all` and `store_code` are the reach, `scopes` the roles."""

    nik: str
    name: str
    store_code: str
    store_name: str
    division_code: str | None
    department_code: str | None
    scopes: frozenset[str]
    sees_all: bool
    has_initial_pin: bool = False  # and has to choose another one before anything else

    @property
    def is_handler(self) -> bool:
        """Whether the person may be given problems to solve."""
        return "handler" in self.scopes


async def get_person(connection: Connection, nik: str) -> dict | None:
    """Name, workplace and whether active of the employee `nik`: what the first step of the login shows. None if unknown."""
    row = await connection.fetchrow(
        """
        SELECT e.nik, e.name, e.active, s.code AS store_code, s.name AS store_name
          FROM employee e JOIN store s ON s.code = e.store_code
         WHERE e.nik = $1
        """,
        nik,
    )
    return dict(row) if row else None


async def list_pics(connection: Connection) -> list[tuple]:
    """The PICs that can be chosen: (department code, department, nik, name, present load), by department and name.

    The load is the number of problems that the PIC holds and that are neither closed nor void.
    """
    rows = await connection.fetch(
        """
        SELECT d.code, d.name AS department, e.nik, e.name,
               (SELECT count(*) FROM problem p WHERE p.holder_pic_nik = e.nik AND p.status IN ('open', 'escalated')) AS load
          FROM employee e JOIN department d ON d.code = e.department_code
         WHERE e.active AND d.active
         ORDER BY lower(d.name) COLLATE "C", lower(e.name) COLLATE "C", e.nik
        """
    )
    return [tuple(row) for row in rows]


async def list_employees(connection: Connection, q: str, limit: int) -> list[dict]:
    """Whose NIK begins with `q`, or whose name contains it, by name; at most `limit`."""
    rows = await connection.fetch(
        """
        SELECT e.nik, e.name, e.active, s.code AS store_code, s.name AS store_name
          FROM employee e JOIN store s ON s.code = e.store_code
         WHERE starts_with(e.nik, $1) OR strpos(lower(e.name), lower($1)) > 0
         ORDER BY lower(e.name) COLLATE "C", e.nik LIMIT $2
        """,
        q,
        limit,
    )
    return [dict(row) for row in rows]


async def get_employee(connection: Connection, nik: str) -> dict | None:
    """What an admin sees of an employee; None if there is none."""
    row = await connection.fetchrow(
        """
        SELECT e.nik, e.name, e.active, s.code AS store_code, s.name AS store_name, s.time_zone, e.scopes,
               d.name AS division, p.name AS department, e.pin_changed_at, e.pin_initial_until
          FROM employee e JOIN store s ON s.code = e.store_code
          LEFT JOIN division d ON d.code = e.division_code
          LEFT JOIN department p ON p.code = e.department_code
         WHERE e.nik = $1
        """,
        nik,
    )
    return dict(row) if row else None


async def lock_employees(connection: Connection, niks: Sequence[str]) -> None:
    """Keep what these people are as it is until the transaction ends; in one order, so that two of these never deadlock."""
    await connection.execute("SELECT FROM employee WHERE nik = ANY ($1) ORDER BY nik FOR NO KEY UPDATE", niks)


async def set_active(connection: Connection, nik: str, active: bool) -> None:
    """Let an employee in, or no longer. The database ends the sessions and notes it."""
    await connection.execute("UPDATE employee SET active = $2 WHERE nik = $1 AND active <> $2", nik, active)


async def get_time_zone(connection: Connection, store_code: str) -> str:
    """The time zone of a store."""
    return await connection.fetchval("SELECT time_zone FROM store WHERE code = $1", store_code)
