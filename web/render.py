"""Pages and fragments: the Jinja environment, and the answers made with it."""

import json
import re
import zlib
from collections.abc import Callable, Hashable
from datetime import UTC, datetime
from functools import partial as partial_function
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse, RedirectResponse, Response

from formats import indonesian
from formats.phones import phone_link, whatsapp_link
from formats.text import breakable, initials
from settings import ROOT, VERSION
from web.assets import asset
from web.draft_tokens import issue_token
from web.form_key import new_key
from web.inlined import InliningEnvironment
from web.notices import drop_notice, leave_notice, read_notice
from web.recent import Recent
from web.requests import Request
from web.swaps import WANTED

# A page for one person changes with who asks and how: by link, or by htmx for a part of it.
PERSONAL = {"Cache-Control": "no-store", "Vary": "HX-Request-Type, Cookie"}


# Pieces of pages, by what they depend on: most are some hundred bytes, the largest a select of some KB.
_pieces: Recent[Markup] = Recent(300)


def _kept(name: str, *key: Hashable, caller: Callable[[], Markup]) -> Markup:
    """What stands in a `{% call kept(name, …) %}`, once for each key (fragment cache), which names all that it depends on."""
    whole = name, *key
    return _pieces.get(whole) or _pieces.keep(whole, caller())


