"""What every form carries beside its fields: its key, and the version of the problem that was seen."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from forms.form import clean

BAD_KEY = "Formulir ini tidak lengkap. Isian Anda masih ada: silakan kirim sekali lagi."
KEY_REUSED = "Formulir ini sudah pernah dikirim dengan isi lain. Isian Anda masih ada: silakan kirim sekali lagi."


@dataclass(frozen=True)
class Envelope:
    """`key` is None and `version` is 0 where they were missing or malformed."""

    key: UUID | None
    version: int
    digest: bytes  # SHA-256 of the door and all that was posted but the key and the ticket


def new_key() -> str:
    """A key for a form that is shown afresh."""
    return str(uuid4())


def open_envelope(raw: Mapping[str, str], door: str, files: Sequence[str] = ()) -> Envelope:
    """The envelope of what was posted as `raw` to `door`, the path of the request, with files of these digests."""
    content = sorted((name, clean(value)) for name, value in raw.items() if name not in ("key", "ticket"))
    digest = hashlib.sha256(json.dumps([door, content, *files]).encode()).digest()
    return Envelope(_key(raw.get("key", "")), _version(raw.get("version", "")), digest)


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _version(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0
