"""Opening a problem: its identification."""

from collections.abc import Iterable, Mapping

from forms.form import INVALID, Choices, Field, Form, label_codes, read, with_texts

LEVELS = (("1", "Tinggi"), ("2", "Sedang"), ("3", "Rendah"))
LABELS = {"category": "Kategori", "impact": "Dampak", "urgency": "Urgensi", "identification": "Identifikasi masalah"}
IDENTIFICATION = Field("identification", LABELS["identification"], 4000)


def read_opening(raw: Mapping[str, str], choices: Mapping[str, Choices]) -> Form:
    """The identification, given what can be chosen."""
    chosen = [
        Field(name, LABELS[name], choices=with_texts(choices[name])) for name in ("category", "impact", "urgency")
    ]
    return read(raw, (*chosen, IDENTIFICATION), INVALID)


def offer_identification(categories: Iterable[tuple[str, str, str]]) -> dict[str, Choices]:
    """What can be chosen, by field, given (group, code, name) of each category."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for group, code, name in categories:
        groups.setdefault(group, []).extend(label_codes([(code, name)]))
    return {"category": list(groups.items()), "impact": LEVELS, "urgency": LEVELS}


def identified(values: Mapping[str, str]) -> tuple[str, int, int, str]:
    """Category, impact, urgency and identification of a valid form."""
    return values["category"], int(values["impact"]), int(values["urgency"]), values["identification"]
