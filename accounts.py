"""What is done to accounts: choosing a PIN, and what an admin does for others. Rights are read again where they are used."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from asyncpg import Connection
from starlette.exceptions import HTTPException
from starlette.requests import Request

import auth
import cookies
import db
from pins import new_initial_pin
from queries.budgets import count_old_pin, forget_waits, give_back
from queries.employees import lock_employees
from queries.employees import set_active as set_active_of
from queries.pins import get_birth_date, get_credentials, set_initial_pin, set_pin
from queries.security_events import note, note_once, set_actor
from queries.sessions import end_session_of, end_sessions, replace_session


class SessionEnded(Exception):
    """The session of the request was ended by somebody else while it was being answered."""


@dataclass(frozen=True)
class PinChange:
    """The outcome of a change of PIN: the id that the session goes on under; or the seconds to wait; or the old one,
    an initial PIN, has expired. Without any of them the old PIN was wrong.
    """

    session_id: str | None = None
    wait: int = 0
    expired: bool = False
    personal: bool = False


async def change_pin(request: Request, old_pin: str, new_pin: str) -> PinChange:
    """Give the viewer another PIN, if the old one is right, and end all their sessions but this one, which gets a new id.

    Raises SessionEnded, and changes nothing, if it was ended meanwhile.
    """
    nik, pins, address = request.state.viewer.nik, request.app.state.pins, cookies.client_address(request)
    attempt = await count_old_pin(request.state.connection, nik)
    if attempt.wait:
        await note_once(
            request.state.connection, "login must wait", nik, address, seconds=attempt.wait, budget=attempt.budget
        )
        return PinChange(wait=attempt.wait)
    credentials = await get_credentials(request.state.connection, nik)
    async with _disconnected(request):
        right = await pins.matches(credentials and credentials.pin_hash, old_pin)
        new_hash = await pins.hash_apart(new_pin) if right and credentials and not credentials.expired else None
    connection = request.state.connection
    if not right or credentials is None:
        await note_once(connection, "login failed", nik, address, budget="old pin")
        return PinChange()
    if new_hash is None:
        return PinChange(expired=True)
    session_id = cookies.new_id()
    async with connection.transaction():
        if not await set_pin(connection, nik, new_hash, credentials.pin_hash):
            return PinChange()
        personal = await replace_session(connection, auth.session_hash(request), cookies.hash_id(session_id))
        if personal is None:
            raise SessionEnded
        await give_back(connection, attempt)
        await note(connection, "pin changed", nik, address)
    return PinChange(session_id, personal=personal)


async def reset_pin(request: Request, nik: str) -> tuple[str, datetime]:
    """Give `nik` a random initial PIN in the name of the viewer, and end their sessions: the PIN, and until when it is good.

    Raises 403, and changes nothing, if the viewer is no admin any more.
    """
    pin = new_initial_pin(nik, await get_birth_date(request.state.connection, nik))
    async with _disconnected(request):
        pin_hash = await request.app.state.pins.hash_apart(pin)
    async with _as_admin(request, nik) as connection:
        until = await set_initial_pin(connection, nik, pin_hash)
        await forget_waits(connection, nik)
        by = request.state.viewer.nik
        await note(connection, "pin reset", nik, cookies.client_address(request), by=by)
    return pin, until


async def set_active(request: Request, nik: str, active: bool) -> None:
    """Let `nik` in, or no longer, in the name of the viewer; the database ends the sessions and notes it. Raises 403 as above."""
    async with _as_admin(request, nik) as connection:
        await set_active_of(connection, nik, active)


async def end_sessions_of(request: Request, nik: str) -> None:
    """End all sessions of `nik` in the name of the viewer; of an admin's own, this one stays. Raises 403 as above."""
    async with _as_admin(request, nik) as connection:
        await _end_sessions(request, connection, nik)


async def end_other_sessions(request: Request) -> None:
    """End all of the viewer's sessions but this one."""
    connection, nik = request.state.connection, request.state.viewer.nik
    async with connection.transaction():
        await lock_employees(connection, [nik])
        await _end_sessions(request, connection, nik)


async def end_own_session(request: Request, session_id: int) -> bool:
    """End one of the viewer's sessions by its number; False if there is none of that number."""
    connection, nik = request.state.connection, request.state.viewer.nik
    async with connection.transaction():
        ended = await end_session_of(connection, nik, session_id)
        if ended:
            await note(connection, "session ended", nik, cookies.client_address(request), by=nik)
    return ended


async def _end_sessions(request: Request, connection: Connection, nik: str) -> None:
    count = await end_sessions(connection, nik, auth.session_hash(request))
    if count:
        by = request.state.viewer.nik
        await note(connection, "sessions ended", nik, cookies.client_address(request), by=by, count=count)


@asynccontextmanager
async def _as_admin(request: Request, nik: str) -> AsyncIterator[Connection]:
    """A transaction in which the viewer is an admin and stays one, to do something to `nik`. Raises 403 for who is none now."""
    connection, by = request.state.connection, request.state.viewer.nik
    async with connection.transaction():
        await lock_employees(connection, [by, nik])
        viewer = await auth.get_viewer(request, connection)
        if viewer is None or "admin" not in viewer.scopes:
            raise HTTPException(403)
        await set_actor(connection, by)
        yield connection


@asynccontextmanager
async def _disconnected(request: Request) -> AsyncIterator[None]:
    """Hold no connection meanwhile, so that hashing keeps none from others; the request has another one afterwards.

    Raises DatabaseUnavailable if there is none.
    """
    await request.state.lease.aclose()
    del request.state.connection
    yield
    request.state.connection = await request.state.lease.enter_async_context(db.acquire(request.app.state.database))
