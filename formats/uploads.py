"""What came of a file that somebody sent: a picture made of it, or the document that it is. Pure."""

import hashlib
from typing import IO, NamedTuple

from formats.documents import Document
from formats.picture import Picture


class Upload(NamedTuple):
    """A picture or a document, with the digest (SHA-256) and the size (bytes) of the file that it was made of."""

    digest: bytes
    size: int
    made: Picture | Document


class Sent(NamedTuple):
    """A file as it was sent: what it is called, its size (bytes), and where it lies."""

    name: str
    size: int
    file: IO[bytes]


def digest(file: IO[bytes]) -> bytes:
    """SHA-256 of a file as it was sent."""
    file.seek(0)
    found = hashlib.sha256()
    while part := file.read(1024 * 1024):
        found.update(part)
    return found.digest()
