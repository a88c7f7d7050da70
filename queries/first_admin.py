"""The beginning of a company that has nobody yet (bootstrap): a workplace, the desk, and an admin."""

from datetime import datetime

from asyncpg import Connection

from queries.pins import INITIAL_DAYS


async def has_people(connection: Connection) -> bool:
    """Whether there is anybody, active or not."""
    return await connection.fetchval("SELECT EXISTS (SELECT FROM employee)")


async def hold_people(connection: Connection) -> None:
    """Have nobody else add or change people until the transaction ends."""
    await connection.execute("LOCK TABLE employee IN SHARE ROW EXCLUSIVE MODE")


async def has_admin(connection: Connection) -> bool:
    """Whether an admin can get in."""
    return await connection.fetchval("SELECT EXISTS (SELECT FROM employee WHERE is_admin AND active)")


async def insert_company(connection: Connection) -> None:
    """The head office, and the helpdesk desk, where they are missing."""
    await connection.execute(
        """
        INSERT INTO store (code, name, time_zone) VALUES ('HO', 'Kantor Pusat', 'Asia/Jakarta') ON CONFLICT (code) DO NOTHING
        """
    )
    await connection.execute(
        """
        INSERT INTO division (code, name, kind)
        SELECT 'HD', 'Meja Bantuan', 'desk' WHERE NOT EXISTS (SELECT FROM division WHERE kind = 'desk')
        """
    )


async def insert_admin(connection: Connection, nik: str, name: str, pin_hash: str) -> datetime | None:
    """An admin at the head office with an initial PIN: until when it is good. None if somebody has the NIK."""
    return await connection.fetchval(
        """
        INSERT INTO employee (nik, name, store_code, is_admin, pin_hash, pin_initial_until)
        VALUES ($1, $2, 'HO', true, $3, now() + make_interval(days => $4))
            ON CONFLICT (nik) DO NOTHING RETURNING pin_initial_until
        """,
        nik,
        name,
        pin_hash,
        INITIAL_DAYS,
    )
