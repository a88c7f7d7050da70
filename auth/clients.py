"""What is known of the browser or program that asks, beside who uses it: its address, session id and device id."""

import hashlib
import secrets
from dataclasses import dataclass, field


def new_id() -> str:
    """256 random bits: the id of a session or of a device."""
    return secrets.token_urlsafe(32)


def hash_id(id: str) -> bytes:
    """What the database knows an id by."""
    return hashlib.sha256(id.encode()).digest()


@dataclass(frozen=True)
class Client:
    """Where somebody asks from. `browser` is in words; the ids are those that the client holds, valid or not, if any."""

    address: str
    session_id: str | None = field(default=None, repr=False)
    device_id: str | None = field(default=None, repr=False)
    browser: str = ""

    @property
    def session_hash(self) -> bytes | None:
        """What its session is known by in the database."""
        return hash_id(self.session_id) if self.session_id else None

    @property
    def device_hash(self) -> bytes | None:
        """What its device is known by in the database."""
        return hash_id(self.device_id) if self.device_id else None
