"""What stands before every door: headers on every answer, and no orders from other sites. Pure ASGI."""

import re
from collections.abc import Awaitable, Callable, Collection
from functools import lru_cache
from ipaddress import ip_address
from typing import Any, cast
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from web.requests import Request

Refuse = Callable[[Request], Awaitable[Response]]

# What a page could ask the browser for and SIH never does; full screen, for the desk, is left. Only what Chromium knows: of any
# other it complains in the console, on every page.
_FEATURES = (
    "accelerometer autoplay browsing-topics camera clipboard-read compute-pressure "
    "display-capture encrypted-media gamepad geolocation gyroscope hid identity-credentials-get idle-detection "
    "local-fonts magnetometer microphone midi otp-credentials payment picture-in-picture "
    "publickey-credentials-create publickey-credentials-get screen-wake-lock serial storage-access usb "
    "window-management xr-spatial-tracking"
)
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
        "manifest-src 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _FEATURES.split()),
}
# Only where it was served under https: a browser ignores it elsewhere, and localhost must stay reachable by http.
HSTS = "max-age=63072000; includeSubDomains"

NO_STORE = {"Cache-Control": "no-store"}

HEALTH = "/health/"
PROTO = b"x-forwarded-proto"
DEFAULT_PORTS = {"http": ":80", "https": ":443"}
COOKIE_LIMIT = 8 * 1024  # bytes; ours are less than one thousand, the rest is for others on the same domain
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_HOST = re.compile(r"([a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\])(:[0-9]{1,5})?")


def security_headers(scheme: str) -> dict[str, str]:
    """What every answer carries."""
    return HEADERS | ({"Strict-Transport-Security": HSTS} if scheme == "https" else {})


# As they are sent, and what keeps an answer out of every cache.
_CARRIED = {
    scheme: [(name.lower().encode(), value.encode()) for name, value in (security_headers(scheme) | NO_STORE).items()]
    for scheme in ("http", "https")
}


def add_security_headers(scope: Scope, head: Message) -> None:
    """Have the head of an answer carry them, but for what it says itself: a file that somebody sent has a stricter policy."""
    said = {name for name, _ in head["headers"]}
    head["headers"] += [header for header in _CARRIED[scope["scheme"]] if header[0] not in said]


class LimitInFlight:
    """Answers with `refuse` while `limit` requests are being worked on: better a clear word at once than a long wait.

    Who is waited for, to send or to read, takes no place: that costs no more than a connection, of which the server has its own
    limit. The health of the application is told whatever it has to do.
    """

    def __init__(self, app: ASGIApp, limit: int, refuse: Refuse) -> None:
        self.app = app
        self.limit = limit
        self.refuse = refuse
        self._count = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(HEALTH):
            await self.app(scope, receive, send)
        elif self._count >= self.limit:
            await _answer(self.refuse, scope, receive, send)
        else:
            self._count += 1
            try:
                await self.app(scope, lambda: self._aside(receive()), lambda message: self._aside(send(message)))
            finally:
                self._count -= 1

    async def _aside(self, waiting: Awaitable[Any]) -> Any:
        self._count -= 1
        try:
            return await waiting
        finally:
            self._count += 1


class BehindProxies:
    """Believes proxies that are trusted about who asks, and how: by what the first of several has said (X-Forwarded-Proto).

    `Forwarded` (RFC 7239) is not read: a proxy that speaks of the browser by X-Forwarded-For lets a `Forwarded` through as the
    browser has written it.
    """

    def __init__(self, app: ASGIApp, trusted: Collection[str]) -> None:
        self._inner: Any = ProxyHeadersMiddleware(cast(Any, app), trusted_hosts=list(trusted)) if trusted else app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (said := _values(scope, PROTO)):
            others = [(name, value) for name, value in scope["headers"] if name != PROTO]
            scope["headers"] = [*others, (PROTO, said[0].partition(b",")[0].strip().lower())]
        await self._inner(scope, receive, send)