def _environment() -> Environment:
    # Paths are those on disk, read once: a changed template is seen after a restart, and no page looks at 50 files for changes.
    # Everything is escaped, whatever its ending.
    environment = InliningEnvironment(
        loader=FileSystemLoader(ROOT),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals |= {"asset": asset, "new_key": new_key, "kept": _kept, "version_of_sih": VERSION}
    environment.filters |= {
        "local_time": indonesian.local_time,
        "with_store_time": indonesian.with_store_time,
        "short_time": indonesian.short_time,
        "machine_time": indonesian.machine_time,
        "month_name": indonesian.month_name,
        "short_month": indonesian.short_month,
        "month_code": indonesian.month_code,
        "zone_name": indonesian.zone_name,
        "number": indonesian.number,
        "phone_link": phone_link,
        "whatsapp_link": whatsapp_link,
        "file_size": indonesian.file_size,
        "breakable": breakable,
        "initials": initials,
        "duration": indonesian.duration,
        "distance": indonesian.distance,
        "working_time": indonesian.working_time,
        "worked": indonesian.worked,
        "hours_until": indonesian.hours_until,
        "day_name": indonesian.day_name,
        "zone_code": indonesian.ZONE_NAMES.get,
    }
    return environment


_templates = _environment()


def page(request: Request, name: str, *, status: int = 200, **context: Any) -> Response:
    """The whole page of a template in templates/, for whoever is logged in, with the notice that waits for it."""
    notice = read_notice(request)
    flash = {"kind": "success", "text": notice} if notice else None
    context = {"flash": flash, "notice": None, "section": ""} | context
    response = _html(request, name, status, context)
    if notice:
        drop_notice(request, response)
    return response


def partial(
    request: Request, name: str, *, status: int = 200, headers: dict[str, str] | None = None, **context: Any
) -> Response:
    """A fragment in partials/, for htmx to swap."""
    response = _html(request, name, status, {"notice": None} | context)
    response.headers.update(headers or {})
    return response


def render_text(name: str, context: dict[str, Any]) -> str:
    """What a template says without a request: it knows nothing but `context`. Everything is escaped, whatever its ending."""
    return _templates.get_template(name).render(context)


class Filled:
    """HTML that was made by a template, to stand in another one."""

    def __init__(self, html: str) -> None:
        self._html = html

    def __html__(self) -> str:
        return self._html


class Packed:
    """The same, packed while it is kept: of a page with tables a sixth of the memory or less, for a tenth of a millisecond."""

    def __init__(self, html: str) -> None:
        self._bytes = zlib.compress(html.encode(), level=1)

    def __len__(self) -> int:
        """The bytes that it is packed into."""
        return len(self._bytes)

    def __html__(self) -> str:
        return zlib.decompress(self._bytes).decode()


def fragment(name: str, context: dict[str, Any]) -> Filled:
    """What a template in partials/ says without a request, to be kept and put into pages as it is."""
    return Filled(render_text(name, context))


def _html(request: Request, name: str, status: int, context: dict[str, Any]) -> Response:
    viewer = getattr(request.state, "viewer", None)
    token = partial_function(issue_token, request.app.state.settings.secret_keys, viewer.nik) if viewer else None
    context = {
        "viewer": viewer,
        "token": token,
        "as_page": not wants_partial(request),
        "now": datetime.now(UTC),
    } | context
    return HTMLResponse(render_text(name, context), status, PERSONAL)


def filled(html: Filled) -> Response:
    """A page or a fragment for one person, of which all is there."""
    return HTMLResponse(html.__html__(), headers=PERSONAL)


def must_wait(response: Response, seconds: int) -> Response:
    """`response`, which refuses what was tried too often, with how long to wait."""
    response.headers["Retry-After"] = str(seconds)
    return response


def is_by_htmx(request: Request) -> bool:
    """Whether htmx asks, for a part or for a page of which it shows one; not when it restores a page of its history."""
    return request.headers.get("HX-Request") == "true" or wants_partial(request)


def wants_partial(request: Request) -> bool:
    """Whether htmx asks for a fragment, rather than a browser or htmx for a page."""
    return request.headers.get("HX-Request-Type") == "partial"


def push_url(request: Request, response: Response, url: str) -> Response:
    """`response`, which htmx shows under the address `url`: a new entry of the history, unless the browser is there already."""
    if is_by_htmx(request):
        here = current_url(request)._replace(scheme="", netloc="").geturl()
        response.headers["HX-Push-Url"] = "false" if here == url else url
    return response


def current_url(request: Request) -> SplitResult:
    """The address of the page on which htmx asks; empty where none is told, or none that can be read."""
    try:
        return urlsplit(request.headers.get("HX-Current-URL", ""))
    except ValueError:
        return urlsplit("")


def unchanged() -> Response:
    """What the browser shows already is what there is."""
    return Response(status_code=304, headers=PERSONAL)


def see_other(request: Request, url: str, notice: str | None = None) -> Response:
    """Lead a browser to `url` after a post, there to be told `notice`; htmx too, which asks there for the part it wants."""
    if is_by_htmx(request) and not wants_partial(request):  # a form of a whole page: on to another one
        return _led_by_htmx(request, url, 200, notice)
    return _with_notice(request, RedirectResponse(url, 303, headers={"Cache-Control": "no-store"}), url, notice)


def go_to(request: Request, url: str, status: int = 200, notice: str | None = None) -> Response:
    """Lead whoever asks to `url`: a browser by 303, htmx by a header, since it would swap the page into a part of itself."""
    if wants_partial(request):
        return _led_by_htmx(request, url, status, notice)
    return see_other(request, url, notice)


def _led_by_htmx(request: Request, url: str, status: int, notice: str | None) -> Response:
    response = Response(status_code=status, headers={"HX-Redirect": iri_to_uri(url), **PERSONAL})
    return _with_notice(request, response, url, notice)


def take_place(request: Request, url: str, notice: str | None = None) -> Response:
    """Lead whoever sent a form to `url`. By htmx that takes the place of the form in the history: Back does not show the form
    again, which the browser would fill in, under the key of a later one."""
    if not wants_partial(request):
        return see_other(request, url, notice)
    place = {"path": url, "replace": url, "target": "body", "headers": {WANTED: "innerHTML show:top"}}
    return _with_notice(request, Response(headers={"HX-Location": json.dumps(place), **PERSONAL}), url, notice)


def iri_to_uri(url: str) -> str:
    """`url` as a header can hold it; a browser does the same to what stands in a link."""
    return quote(url, safe=":/%#?=@[]!$&'()*+,;~")


def _with_notice(request: Request, response: Response, url: str, notice: str | None) -> Response:
    if notice:
        leave_notice(request, response, url, notice)
    return response


def next_path(request: Request) -> str:
    """Where to go after a login or the like: the page that was asked for, if it is one of ours."""
    asked = getattr(request.state, "raw", {}).get("next") or request.query_params.get("next", "")
    return local_path(asked) or "/problems"


def local_path(url: str) -> str | None:
    """`url` if it is a path of this site, else None. Browsers read backslashes as slashes, and skip tabs and line ends."""
    return url if re.fullmatch(r"/(?![/\\])[^\x00-\x20\x7f-\xa0\\]*", url) else None
