"""Static files: read, joined and hashed at the start, compressed once; kept by browsers for ever (immutable caching, ETag)."""

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from mimetypes import guess_type
from pathlib import Path

import brotli
from starlette.exceptions import HTTPException
from starlette.responses import Response

from settings import ROOT
from web.compression import IDENTITY, choose_coding
from web.requests import Request

STATIC = ROOT / "static"
SENT = {".css", ".html", ".js", ".png", ".svg", ".webmanifest"}
FOCUS = "focus.html"
PARTS = STATIC / "css"  # of style sheets: sent within those that import them
DRAWINGS = STATIC / "vendor" / "lucide"  # icons: sent within the sprite that bin/icons makes of them
_IMPORT = re.compile(r'^@import "(.+?)" layer\((.+?)\);$', re.MULTILINE)
_NAMED = re.compile(r'url\("\.\./(.+?)"\)')  # by a part, which is sent within a sheet that lies above it
_FOR_PEOPLE = re.compile(
    r"/\*.*?\*/\s*", re.DOTALL
)  # comments; and blanks around what ends a name or a value, but in a text
_BLANKS = re.compile(r'("[^"]*")|;?\s*(?:([{;,])\s*|(\})\s*)')


@dataclass(frozen=True)
class Asset:
    """A file as it is sent."""

    media_type: str | None
    version: str
    content: bytes

    @cached_property
    def bodies(self) -> Mapping[str, bytes]:
        """By content coding, the best one first and the plain one last. Made when first asked for (30 ms for htmx): a process
        that sends none, as the parent of the workers, does not compress any."""
        compressed = {"br": brotli.compress(self.content, quality=11), "gzip": gzip.compress(self.content, 9, mtime=0)}
        smaller = {coding: body for coding, body in compressed.items() if len(body) < 0.95 * len(self.content)}
        return smaller | {IDENTITY: self.content}


def load_assets(folder: Path = STATIC) -> dict[str, Asset]:
    """What is sent of `folder`, by path within it."""
    files = [
        path for path in sorted(folder.rglob("*")) if path.suffix in SENT and not {PARTS, DRAWINGS} & {*path.parents}
    ]
    return {path.relative_to(folder).as_posix(): _load(path) for path in files}


def _load(path: Path) -> Asset:
    content = _read_sheet(path) if path.suffix == ".css" else path.read_bytes()
    return Asset(guess_type(path.name)[0], _version(content), content)


def _version(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]


def _read_sheet(path: Path) -> bytes:
    """A style sheet as it is sent; what it names, under the address that a page has for it (`asset`)."""
    text = _FOR_PEOPLE.sub("", join_sheet(path))
    text = _BLANKS.sub(lambda match: match[1] or match[2] or match[3], text)
    return _NAMED.sub(lambda url: f'url("{url[1]}?v={_version((STATIC / url[1]).read_bytes())}")', text).encode()


def join_sheet(path: Path) -> str:
    """A style sheet with its imports in their place, as a browser would read it."""
    text = path.read_text(encoding="utf-8")
    return _IMPORT.sub(lambda match: f"@layer {match[2]} {{\n{join_sheet(path.parent / match[1])}}}", text)


ASSETS = load_assets()


@cache
def asset(name: str) -> str:
    """The address of a file in static/, which changes with its content, so that it can be kept for ever."""
    return f"/static/{name}?v={ASSETS[name].version}"


async def send_asset(request: Request) -> Response:
    """The file that the path names, whole. Raises 404.

    For ever if the address names this very content; any other is asked for again, lest one version be kept under the address of
    another while SIH is renewed.
    """
    found = ASSETS.get(request.path_params["name"])
    if found is None:
        raise HTTPException(404)
    coding = choose_coding(request.headers, [*found.bodies][:-1])
    named = request.url.query == f"v={found.version}"
    tag = f'"{found.version}-{coding}"'
    headers = {"Cache-Control": "public, max-age=31536000, immutable" if named else "no-cache", "ETag": tag}
    if found.media_type == "text/html":
        # A part that the browser keeps, whoever asked for it first. One moves nothing but the focus (partials/login/steps.html).
        headers["HX-Reswap"] = "innerMorph" if request.path_params["name"] == FOCUS else "innerHTML"
    if coding != IDENTITY:
        headers["Vary"] = "Accept-Encoding"
    if tag in request.headers.get("If-None-Match", ""):
        return Response(status_code=304, headers=headers)
    if coding != IDENTITY:
        headers["Content-Encoding"] = coding
    return Response(found.bodies[coding], media_type=found.media_type, headers=headers)
