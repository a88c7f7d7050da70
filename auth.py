"""Who is asking: logging in and out, choosing a PIN. Every try is counted before it is made."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from asyncpg import Connection
from starlette.requests import Request
from starlette.responses import Response

import cookies
import db
from browsers import describe_browser
from pins import new_initial_pin
from queries.budgets import (
    Attempt,
    count_login,
    count_lookup,
    count_old_pin,
    count_stranger_miss,
    forget_waits,
    give_back,
    give_back_lookup,
)
from queries.employees import Employee, get_person
from queries.employees import set_active as set_active_of
from queries.pins import (
    Credentials,
    get_birth_date,
    get_credentials,
    know_device,
    lock_credentials,
    set_initial_pin,
    set_pin,
    update_pin_hash,
)
from queries.security_events import WALK_PAUSE, note, note_once, set_actor
from queries.sessions import (
    Lifetime,
    end_session,
    end_session_of,
    end_sessions,
    get_session_employee,
    insert_session,
    replace_session,
)

# The choice at login (docs/decisions/0022). On a store's computer the next person must not find the last one logged in; NIST SP
# 800-63B asks for at most an hour without activity and a day in all at its second level, and for 30 days at its first.
SHARED = Lifetime(idle=30 * 60, absolute=12 * 3600)
PERSONAL = Lifetime(idle=7 * 24 * 3600, absolute=30 * 24 * 3600)


@dataclass(frozen=True)
class Lookup:
    """Who a NIK is (None: nobody), or the seconds to wait before that can be asked."""

    person: dict | None
    wait: int = 0


@dataclass(frozen=True)
class Login:
    """The outcome of a login: the ids of a session and of the device; or the seconds to wait; or why a right PIN is not enough.

    Without any of them the PIN was wrong.
    """

    session_id: str | None = None
    device_id: str | None = None
    wait: int = 0
    expired: bool = False
    personal: bool = False


async def look_up(request: Request, connection: Connection, nik: str) -> Lookup:
    """Who `nik` is, for the first step of the login, if the address that asks may know one more name."""
    address = cookies.client_address(request)
    wait = await count_lookup(connection, nik, cookies.read_hash(request, cookies.DEVICE), address)
    if wait:
        await note_once(connection, "lookup walk", None, address, WALK_PAUSE)
        return Lookup(None, wait)
    return Lookup(await get_person(connection, nik))


async def log_in(request: Request, nik: str, pin: str, personal: bool) -> Login:
    """Open a session for `nik` if `pin` is right. No connection is held while the hash is computed."""
    address = cookies.client_address(request)
    pins = request.app.state.pins
    async with db.acquire(request.app.state.database) as connection:
        attempt = await count_login(connection, nik, cookies.read_hash(request, cookies.DEVICE), address)
        if attempt.wait:
            await _note_refusal(connection, attempt, nik, address)
            return Login(wait=attempt.wait)
        credentials = await get_credentials(connection, nik)
    right = await pins.matches(credentials and credentials.pin_hash, pin)
    rehashed = await pins.hash_apart(pin) if right and credentials and pins.is_outdated(credentials.pin_hash) else None
    async with db.acquire(request.app.state.database) as connection:
        if right and credentials and not credentials.expired:
            login = await _open_session(request, connection, nik, credentials, attempt, personal, rehashed)
            if login:
                return login
        await _note_miss(connection, attempt, nik, address)
    return Login(expired=bool(right and credentials and credentials.expired))


async def _open_session(
    request: Request,
    connection: Connection,
    nik: str,
    credentials: Credentials,
    attempt: Attempt,
    personal: bool,
    rehashed: str | None,
) -> Login | None:
    """The session; None if the person was deactivated or the PIN changed while it was being checked."""
    address = cookies.client_address(request)
    login = Login(cookies.new_id(), cookies.read_id(request, cookies.DEVICE) or cookies.new_id(), personal=personal)
    async with connection.transaction():
        if not await lock_credentials(connection, nik, credentials.pin_hash):
            return None
        if rehashed:
            await update_pin_hash(connection, nik, rehashed)
        await give_back(connection, attempt)
        await give_back_lookup(connection, nik, address)
        await know_device(connection, cookies.hash_id(login.device_id), nik, address)
        if old := cookies.read_hash(request, cookies.SESSION):
            await end_session(connection, old)
        browser = describe_browser(request.headers.get("User-Agent", ""))
        lifetime = PERSONAL if personal else SHARED
        await insert_session(connection, cookies.hash_id(login.session_id), nik, lifetime, browser)
        detail = {"browser": browser, "personal": personal, "known_device": not attempt.by_stranger}
        await note(connection, "login", nik, address, **detail)
    return login


async def _note_miss(connection: Connection, attempt: Attempt, nik: str, address: str) -> None:
    if attempt.by_stranger:
        await count_stranger_miss(connection)
    detail = {"known_device": not attempt.by_stranger}
    await note_once(connection, "login failed", nik, address, **detail)
    if attempt.ahead:
        await note_once(connection, "login must wait", nik, address, seconds=attempt.ahead, **detail)


async def _note_refusal(connection: Connection, attempt: Attempt, nik: str, address: str) -> None:
    if attempt.budget == "everyone":
        await note_once(connection, "breaker")
    elif attempt.budget in ("address", "device"):
        await note_once(connection, "login must wait", None, address, seconds=attempt.wait, budget=attempt.budget)
    else:
        await note_once(connection, "login must wait", nik, address, seconds=attempt.wait)


def set_session(request: Request, response: Response, session_id: str, personal: bool) -> None:
    """Hand the id of a session to the browser. On a shared computer it goes when the browser is closed."""
    cookies.set_id(request, response, cookies.SESSION, session_id, PERSONAL.absolute if personal else None)


def set_device(request: Request, response: Response, device_id: str) -> None:
    """Hand the id of the device to the browser."""
    cookies.set_id(request, response, cookies.DEVICE, device_id, cookies.DEVICE_LIFETIME)


async def log_out(request: Request, connection: Connection) -> None:
    """End the session of the request on the server; the cookie is then worth nothing."""
    id_hash = cookies.read_hash(request, cookies.SESSION)
    async with connection.transaction():
        nik = await end_session(connection, id_hash) if id_hash else None
        if nik:
            await note(connection, "logout", nik, cookies.client_address(request))


async def get_viewer(request: Request, connection: Connection) -> Employee | None:
    """Who is logged in, with the scopes of this moment; None if nobody."""
    id_hash = cookies.read_hash(request, cookies.SESSION)
    return await get_session_employee(connection, id_hash) if id_hash else None


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
    """Give the viewer another PIN, if the old one is right, and end all their sessions; this one goes on under a new id.

    If it has been ended meanwhile, the new id opens nothing.
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
        await give_back(connection, attempt)
        old_hash = cookies.read_hash(request, cookies.SESSION)
        personal = await replace_session(connection, old_hash, cookies.hash_id(session_id))
        await note(connection, "pin changed", nik, address)
    return PinChange(session_id, personal=bool(personal))


