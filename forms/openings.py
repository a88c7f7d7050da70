"""Opening a problem: its identification."""

from collections.abc import Collection, Mapping

from forms.form import INVALID, Field, Form, read

LEVELS = (("1", "Tinggi"), ("2", "Sedang"), ("3", "Rendah"))
IDENTIFICATION = Field("identification", "Identifikasi masalah", 4000)


def read_opening(raw: Mapping[str, str], category_codes: Collection[str]) -> Form:
    """The identification, given the categories that can be chosen."""
    levels = [value for value, _ in LEVELS]
    fields = (
        Field("category", "Kategori", choices=category_codes),
        Field("impact", "Dampak", choices=levels),
        Field("urgency", "Urgensi", choices=levels),
        IDENTIFICATION,
    )
    return read(raw, fields, INVALID)
