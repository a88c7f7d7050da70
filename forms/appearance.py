"""How pages look to a person (colour scheme, density)."""

from forms.fields import Choice, Raw
from forms.form import INVALID, Form, read

FIELDS = (
    Choice(
        "theme",
        "Warna",
        options=(("auto", "Seperti perangkat"), ("light", "Terang"), ("dark", "Gelap")),
        placeholder=None,
    ),
    Choice(
        "density",
        "Kerapatan daftar",
        options=(("roomy", "Lapang (dua baris)"), ("compact", "Rapat (satu baris)")),
        placeholder=None,
    ),
)


def read_appearance(raw: Raw) -> Form:
    """What was chosen."""
    return read(raw, FIELDS, INVALID)
