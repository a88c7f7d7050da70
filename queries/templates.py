"""Templates (canned responses): texts that a division or a department keeps, to be put into its forms."""

from collections.abc import Sequence
from typing import NamedTuple

from asyncpg import Connection

from queries.masters import State
from queries.rows import read_rows


class Template(NamedTuple):
    """A text for one purpose: comment, reason, solution or waiting."""

    code: str
    name: str
    purpose: str
    text: str


async def list_templates(connection: Connection, nik: str) -> list[Template]:
    """The texts of the divisions and departments that a person is of, by name."""
    records = await connection.fetch(
        """
        SELECT t.code, t.name, t.purpose, t.text
          FROM template t
          JOIN employee e ON t.division_code = ANY (e.divisions) OR t.department_code = ANY (e.departments)
         WHERE e.nik = $1 AND t.active
         ORDER BY lower(t.name) COLLATE "C", t.code
        """,
        nik,
    )
    return read_rows(Template, records)


async def put_templates(connection: Connection, rows: Sequence[State]) -> None:
    """Templates as they are to be, new ones or not, each with all its fields and its code.

    Raises IntegrityConstraintViolationError of template_of_one.
    """
    await connection.execute(
        """
        INSERT INTO template (code, name, division_code, department_code, purpose, text, active)
        SELECT r.code, r.name, r.division, r.department, r.purpose, r.text, r.active
          FROM jsonb_to_recordset($1) AS r (code text, name text, division text, department text, purpose text, text text,
                                            active boolean)
            ON CONFLICT (code) DO UPDATE
           SET name = excluded.name, division_code = excluded.division_code, department_code = excluded.department_code,
               purpose = excluded.purpose, text = excluded.text, active = excluded.active
        """,
        rows,
    )
