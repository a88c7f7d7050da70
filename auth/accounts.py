"""Accounts: choosing a PIN, resetting one, deactivation and ending sessions by others, whose rights are read again here."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from asyncpg import Connection

from auth.clients import Client, hash_id, new_id
from auth.pins import PinHasher, new_initial_pin
from auth.sessions import get_viewer, kept_for
from db import Lease
from queries import employees, leaving
from queries.budgets import count_initial_pin, count_old_pin, forget_waits, give_back
from queries.employees import Employee, lock_employees
from queries.masters import check_seen
from queries.pins import get_birth_date, get_credentials, set_initial_pin, set_pin
from queries.security_events import note, note_once, set_actor
from queries.sessions import end_session_of, end_sessions, replace_session
from queries.store_employees import get_store_employee
from queries.submissions import Submission, record


class NotAllowed(Exception):
    """The actor has no right to it, or has it no more."""


class SessionEnded(Exception):
    """The session of the client was ended by somebody else while it was being answered."""


@dataclass(frozen=True)
class PinChange:
    """The outcome of a change of PIN: the id that the session goes on under, and how many seconds the client keeps it (None:
    until it is closed); or the seconds to wait; or the old one, an initial PIN, has expired. Without any the old PIN was wrong.
    """

    session_id: str | None = None
    kept_for: int | None = None
    wait: int = 0
    expired: bool = False


async def change_pin(
    lease: Lease,
    actor: Employee,
    client: Client,
    pins: PinHasher,
    old_pin: str,
    new_pin: str,
    submission: Submission,
    location: str,
) -> PinChange:
    """Give the actor another PIN, if the old one is right, and end all their sessions but this one, which gets a new id; then
    the answer leads to `location`.

    No connection is held while hashes are computed. Raises SessionEnded, and changes nothing, if it was ended meanwhile;
    AlreadyRecorded, KeyReused.
    """
    attempt = await count_old_pin(lease.connection, actor.nik)
    if attempt.wait:
        detail = {"seconds": attempt.wait, "budget": attempt.budget}
        await note_once(lease.connection, "login must wait", actor.nik, client.address, **detail)
        return PinChange(wait=attempt.wait)
    credentials = await get_credentials(lease.connection, actor.nik)
    async with lease.given_back():
        right = await pins.matches(credentials and credentials.pin_hash, old_pin)
        new_hash = await pins.hash_apart(new_pin) if right and credentials and not credentials.expired else None
    connection = lease.connection
    if not right or credentials is None:
        await note_once(connection, "login failed", actor.nik, client.address, budget="old pin")
        return PinChange()
    if new_hash is None:
        return PinChange(expired=True)
    session_id = new_id()
    async with connection.transaction():
        await record(connection, submission, location)
        if not await set_pin(connection, actor.nik, new_hash, credentials.pin_hash):
            raise SessionEnded  # as somebody else has changed the PIN, which ends them all
        old_hash = client.session_hash
        personal = await replace_session(connection, old_hash, hash_id(session_id)) if old_hash else None
        if personal is None:
            raise SessionEnded
        await give_back(connection, attempt)
        await note(connection, "pin changed", actor.nik, client.address)
    return PinChange(session_id, kept_for(personal))


@dataclass(frozen=True)
class InitialPin:
    """A PIN that was made for somebody, and until when it is good; or the seconds to wait before one can be made."""

    pin: str = ""
    until: datetime | None = None
    wait: int = 0


async def give_pin(
    lease: Lease, actor: Employee, client: Client, pins: PinHasher, nik: str, submission: Submission, location: str
) -> InitialPin:
    """What reset_pin does, by the store head of `nik`, who vouches for that person; the answer leads to `location`.

    Raises NotAllowed, and changes nothing, if the actor is that no more; AlreadyRecorded, KeyReused.
    """
    if wait := await count_initial_pin(lease.connection, actor.nik, nik):
        return InitialPin(wait=wait)
    pin = new_initial_pin(nik, await get_birth_date(lease.connection, nik))
    async with lease.given_back():
        pin_hash = await pins.hash_apart(pin)
    async with _as_store_head(lease.connection, actor, client, nik) as connection:
        until = await _reset(connection, actor, client, nik, pin_hash, submission, location, vouched=True)
        return InitialPin(pin, until)


async def reset_pin(
    lease: Lease, actor: Employee, client: Client, pins: PinHasher, nik: str, submission: Submission
) -> tuple[str, datetime]:
    """Give `nik` a random initial PIN, and end their sessions: the PIN, and until when it is good.

    No connection is held while the hash is computed. Raises NotAllowed, and changes nothing, if the actor is no admin any more;
    AlreadyRecorded, KeyReused.
    """
    pin = new_initial_pin(nik, await get_birth_date(lease.connection, nik))
    async with lease.given_back():
        pin_hash = await pins.hash_apart(pin)
    async with as_admin(lease.connection, actor, client, nik) as connection:
        location = f"/admin/employees/{nik}"
        until = await _reset(connection, actor, client, nik, pin_hash, submission, location, vouched=False)
    return pin, until


async def _reset(
    connection: Connection,
    actor: Employee,
    client: Client,
    nik: str,
    pin_hash: str,
    submission: Submission,
    location: str,
    *,
    vouched: bool,
) -> datetime:
    await record(connection, submission, location)
    until = await set_initial_pin(connection, nik, pin_hash, vouched=vouched)
    await forget_waits(connection, nik)
    await note(connection, "pin reset", nik, client.address, by=actor.nik)
    return until


async def activate(connection: Connection, actor: Employee, client: Client, nik: str, version: int) -> None:
    """Let `nik` in again, also who was leaving, if they are as they were at `version`; the database notes it. Raises
    NotAllowed as above, MasterChanged."""
    async with as_admin(connection, actor, client, nik):
        await check_seen(connection, "employee", nik, version)
        await leaving.forget_departure(connection, nik)
        await employees.activate(connection, nik)


async def deactivate(
    connection: Connection, actor: Employee, client: Client, nik: str, version: int, heir: str
) -> bool:
    """Let `nik` in no longer, if they are as they were at `version`; what they leave goes to the division `heir`, or to the desk.
    The database ends the sessions and notes it. False: it is so much that a job goes on, or one does already. Raises NotAllowed
    as above, MasterChanged, LastOfDesk.
    """
    async with as_admin(connection, actor, client, nik):
        await check_seen(connection, "employee", nik, version)
        if await leaving.is_leaving(connection, nik):
            return False
        await leaving.forget_departure(connection, nik)
        return await leaving.let_go(connection, nik, heir, actor.nik)


async def end_sessions_of(connection: Connection, actor: Employee, client: Client, nik: str) -> None:
    """End all sessions of `nik`; of the actor's own, the client's stays. Raises NotAllowed as above."""
    async with as_admin(connection, actor, client, nik):
        await _end_sessions(connection, actor, client, nik)


async def end_other_sessions(connection: Connection, actor: Employee, client: Client) -> None:
    """End all of the actor's sessions but the client's."""
    async with connection.transaction():
        await lock_employees(connection, [actor.nik])
        await _end_sessions(connection, actor, client, actor.nik)


async def end_own_session(connection: Connection, actor: Employee, client: Client, session_id: int) -> bool:
    """End one of the actor's sessions by its number; False if there is none of that number."""
    async with connection.transaction():
        ended = await end_session_of(connection, actor.nik, session_id)
        if ended:
            await note(connection, "session ended", actor.nik, client.address, by=actor.nik)
    return ended


