"""What stands before every door: headers on every answer, and no orders from other sites. Pure ASGI."""

from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class SecurityHeaders:
    """Puts HEADERS on every answer, and keeps out of every cache what does not say otherwise."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self.app(scope, receive, with_headers)


class OnlyHttps:
    """Leads whoever comes over plain http from another machine to https; what they order is answered with `refuse`.

    Within one machine nobody listens in. Load balancers may ask for the health of the application over http.
    """

    def __init__(self, app: ASGIApp, refuse: Callable[[Request], Awaitable[Response]]) -> None:
        self.app = app
        self.refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (
            scope["type"] != "http"
            or scope["scheme"] != "http"
            or _is_local(scope)
            or scope["path"].startswith("/health/")
        ):
            await self.app(scope, receive, send)
        elif scope["method"] in ("GET", "HEAD"):
            request = Request(scope)
            response = RedirectResponse(request.url.replace(scheme="https", port=None), 308)
            await response(scope, receive, send)
        else:
            response = await self.refuse(Request(scope, receive))
            await response(scope, receive, send)


def _is_local(scope: Scope) -> bool:
    """Whether the request comes from this machine; a Unix socket has no address."""
    if not scope.get("client"):
        return True
    try:
        return ip_address(scope["client"][0].partition("%")[0]).is_loopback
    except ValueError:
        return False


class RefuseCrossSite:
    """Answers an unsafe request with `refuse`, unless the browser says that it comes from a page of this site.

    Sec-Fetch-Site decides where there is one; else Origin has to name the host that was asked. A request with neither comes
    from no browser of today, and is refused too.
    """

    def __init__(self, app: ASGIApp, refuse: Callable[[Request], Awaitable[Response]]) -> None:
        self.app = app
        self.refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS and not _is_same_site(Headers(scope=scope)):
            response = await self.refuse(Request(scope, receive))
            await response(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def _is_same_site(headers: Headers) -> bool:
    site = headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return urlsplit(headers.get("Origin", "")).netloc == headers.get("Host", "") != ""
