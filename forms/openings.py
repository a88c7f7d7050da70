"""Opening a problem: its identification, and putting that right."""

from collections.abc import Iterable

from forms.fields import Choice, Choices, Level, Text, label_codes
from forms.form import Form

LEVELS = (("1", "Tinggi"), ("2", "Sedang"), ("3", "Rendah"))
CATEGORY = Choice("category", "Kategori")
IMPACT = Level("impact", "Dampak", hint="Berapa banyak yang terganggu.", options=LEVELS)
URGENCY = Level("urgency", "Urgensi", hint="Seberapa cepat harus selesai.", options=LEVELS)
IDENTIFICATION = Text("identification", "Identifikasi masalah", rows=4)
FIELDS = (CATEGORY, IMPACT, URGENCY, IDENTIFICATION)

UNCHANGED = "Belum ada yang diubah."


def check_correction(form: Form) -> Form:
    """The form, saying so if all that stands in it is what stood in it at first."""
    same = form.valid and all(form.values[name] == value for name, value in form.initial.items())
    return form.with_message(UNCHANGED) if same else form


def group_categories(categories: Iterable[tuple[str, str, str]]) -> Choices:
    """What can be chosen, given (group, code, name) of each category: by group, then once more by name.

    A browser finds by the first letters of what it shows: so a name is found by typing as well as a code.
    """
    groups: dict[str, list[tuple[str, str]]] = {}
    names = []
    for group, code, name in categories:
        groups.setdefault(group, []).extend(label_codes([(code, name)]))
        names.append((code, f"{name} — {code}"))
    by_name = sorted(names, key=lambda choice: choice[1].casefold())
    return [*groups.items(), ("Menurut nama", by_name)] if names else []