class RefuseUnreadable:
    """Answers with `refuse` what no browser sends: not exactly one Host that is one of ours, a query that is not UTF-8, or more
    cookies than COOKIE_LIMIT. Of the health of the application, load balancers may ask with any Host, or none.

    What comes after may take all of it for granted. Blanks around a value are no part of it (RFC 9110, 5.5); the parser leaves
    those behind it. Starlette's own URL would raise on the first two. Cookies with a backslash are none of ours and are left out:
    older Pythons take time with the square of their length (CVE-2024-7592).
    """

    def __init__(self, app: ASGIApp, allowed_hosts: Collection[str], refuse: Refuse) -> None:
        self.app = app
        self.allowed = [_name(host) or host for host in allowed_hosts]
        self.refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(HEALTH):
            scope["headers"] = [header for header in scope["headers"] if header[0] != b"host"]
        if scope["type"] == "http":
            scope["headers"] = [
                (name, _unquoted(value) if name == b"cookie" else value.strip(b" \t"))
                for name, value in scope["headers"]
            ]
        if scope["type"] != "http" or self._is_readable(scope):
            await self.app(scope, receive, send)
        else:
            await _answer(self.refuse, scope, receive, send)

    def _is_readable(self, scope: Scope) -> bool:
        few_cookies = sum(map(len, _values(scope, b"cookie"))) <= COOKIE_LIMIT
        is_ours = scope["path"].startswith(HEALTH) or self._is_ours(_values(scope, b"host"))
        return few_cookies and is_ours and _is_utf8(scope)

    def _is_ours(self, hosts: list[bytes]) -> bool:
        name = _name(hosts[0].decode("latin-1")) if len(hosts) == 1 else None
        return name is not None and any(_fits(name, pattern) for pattern in self.allowed)


def _values(scope: Scope, name: bytes) -> list[bytes]:
    """What the request says in headers of this name, in lower case."""
    return [value for known, value in scope["headers"] if known == name]


def _unquoted(cookies: bytes) -> bytes:
    cookies = cookies.strip(b" \t")
    if b"\\" not in cookies:
        return cookies
    return b";".join(cookie for cookie in cookies.split(b";") if b"\\" not in cookie)


def _name(host: str) -> str | None:
    """The name in a Host header, without its port and the dot of the root; None if it is none."""
    match = _HOST.fullmatch(host.lower())
    return match[1].removesuffix(".") if match else None


def _fits(host: str, pattern: str) -> bool:
    """`*` stands for every host, `*.example.com` for every one below example.com."""
    return pattern == "*" or host == pattern or (pattern.startswith("*.") and host.endswith(pattern[1:]))


def _is_utf8(scope: Scope) -> bool:
    try:
        scope["query_string"].decode()
    except UnicodeDecodeError:
        return False
    return True


class OnlyHttps:
    """Leads whoever comes over plain http from another machine to https; what they order is answered with `refuse`.

    Within one machine nobody listens in. Load balancers may ask for the health of the application over http.
    """

    def __init__(self, app: ASGIApp, refuse: Refuse) -> None:
        self.app = app
        self.refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["scheme"] != "http" or _is_local(scope) or scope["path"].startswith(HEALTH):
            await self.app(scope, receive, send)
        elif scope["method"] in ("GET", "HEAD"):
            request = Request(scope)
            response = RedirectResponse(request.url.replace(scheme="https", port=None), 308)
            await response(scope, receive, send)
        else:
            await _answer(self.refuse, scope, receive, send)


def _is_local(scope: Scope) -> bool:
    """Whether the request comes from this machine; what comes over a Unix socket has no address."""
    return not scope.get("client") or _is_loopback(scope["client"][0].partition("%")[0][:60])


@lru_cache(maxsize=1024)
def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:  # what a proxy says in place of an address
        return False


class RefuseCrossSite:
    """Answers an unsafe request with `refuse`, unless the browser says that it comes from a page of this site.

    Sec-Fetch-Site decides where there is one; else Origin has to be the very origin that was asked: scheme, host and port. A
    request with neither comes from no browser of today, and is refused too. Sent more than once, each of them has to fit. A
    proxy may hide schemes and ports from us, which the browser has compared, and by `Referrer-Policy: no-referrer` the Origin.
    """

    def __init__(self, app: ASGIApp, refuse: Refuse) -> None:
        self.app = app
        self.refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS and not _is_same_origin(scope):
            await _answer(self.refuse, scope, receive, send)
        else:
            await self.app(scope, receive, send)


def _is_same_origin(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    sites, origins = headers.getlist("Sec-Fetch-Site"), headers.getlist("Origin")
    host = headers.get("Host", "").lower()
    if sites:
        return set(sites) == {"same-origin"} and all(
            o == "null" or _host_of(o) == _host_of(f"//{host}") for o in origins
        )
    host = host.removesuffix(DEFAULT_PORTS[scope["scheme"]])  # which browsers leave out of an Origin
    return bool(host) and {origin.lower() for origin in origins} == {f"{scope['scheme']}://{host}"}


def _host_of(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


async def _answer(refuse: Refuse, scope: Scope, receive: Receive, send: Send) -> None:
    response = await refuse(Request(scope, receive))
    await response(scope, receive, send)
