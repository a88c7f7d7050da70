"""Links that confirm a mail address: what one carries is signed, names no address, and is good for a day (double opt-in)."""

import hashlib
from collections.abc import Sequence
from uuid import UUID

from itsdangerous import BadData, URLSafeTimedSerializer

VALID = 24 * 3600  # seconds


def issue_confirmation(secret_keys: Sequence[str], nik: str, key: UUID) -> str:
    """A token for that person and the address that waits under that key."""
    return _serializer(secret_keys).dumps([nik, str(key)])  # type: ignore[return-value]


def read_confirmation(secret_keys: Sequence[str], token: str, nik: str) -> UUID | None:
    """The key in a token; None if it is not ours, too old, or somebody else's."""
    try:
        owner, key = _serializer(secret_keys).loads(token, max_age=VALID)
        return UUID(key) if owner == nik else None
    except (BadData, ValueError, TypeError):
        return None


def _serializer(secret_keys: Sequence[str]) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(
        list(secret_keys), salt="sih.confirmation", signer_kwargs={"digest_method": hashlib.sha256}
    )
