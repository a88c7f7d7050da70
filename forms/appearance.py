"""How pages look to a person (colour scheme, density)."""

from forms.fields import Choice, Raw
from forms.form import INVALID, Form, read

FIELDS = (
    Choice(
        "theme",
        "Warna",
        options=(("auto", "Otomatis, seperti perangkat"), ("light", "Terang"), ("dark", "Gelap")),
        placeholder=None,
    ),
    Choice(
        "density",
        "Kerapatan daftar",
        options=(("roomy", "Lapang, dua baris setiap kendala"), ("compact", "Rapat, satu baris setiap kendala")),
        placeholder=None,
    ),
)


def read_appearance(raw: Raw) -> Form:
    """What was chosen."""
    return read(raw, FIELDS, INVALID)
