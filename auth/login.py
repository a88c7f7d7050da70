"""Login and logout: every try is counted against its rate limits before it is made."""

from dataclasses import dataclass

from asyncpg import Connection

from auth.clients import Client, hash_id, new_id
from auth.pins import PinHasher
from auth.sessions import PERSONAL, SHARED, kept_for
from db import Lease
from queries import budgets
from queries.budgets import (
    Attempt,
    Lookup,
    count_login,
    count_stranger_miss,
    give_back,
    give_back_lookup,
)
from queries.pins import (
    Credentials,
    get_credentials,
    know_device,
    lock_credentials,
    update_pin_hash,
)
from queries.security_events import WALK_PAUSE, note, note_once
from queries.sessions import end_session, insert_session


@dataclass(frozen=True)
class Login:
    """The outcome of a login: the ids of a session and of the device; or the seconds to wait; or why a right PIN is not enough.

    Without any of them the PIN was wrong. `kept_for` is how many seconds the client keeps the session's id, None until it is
    closed.
    """

    session_id: str | None = None
    device_id: str | None = None
    kept_for: int | None = None
    wait: int = 0
    expired: bool = False


async def look_up(connection: Connection, client: Client, nik: str) -> Lookup:
    """Who `nik` is, for the first step of the login, if the address that asks may know one more name."""
    lookup = await budgets.look_up(connection, nik, client.device_hash, client.address)
    if lookup.wait:
        await note_once(connection, "lookup walk", None, client.address, WALK_PAUSE)
    return lookup


async def log_in(lease: Lease, client: Client, pins: PinHasher, nik: str, pin: str, personal: bool) -> Login:
    """Open a session for `nik` if `pin` is right. No connection is held while the hash is computed."""
    attempt = await count_login(lease.connection, nik, client.device_hash, client.address)
    if attempt.wait:
        await _note_refusal(lease.connection, client, attempt, nik)
        return Login(wait=attempt.wait)
    credentials = await get_credentials(lease.connection, nik)
    async with lease.given_back():
        right = await pins.matches(credentials and credentials.pin_hash, pin)
        outdated = right and credentials is not None and pins.is_outdated(credentials.pin_hash)
        rehashed = await pins.hash_apart(pin) if outdated else None
    if right and credentials and not credentials.expired:
        login = await _open_session(lease.connection, client, nik, credentials, attempt, personal, rehashed)
        if login:
            return login
    await _note_miss(lease.connection, client, attempt, nik)
    return Login(expired=bool(right and credentials and credentials.expired))


async def _open_session(
    connection: Connection,
    client: Client,
    nik: str,
    credentials: Credentials,
    attempt: Attempt,
    personal: bool,
    rehashed: str | None,
) -> Login | None:
    """The session; None if the person was deactivated or the PIN changed while it was being checked."""
    session_id, device_id = new_id(), client.device_id or new_id()
    async with connection.transaction():
        if not await lock_credentials(connection, nik, credentials.pin_hash):
            return None
        if rehashed:
            await update_pin_hash(connection, nik, rehashed)
        await give_back(connection, attempt)
        await give_back_lookup(connection, nik, client.address)
        await know_device(connection, hash_id(device_id), nik, client.address)
        if client.session_hash:
            await end_session(connection, client.session_hash)
        lifetime = PERSONAL if personal else SHARED
        await insert_session(connection, hash_id(session_id), nik, lifetime, client.browser)
        detail = {"browser": client.browser, "personal": personal, "known_device": not attempt.by_stranger}
        await note(connection, "login", nik, client.address, **detail)
    return Login(session_id, device_id, kept_for(personal))


async def _note_miss(connection: Connection, client: Client, attempt: Attempt, nik: str) -> None:
    if attempt.by_stranger:
        await count_stranger_miss(connection)
    detail = {"known_device": not attempt.by_stranger}
    await note_once(connection, "login failed", nik, client.address, **detail)
    if attempt.ahead:
        await note_once(connection, "login must wait", nik, client.address, seconds=attempt.ahead, **detail)


async def _note_refusal(connection: Connection, client: Client, attempt: Attempt, nik: str) -> None:
    if attempt.budget == "everyone":
        await note_once(connection, "breaker")
    elif attempt.budget in ("address", "device"):
        await note_once(
            connection, "login must wait", None, client.address, seconds=attempt.wait, budget=attempt.budget
        )
    else:
        await note_once(connection, "login must wait", nik, client.address, seconds=attempt.wait)


async def log_out(connection: Connection, client: Client) -> None:
    """End the client's session on the server; its id is then worth nothing."""
    async with connection.transaction():
        nik = await end_session(connection, client.session_hash) if client.session_hash else None
        if nik:
            await note(connection, "logout", nik, client.address)
