"""Content negotiation: which compression the client takes (Accept-Encoding, RFC 9110 §12.5.3), and what compresses what is made
anew: zstd (RFC 8878) for who takes it, gzip for all others."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

import zstandard
from isal import isal_zlib
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES
from starlette.types import Message, Scope

from formats.documents import MEDIA_TYPES

IDENTITY = "identity"
SMALLEST = 500  # bytes of a body; below, its head weighs more than what could be saved
GZIP_LEVEL = 2  # of ISA-L's (docs/decisions/0104)
ZSTD_LEVEL = 3
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


class Coding(Protocol):
    """What compresses one answer, part by part."""

    name: str

    def compress(self, part: bytes, *, is_last: bool) -> bytes:
        """A part compressed; what has come so far can be read without the parts that follow."""
        ...


class Gzip:
    """For all who compress."""

    name = "gzip"

    def __init__(self) -> None:
        self._stream = isal_zlib.compressobj(GZIP_LEVEL, isal_zlib.DEFLATED, WITH_HEADER)

    def compress(self, part: bytes, *, is_last: bool) -> bytes:
        """See Coding."""
        return self._stream.compress(part) + self._stream.flush(
            isal_zlib.Z_FINISH if is_last else isal_zlib.Z_SYNC_FLUSH
        )


class Zstd:
    """A sixth smaller than that gzip, for browsers from 2024 on, under https."""

    name = "zstd"
    # For what is compressed at once, which is nearly all: to make one takes as long as to compress a small page.
    _whole = zstandard.ZstdCompressor(ZSTD_LEVEL)

    def __init__(self) -> None:
        self._stream: zstandard.ZstdCompressionObj | None = None

    def compress(self, part: bytes, *, is_last: bool) -> bytes:
        """See Coding."""
        if self._stream is None and is_last:
            return self._whole.compress(part)
        self._stream = self._stream or zstandard.ZstdCompressor(ZSTD_LEVEL).compressobj()
        end = zstandard.COMPRESSOBJ_FLUSH_FINISH if is_last else zstandard.COMPRESSOBJ_FLUSH_BLOCK
        return self._stream.compress(part) + self._stream.flush(end)


_CODINGS: dict[str, type[Gzip] | type[Zstd]] = {coding.name: coding for coding in (Zstd, Gzip)}


def compress_part(coding: Coding, message: Message) -> None:
    """Put the compressed part in the place of a part of an answer."""
    message["body"] = coding.compress(message.get("body", b""), is_last=not message.get("more_body"))


def compress_first(scope: Scope, head: Message, first: Message) -> Coding | None:
    """Compress the `first` part of an answer, and say so in its head: what compresses the others; None if nothing is to be."""
    headers = MutableHeaders(raw=head["headers"])
    if not _would_be_smaller(headers, first):
        return None
    headers.add_vary_header("Accept-Encoding")
    chosen = choose_coding(Headers(scope=scope), tuple(_CODINGS))
    if chosen == IDENTITY:
        return None
    coding = _CODINGS[chosen]()
    compress_part(coding, first)
    headers["Content-Encoding"] = coding.name
    if first.get("more_body"):
        del headers["Content-Length"]
    else:
        headers["Content-Length"] = str(len(first["body"]))
    return coding


def _would_be_smaller(headers: Headers, first: Message) -> bool:
    if len(first.get("body", b"")) < SMALLEST and not first.get("more_body"):
        return False
    media_type = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return "Content-Encoding" not in headers and COMPRESSED.isdisjoint(
        (media_type, media_type.partition("/")[0] + "/*")
    )
