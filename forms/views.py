"""Saved views: filters of the list, under a name."""

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl

from forms.form import Field, Form, read
from forms.problems import ListForm

NAME = Field("name", "Nama", 40)
FULL = "Anda sudah menyimpan 20 tampilan. Hapus salah satu, lalu simpan lagi."
BAD_FILTERS = "Saringan ini tidak dapat disimpan. Kembali ke daftar, lalu pilih lagi."


def read_view(raw: Mapping[str, str]) -> Form:
    """The form of a saved view, with its name."""
    return read(raw, (NAME,))


def split_query(query: str) -> dict[str, str]:
    """The filters in a query string, by name."""
    return dict(parse_qsl(query, max_num_fields=20)) if len(query) <= 2000 and query.count("&") < 20 else {}


def view_query(listing: ListForm, years: Sequence[int]) -> str:
    """The filters as they are kept: the newest year is left out, so that the view moves on with the years."""
    newest = bool(years) and listing.year == str(years[0])
    return (listing.url(year="") if newest else listing.url()).partition("?")[2]
