"""Narrowing a month's recap: what its address says (filters), and the addresses of what its numbers count."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from formats.recap import ALL, LENGTHS, Number
from forms.fields import Choice, Choices, label_codes
from forms.form import Form, read
from forms.listing import LAST_RANK

BY_WORDS = {"holder": "Penanggung", "area": "Wilayah", "store": "Toko", "category": "Kategori", "priority": "Prioritas"}

BY = Choice("by", "Menurut", required=False, options=tuple(BY_WORDS.items()), placeholder=None)
DIVISION = Choice("division", "Divisi", required=False, placeholder="Semua divisi")
DEPARTMENT = Choice("department", "Departemen", required=False, placeholder="Semua departemen")
AREA = Choice("area", "Wilayah", required=False, placeholder="Semua wilayah")
STORE = Choice("store", "Toko", required=False, placeholder="Semua toko")
FIELDS = (BY, DIVISION, DEPARTMENT, AREA, STORE)
CODE = "[A-Z0-9-]{0,30}"  # of a row; none is longer


@dataclass(frozen=True)
class RecapForm:
    """The filters of a month's recap as they stand in its address, and what is wrong with them; an empty text stands for all."""

    form: Form
    month: date
    by: str
    division: str
    department: str
    area: str
    store: str

    @property
    def holders(self) -> tuple[str, ...]:
        """The divisions and departments that are chosen, by code."""
        return tuple(filter(None, (self.division, self.department)))

    @property
    def store_label(self) -> str:
        """The store that is chosen, as it is shown."""
        return next((text for label, text in self.form.typed if label == STORE.label), "")

    @property
    def parameters(self) -> dict[str, str]:
        """The month and the filters as a form sends them."""
        filters = {f.name: getattr(self, f.name) for f in FIELDS if f is not BY}
        return {"month": f"{self.month:%Y-%m}"} | filters

    def url(self, page: str = "", **changes: str) -> str:
        """The address of the recap, or of a page of it, with these filters, some of them changed."""
        month = changes.pop("month", f"{self.month:%Y-%m}")
        chosen = {f.name: getattr(self, f.name) for f in FIELDS} | changes
        chosen["by"] = "" if chosen["by"] == "holder" and not page else chosen["by"]
        query = urlencode({name: value for name, value in chosen.items() if value})
        return f"/recap/{month}{page}{'?' if query else ''}{query}"

    def url_in(self, month: date) -> str:
        """The address of the same recap of another month."""
        return self.url(month=f"{month:%Y-%m}")

    @property
    def chosen(self) -> list[str]:
        """What the recap is narrowed to, in words."""
        return [text for label, text in self.form.typed if label != BY.label]


def read_recap(
    raw: Mapping[str, str],
    month: date,
    divisions: Sequence[tuple[str, str]],
    departments: Sequence[tuple[str, str]],
    areas: Sequence[tuple[str, str]],
    stores: Sequence[tuple[str, str]],
) -> RecapForm:
    """The filters in the query `raw`, given what can be chosen, as (code, name)."""
    offer: dict[str, Choices] = {
        "division": tuple(label_codes(divisions)),
        "department": tuple(label_codes(departments)),
        "area": tuple(label_codes(areas)),
        "store": tuple(label_codes(stores)),
    }
    form = read(raw, FIELDS, offer=offer)
    form = replace(form, values={**form.values, "by": form.values["by"] or "holder"})
    return RecapForm(form, month, **{f.name: form.text(f.name) for f in FIELDS})


@dataclass(frozen=True)
class Asked:
    """Which number of a recap is asked for: of the row `key`, or of all; the place after which its page begins, and the
    restatement before which theirs does."""

    number: Number
    key: str | None
    after: tuple[int, ...]
    before: int | None


def read_asked(raw: Mapping[str, str]) -> Asked | None:
    """What the query of a number's page asks for; None if there is no such number or place."""
    number, text = ALL.get(raw.get("number", "")), raw.get("after", "")
    if number is None:
        return None
    is_place = re.fullmatch(r"[0-9]{1,18}(\.[0-9]{1,18}){1,2}", text) is not None
    after = [int(part) for part in text.split(".")] if is_place else []
    is_right = len(after) == (3 if number in LENGTHS else 2) and max(after) <= LAST_RANK
    key, before = raw.get("key"), raw.get("before", "")
    if re.fullmatch(CODE, key or "") is None or re.fullmatch("[0-9]{0,18}", before) is None:
        return None
    return Asked(number, key, tuple(after), int(before) if before else None) if is_right or not text else None


def read_after(raw: Mapping[str, str]) -> str | None:
    """The code of the store after which a page of stores begins; None for the first page.

    Raises ValueError if no store can have it.
    """
    code = raw.get("after", "")
    if re.fullmatch(CODE, code) is None:
        raise ValueError(code)
    return code or None
