"""Exports: what a file is of, and in which format it is wanted."""

from collections.abc import Sequence
from datetime import datetime

from formats.documents import safe_name
from formats.indonesian import file_time
from forms.fields import Choice
from forms.listing import ListForm

TITLES = {"problems": "Daftar Kendala", "recap": "Rekap"}
ALL = "Semua tahun"

KIND = Choice("kind", "Isi", options=tuple(TITLES.items()), placeholder=None)
FORMAT = Choice("format", "Format", options=(("xlsx", "Excel (XLSX)"), ("csv", "CSV")), placeholder=None)
FIELDS = (KIND, FORMAT)

_NO_FOLDERS = str.maketrans("/\\", "--")  # what was searched may have them

BAD_FILTERS = "Filter halaman ini tidak berlaku lagi. Buka halamannya, lalu ekspor dari sana."
WAIT = "Ekspor Anda yang lain masih dibuat. Tunggu sampai salah satunya selesai, lalu kirim lagi."


def full_until(when: str) -> str:
    """What is said to whoever has as many files as one person may have."""
    return f"Tempat untuk berkas ekspor Anda penuh. Yang paling lama dihapus {when}; setelah itu kirim lagi."


def narrowed_by(listing: ListForm) -> list[str]:
    """The filters of the list, in words."""
    return [ALL if listing.year == "all" else f"Tahun {listing.year}", *listing.chosen]


def file_name(kind: str, format: str, narrowed: Sequence[str], asked_at: datetime, time_zone: str) -> str:
    """What the file is called: of what it is, from when, and narrowed to what."""
    name = f"{TITLES[kind]} {file_time(asked_at, time_zone)} ({', '.join(narrowed)})"
    return safe_name(name.translate(_NO_FOLDERS), format)
