"""Content negotiation: which compression the client takes (Accept-Encoding, RFC 9110 §12.5.3), and gzip for what is made anew."""

import re
from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipResponder, IdentityResponder
from starlette.types import ASGIApp, Receive, Scope, Send

from formats.documents import MEDIA_TYPES

IDENTITY = "identity"
SMALLEST = 500  # bytes of a body; below, its head weighs more than what could be saved
LEVEL = 6  # of gzip; brotli would save 3 % of a page
# What is compressed already: Starlette's, and the documents that are ZIP archives.
COMPRESSED = (*DEFAULT_EXCLUDED_CONTENT_TYPES, *(MEDIA_TYPES[k] for k in ("docx", "xlsx", "pptx", "odt", "ods", "odp")))
_QUALITY = re.compile(r"\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*")


def choose_coding(headers: Headers, offered: Sequence[str]) -> str:
    """The content coding that the client likes best of `offered`, which has ours first; IDENTITY if it takes none of them."""
    qualities = dict(map(_read, ",".join(headers.getlist("Accept-Encoding")).lower().split(",")))
    otherwise = qualities.get("*", 0.0)
    best = max(offered, key=lambda coding: qualities.get(coding, otherwise), default=IDENTITY)
    quality = qualities.get(best, otherwise)
    return best if quality > 0 and quality >= qualities.get(IDENTITY, 0) else IDENTITY


def _read(item: str) -> tuple[str, float]:
    """The name of a coding and its quality, from 0 to 1; what cannot be read is not wanted."""
    name, has_quality, parameter = item.partition(";")
    match = _QUALITY.fullmatch(parameter)
    return name.strip(), float(match[1]) if match else float(not has_quality)


class Compress:
    """Sends bodies by gzip to whoever takes it. Starlette's own middleware would, too, to who says `gzip;q=0`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        responder = self.app
        if scope["type"] == "http":
            takes_gzip = choose_coding(Headers(scope=scope), ("gzip",)) != IDENTITY
            responder = (
                GZipResponder(self.app, SMALLEST, LEVEL, exclude_content_types=COMPRESSED)
                if takes_gzip
                else IdentityResponder(self.app, SMALLEST, exclude_content_types=COMPRESSED)
            )
        await responder(scope, receive, send)
