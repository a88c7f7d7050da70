"""Phone numbers as people write them, and as links need them (E.164). Pure."""

import re
from urllib.parse import quote

from formats.text import folded

COUNTRY = "62"  # Indonesia: what is written with a 0 in front, or with neither 0 nor +, is a number there


def international(written: str | None) -> str | None:
    """The digits of a number with its country's (0812-3456 → 628123456), without a plus; None if that is no phone number."""
    text = folded(written or "")
    digits = re.sub(r"[ ().-]", "", text)
    if match := re.fullmatch(r"(?:\+|00)([1-9][0-9]{6,14})", digits):
        digits = match[1]
    elif match := re.fullmatch(r"(?:62|0)?([1-9][0-9]{5,12})", digits):
        digits = COUNTRY + match[1]
    else:
        return None
    return digits.replace("620", COUNTRY, 1) if digits.startswith("620") else digits  # +62 (0)812…


def phone_link(written: str | None) -> str | None:
    """Where a phone calls the number; None if it is none."""
    digits = international(written)
    return f"tel:+{digits}" if digits else None


def whatsapp_link(written: str | None, text: str) -> str | None:
    """Where somebody writes to the number, beginning with `text`; None if it is none, or of a landline in Indonesia."""
    digits = international(written)
    if digits is None or (digits.startswith(COUNTRY) and not digits.startswith("628")):
        return None
    return f"https://wa.me/{digits}?text={quote(text, safe='')}"
