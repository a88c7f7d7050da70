"""CSV as people save it: its encoding (BOM, UTF-8, UTF-16, Windows-1252) and its separator are found out. Pure."""

import codecs
import csv
import re
from collections.abc import Collection, Iterator, Sequence
from io import StringIO, TextIOWrapper
from itertools import islice
from typing import IO, NamedTuple

from formats.headings import folded_heading, known_of
from formats.indonesian import number
from formats.packages import SAVE
from formats.table_rows import LOOKED_AT, NOTHING, TOO_MANY_COLUMNS, RawRow
from formats.tables import COLUMNS, Cell, Unreadable

SEPARATORS = ";,\t|"
SIZE = 200 * 1024 * 1024  # bytes
LINE = 4 * 1024 * 1024  # characters of a line
_SAMPLE = 64 * 1024
_HEADINGS = 64  # bytes, of the first of them
_COMPARED = 50  # rows, to find the separator
_ABSENT = "\x1f"  # a separator where there is one column

NO_TEXT = f"Berkas ini bukan XLSX dan bukan CSV. {SAVE}"
MARKUP = f"Berkas ini sebuah halaman web (HTML), bukan XLSX atau CSV. {SAVE}"
ENCODING = f"Huruf dalam berkas ini tidak dapat dibaca. {SAVE}"
TOO_LONG = 'Ada baris yang terlalu panjang; mungkin tanda kutip (") tidak ditutup, atau berkas ini bukan CSV.'

# What no text holds. The other controls are left out of a text where it is kept.
_NO_TEXT = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1e\ufffe\uffff]")
_MARKUP = re.compile(r"\s*(<[!?a-zA-Z]|\{\\rtf|%!|%PDF)")
_SEPARATOR_LINE = re.compile(
    r"\"?sep=([;,\t|])\"?[\r\n]*", re.IGNORECASE
)  # Excel takes it as said, and shows no such row
_AS_TEXT = re.compile(r'="([^"]*)"')  # ="00123": how a number is kept from being made one
_GUARDED = re.compile(r"'[=+\-@＝＋－＠]")  # an apostrophe before what would be a formula


class Csv(NamedTuple):
    """What is known of a file: its encoding as Python calls it, its separator, how many lines it has."""

    encoding: str
    separator: str
    lines: int


def read_csv(file: IO[bytes], known: Collection[str] = ()) -> tuple[Csv, Iterator[RawRow]]:
    """How a file is written, and its rows from the first on, once; then the file is closed.

    Raises Unreadable, also while the rows are read.
    """
    if file.seek(0, 2) > SIZE:
        raise Unreadable(f"Berkas ini terlalu besar: paling banyak {SIZE // 1024 // 1024} MB.")
    encoding, lines = _encoding_of(file)
    file.seek(0)
    sample = codecs.getincrementaldecoder(encoding)().decode(file.read(_SAMPLE))
    said = _SEPARATOR_LINE.match(sample)
    separator = said[1] if said else _separator_of(sample, [folded_heading(label) for label in known])
    file.seek(0)
    text = TextIOWrapper(file, encoding, newline="")  # type: ignore[arg-type]  # lines end as they do in the file
    if said:
        text.readline()
    return Csv(encoding, separator, lines), _rows(text, separator)


def _encoding_of(file: IO[bytes]) -> tuple[str, int]:
    """Its encoding, and how many lines it has then. Raises Unreadable."""
    file.seek(0)
    sample = file.read(_SAMPLE)
    encoding = _bom_of(sample) or _utf_16_of(sample)
    for candidate in [encoding] if encoding else ["utf-8", "cp1252"]:
        file.seek(0)
        try:
            return candidate, _lines_in(file, candidate)
        except UnicodeDecodeError:
            continue
    raise Unreadable(ENCODING if encoding or b"\x00" not in sample else NO_TEXT)


def _bom_of(sample: bytes) -> str:
    if sample.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "utf-8-sig" if sample.startswith(codecs.BOM_UTF8) else ""


def _utf_16_of(sample: bytes) -> str:
    """UTF-16 without a mark: every other byte of headings in Latin letters is 0."""
    low, high = sample[:_HEADINGS:2], sample[1:_HEADINGS:2]
    pairs = min(len(low), len(high))
    if pairs and high.count(0) * 2 > pairs and low.count(0) * 10 < pairs:
        return "utf-16-le"
    return "utf-16-be" if pairs and low.count(0) * 2 > pairs and high.count(0) * 10 < pairs else ""


def _lines_in(file: IO[bytes], encoding: str) -> int:
    """How many lines it has. Raises UnicodeDecodeError if it is not in that encoding, Unreadable if it is no text."""
    decoder, begins, feeds, returns = codecs.getincrementaldecoder(encoding)(), True, 0, 0
    while chunk := file.read(_SAMPLE):
        text = decoder.decode(chunk)
        if begins and _MARKUP.match(text):
            raise Unreadable(MARKUP if text.lstrip().startswith("<") else NO_TEXT)
        if _NO_TEXT.search(text):
            raise Unreadable(NO_TEXT)
        begins = begins and not text.strip()
        feeds, returns = feeds + text.count("\n"), returns + text.count("\r")
    decoder.decode(b"", final=True)
    if begins:
        raise Unreadable(NOTHING)
    return max(feeds, returns) + 1


def _separator_of(sample: str, known: Sequence[str]) -> str:
    """With which the headings have most of the labels `known`, most rows are as long as the headings, there are most columns."""

    def likelihood(separator: str) -> tuple[int, float, int]:
        rows = _sampled(sample, separator)
        counts = [known_of(row, known) for row in rows[:LOOKED_AT]]
        at = counts.index(max(counts)) if counts else 0
        columns, below = len(rows[at]) if rows else 0, rows[at + 1 :]
        if columns < 2:
            return 0, 0, 0
        alike = sum(len(row) == columns for row in below) / max(1, len(below))
        return counts[at], alike, columns if alike or not below else 0

    likeliest = max(SEPARATORS, key=likelihood)
    return likeliest if any(likelihood(likeliest)) else _ABSENT


def _sampled(sample: str, separator: str) -> list[list[str]]:
    rows = []
    try:
        for row in islice(csv.reader(StringIO(sample, newline=""), delimiter=separator), _COMPARED):
            if any(row):
                rows.append(row[: COLUMNS + 1])
    except csv.Error:
        pass
    return rows[:-1] if len(rows) > 1 and len(sample) > _SAMPLE // 4 else rows  # the last may be cut off


def _rows(text: TextIOWrapper, separator: str) -> Iterator[RawRow]:
    at = 0
    try:
        for at, typed in enumerate(csv.reader(_lines(text), delimiter=separator, strict=True), 1):
            cells = [_cell(cell) for cell in typed]
            if len(cells) > COLUMNS and any(cell is not None for cell in cells[COLUMNS:]):
                raise Unreadable(TOO_MANY_COLUMNS)
            yield RawRow(at, cells)
    except csv.Error:
        raise Unreadable(f'Tanda kutip (") di baris {number(at + 1)} tidak ditutup dengan benar.') from None


def _lines(text: TextIOWrapper) -> Iterator[str]:
    while line := text.readline(LINE):
        if len(line) == LINE:
            raise Unreadable(TOO_LONG)
        yield line


def _cell(typed: str) -> Cell:
    if not typed or typed.isspace():
        return None
    if typed[0] == "=" and (text := _AS_TEXT.fullmatch(typed)):
        return text[1] or None
    return typed[1:] if typed[0] == "'" and _GUARDED.match(typed) else typed
