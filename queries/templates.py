"""Templates (canned responses): texts that a division or a department keeps, to be put into its forms."""

from typing import NamedTuple

from asyncpg import Connection

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
