"""Reporting a problem, commenting on one, and writing notes."""

import re
from collections.abc import Sequence

from formats.text import folded, searchable
from forms.fields import Field, Text
from forms.files import FILES, KEPT
from forms.form import EMPTY, Form
from forms.login import MALFORMED

REPORTER = Text(
    "reporter",
    "NIK pelapor",
    required=False,
    hint="Bila Anda mencatat untuk orang lain yang menghubungi Anda: NIK, atau nama dan tokonya.",
    autocomplete="off",
    width="medium",
)
CALLER = Field("caller", "Pelapor", required=False)  # which of several who have such a name, by NIK
TITLE = Text("title", "Judul", hint="Apa yang terganggu, dalam satu kalimat.", length=120)
DESCRIPTION = Text("description", "Uraian", hint="Apa yang terjadi, sejak kapan, dan apa yang sudah dicoba.", rows=6)
ASSET = Text(
    "asset",
    "Barang",
    required=False,
    hint="Pilih dari daftar toko, atau ketik namanya.",
    length=120,
    autocomplete="off",
    list="assets",
)
REPORT = (REPORTER, CALLER, TITLE, DESCRIPTION, ASSET, FILES)

COMMENT = Text(
    "comment", "Komentar", required=False, empty_hint="Boleh dikosongkan bila ada lampiran.", rows=3, purpose="comment"
)

NOTE = Text("note", "Catatan internal", required=False, empty_hint=COMMENT.empty_hint, rows=3)

NO_SUCH_NAME = f"Tidak ada karyawan dengan nama atau toko itu. {MALFORMED}"
TOO_SHORT = "Ketik sedikitnya tiga huruf dari nama atau tokonya."
WHO = "Pilih siapa yang melapor."

ID_LIMIT = 2**63 - 1


def check_comment(form: Form) -> Form:
    """The form of a comment, with what is wrong if it says nothing: a file alone does."""
    return _says_something(form, COMMENT)


def check_note(form: Form) -> Form:
    """The same of a note."""
    return _says_something(form, NOTE)


def _says_something(form: Form, text: Text) -> Form:
    if form.data.get(text.name) or form.data[FILES.name] or form.data[KEPT] or not form.valid:
        return form
    return form.with_error(text.name, f"{text.label} {text.empty}.", EMPTY)


def split_asset(typed: str | None, assets: Sequence[tuple[str, str]]) -> tuple[str | None, str | None]:
    """(tag, None) if what was typed names one of the store's assets, by tag or as offered (`tag — name`); else (None, text).

    Hyphens and accents make a difference only between two that would be the same without.
    """
    for compared in folded, searchable:
        text = compared(typed or "")
        tags = {tag for tag, name in assets if text in (compared(tag), compared(f"{tag} — {name}"))}
        if len(tags) == 1:
            return tags.pop(), None
    return None, typed or None


def read_id(text: str) -> int | None:
    """A number as it stands in an address, of a problem or the like; None if it cannot be one."""
    return int(text) if re.fullmatch(r"[0-9]{1,19}", text) and int(text) <= ID_LIMIT else None
