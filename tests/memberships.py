"""What people of the tests belong to."""

from asyncpg import Connection


async def belong(connection: Connection, nik: str, *codes: str) -> None:
    """Let somebody be a member of these divisions and a PIC of these departments, and of no others; in one statement."""
    await connection.execute(
        """
        WITH left_divisions AS (DELETE FROM division_member WHERE nik = $1 AND division_code <> ALL ($2)),
             left_departments AS (DELETE FROM department_pic WHERE nik = $1 AND department_code <> ALL ($2)),
             joined AS (INSERT INTO division_member (nik, division_code) SELECT $1, code FROM division WHERE code = ANY ($2)
                            ON CONFLICT DO NOTHING)
        INSERT INTO department_pic (nik, department_code) SELECT $1, code FROM department WHERE code = ANY ($2)
            ON CONFLICT DO NOTHING
        """,
        nik,
        codes,
    )