async def _end_sessions(connection: Connection, actor: Employee, client: Client, nik: str) -> None:
    count = await end_sessions(connection, nik, client.session_hash)
    if count:
        await note(connection, "sessions ended", nik, client.address, by=actor.nik, count=count)


@asynccontextmanager
async def as_admin(connection: Connection, actor: Employee, client: Client, *niks: str) -> AsyncIterator[Connection]:
    """A transaction in which the actor is an admin and stays one, to do something, to the people `niks` or to none. Raises
    NotAllowed for who is none."""
    async with connection.transaction():
        await stay_admin(connection, actor, client, *niks)
        yield connection


async def stay_admin(connection: Connection, actor: Employee, client: Client, *niks: str) -> None:
    """That, in a transaction that has begun."""
    await lock_employees(connection, [actor.nik, *niks])
    viewer = await get_viewer(connection, client)
    if viewer is None or "admin" not in viewer.scopes:
        raise NotAllowed
    await set_actor(connection, actor.nik)


@asynccontextmanager
async def _as_store_head(
    connection: Connection, actor: Employee, client: Client, nik: str
) -> AsyncIterator[Connection]:
    """The same for the store head who vouches for `nik`, and does so until the end."""
    async with connection.transaction():
        await lock_employees(connection, [actor.nik, nik])
        viewer = await get_viewer(connection, client)
        employee = await get_store_employee(connection, viewer.nik, nik) if viewer else None
        if employee is None or not employee.vouched_for:
            raise NotAllowed
        await set_actor(connection, actor.nik)
        yield connection
