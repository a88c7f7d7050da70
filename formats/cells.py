"""What a cell of a table means to a field of a form: as the text that somebody would have typed in it. Pure."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Literal

from formats.dates import Doubtful, read_time
from formats.phones import COUNTRY
from formats.tables import Cell
from formats.text import clean, digits, folded

Kind = Literal["text", "code", "nik", "phone", "mail", "moment", "flag", "number"]

YES, NO = "Ya", "Tidak"
_YES = {"ya", "y", "yes", "true", "benar", "betul", "aktif", "1", "v", "✓", "✔", "√", "☑"}
_NO = {"tidak", "t", "tdk", "no", "n", "false", "salah", "bukan", "nonaktif", "0", "-", "☐"}

# As Excel shows a number that is too wide for its column, and saves it in CSV: the other digits are gone.
_SCIENTIFIC = re.compile(r"[+-]?\d(?:[.,]\d+)?e[+-]?\d{1,3}", re.IGNORECASE)
_WITH_ZEROS = re.compile(
    r"(\d{4,})[.,]0{1,2}"
)  # of a number, as programs write it: no thousands, since these are three
_BETWEEN = re.compile(r" ?[—–] ?| - ")  # the code and the name, as a choice shows them

SHORTENED = "Angka ini disingkat oleh Excel, sehingga digitnya hilang. Tulislah lengkap sebagai teks."
A_DATE = "Excel menjadikan isi sel ini tanggal. Tulislah sebagai teks."
A_FRACTION = "Angka ini tidak bulat. Tulislah sebagai teks."


def typed(cell: Cell, kind: Kind, from_1904: bool = False, zone: str = "") -> str:
    """What somebody would have typed for a cell in a field of a kind; empty for an empty cell. Raises Doubtful.

    A moment is `2026-11-24T14:05:00` (what it takes: formats/dates.py), a flag `Ya` or `Tidak`, a number `1,5`; a NIK or code
    that Excel made a number is its digits; a phone number that it made one has its 0 again. Lists and choices are texts or codes.
    """
    return "" if cell is None else _READS[kind](cell, from_1904, zone)


def choice(typed: str, options: Mapping[str, str]) -> str:
    """Which of the options, text by value, was typed: its value, its text, or both (`IT-NET — Jaringan`). Raises Doubtful."""
    wanted = folded(typed)
    by_value = {folded(value): value for value in options}
    by_text = {folded(text): value for value, text in options.items()}
    if len(by_text) < len(options):  # what has the same text is none of them
        texts = [folded(text) for text in options.values()]
        by_text = {text: value for text, value in by_text.items() if texts.count(text) == 1}
    for name in (wanted, _BETWEEN.split(wanted)[0]):
        if (value := by_value.get(name) or by_text.get(name)) is not None:
            return value
    few = ", ".join([*options.values()][:8])
    raise Doubtful(f"“{_shown(typed)}” tidak ada dalam pilihan{f': {few}' if len(options) <= 8 else ''}.")


def check_nik(cell: Cell, usual: int) -> None:
    """Whether a NIK that Excel made a number may have lost zeros in front, where NIKs have `usual` digits. Raises Doubtful."""
    if type(cell) is int and usual and len(str(cell)) < usual:
        raise Doubtful(
            f"NIK ini {len(str(cell))} angka, yang lain {usual}: mungkin Excel menghapus 0 di depan. Tulislah sebagai teks."
        )


def _text(cell: Cell, _1904: bool, _zone: str) -> str:
    if isinstance(cell, bool):
        return YES if cell else NO
    if isinstance(cell, datetime):
        return cell.isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, time):
        return f"{cell:%H.%M}"
    if isinstance(cell, timedelta):
        minutes = round(cell.total_seconds() / 60)
        return f"{minutes // 60}.{minutes % 60:02}"
    return _decimal(cell) if isinstance(cell, float) else str(cell)


def _code(cell: Cell, _1904: bool, _zone: str) -> str:
    """A text, or the digits of a whole number."""
    if isinstance(cell, date | time | timedelta):
        raise Doubtful(A_DATE)
    if isinstance(cell, float):
        raise Doubtful(A_FRACTION)
    written = _text(cell, _1904, _zone)
    if _SCIENTIFIC.fullmatch(clean(written)) and ("+" in written or "," in written or "." in written):
        raise Doubtful(SHORTENED)
    return written


def _nik(cell: Cell, _1904: bool, _zone: str) -> str:
    written = folded(_code(cell, _1904, _zone))
    if _SCIENTIFIC.fullmatch(written):
        raise Doubtful(SHORTENED)
    if written.startswith("-"):
        raise Doubtful("NIK ini diawali tanda hubung.")
    whole = _WITH_ZEROS.fullmatch(written)
    return digits(whole[1] if whole else written)


def _phone(cell: Cell, _1904: bool, _zone: str) -> str:
    written = clean(_code(cell, _1904, _zone))
    if type(cell) is not int:
        return written
    if written.startswith("8"):
        return f"0{written}"
    return f"+{written}" if written.startswith(COUNTRY) and len(written) > 9 else written


def _mail(cell: Cell, _1904: bool, _zone: str) -> str:
    return re.sub("^mailto:", "", clean(_text(cell, _1904, _zone)), flags=re.IGNORECASE)


def _moment(cell: Cell, from_1904: bool, zone: str) -> str:
    return read_time(cell, from_1904, zone).isoformat()


def _flag(cell: Cell, _1904: bool, _zone: str) -> str:
    word = folded(_text(cell, _1904, _zone))
    if word in _YES:
        return YES
    if word in _NO:
        return NO
    raise Doubtful(f"“{_shown(word)}” bukan {YES} atau {NO}.")


def _number(cell: Cell, _1904: bool, _zone: str) -> str:
    if isinstance(cell, date | time | timedelta):
        raise Doubtful(A_DATE)
    return _text(cell, _1904, _zone)


def _decimal(value: float) -> str:
    """Without an exponent, with a comma."""
    return f"{value:.10f}".rstrip("0").rstrip(".").replace(".", ",") or "0"


def _shown(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"


_READS: Mapping[str, Callable[[Cell, bool, str], str]] = {
    "text": _text,
    "code": _code,
    "nik": _nik,
    "phone": _phone,
    "mail": _mail,
    "moment": _moment,
    "flag": _flag,
    "number": _number,
}
