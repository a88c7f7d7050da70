"""The form key (idempotency key) that every form carries, and the version of the problem that was seen (optimistic lock)."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from starlette.datastructures import ImmutableMultiDict

from formats.text import clean

BAD_KEY = "Formulir ini tidak lengkap. Isian Anda masih ada: silakan kirim sekali lagi."
KEY_REUSED = "Formulir ini sudah pernah dikirim dengan isi lain. Isian Anda masih ada: silakan kirim sekali lagi."

# What is no content of a form: its key, whose it is, and what else is on its page. Nor are PINs: from the digest of one
# that is kept it could be found by trying.
_NO_CONTENT = ("key", "token", "beside", "unfolded", "pin", "old_pin", "new_pin", "repeat_pin")


@dataclass(frozen=True)
class FormKey:
    """`key` is None and `version` is 0 where they were missing or malformed."""

    key: UUID | None
    version: int
    digest: bytes  # SHA-256 of the door and the content


def new_key() -> str:
    """A key for a form that is shown afresh."""
    return str(uuid4())


def read_form_key(raw: Mapping[str, str], door: str, files: Sequence[str] = ()) -> FormKey:
    """The key of what was posted as `raw` to `door`, the path of the request, with files of these digests."""
    content = sorted((name, clean(value)) for name, value in _items(raw) if name not in _NO_CONTENT)
    digest = hashlib.sha256(json.dumps([door, content, *files]).encode()).digest()
    return FormKey(read_key(raw), _version(raw.get("version", "")), digest)


def read_key(raw: Mapping[str, str], name: str = "key") -> UUID | None:
    """The key in what was posted; None if it is missing or malformed."""
    try:
        return UUID(raw.get(name, ""))
    except ValueError:
        return None


def _items(raw: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    """Every value, also where a field is repeated."""
    return raw.multi_items() if isinstance(raw, ImmutableMultiDict) else raw.items()


def _version(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0
