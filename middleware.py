"""What stands before every door: headers on every answer, and no orders from other sites. Pure ASGI."""

import re
from collections.abc import Awaitable, Callable, Collection
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

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

HEALTH = "/health/"
COOKIE_LIMIT = 8 * 1024  # bytes; ours are less than one thousand, the rest is for others on the same domain
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_HOST = re.compile(r"([a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\])(:[0-9]{1,5})?")


def security_headers(scheme: str) -> dict[str, str]:
    """What every answer carries."""
    return HEADERS | ({"Strict-Transport-Security": HSTS} if scheme == "https" else {})


class SecurityHeaders:
    """Puts them on every answer, and keeps out of every cache what does not say otherwise."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(security_headers(scope["scheme"]))
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self.app(scope, receive, with_headers)


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


class RefuseUnreadable:
    """Answers with `refuse` what no browser sends: not exactly one Host that is one of ours, a query that is not UTF-8, or more
    cookies than COOKIE_LIMIT.

    What comes after may take all of it for granted. Starlette's own URL would raise on the first two; older Pythons take time
    with the square of a quoted cookie's length (CVE-2024-7592).
    """

    def __init__(self, app: ASGIApp, allowed_hosts: Collection[str], refuse: Refuse) -> None:
        self.app = app
        self.allowed = [host.lower() for host in allowed_hosts]
        self.refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._is_readable(scope):
            await self.app(scope, receive, send)
        else:
            await _answer(self.refuse, scope, receive, send)

    def _is_readable(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        few_cookies = sum(map(len, headers.getlist("Cookie"))) <= COOKIE_LIMIT
        return few_cookies and self._is_ours(headers.getlist("Host")) and _is_utf8(scope)

    def _is_ours(self, hosts: list[str]) -> bool:
        match = _HOST.fullmatch(hosts[0].lower()) if len(hosts) == 1 else None
        return match is not None and any(_fits(match[1], pattern) for pattern in self.allowed)


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
    if not scope.get("client"):
        return True
    try:
        return ip_address(scope["client"][0].partition("%")[0]).is_loopback
    except ValueError:  # what a proxy says in place of an address
        return False


class RefuseCrossSite:
    """Answers an unsafe request with `refuse`, unless the browser says that it comes from a page of this site.

    Sec-Fetch-Site decides where there is one; else Origin has to be the very origin that was asked: scheme, host and port. A
    request with neither comes from no browser of today, and is refused too. Sent more than once, each of them has to fit.
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
        # The browser has compared the schemes, which a proxy that is not trusted hides from us.
        return set(sites) == {"same-origin"} and all(_netloc(origin) == host for origin in origins)
    return bool(host) and {origin.lower() for origin in origins} == {f"{scope['scheme']}://{host}"}


def _netloc(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


async def _answer(refuse: Refuse, scope: Scope, receive: Receive, send: Send) -> None:
    response = await refuse(Request(scope, receive))
    await response(scope, receive, send)