async def reset_pin(request: Request, nik: str) -> tuple[str, datetime]:
    """Give `nik` a random initial PIN in the name of the viewer, and end their sessions: the PIN, and until when it is good."""
    pin = new_initial_pin(nik, await get_birth_date(request.state.connection, nik))
    async with _disconnected(request):
        pin_hash = await request.app.state.pins.hash_apart(pin)
    connection, by = request.state.connection, request.state.viewer.nik
    async with connection.transaction():
        await set_actor(connection, by)
        until = await set_initial_pin(connection, nik, pin_hash)
        await forget_waits(connection, nik)
        await note(connection, "pin reset", nik, cookies.client_address(request), by=by)
    return pin, until


@asynccontextmanager
async def _disconnected(request: Request) -> AsyncIterator[None]:
    """Hold no connection meanwhile, so that hashing keeps none from others; the request has another one afterwards.

    Raises DatabaseUnavailable if there is none.
    """
    await request.state.lease.aclose()
    del request.state.connection
    yield
    request.state.connection = await request.state.lease.enter_async_context(db.acquire(request.app.state.database))


def session_hash(request: Request) -> bytes | None:
    """What the session of the request is known by in the database."""
    return cookies.read_hash(request, cookies.SESSION)


def forget_session(request: Request, response: Response) -> None:
    """Have the browser drop its session. The device stays known: it opens nothing."""
    cookies.drop_cookie(request, response, cookies.SESSION)


def has_session_id(request: Request) -> bool:
    """Whether the browser has been logged in here; the session may have ended since."""
    return cookies.read_id(request, cookies.SESSION) is not None


async def end_own_session(request: Request, session_id: int) -> bool:
    """End one of the viewer's sessions by its number; False if there is none of that number."""
    connection, nik = request.state.connection, request.state.viewer.nik
    async with connection.transaction():
        ended = await end_session_of(connection, nik, session_id)
        if ended:
            await note(connection, "session ended", nik, cookies.client_address(request), by=nik)
    return ended


async def end_other_sessions(request: Request) -> None:
    """End all of the viewer's sessions but this one."""
    await _end_all(request, request.state.viewer.nik, session_hash(request))


async def end_sessions_of(request: Request, nik: str) -> None:
    """End all sessions of `nik` in the name of the viewer; of an admin's own, this one stays."""
    await _end_all(request, nik, session_hash(request))


async def _end_all(request: Request, nik: str, except_hash: bytes | None) -> None:
    connection, by = request.state.connection, request.state.viewer.nik
    async with connection.transaction():
        count = await end_sessions(connection, nik, except_hash)
        if count:
            await note(connection, "sessions ended", nik, cookies.client_address(request), by=by, count=count)


async def set_active(request: Request, nik: str, active: bool) -> None:
    """Let `nik` in, or no longer, in the name of the viewer; the database ends the sessions and notes it."""
    async with request.state.connection.transaction():
        await set_actor(request.state.connection, request.state.viewer.nik)
        await set_active_of(request.state.connection, nik, active)
