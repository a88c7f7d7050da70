"""Pages and fragments: the Jinja environment, and the answers made with it."""

import hashlib
import re
from functools import lru_cache
from functools import partial as partial_function
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

import indonesian
from cookies import NOTICE, drop_cookie, read_cookie, set_cookie
from forms.envelope import new_key
from settings import ROOT
from tickets import issue_ticket

# What a page may be told by the request before it, by name; a cookie carries the name across the redirect.
NOTICES = {
    "reported": "Kendala sudah dicatat. Meja bantuan akan membukanya.",
    "opened": "Kendala dibuka.",
    "escalated": "Kendala dialihkan.",
    "accepted": "Kendala diterima.",
    "returned": "Kendala dikembalikan.",
    "closed": "Kendala ditutup.",
    "confirmed": "Terima kasih. Kendala dinyatakan beres.",
    "reopened": "Kendala dibuka kembali.",
    "voided": "Kendala dibatalkan.",
    "commented": "Komentar terkirim.",
    "view_saved": "Tampilan disimpan.",
    "view_deleted": "Tampilan dihapus.",
    "next": "Tersimpan. Ini kendala berikutnya.",
    "none_waiting": "Tidak ada lagi kendala yang menunggu Anda.",
    "kept": "Sesi Anda sudah berakhir. Isian Anda tersimpan, dan dipulihkan setelah Anda masuk.",
    "pin-changed": "PIN Anda sudah diganti. Sesi Anda di perangkat lain sudah diakhiri.",
    "session-ended": "Sesi diakhiri.",
    "sessions-ended": "Semua sesi lain diakhiri.",
    "all-sessions-ended": "Semua sesi karyawan ini diakhiri.",
    "deactivated": "Karyawan dinonaktifkan. Semua sesinya diakhiri.",
    "activated": "Karyawan diaktifkan.",
}

# A page for one person changes with who asks and how: by link, or by htmx for a part of it.
PERSONAL = {"Cache-Control": "no-store", "Vary": "HX-Request-Type, Cookie"}


@lru_cache
def asset_version(path: Path) -> str:
    """What stands for the content of a file in static/."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def asset(name: str) -> str:
    """The address of a file in static/, which changes with its content, so that it can be kept for ever."""
    return f"/static/{name}?v={asset_version(ROOT / 'static' / name)}"


def _environment() -> Environment:
    # Paths are those on disk. Everything is escaped, whatever its ending.
    environment = Environment(
        loader=FileSystemLoader(ROOT), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals |= {"asset": asset, "new_key": new_key}
    environment.filters |= {
        "local_time": indonesian.local_time,
        "machine_time": indonesian.machine_time,
        "number": indonesian.number,
        "duration": indonesian.duration,
    }
    return environment


_templates = _environment()


def page(request: Request, name: str, *, status: int = 200, **context: Any) -> Response:
    """The whole page of a template in templates/, for whoever is logged in, with the notice that waits for it."""
    notice = NOTICES.get(read_cookie(request, NOTICE))
    flash = {"kind": "success", "text": notice} if notice else None
    context = {"flash": flash, "notice": None, "section": ""} | context
    response = _html(request, name, status, context)
    if notice:
        drop_cookie(request, response, NOTICE)
    return response


def partial(
    request: Request, name: str, *, status: int = 200, headers: dict[str, str] | None = None, **context: Any
) -> Response:
    """A fragment in partials/, for htmx to swap. `notice` is the name of one, or None."""
    context["notice"] = NOTICES.get(context.get("notice") or "")
    response = _html(request, name, status, context)
    response.headers.update(headers or {})
    return response


def _html(request: Request, name: str, status: int, context: dict[str, Any]) -> Response:
    viewer = getattr(request.state, "viewer", None)
    ticket = partial_function(issue_ticket, request.app.state.settings.secret_keys, viewer.nik) if viewer else None
    context = {"viewer": viewer, "ticket": ticket, "as_page": not wants_partial(request)} | context
    return HTMLResponse(_templates.get_template(name).render(context), status, PERSONAL)


def must_wait(response: Response, seconds: int) -> Response:
    """`response`, which refuses what was tried too often, with how long to wait."""
    response.headers["Retry-After"] = str(seconds)
    return response


def wants_partial(request: Request) -> bool:
    """Whether htmx asks for a fragment, rather than a browser or htmx for a page."""
    return request.headers.get("HX-Request-Type") == "partial"


def unchanged() -> Response:
    """What the browser shows already is what there is."""
    return Response(status_code=304, headers=PERSONAL)


def see_other(request: Request, url: str, notice: str | None = None) -> Response:
    """Lead a browser to `url` after a post, there to be told the notice of that name."""
    return _with_notice(request, RedirectResponse(url, 303, headers={"Cache-Control": "no-store"}), notice)


def go_to(request: Request, url: str, status: int = 200, notice: str | None = None) -> Response:
    """Lead whoever asks to `url`: a browser by 303, htmx by a header, since it would swap the page into a part of itself."""
    if wants_partial(request):
        response = Response(status_code=status, headers={"HX-Redirect": iri_to_uri(url), **PERSONAL})
        return _with_notice(request, response, notice)
    return see_other(request, url, notice)


def iri_to_uri(url: str) -> str:
    """`url` as a header can hold it; a browser does the same to what stands in a link."""
    return quote(url, safe=":/%#?=@[]!$&'()*+,;~")


def _with_notice(request: Request, response: Response, notice: str | None) -> Response:
    if notice:
        set_cookie(request, response, NOTICE, notice, max_age=30)
    return response


def next_path(request: Request) -> str:
    """Where to go after a login or the like: the page that was asked for, if it is one of ours."""
    asked = getattr(request.state, "raw", {}).get("next") or request.query_params.get("next", "")
    return local_path(asked) or "/problems"


def local_path(url: str) -> str | None:
    """`url` if it is a path of this site, else None. Browsers read backslashes as slashes, and skip tabs and line ends."""
    return url if re.fullmatch(r"/(?![/\\])[^\x00-\x20\x7f-\xa0\\]*", url) else None
