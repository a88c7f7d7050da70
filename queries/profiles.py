"""Profiles: how a person is reached by mail, and what they want to be told by it (notification preferences)."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import NamedTuple
from uuid import UUID

from asyncpg import Connection

from queries.masters import hold_kinds, set_cause
from queries.rows import read_only_row, read_rows
from queries.security_events import set_actor

CONFIRMATIONS = 5  # links that somebody has sent in a day


class Profile(NamedTuple):
    """How a person is reached, and wants to be. `pending_email` is to be confirmed; to `refused_email` nothing is sent, as a mail
    server said so at `refused_at`. `version` is that of the employee's record (queries.masters)."""

    version: int
    email: str | None
    phone: str | None
    daily: list[str]
    silent: list[str]
    quiet_from: time | None
    quiet_until: time | None
    pending_email: str | None
    pending_key: UUID | None
    refused_email: str | None
    refused_at: datetime | None
    refusal: str | None


async def get_profile(connection: Connection, nik: str) -> Profile:
    """The profile of `nik`, who is there."""
    record = await connection.fetchrow(
        """
        SELECT r.version, e.email, e.phone, coalesce(p.daily, '{}') AS daily, coalesce(p.silent, '{}') AS silent, p.quiet_from,
               p.quiet_until, p.pending_email, p.pending_key, p.refused_email, p.refused_at, p.refusal
          FROM employee e JOIN master_record r ON r.kind = 'employee' AND r.code = e.nik LEFT JOIN profile p ON p.nik = e.nik
         WHERE e.nik = $1
        """,
        nik,
    )
    return read_only_row(Profile, record)


async def put_wishes(
    connection: Connection,
    nik: str,
    daily: Sequence[str],
    silent: Sequence[str],
    quiet_from: time | None,
    quiet_until: time | None,
) -> None:
    """What `nik` wants to be told by mail from now on: the kinds in the daily summary, those not at all, and the quiet hours."""
    await connection.execute(
        """
        INSERT INTO profile (nik, daily, silent, quiet_from, quiet_until) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (nik) DO UPDATE SET daily = excluded.daily, silent = excluded.silent,
                quiet_from = excluded.quiet_from, quiet_until = excluded.quiet_until
        """,
        nik,
        daily,
        silent,
        quiet_from,
        quiet_until,
    )


async def hold_contact(connection: Connection, nik: str) -> None:
    """Change the own contact of `nik` up to the end of the transaction: nobody changes employees meanwhile (decision 0128)."""
    await hold_kinds(connection, ["employee"])
    await connection.execute("SELECT FROM employee WHERE nik = $1 FOR UPDATE", nik)
    await set_actor(connection, nik)
    await set_cause(connection, "profile")


async def set_contact(connection: Connection, nik: str, email: str | None, phone: str | None) -> None:
    """How `nik` is reached, whose contact is held."""
    await connection.execute("UPDATE employee SET email = $2, phone = $3 WHERE nik = $1", nik, email, phone)


async def ask_to_confirm(connection: Connection, nik: str, email: str) -> bool:
    """Have a link mailed to an address that `nik` typed, in place of an earlier one; False if there were too many of late."""
    asked = await connection.fetchval(
        "SELECT count(*) FROM mail WHERE nik = $1 AND kind = 'confirmation' AND made_at > now() - interval '1 day'", nik
    )
    if asked >= CONFIRMATIONS:
        return False
    await connection.execute(
        """
        INSERT INTO profile (nik, pending_email, pending_key) VALUES ($1, $2, gen_random_uuid())
            ON CONFLICT (nik) DO UPDATE SET pending_email = excluded.pending_email, pending_key = excluded.pending_key
        """,
        nik,
        email,
    )
    await connection.execute(
        """
        UPDATE mail SET due_at = NULL, last_id = 0, error = 'Superseded: ' WHERE id IN (
            SELECT id FROM mail WHERE nik = $1 AND kind = 'confirmation' AND due_at IS NOT NULL FOR UPDATE SKIP LOCKED)
        """,
        nik,
    )
    await connection.execute(
        """
        INSERT INTO mail AS m (nik, kind, due_at) VALUES ($1, 'confirmation', now())
            ON CONFLICT (nik, kind, problem_id) WHERE last_id IS NULL DO UPDATE SET due_at = now()
        """,
        nik,
    )
    return True


async def stop_confirming(connection: Connection, nik: str) -> None:
    """No address of `nik` is to be confirmed any more."""
    await connection.execute("UPDATE profile SET pending_email = NULL, pending_key = NULL WHERE nik = $1", nik)


async def confirm_email(connection: Connection, nik: str, key: UUID) -> bool:
    """The address of `nik`, whose contact is held, is the one to be confirmed that has this key; False if there is none. What a
    mail server said of an address before counts no more."""
    email = await connection.fetchval(
        "SELECT pending_email FROM profile WHERE nik = $1 AND pending_key = $2 FOR UPDATE", nik, key
    )
    if email is None:
        return False
    await connection.execute("UPDATE employee SET email = $2 WHERE nik = $1", nik, email)
    await connection.execute(
        """
        UPDATE profile SET pending_email = NULL, pending_key = NULL, refused_email = NULL, refused_at = NULL, refusal = NULL
         WHERE nik = $1
        """,
        nik,
    )
    return True


class Refused(NamedTuple):
    """An address to which nothing is sent any more, as a mail server said so."""

    nik: str
    name: str
    email: str
    at: datetime
    refusal: str


async def list_refused(connection: Connection, limit: int) -> list[Refused]:
    """Those that are somebody's still, the latest first."""
    records = await connection.fetch(
        """
        SELECT e.nik, e.name, e.email, p.refused_at AS at, p.refusal FROM profile p
          JOIN employee e ON e.nik = p.nik AND e.email = p.refused_email AND e.active
         ORDER BY p.refused_at DESC LIMIT $1
        """,
        limit,
    )
    return read_rows(Refused, records)
