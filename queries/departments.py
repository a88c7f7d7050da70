"""Departments and their PICs, as the list's filter offers them."""

from collections.abc import Sequence
from typing import NamedTuple

from asyncpg import Connection

from queries.employees import Employee, Pic
from queries.masters import State
from queries.rows import read_rows


class Department(NamedTuple):
    """Where PICs are."""

    code: str
    name: str


async def list_departments(connection: Connection) -> list[Department]:
    """All departments, the inactive ones too: problems of theirs can still be found."""
    return read_rows(Department, await connection.fetch("SELECT code, name FROM department ORDER BY code"))


async def list_pics_in_reach(connection: Connection, viewer: Employee) -> list[Pic]:
    """The PICs who hold, or held at its end, a problem of the viewer's store or of the viewer; of their load nothing is told.
    Of an area those who are PICs are looked for among what is counted."""
    records = await connection.fetch(
        """
        SELECT d.code AS department_code, d.name AS department, e.nik, e.name, 0 AS load
          FROM (SELECT DISTINCT p.holder_department_code AS code, p.holder_pic_nik AS nik FROM problem p
                 WHERE (p.store_code = $1 OR p.reporter_nik = $2) AND p.holder_pic_nik IS NOT NULL
                 UNION
                SELECT m.department_code, m.nik
                  FROM department_pic m, LATERAL (SELECT 'pic=' || m.department_code || ':' || m.nik AS scope) k
                 WHERE $3::text IS NOT NULL
                   AND (NOT EXISTS (SELECT FROM problem_count)
                        OR EXISTS (SELECT FROM problem_count c WHERE c.scope = 'area=' || $3 || ' ' || k.scope AND c.number > 0)
                        OR EXISTS (SELECT FROM problem_count_change c
                                    WHERE k.scope = ANY (c.scopes) AND c.difference > 0
                                      AND is_in_area(substr(c.scopes[2], 7), $3)))) h
          JOIN department d ON d.code = h.code
          JOIN employee e ON e.nik = h.nik
         ORDER BY d.code, lower(e.name) COLLATE "C", e.nik
        """,
        viewer.store_code,
        viewer.nik,
        viewer.area_code,
    )
    return read_rows(Pic, records)


async def list_former_pics(connection: Connection, viewer: Employee, department: str, nik: str) -> list[Pic]:
    """The one who is no PIC of the department any more, if a problem in the viewer's reach still names that person."""
    records = await connection.fetch(
        """
        SELECT d.code AS department_code, d.name AS department, e.nik, e.name, 0 AS load
          FROM employee e, department d
         WHERE d.code = $4 AND e.nik = $5
           AND EXISTS (SELECT FROM problem p
                        WHERE coalesce(p.assignee_nik, p.holder_pic_nik) = e.nik
                          AND p.holder_department_code = d.code AND in_reach(p, $1, $2, $3, $6))
        """,
        viewer.sees_all,
        viewer.store_code,
        viewer.nik,
        department,
        nik,
        viewer.area_code,
    )
    return read_rows(Pic, records)


async def put_departments(connection: Connection, rows: Sequence[State]) -> None:
    """Departments as they are to be, new ones or not, each with all its fields and its code.

    Raises IntegrityConstraintViolationError of holder_code.
    """
    await connection.execute(
        """
        INSERT INTO department (code, name, active)
        SELECT r.code, r.name, r.active FROM jsonb_to_recordset($1) AS r (code text, name text, active boolean)
            ON CONFLICT (code) DO UPDATE SET name = excluded.name, active = excluded.active
        """,
        rows,
    )
