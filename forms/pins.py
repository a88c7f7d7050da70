"""Choosing a PIN, and which ones are too easily guessed."""

import itertools
import re
from collections.abc import Mapping
from datetime import date

from formats.text import digits
from forms.fields import Secret
from forms.form import EMPTY, INVALID, Form

LENGTH = 6
OLD_PIN = Secret("old_pin", "PIN lama", keyboard="numeric", autocomplete="current-password", width="short")
NEW_PIN = Secret(
    "new_pin",
    "PIN baru",
    hint="6 angka: tidak berurutan, tidak berulang, dan bukan bagian dari NIK atau tanggal lahir.",
    length=LENGTH,
    keyboard="numeric",
    autocomplete="new-password",
    width="short",
)
REPEAT_PIN = Secret(
    "repeat_pin", "Ulangi PIN baru", length=LENGTH, keyboard="numeric", autocomplete="new-password", width="short"
)
FIELDS = (OLD_PIN, NEW_PIN, REPEAT_PIN)

WRONG_OLD = "PIN lama salah!"
NOT_SIX = "PIN terdiri dari 6 angka."
NOT_THE_SAME = "Ulangi PIN baru tidak sama dengan PIN baru."
NOT_NEW = "PIN baru harus berbeda dari PIN lama."
SEQUENCE = "PIN ini mudah ditebak: angkanya berurutan."
REPETITION = "PIN ini mudah ditebak: angkanya berulang."
PART_OF_NIK = "PIN ini mudah ditebak: bagian dari NIK Anda."
BIRTH_DATE = "PIN ini mudah ditebak: tanggal lahir Anda."
KEYPAD = "PIN ini mudah ditebak: barisan pada papan angka."

# The columns and diagonals of a keypad, down and up.
_KEYPAD = frozenset({"147", "258", "369", "741", "852", "963", "159", "357", "951", "753"})


def read_pins(raw: Mapping[str, str], nik: str, birth_date: date | None) -> Form:
    """The form of whoever changes their PIN. Its values are never shown again."""
    values = {f.name: digits(raw.get(f.name, "")) for f in FIELDS}
    errors = {f.name: f"{f.label} belum diisi." for f in FIELDS if not values[f.name]}
    if errors:
        return Form(FIELDS, values, errors, EMPTY)
    old, new, repeated = values.values()
    if not re.fullmatch(rf"[0-9]{{{LENGTH}}}", new):
        errors["new_pin"] = NOT_SIX
    elif new == old:
        errors["new_pin"] = NOT_NEW
    elif weak := weakness(new, nik, birth_date):
        errors["new_pin"] = weak
    elif new != repeated:
        errors["repeat_pin"] = NOT_THE_SAME
    return Form(FIELDS, values, errors, INVALID if errors else "")


def weakness(pin: str, nik: str, birth_date: date | None = None) -> str:
    """Why nobody with this NIK and birth date should have `pin`, six digits; empty if they may."""
    steps = {(int(b) - int(a)) % 10 for a, b in itertools.pairwise(pin)}
    if len(set(pin)) <= 2 or pin[:3] == pin[3:] or pin[:2] == pin[2:4] == pin[4:]:
        return REPETITION
    if len(steps) == 1:
        return SEQUENCE
    # Four digits in a row that the NIK has too leave a hundred guesses.
    if any(pin[i : i + 4] in nik for i in range(LENGTH - 3)):
        return PART_OF_NIK
    if birth_date and pin in {birth_date.strftime(f) for f in ("%d%m%y", "%y%m%d", "%m%d%y", "%m%Y", "%Y%m", "%y%d%m")}:
        return BIRTH_DATE
    return KEYPAD if {pin[:3], pin[3:]} <= _KEYPAD else ""
