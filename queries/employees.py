"""Employees: who they are and what they may be asked for."""

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

    @property
    def is_handler(self) -> bool:
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


async def get_pin_hash(connection: Connection, nik: str) -> str | None:
    """The argon2id hash of an active employee's PIN; None if there is no such employee."""
    return await connection.fetchval("SELECT pin_hash FROM employee WHERE nik = $1 AND active", nik)


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
         ORDER BY d.name, e.name, e.nik
        """
    )
    return [tuple(row) for row in rows]
