"""Content negotiation: which compression the client takes (Accept-Encoding, RFC 9110 §12.5.3), and gzip for what is made anew."""

import re
from collections.abc import Sequence
from functools import lru_cache

from isal import isal_zlib
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES
from starlette.types import Message, Scope

from formats.documents import MEDIA_TYPES

IDENTITY = "identity"
SMALLEST = 500  # bytes of a body; below, its head weighs more than what could be saved
LEVEL = 2  # of ISA-L's gzip (docs/decisions/0104)
WITH_HEADER = 16 + isal_zlib.MAX_WBITS  # gzip (RFC 1952), as zlib's functions call it
# What is compressed already: Starlette's, and the documents that are ZIP archives.
COMPRESSED = {*DEFAULT_EXCLUDED_CONTENT_TYPES, *(MEDIA_TYPES[k] for k in ("docx", "xlsx", "pptx", "odt", "ods", "odp"))}
_QUALITY = re.compile(r"\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*")


def choose_coding(headers: Headers, offered: Sequence[str]) -> str:
    """The content coding that the client likes best of `offered`, which has ours first; IDENTITY if it takes none of them."""
    return _choose(",".join(headers.getlist("Accept-Encoding")).lower(), tuple(offered))


@lru_cache(maxsize=256)
def _choose(accepted: str, offered: tuple[str, ...]) -> str:
    qualities = dict(map(_read, accepted.split(",")))
    otherwise = qualities.get("*", 0.0)
    best = max(offered, key=lambda coding: qualities.get(coding, otherwise), default=IDENTITY)
    quality = qualities.get(best, otherwise)
    return best if quality > 0 and quality >= qualities.get(IDENTITY, 0) else IDENTITY


def _read(item: str) -> tuple[str, float]:
    """The name of a coding and its quality, from 0 to 1; what cannot be read is not wanted."""
    name, has_quality, parameter = item.partition(";")
    match = _QUALITY.fullmatch(parameter)
    return name.strip(), float(match[1]) if match else float(not has_quality)


class Gzip:
    """The gzip of one answer, part by part."""

    def __init__(self) -> None:
        self._stream = isal_zlib.compressobj(LEVEL, isal_zlib.DEFLATED, WITH_HEADER)

    def compress(self, message: Message) -> None:
        """Put the gzip of a part in its place; what has come so far can be read without the parts that follow."""
        flush = isal_zlib.Z_SYNC_FLUSH if message.get("more_body") else isal_zlib.Z_FINISH
        message["body"] = self._stream.compress(message.get("body", b"")) + self._stream.flush(flush)


def compress_first(scope: Scope, head: Message, first: Message) -> Gzip | None:
    """Compress the `first` part of an answer, and say so in its head: what compresses the others; None if nothing is to be."""
    headers = MutableHeaders(raw=head["headers"])
    if not _would_be_smaller(headers, first):
        return None
    headers.add_vary_header("Accept-Encoding")
    if choose_coding(Headers(scope=scope), ("gzip",)) == IDENTITY:
        return None
    gzip = Gzip()
    gzip.compress(first)
    headers["Content-Encoding"] = "gzip"
    if first.get("more_body"):
        del headers["Content-Length"]
    else:
        headers["Content-Length"] = str(len(first["body"]))
    return gzip


def _would_be_smaller(headers: Headers, first: Message) -> bool:
    if len(first.get("body", b"")) < SMALLEST and not first.get("more_body"):
        return False
    media_type = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return "Content-Encoding" not in headers and COMPRESSED.isdisjoint(
        (media_type, media_type.partition("/")[0] + "/*")
    )
