"""Cookies: what a browser is given to keep; the ids of its session and device are signed."""

import hashlib
from functools import lru_cache
from typing import Any

from itsdangerous import BadSignature, Signer
from starlette.responses import Response

from web.requests import Request

SESSION = "sih"
DEVICE = "sih-device"
NOTICE = "notice"
SIGNED_LIMIT = 200  # characters; an id and its signature have 87
DEVICE_LIFETIME = 180 * 24 * 3600  # seconds, anew with every login


def read_id(request: Request, name: str) -> str | None:
    """The id in the cookie `name`, if it is there and was signed by one of our keys."""
    signed = read_cookie(request, name)
    return _unsign(request.app.state.settings.secret_keys, name, signed) if 0 < len(signed) <= SIGNED_LIMIT else None


@lru_cache(maxsize=4096)
def _unsign(keys: tuple[str, ...], name: str, signed: str) -> str | None:
    """A browser sends its two cookies with every request, and what is right about them stays right: two HMACs less each time."""
    try:
        return _signer(keys, name).unsign(signed).decode()
    except (BadSignature, UnicodeDecodeError):
        return None


def set_session(request: Request, response: Response, id: str, max_age: int | None) -> None:
    """Hand the id of a session to the browser, for `max_age` seconds, or until it is closed."""
    _set_id(request, response, SESSION, id, max_age)


def set_device(request: Request, response: Response, id: str) -> None:
    """Hand the id of the device to the browser."""
    _set_id(request, response, DEVICE, id, DEVICE_LIFETIME)


def forget_session(request: Request, response: Response) -> None:
    """Have the browser drop its session. The device stays known: it opens nothing."""
    drop_cookie(request, response, SESSION)


def read_cookie(request: Request, name: str) -> str:
    """What the browser keeps as `name`; empty if nothing."""
    return request.cookies.get(_full_name(request, name), "")


def set_cookie(request: Request, response: Response, name: str, value: str, max_age: int | None = None) -> None:
    """Have the browser keep `value` for `max_age` seconds, or until it is closed; under https bound to this host."""
    response.set_cookie(_full_name(request, name), value, max_age=max_age, **_attributes(request))


def drop_cookie(request: Request, response: Response, name: str) -> None:
    """Have the browser drop the cookie `name`."""
    response.delete_cookie(_full_name(request, name), **_attributes(request))


def _set_id(request: Request, response: Response, name: str, id: str, max_age: int | None) -> None:
    signed = _signer(request.app.state.settings.secret_keys, name).sign(id).decode()
    set_cookie(request, response, name, signed, max_age)


def _signer(keys: tuple[str, ...], name: str) -> Signer:
    # A salt of its own for each cookie, so that none passes for another one.
    salt = {SESSION: "sih.session", DEVICE: "sih.device"}[name]
    return Signer(keys, salt=salt, digest_method=hashlib.sha256)


def _full_name(request: Request, name: str) -> str:
    return f"__Host-{name}" if _is_https(request) else name


def _attributes(request: Request) -> dict[str, Any]:
    return {"path": "/", "secure": _is_https(request), "httponly": True, "samesite": "lax"}


def _is_https(request: Request) -> bool:
    """Whether the browser asked by https, of us or of a trusted proxy."""
    return request.scope["scheme"] == "https"
