"""Draft tokens: what a form carries so that the text typed in it can be kept for its person, even after the session has ended.

A token opens nothing: with it the drafts of one form of one person can be written, and neither read nor sent.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from itsdangerous import BadSignature, TimestampSigner

VALID = 24 * 3600  # seconds: longer than any session, so that who comes back to an open form finds what was typed


def issue_token(secret_keys: Sequence[str], nik: str, form_key: str) -> str:
    """A token for the form with this key, shown to this person."""
    return _signer(secret_keys, form_key).sign(nik).decode()


def read_author(secret_keys: Sequence[str], token: str, form_key: str) -> str | None:
    """To whom the form with this key was shown; None if the token is not for it."""
    try:
        return _signer(secret_keys, form_key).unsign(token).decode()
    except BadSignature:
        return None


def read_token(secret_keys: Sequence[str], token: str, form_key: str) -> str | None:
    """The same; None also for a token older than VALID. One from a clock that is ahead of ours is as good as a new one."""
    try:
        nik, issued_at = _signer(secret_keys, form_key).unsign(token, return_timestamp=True)
    except BadSignature:
        return None
    return nik.decode() if datetime.now(UTC) - issued_at <= timedelta(seconds=VALID) else None


def _signer(secret_keys: Sequence[str], form_key: str) -> TimestampSigner:
    return TimestampSigner(secret_keys, salt=f"sih.draft.{form_key}", digest_method=hashlib.sha256)
