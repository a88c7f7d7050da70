"""Saved views: filters of the list, under a name."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from urllib.parse import parse_qsl

from forms.fields import Text
from forms.listing import ListForm

NAME = Text(
    "name",
    "Nama",
    hint="Nama yang sama menggantikan tampilan yang lama.",
    length=40,
    autocomplete="off",
    width="medium",
)
FULL = "Anda sudah menyimpan 20 tampilan. Hapus salah satu, lalu simpan lagi."
BAD_FILTERS = "Filter ini tidak dapat disimpan. Kembali ke daftar, lalu pilih lagi."


def split_query(query: str) -> dict[str, str]:
    """The filters in a query string, by name."""
    return dict(parse_qsl(query, max_num_fields=20)) if len(query) <= 2000 and query.count("&") < 20 else {}


def view_query(listing: ListForm, years: Sequence[int]) -> str:
    """The filters as they are kept: the newest year is left out, so that the view moves on with the years."""
    newest = bool(years) and listing.year == str(years[0])
    return (listing.url(year="") if newest else listing.url()).partition("?")[2]


# What everybody has without saving it; and what handlers, or else managers, have to do first.
TASKS, REPORTS = ("Tugas saya", "year=all&holder=me&status=unfinished"), ("Laporan saya", "year=all&reporter=me")
TASKS_BY_TARGET = ("Tugas menurut target", f"{TASKS[1]}&sort=due")
ALL_BY_TARGET = ("Semua menurut target", "year=all&status=unfinished&sort=due")


class View(NamedTuple):
    """A link to filters of the list; `current` are those in force."""

    name: str
    query: str
    current: bool


def views_beside(
    listing: ListForm, years: Sequence[int], saved: Iterable[tuple[int, str, str]], *, handles: bool, oversees: bool
) -> list[View]:
    """The links above the list: everybody's own, what comes first for somebody who `handles` problems or `oversees` them, then
    those that the person has saved (id, name, query)."""
    here = split_query(view_query(listing, years))
    by_target = [TASKS_BY_TARGET] if handles else [ALL_BY_TARGET] if oversees else []
    views = [TASKS, *by_target, REPORTS, *((name, query) for _, name, query in saved)]
    return [View(name, query, split_query(query) == here) for name, query in views]
