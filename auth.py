"""Who is asking, and may they: sessions, PINs, throttling."""

import hashlib
import secrets
from dataclasses import dataclass

import anyio.to_thread
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from asyncpg import Connection
from itsdangerous import BadSignature, Signer
from starlette.requests import Request
from starlette.responses import Response

from queries.employees import Employee, get_pin_hash
from queries.login_attempts import count_attempt, forget_attempts
from queries.sessions import end_session, get_session_employee, insert_session

IDLE = 8 * 3600  # seconds: a shift
ABSOLUTE = 12 * 3600
FREE_ATTEMPTS = 5
LONGEST_WAIT = 15 * 60

# OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, 2 passes, 1 lane. More would not save a PIN of six digits from
# whoever has the table; what protects it is the count of attempts.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

# Verified instead of a PIN where there is none, so that an unknown NIK takes as long as a known one.
_NOBODY = _hasher.hash(secrets.token_urlsafe())


def hash_pin(pin: str) -> str:
    """The argon2id hash of `pin`, in PHC string format. Takes tens of milliseconds of a core: call it in a thread."""
    return _hasher.hash(pin)


def _matches(pin_hash: str, pin: str) -> bool:
    try:
        return _hasher.verify(pin_hash, pin)
    except (VerificationError, InvalidHashError):
        return False


@dataclass(frozen=True)
class Login:
    """The outcome of a login: a session id (None if the PIN was wrong), or the seconds to wait before another attempt."""

    session_id: str | None = None
    wait: int = 0


async def log_in(connection: Connection, nik: str, pin: str) -> Login:
    """Open a session for `nik` if `pin` is right. The attempt is counted before the PIN is looked at."""
    wait = await count_attempt(connection, nik, FREE_ATTEMPTS, LONGEST_WAIT)
    if wait:
        return Login(wait=wait)
    pin_hash = await get_pin_hash(connection, nik)
    right = await anyio.to_thread.run_sync(_matches, pin_hash or _NOBODY, pin)
    if not right or pin_hash is None:
        return Login()
    session_id = secrets.token_urlsafe(32)
    async with connection.transaction():
        await forget_attempts(connection, nik)
        await insert_session(connection, _hash(session_id), nik)
    return Login(session_id)


async def log_out(request: Request, connection: Connection) -> None:
    """End the session of the request on the server; the cookie is then worth nothing."""
    session_id = _session_id(request)
    if session_id:
        await end_session(connection, _hash(session_id))


async def get_viewer(request: Request, connection: Connection) -> Employee | None:
    """Who is logged in, with the scopes of this moment; None if nobody."""
    session_id = _session_id(request)
    if session_id is None:
        return None
    return await get_session_employee(connection, _hash(session_id), IDLE, ABSOLUTE)


def set_session(request: Request, response: Response, session_id: str) -> None:
    """Hand the session id to the browser, signed."""
    response.set_cookie(
        _cookie_name(request),
        _signer(request).sign(session_id).decode(),
        max_age=ABSOLUTE,
        path="/",
        secure=_is_https(request),
        httponly=True,
        samesite="lax",
    )


def forget_session(request: Request, response: Response) -> None:
    """Have the browser drop its cookie."""
    response.delete_cookie(_cookie_name(request), path="/", secure=_is_https(request), httponly=True, samesite="lax")


def has_session_id(request: Request) -> bool:
    """Whether the browser has been logged in here; the session may have ended since."""
    return _session_id(request) is not None


def _session_id(request: Request) -> str | None:
    try:
        return _signer(request).unsign(request.cookies.get(_cookie_name(request), "")).decode()
    except (BadSignature, UnicodeDecodeError):
        return None


def _hash(session_id: str) -> bytes:
    return hashlib.sha256(session_id.encode()).digest()


def _signer(request: Request) -> Signer:
    return Signer(request.app.state.settings.secret_keys, salt="sih.session", digest_method=hashlib.sha256)


def _is_https(request: Request) -> bool:
    return request.url.scheme == "https"


def _cookie_name(request: Request) -> str:
    return "__Host-sih" if _is_https(request) else "sih"
