"""Reporting a problem, commenting on one, and narrowing the list of them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from forms.form import Field, Form, clean, read

TITLE = Field("title", "Judul", 120)
DESCRIPTION = Field("description", "Uraian", 4000)
ASSET = Field("asset", "Barang", 120, required=False)
COMMENT = Field("comment", "Komentar", 4000)

NO_STORE = "Tidak ada toko dengan kode atau nama itu."
SEVERAL_STORES = "Beberapa toko cocok. Pilih salah satu dari saran, atau ketik kodenya."

STATUSES = ("reported", "open", "escalated", "closed", "void")
ID_LIMIT = 2**63 - 1


def read_report(raw: Mapping[str, str]) -> Form:
    """The form of a report; `reporter` is the NIK of a caller, for whom a handler records it."""
    form = read(raw, (TITLE, DESCRIPTION, ASSET))
    return Form({**form.values, "reporter": clean(raw.get("reporter", ""))}, form.errors, form.message)


def split_asset(typed: str, assets: Sequence[tuple[str, str]]) -> tuple[str | None, str | None]:
    """(tag, None) if what was typed names one of the store's assets, by tag or as offered (`tag — name`); else (None, text)."""
    known = {label.casefold(): tag for tag, name in assets for label in (tag, f"{tag} — {name}")}
    tag = known.get(typed.casefold())
    return (tag, None) if tag else (None, typed or None)


def read_comment(raw: Mapping[str, str]) -> Form:
    """The form of a comment."""
    return read(raw, (COMMENT,))


@dataclass(frozen=True)
class ListForm:
    """The filters of the list as they stand in its URL, and what is wrong with them.

    `year` is a year or "all"; an empty text stands for all. `after` and `before` are ids: the page begins beside them.
    `problem` is the id of the one that is shown beside the list, where there is room.
    """

    form: Form
    year: str
    status: str
    division: str
    store: str
    q: str
    after: int | None
    before: int | None
    problem: int | None

    def url(self, **changes: str) -> str:
        """The address of the list with these filters, some of them changed; the page is the first, unless named."""
        chosen = {name: getattr(self, name) for name in ("year", "status", "division", "store", "q")} | changes
        return f"/problems?{urlencode({name: value for name, value in chosen.items() if value})}"

    @property
    def page_url(self) -> str:
        """The address of this very page of the list."""
        if self.before is not None:
            return self.url(before=str(self.before))
        return self.url(after=str(self.after)) if self.after is not None else self.url()

    @property
    def patterns(self) -> list[str] | None:
        """LIKE patterns of the words of `q`, the longest first: an index finds that one, the others narrow it."""
        if self.number_only is not None:
            return None
        words = sorted(self.q.split(), key=len, reverse=True)
        return [_pattern(word) for word in words] or None

    @property
    def number_only(self) -> int | None:
        """The id, if `q` is a number as it is shown: K-123."""
        match = re.fullmatch(r"[Kk]-?([0-9]{1,18})", self.q)
        return int(match[1]) if match else None

    @property
    def number(self) -> int | None:
        """An id that `q` may mean: K-123, or just 123."""
        return int(self.q) if re.fullmatch(r"[0-9]{1,18}", self.q) else self.number_only


def read_list(
    raw: Mapping[str, str],
    years: Sequence[int],
    divisions: Sequence[tuple[str, str]],
    stores: Sequence[tuple[str, str]],
) -> ListForm:
    """The filters in the query `raw`, given what can be chosen; the year is the newest that has problems, unless named."""
    fields = (
        Field("year", "Tahun", choices=[*map(str, years), "all"], required=False),
        Field("status", "Status", choices=STATUSES, required=False),
        Field("division", "Divisi", choices=[code for code, _ in divisions], required=False),
        Field("store", "Toko", choices=[code for code, _ in stores], required=False),
        Field("q", "Cari", 100, required=False),
    )
    form = read(raw, fields)
    after, before = read_id(raw.get("after", "")), read_id(raw.get("before", ""))
    if (raw.get("after") and after is None) or (raw.get("before") and before is None):
        form = form.with_message("Halaman itu tidak ada.")
    year = form.values["year"] or (str(years[0]) if years else "all")
    form = Form({**form.values, "year": year}, form.errors, form.message)
    return ListForm(form, after=after, before=before, problem=read_id(raw.get("problem", "")), **form.values)


def with_store_error(listing: ListForm, several: bool) -> ListForm:
    """The filters, saying of a store that was typed and is none that it names `several`, or none."""
    if "store" not in listing.form.errors:
        return listing
    errors = {**listing.form.errors, "store": SEVERAL_STORES if several else NO_STORE}
    return replace(listing, form=replace(listing.form, errors=errors))


def _pattern(word: str) -> str:
    escaped = re.sub(r"([%_\\])", r"\\\1", word)
    return f"%{escaped}%"


def read_id(text: str) -> int | None:
    """A number as it stands in an address, of a problem or the like; None if it cannot be one."""
    return int(text) if re.fullmatch(r"[0-9]{1,19}", text) and int(text) <= ID_LIMIT else None
