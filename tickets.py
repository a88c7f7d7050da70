"""Tickets: what a form carries so that the text typed in it can be kept for its person, even after the session has ended.

A ticket opens nothing: with it the drafts of one form of one person can be written, and neither read nor sent.
"""

import hashlib
from collections.abc import Sequence

from itsdangerous import BadSignature, TimestampSigner

VALID = 24 * 3600  # seconds: longer than any session, so that who comes back to an open form finds what was typed


def issue_ticket(secret_keys: Sequence[str], nik: str, form_key: str) -> str:
    """A ticket for the form with this key, shown to this person."""
    return _signer(secret_keys, form_key).sign(nik).decode()


def read_ticket(secret_keys: Sequence[str], ticket: str, form_key: str) -> str | None:
    """To whom the form with this key was shown; None if the ticket is not for it, or is older than VALID."""
    try:
        return _signer(secret_keys, form_key).unsign(ticket, max_age=VALID).decode()
    except BadSignature:
        return None


def _signer(secret_keys: Sequence[str], form_key: str) -> TimestampSigner:
    return TimestampSigner(secret_keys, salt=f"sih.draft.{form_key}", digest_method=hashlib.sha256)
