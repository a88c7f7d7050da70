"""What a browser is given to keep, and where it is: session and device ids, signed; the address that budgets are kept for."""

import hashlib
import ipaddress
import secrets
from typing import Any

from itsdangerous import BadSignature, Signer
from starlette.requests import Request
from starlette.responses import Response

SESSION = "sih"
DEVICE = "sih-device"
NOTICE = "notice"
DEVICE_LIFETIME = 180 * 24 * 3600  # seconds, anew with every login


def new_id() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def hash_id(id: str) -> bytes:
    """What the database knows an id by."""
    return hashlib.sha256(id.encode()).digest()


def read_id(request: Request, name: str) -> str | None:
    """The id in the cookie `name`, if it is there and was signed by one of our keys."""
    try:
        return _signer(request, name).unsign(read_cookie(request, name)).decode()
    except (BadSignature, UnicodeDecodeError):
        return None


def read_hash(request: Request, name: str) -> bytes | None:
    """The hash of the id in the cookie `name`; None if there is none."""
    id = read_id(request, name)
    return hash_id(id) if id else None


def set_id(request: Request, response: Response, name: str, id: str, max_age: int | None = None) -> None:
    """Hand an id to the browser, signed; without `max_age` it is kept until the browser is closed."""
    set_cookie(request, response, name, _signer(request, name).sign(id).decode(), max_age)


def read_cookie(request: Request, name: str) -> str:
    """What the browser keeps as `name`; empty if nothing."""
    return request.cookies.get(_full_name(request, name), "")


def set_cookie(request: Request, response: Response, name: str, value: str, max_age: int | None = None) -> None:
    """Have the browser keep `value` for `max_age` seconds, or until it is closed; under https bound to this host."""
    response.set_cookie(_full_name(request, name), value, max_age=max_age, **_attributes(request))


def drop_cookie(request: Request, response: Response, name: str) -> None:
    """Have the browser drop the cookie `name`."""
    response.delete_cookie(_full_name(request, name), **_attributes(request))


def client_address(request: Request) -> str:
    """Where the request comes from. Of IPv6 it is the network (/64): that is what one household or store is given."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host[:60] or "?"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            return str(ipaddress.ip_network((address, 64), strict=False))
        address = address.ipv4_mapped
    return str(address)


def _signer(request: Request, name: str) -> Signer:
    # A salt of its own for each cookie, so that none passes for another one.
    salt = {SESSION: "sih.session", DEVICE: "sih.device"}[name]
    return Signer(request.app.state.settings.secret_keys, salt=salt, digest_method=hashlib.sha256)


def _full_name(request: Request, name: str) -> str:
    return f"__Host-{name}" if _is_https(request) else name


def _attributes(request: Request) -> dict[str, Any]:
    return {"path": "/", "secure": _is_https(request), "httponly": True, "samesite": "lax"}


def _is_https(request: Request) -> bool:
    """Whether the browser asked by https, of us or of a trusted proxy."""
    return request.scope["scheme"] == "https"
