"""A browser without a window: keeps cookies, sends what browsers send, fills in the forms of the pages that it was given."""

import re
from html.parser import HTMLParser
from uuid import uuid4

import httpx2
from starlette.applications import Starlette

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


class Client(httpx2.AsyncClient):
    """Talks to the application in this process. `get` and `post` do not follow redirects."""

    def __init__(self, app: Starlette, address: str = "127.0.0.1") -> None:
        super().__init__(
            transport=httpx2.ASGITransport(app, client=(address, 50000)),
            # Plain http is for this machine only.
            base_url="http://testserver" if address in ("127.0.0.1", "::1") else "https://testserver",
            headers={"Sec-Fetch-Site": "same-origin"},
        )

    async def get(self, path: str, *, htmx: bool = False, **kwargs) -> httpx2.Response:
        return await super().get(path, headers=HTMX if htmx else {}, **kwargs)

    async def post(
        self, path: str, data: dict[str, str] | None = None, *, htmx: bool = False, **kwargs
    ) -> httpx2.Response:
        headers = kwargs.pop("headers", {}) | (HTMX if htmx else {})
        return await super().post(path, data=data or {}, headers=headers, **kwargs)

    def keep(self, cookie: str) -> None:
        """Keep a cookie, as if an answer had set it."""
        request = httpx2.Request("GET", self.base_url)
        self.cookies.extract_cookies(httpx2.Response(200, headers={"Set-Cookie": cookie}, request=request))

    async def press(self, path: str, data: dict[str, str] | None = None, **kwargs) -> httpx2.Response:
        """Send a form that changes something, as it is shown afresh: with a key of its own."""
        return await self.post(path, {"key": str(uuid4())} | (data or {}), **kwargs)

    async def form(self, page: str, action: str) -> dict[str, str]:
        """What the form to `action` on `page` (both paths) would send, untouched."""
        response = await self.get(page)
        fields = forms(response.text).get(action)
        assert fields is not None, f"no form to {action} on {page} ({response.status_code})"
        return fields

    async def submit(self, page: str, action: str, *, htmx: bool = False, **values: str) -> httpx2.Response:
        """Open `page`, fill in the form to `action` and send it."""
        return await self.post(action, await self.form(page, action) | values, htmx=htmx)


def unkeyed(html: str) -> str:
    """The HTML without what each form that is shown has for itself."""
    return re.sub(r'(name="(?:key|token)" value=)"[^"]*"', r"\1", html)


def forms(html: str) -> dict[str, dict[str, str]]:
    """The forms of a page that post: action → what each would send as it stands."""
    parser = _Forms()
    parser.feed(html)
    return parser.forms


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, dict[str, str]] = {}
        self._fields: dict[str, str] | None = None
        self._select = self._textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form" and values.get("method") == "post":
            self._fields = self.forms.setdefault(values["action"], {})
        if self._fields is None:
            return
        if values.get("type") == "checkbox" and "checked" not in values:
            return
        if tag == "input" and "name" in values:
            self._fields[values["name"]] = values.get("value", "")
        elif tag == "select":
            self._select = values["name"]
            self._fields[self._select] = ""
        elif tag == "option" and self._select and "selected" in values:
            self._fields[self._select] = values["value"]
        elif tag == "textarea":
            self._textarea = values["name"]
            self._fields[self._textarea] = ""

    def handle_data(self, data: str) -> None:
        if self._textarea and self._fields is not None:
            self._fields[self._textarea] += data.removeprefix("\n") if not self._fields[self._textarea] else data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._fields = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._textarea = ""
