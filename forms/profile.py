"""A person's own contact, and what they want to be told by mail."""

from collections.abc import Mapping, Sequence
from datetime import time
from typing import Any

from forms.coded import Email, Phone
from forms.fields import Choice, Raw
from forms.form import INVALID, Form, read
from forms.times import Clock

# The kinds of notifications, as one chooses among them.
KINDS = {
    "reached": "Kendala sampai pada Anda atau divisi Anda",
    "assigned": "Anda menjadi petugas",
    "returned": "Kendala dikembalikan",
    "withdrawn": "Kendala ditarik kembali atau diambil alih",
    "commented": "Komentar",
    "mentioned": "Anda disebut dengan @NIK",
    "outcome": "Kendala menunggu pelapor, selesai, atau dibatalkan",
    "reopened": "Kendala dibuka kembali",
    "target": "Target hampir terlewat atau terlewat",
}
DIRECT, DAILY, NEVER = "direct", "daily", "never"
HOW = ((DIRECT, "Langsung"), (DAILY, "Ringkasan harian"), (NEVER, "Tidak"))
FIELDS = (
    Email("email", "Surel", length=254, required=False, keyboard="email", autocomplete="email"),
    Phone("phone", "Telepon", length=30, required=False, keyboard="tel", autocomplete="tel"),
    *(Choice(kind, label, options=HOW, placeholder=None) for kind, label in KINDS.items()),
    Clock("quiet_from", "Jam tenang dari", required=False),
    Clock("quiet_until", "Jam tenang sampai", required=False),
)
TOO_MANY = "Terlalu banyak tautan konfirmasi diminta hari ini. Silakan coba lagi besok."
TOGETHER = "Jam tenang diisi keduanya, atau dikosongkan keduanya."
NO_TIME = "Awal dan akhir jam tenang sama."


def read_profile(raw: Raw) -> Form:
    """What was typed."""
    form = read(raw, FIELDS, INVALID)
    start, end = form.data.get("quiet_from"), form.data.get("quiet_until")
    if not form.errors and (start is None) != (end is None):
        return form.with_error("quiet_until" if end is None else "quiet_from", TOGETHER)
    return form.with_error("quiet_until", NO_TIME) if not form.errors and start is not None and start == end else form


def values_of(
    email: str | None, phone: str | None, daily: Sequence[str], silent: Sequence[str], quiet: Sequence[time | None]
) -> dict[str, str]:
    """What stands in the form at first."""
    how = {kind: DAILY if kind in daily else NEVER if kind in silent else DIRECT for kind in KINDS}
    hours = {name: f"{at:%H:%M}" if at else "" for name, at in zip(("quiet_from", "quiet_until"), quiet, strict=True)}
    return {"email": email or "", "phone": phone or "", **how, **hours}


def kinds_of(data: Mapping[str, Any], how: str) -> list[str]:
    """The kinds that were chosen to be told like this."""
    return [kind for kind in KINDS if data[kind] == how]
