"""Opening a problem: its identification."""

from collections.abc import Collection, Iterable, Mapping

from forms.form import INVALID, Field, Form, read

LEVELS = (("1", "Tinggi"), ("2", "Sedang"), ("3", "Rendah"))
LABELS = {"category": "Kategori", "impact": "Dampak", "urgency": "Urgensi", "identification": "Identifikasi masalah"}
IDENTIFICATION = Field("identification", LABELS["identification"], 4000)


def read_opening(raw: Mapping[str, str], category_codes: Collection[str]) -> Form:
    """The identification, given the categories that can be chosen."""
    levels = [value for value, _ in LEVELS]
    fields = (
        Field("category", LABELS["category"], choices=category_codes),
        Field("impact", LABELS["impact"], choices=levels),
        Field("urgency", LABELS["urgency"], choices=levels),
        IDENTIFICATION,
    )
    return read(raw, fields, INVALID)


def group_categories(categories: Iterable[tuple[str, str, str]]) -> list[tuple[str, list[tuple[str, str]]]]:
    """(group, code, name) of each category, as a choice offers them: by group, the codes with what they are shown as."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for group, code, name in categories:
        groups.setdefault(group, []).append((code, f"{code} — {name}"))
    return list(groups.items())


def identified(values: Mapping[str, str]) -> tuple[str, int, int, str]:
    """Category, impact, urgency and identification of a valid form."""
    return values["category"], int(values["impact"]), int(values["urgency"]), values["identification"]
