"""Entity tags (ETag, If-None-Match): a page that somebody has already is not made and sent again."""

import hashlib
import re
import time

from starlette.responses import Response

from settings import ROOT
from web.cookies import NOTICE, read_cookie
from web.render import PERSONAL, is_by_htmx
from web.requests import Request

_MADE_BY = (
    "actions",
    "auth",
    "doors.py",
    "formats",
    "forms",
    "partials",
    "queries",
    "routes",
    "schema.sql",
    "static",
    "templates",
    "web",
)
_TAG = re.compile(r'"([0-9a-f]{32})"')


def _code_version() -> bytes:
    """A digest of all that pages are made by: what an earlier release has sent is none of ours."""
    digest = hashlib.blake2b(digest_size=16)
    for room in _MADE_BY:
        for path in [ROOT / room, *sorted((ROOT / room).rglob("*"))]:
            if path.suffix in (".py", ".html", ".css", ".js", ".sql"):
                digest.update(path.read_bytes())
    return digest.digest()


_CODE = _code_version()


def is_taggable(request: Request) -> bool:
    """Whether the answer is a page that depends only on what can be told beforehand: no part for htmx, which names more of what
    is shown already, and no notice, which is told once."""
    return request.method in ("GET", "HEAD") and not is_by_htmx(request) and not read_cookie(request, NOTICE)


def tag_of(request: Request, nik: str, *versions: str) -> str:
    """The tag of a page at the address of the request, for a person, made of these versions of what is shown. It is weak: what is
    different each time (the keys of forms) makes no other page."""
    digest = hashlib.blake2b(_CODE, digest_size=16)
    digest.update("\n".join((nik, request.scope["path"], *versions, "")).encode() + request.scope["query_string"])
    return f'W/"{digest.hexdigest()}"'


def minute() -> str:
    """The present minute: durations are shown in minutes, and may be one minute old."""
    return str(int(time.time() // 60))


def put_tag(response: Response, tag: str | None) -> Response:
    """The page with its tag, if it has one and the page is there."""
    if tag and response.status_code == 200:
        response.headers["ETag"] = tag
    return response


def asks_if_changed(request: Request) -> bool:
    """Whether who asks has a page with some tag."""
    return "If-None-Match" in request.headers and is_taggable(request)


def answer_unchanged(request: Request, tag: str | None) -> Response | None:
    """304, if who asks has the page with this tag already."""
    if tag is None or tag[3:-1] not in _TAG.findall(request.headers["If-None-Match"]):
        return None
    return Response(status_code=304, headers={**PERSONAL, "ETag": tag})
