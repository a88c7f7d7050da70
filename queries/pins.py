"""PINs and the devices they were used on."""

from datetime import date, datetime
from typing import NamedTuple

from asyncpg import Connection

from queries.rows import read_row

INITIAL_DAYS = 7


class Credentials(NamedTuple):
    """What an active employee's PIN is checked against. `expired`: an initial PIN whose time is over."""

    pin_hash: str
    expired: bool


async def get_credentials(connection: Connection, nik: str) -> Credentials | None:
    """The credentials of the active employee `nik`; None if there is no such employee."""
    record = await connection.fetchrow(
        """
        SELECT pin_hash, coalesce(pin_initial_until < now(), false) AS expired FROM employee
         WHERE nik = $1 AND active AND leaving_since IS NULL
        """,
        nik,
    )
    return read_row(Credentials, record)


async def lock_credentials(connection: Connection, nik: str, pin_hash: str) -> bool:
    """Whether `nik` is still active and has the PIN that was checked; keeps it so until the transaction ends."""
    found = await connection.fetchval(
        """
        SELECT true FROM employee WHERE nik = $1 AND pin_hash = $2 AND active AND leaving_since IS NULL FOR NO KEY UPDATE
        """,
        nik,
        pin_hash,
    )
    return bool(found)


async def update_pin_hash(connection: Connection, nik: str, pin_hash: str) -> None:
    """The same PIN under another hash."""
    await connection.execute("UPDATE employee SET pin_hash = $2 WHERE nik = $1", nik, pin_hash)


async def count_pin_hashes(connection: Connection) -> dict[str, int]:
    """How many active employees' PINs were hashed with each pepper, by its id."""
    rows = await connection.fetch(
        """
        SELECT split_part(pin_hash, ':', 1) AS pepper, count(*) FROM employee
         WHERE active AND split_part(pin_hash, ':', 2) LIKE '$argon2id$%' GROUP BY pepper
        """
    )
    return {row["pepper"]: row["count"] for row in rows}


async def get_birth_date(connection: Connection, nik: str) -> date | None:
    """When `nik` was born, if that is known: no PIN is made of it."""
    return await connection.fetchval("SELECT birth_date FROM employee WHERE nik = $1", nik)


async def set_pin(connection: Connection, nik: str, pin_hash: str, old_hash: str) -> bool:
    """Another PIN, chosen by the person; False if the old one is not the PIN any more. Ends all sessions of the person."""
    found = await connection.fetchval(
        """
        UPDATE employee SET pin_hash = $2, pin_changed_at = clock_timestamp(), pin_initial_until = NULL
         WHERE nik = $1 AND pin_hash = $3 AND active RETURNING true
        """,
        nik,
        pin_hash,
        old_hash,
    )
    return bool(found)


async def set_initial_pin(connection: Connection, nik: str, pin_hash: str, *, vouched: bool) -> datetime:
    """Another PIN, made by an admin, or, of one who is `vouched` for, by the store head; until when it is good. Ends all
    sessions, and no device is known any more."""
    until = await connection.fetchval(
        """
        UPDATE employee SET pin_hash = $2, pin_changed_at = clock_timestamp(), pin_vouched = $4,
                            pin_initial_until = now() + make_interval(days => $3)
         WHERE nik = $1 RETURNING pin_initial_until
        """,
        nik,
        pin_hash,
        INITIAL_DAYS,
        vouched,
    )
    await connection.execute("DELETE FROM device WHERE nik = $1", nik)
    return until


async def know_device(connection: Connection, device_hash: bytes, nik: str, address: str) -> None:
    """Note that `nik` has logged in on a device, at `address`."""
    await connection.execute(
        """
        INSERT INTO device (id_hash, nik, address) VALUES ($1, $2, $3)
            ON CONFLICT (id_hash, nik) DO UPDATE SET last_login_at = now(), address = $3
        """,
        device_hash,
        nik,
        address,
    )
