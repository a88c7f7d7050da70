"""Narrowing the list of problems: the filters in its URL (keyset paging, search)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple
from urllib.parse import urlencode

from formats.search import find_number, is_indexed, like, words_of
from forms.fields import Choice, Choices, Field, Text, label_codes, plain_choices
from forms.form import Form, read
from forms.problems import read_id

NO_STORE = "Tidak ada toko dengan kode atau nama itu."
SEVERAL_STORES = "Beberapa toko cocok. Pilih salah satu dari saran, atau ketik kodenya."

STATUSES = ("reported", "open", "waiting", "escalated", "closed", "void")
STATUS_WORDS = {
    "unfinished": "Belum selesai",
    "reported": "Baru",
    "open": "Dibuka",
    "waiting": "Menunggu",
    "escalated": "Dialihkan",
    "closed": "Selesai",
    "void": "Dibatalkan",
}
NEWEST = "newest"  # the order, unless named
SORTS = {
    NEWEST: "Terbaru",
    "oldest": "Terlama",
    "priority": "Prioritas",
    "changed": "Terakhir berubah",
    "due": "Target",
}
PRIORITIES = {"1": "P1 — Kritis", "2": "P2 — Tinggi", "3": "P3 — Sedang", "4": "P4 — Rendah", "5": "P5 — Sangat rendah"}

YEAR = Choice("year", "Tahun", required=False, placeholder=None)
STATUS = Choice("status", "Status", required=False, options=tuple(STATUS_WORDS.items()), placeholder="Semua status")
HOLDER = Choice("holder", "Penanggung", required=False, placeholder="Semua penanggung")
STORE = Choice("store", "Toko", required=False, placeholder="Semua toko")
PRIORITY = Choice(
    "priority", "Prioritas", required=False, options=tuple(PRIORITIES.items()), placeholder="Semua prioritas"
)
REPORTER = Choice(
    "reporter", "Pelapor", required=False, options=(("me", "Dilaporkan saya"),), placeholder="Semua pelapor"
)
SORT = Choice("sort", "Urutkan", required=False, options=tuple(SORTS.items()), placeholder=None)
SEARCH = Text("q", "Cari", required=False, length=100)
FIELDS = (YEAR, STATUS, HOLDER, STORE, PRIORITY, REPORTER, SORT, SEARCH)

LAST_RANK = 10**17  # as a moment in microseconds it is of the year 5138


class Position(NamedTuple):
    """A place in the order of the list, as its address names it: `rank` in an order that is not that of the numbers."""

    rank: int
    id: int


@dataclass(frozen=True)
class ListForm:
    """The filters of the list as they stand in its URL, and what is wrong with them.

    `year` is a year or "all"; an empty text stands for all. The page begins beside `after` or `before`. `problem` is the id of
    the one that is shown beside the list, where there is room.
    """

    form: Form
    year: str
    status: str
    holder: str
    store: str
    priority: str
    reporter: str
    sort: str
    q: str
    after: Position | None
    before: Position | None
    problem: int | None

    @cached_property
    def key(self) -> tuple:
        """The filters and what is wrong with them, whatever page of the list it is: what is made of these is kept under it."""
        return *self._texts.values(), self.form.message, *self.form.errors.items()

    @property
    def parameters(self) -> dict[str, str]:
        """The filters as a form sends them: without those that say nothing."""
        return _named(self._texts)

    def url(self, **changes: str) -> str:
        """The address of the list with these filters, some of them changed; the page is the first, unless named."""
        return f"/problems?{urlencode(_named(self._texts | changes), safe=':')}"

    def url_of(self, side: str, position: tuple[int, int]) -> str:
        """The address of the page `after` or `before` a position."""
        rank, number = position
        return self.url(**{side: f"{rank}.{number}" if self.has_ranks else str(number)})

    @cached_property
    def _texts(self) -> dict[str, str]:
        return {f.name: getattr(self, f.name) for f in FIELDS}

    @property
    def has_ranks(self) -> bool:
        """Whether a position in the order is more than a number."""
        return self.sort not in (NEWEST, "oldest")

    @property
    def sides(self) -> dict[str, Position | None]:
        """What the page begins beside, by the side."""
        return {"after": self.after, "before": self.before}

    @cached_property
    def page_url(self) -> str:
        """The address of this very page of the list."""
        if self.before is not None:
            return self.url_of("before", self.before)
        return self.url_of("after", self.after) if self.after is not None else self.url()

    @property
    def chosen(self) -> list[str]:
        """What the list is narrowed to beside the year, in words."""
        words = {f.name: text for f, (_, text) in zip(self._filled, self.form.typed, strict=True)}
        if ":" in self.holder:  # without the load
            words["holder"] = words["holder"].rpartition(" — ")[0] or words["holder"]
        if self.q:
            words["q"] = f"“{self.q}”"
        return [text for name, text in words.items() if name not in (YEAR.name, SORT.name)]

    @property
    def _filled(self) -> list[Field]:
        return [f for f in FIELDS if self.form.values.get(f.name)]

    @property
    def patterns(self) -> list[str] | None:
        """LIKE patterns of the words of `q`, the longest first: an index finds these, the others narrow it."""
        number = find_number(self.q)
        return None if number and number.only else list(map(like, words_of(self.q))) or None

    @property
    def reads_all(self) -> bool:
        """Whether no index finds what is searched, so that each problem has to be read."""
        return bool(self.patterns) and self.number is None and not is_indexed(words_of(self.q))

    @property
    def number(self) -> int | None:
        """The number of a problem that `q` names, or may name: it is looked for in all years."""
        number = find_number(self.q)
        return number.id if number else None


def read_list(
    raw: Mapping[str, str], years: Sequence[int], holders: Choices, stores: Sequence[tuple[str, str]]
) -> ListForm:
    """The filters in the query `raw`, given what can be chosen; the year is the newest that has problems, unless named."""
    offer = {
        "year": (*plain_choices([*map(str, years)]), ("all", "Semua tahun")),
        "holder": holders,
        "store": tuple(label_codes(stores)),
    }
    form = read(raw, FIELDS, offer=offer)
    year = form.values["year"] or (str(years[0]) if years else "all")
    form = replace(form, values={**form.values, "year": year, "sort": form.values["sort"] or NEWEST})
    texts = {f.name: form.text(f.name) for f in FIELDS}
    listing = ListForm(form, after=None, before=None, problem=read_id(raw.get("problem", "")), **texts)
    sides = {side: _position(raw.get(side, ""), listing.has_ranks) for side in ("after", "before")}
    if any(raw.get(side) and position is None for side, position in sides.items()):
        listing = replace(listing, form=form.with_message("Halaman itu tidak ada."))
    return replace(listing, **sides)


def _named(filters: Mapping[str, str]) -> dict[str, str]:
    """Those of the filters that have to be named."""
    return {name: value for name, value in filters.items() if value and (name, value) != ("sort", NEWEST)}


def with_old_names(raw: Mapping[str, str]) -> Mapping[str, str]:
    """The query under the names of today: `holder` was `division`, and addresses are kept in many places."""
    return {**raw, "holder": raw["division"]} if raw.get("division") and not raw.get("holder") else raw


def _position(text: str, has_rank: bool) -> Position | None:
    rank, dot, number = text.rpartition(".")
    place = read_id(rank) if has_rank else 0
    number = read_id(number)
    if place is None or number is None or place > LAST_RANK or bool(dot) is not has_rank:
        return None
    return Position(place, number)


class Shown(NamedTuple):
    """What a list that is left open says that it shows: the version of the problems, and the ids of its rows."""

    version: str
    ids: list[int]


def read_shown(text: str, limit: int) -> Shown | None:
    """What a list says that it shows, `version:1,2,3`; None if it says nothing, or more than `limit` rows."""
    match = re.fullmatch(r"([0-9]{1,20}\.[0-9]{1,12}):((?:[0-9]{1,18}(?:,[0-9]{1,18})*)?)", text)
    ids = [int(number) for number in match[2].split(",") if number] if match else []
    return Shown(match[1], ids) if match and len(ids) <= limit else None


def with_store_error(listing: ListForm, several: bool) -> ListForm:
    """The filters, saying of a store that was typed and is none that it names `several`, or none."""
    if "store" not in listing.form.errors:
        return listing
    errors = {**listing.form.errors, "store": SEVERAL_STORES if several else NO_STORE}
    return replace(listing, form=replace(listing.form, errors=errors))
