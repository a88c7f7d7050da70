"""The zip in which a workbook lies (Open Packaging Conventions): what it may hold; its parts, inflated within bounds. Pure."""

import re
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import IO, Any
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from formats.containers import compound_names, first_stored, zip_names
from formats.tables import Unreadable

UNPACKED = 300 * 1024 * 1024  # bytes of all parts
TAG = 1024 * 1024  # bytes of a tag with its attributes
_CHUNK = 64 * 1024
_COMPOUND = b"\xd0\xcf\x11\xe0"
_MACROS = re.compile(r"(.*/)?vbaProject\.bin|xl/macrosheets/.*|.*/activeX/.*\.bin", re.IGNORECASE)
_LINKS = re.compile(r"xl/externalLinks/.*", re.IGNORECASE)

SAVE = "Bukalah dengan Excel, lalu simpan sebagai Buku Kerja Excel (.xlsx)."
EMPTY = "Berkas ini kosong (0 byte). Mungkin belum selesai disimpan atau diunduh."
DAMAGED = f"Berkas ini rusak atau terpotong. {SAVE}"
LOCKED = "Berkas ini terkunci dengan kata sandi. Simpanlah salinannya tanpa kata sandi."
OLD = f"Berkas ini dari Excel lama (.xls). {SAVE}"
OTHER = f"Berkas ini bukan XLSX. {SAVE}"
MACROS = f"Berkas ini memuat makro. {SAVE}"
LINKS = "Berkas ini memuat rumus yang merujuk ke berkas lain. Ubahlah rumus itu menjadi nilai, lalu simpan."
TOO_LARGE = "Isi berkas ini terlalu besar. Bagilah menjadi beberapa berkas."


def is_package(file: IO[bytes]) -> bool:
    """Whether a file is a zip, rather than text. Raises Unreadable for one that is certainly neither a workbook nor text."""
    file.seek(0)
    head = file.read(4)
    if not head:
        raise Unreadable(EMPTY)
    if head == _COMPOUND:
        names = compound_names(file)
        raise Unreadable(LOCKED if "EncryptedPackage" in names else OLD if {"Workbook", "Book"} & names else OTHER)
    return head.startswith(b"PK")


class Package:
    """A workbook's parts, by name. Raises Unreadable for what is none, or brings what no table needs."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        names = zip_names(file)
        if not names:
            raise Unreadable(DAMAGED)
        _check_names(file, names)
        try:
            listed = ZipFile(file).infolist()
        except (BadZipFile, NotImplementedError, ValueError):
            raise Unreadable(DAMAGED) from None
        self._parts = {info.filename: info for info in listed}
        if len({name.lower() for name in self._parts}) < len(listed):
            raise Unreadable(DAMAGED)
        if any(info.flag_bits & 1 for info in self._parts.values()):
            raise Unreadable(LOCKED)
        if sum(info.file_size for info in self._parts.values()) > UNPACKED:
            raise Unreadable(TOO_LARGE)
        for name in self._parts:
            for _ in self.part(name):
                pass

    def __contains__(self, name: str) -> bool:
        return name in self._parts

    def part(self, name: str) -> Iterator[bytes]:
        """What a part holds, in chunks, never more than the directory says. Raises Unreadable."""
        info = self._parts.get(name)
        if info is None:
            raise Unreadable(DAMAGED)
        left = info.file_size
        for chunk in _inflated(self._file, info):
            left -= len(chunk)
            if left < 0:
                raise Unreadable(DAMAGED)
            yield chunk
        if left:
            raise Unreadable(DAMAGED)

    def parse(
        self, name: str, start: Callable[[str, dict[str, str]], Any], parser: "expat.XMLParserType | None" = None
    ) -> None:
        """Have `start` told the elements of a part: the name of each (`local_name` takes a prefix away), its attributes.

        Raises Unreadable; what `start` raises otherwise for what it does not find is taken for a fault of the file.
        A document that declares a type or entities is none of Excel's.
        """
        parser = parser or new_parser()
        parser.StartElementHandler = start
        parser.StartDoctypeDeclHandler = _refuse
        told = 0
        try:
            for chunk in self.part(name):
                if not told and b"\x00" in chunk[:8]:
                    raise Unreadable(DAMAGED)  # UTF-16, which expat takes whatever it was told
                told += len(chunk)
                parser.Parse(chunk, False)
                if told - parser.CurrentByteIndex > TAG:
                    raise Unreadable(DAMAGED)
            parser.Parse(b"", True)
        except (expat.ExpatError, ValueError, KeyError):
            raise Unreadable(DAMAGED) from None


def new_parser() -> "expat.XMLParserType":
    """Of UTF-8, which Excel writes, and python-calamine reads whatever is declared: both are to see the same."""
    return expat.ParserCreate("utf-8")


def local_name(name: str) -> str:
    """The name of an element without a prefix."""
    return name.rpartition(":")[2]


def _refuse(*_: Any) -> None:
    raise Unreadable(DAMAGED)


def _check_names(file: IO[bytes], names: frozenset[str]) -> None:
    if "xl/workbook.xml" not in names or "[Content_Types].xml" not in names:
        is_other = first_stored(file, b"mimetype") or any(name.startswith(("word/", "ppt/", "xl/")) for name in names)
        raise Unreadable(OTHER if is_other or "[Content_Types].xml" not in names else DAMAGED)
    if any(_MACROS.fullmatch(name) for name in names):
        raise Unreadable(MACROS)
    if any(_LINKS.fullmatch(name) for name in names):
        raise Unreadable(LINKS)


def _inflated(file: IO[bytes], info: ZipInfo) -> Iterator[bytes]:
    """The bytes of a part, all that are there, whatever the directory says of their number."""
    file.seek(info.header_offset)
    head = file.read(30)
    if len(head) < 30 or head[:4] != b"PK\x03\x04" or info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise Unreadable(DAMAGED)
    at = info.header_offset + 30 + sum(struct.unpack_from("<HH", head, 26))
    left = info.compress_size
    inflater = zlib.decompressobj(-15) if info.compress_type == ZIP_DEFLATED else None
    while left:
        file.seek(at)
        packed = file.read(min(_CHUNK, left))
        if not packed:
            raise Unreadable(DAMAGED)
        at, left = at + len(packed), left - len(packed)
        if inflater is None:
            yield packed
            continue
        try:
            while packed:
                yield inflater.decompress(packed, 16 * _CHUNK)
                packed = inflater.unconsumed_tail
        except zlib.error:
            raise Unreadable(DAMAGED) from None
    if inflater is not None and not inflater.eof:
        raise Unreadable(DAMAGED)
