"""Employees as master data: who there is, and what each is a member of (provisioning)."""

from collections.abc import Sequence

from asyncpg import Connection

from formats.search import like
from queries.masters import Master, State
from queries.rows import read_rows

NO_PIN = "!"  # in place of a hash: no PIN is right until somebody gives one


async def list_without_pin(
    connection: Connection, words: Sequence[str], active: bool | None, after: str, limit: int
) -> list[Master]:
    """The records of those who have no PIN yet (employee_without_pin), of which each word is a part of the NIK, the name or the
    store, by name, beyond the one with the NIK `after`. `active` None: all."""
    records = await connection.fetch(
        """
        SELECT r.kind, r.code, r.name, r.active, r.version, r.state
          FROM employee e JOIN master_record r ON r.kind = 'employee' AND r.code = e.nik
         WHERE e.pin_hash = '!' AND r.search_text LIKE ALL ($1) AND ($2::boolean IS NULL OR r.active = $2)
           AND (lower(r.name) COLLATE "C", r.code) > (
               coalesce((SELECT lower(a.name) COLLATE "C" FROM employee a WHERE a.nik = $3), ''), $3)
         ORDER BY lower(r.name) COLLATE "C", r.code LIMIT $4
        """,
        list(map(like, words)),
        active,
        after,
        limit,
    )
    return read_rows(Master, records)


async def put_employees(connection: Connection, rows: Sequence[State]) -> None:
    """Employees as they are to be, new ones or not, each with all its fields and its NIK as the code; what somebody is a member
    of is set too, and what they leave by that goes to the desk, as by deactivation. Who is new has no PIN yet.

    Not by ON CONFLICT: whoever is inserted is nobody's member yet, which the database holds to.
    Raises IntegrityConstraintViolationError of employee_area_of_manager, desk_attended, admin_stays.
    """
    await connection.execute(
        """
        WITH r AS (
            SELECT * FROM jsonb_to_recordset($1) AS r (code text, name text, store text, store_head boolean, manager boolean,
                                                       area text, admin boolean, phone text, email text, active boolean)),
        changed AS (
            UPDATE employee e
               SET name = r.name, store_code = r.store, is_store_head = r.store_head, is_manager = r.manager,
                   area_code = r.area, is_admin = r.admin, phone = r.phone, email = r.email, active = r.active
              FROM r WHERE e.nik = r.code RETURNING e.nik)
        INSERT INTO employee (nik, name, store_code, is_store_head, is_manager, area_code, is_admin, phone, email, active,
                              pin_hash)
        SELECT r.code, r.name, r.store, r.store_head, r.manager, r.area, r.admin, r.phone, r.email, r.active, $2
          FROM r WHERE r.code NOT IN (SELECT nik FROM changed)
        """,
        rows,
        NO_PIN,
    )
    await _join(connection, rows)
    await _leave(connection, rows)


async def _join(connection: Connection, rows: Sequence[State]) -> None:
    """Before anybody leaves: who changes places leaves nothing behind that another one of them takes over."""
    await connection.execute(
        """
        INSERT INTO division_member (nik, division_code)
        SELECT r.code, d.code FROM jsonb_to_recordset($1) AS r (code text, divisions text[])
         CROSS JOIN unnest(r.divisions) AS d (code)
            ON CONFLICT DO NOTHING
        """,
        rows,
    )
    await connection.execute(
        """
        INSERT INTO department_pic (nik, department_code)
        SELECT r.code, d.code FROM jsonb_to_recordset($1) AS r (code text, departments text[])
         CROSS JOIN unnest(r.departments) AS d (code)
            ON CONFLICT DO NOTHING
        """,
        rows,
    )


async def _leave(connection: Connection, rows: Sequence[State]) -> None:
    await connection.execute(
        """
        DELETE FROM division_member m USING jsonb_to_recordset($1) AS r (code text, divisions text[])
         WHERE m.nik = r.code AND NOT m.division_code = ANY (r.divisions)
        """,
        rows,
    )
    await connection.execute(
        """
        DELETE FROM department_pic m USING jsonb_to_recordset($1) AS r (code text, departments text[])
         WHERE m.nik = r.code AND NOT m.department_code = ANY (r.departments)
        """,
        rows,
    )
