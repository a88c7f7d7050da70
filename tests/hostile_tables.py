"""Files that are no tables, or want more than a table needs: each with what has to be said of it."""

import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from zipfile import ZipFile

from tests import images
from tests.books import MAIN, book, row, rows, text
from tests.documents import DOCUMENTS, compound, zipped

MB = 1024 * 1024
HEADINGS = row(1, text("NIK"), text("Nama"))


def sheet(xml: str) -> bytes:
    """A workbook whose only sheet has this in it."""
    return book(f"<sheetData>{HEADINGS}{xml}</sheetData>")


def deflated(head: bytes, repeated: bytes, times: int, tail: bytes) -> tuple[bytes, int, int]:
    """A deflate stream of much that is alike, made at once; its length unpacked, and its checksum, unless it is gigabytes."""
    pack = zlib.compressobj(9, zlib.DEFLATED, -15)
    first = pack.compress(head) + pack.flush(zlib.Z_FULL_FLUSH)
    block = pack.compress(repeated) + pack.flush(zlib.Z_FULL_FLUSH)
    last = pack.compress(tail) + pack.flush()
    checksum = zlib.crc32(head)
    for _ in range(times if times < 1000 else 0):
        checksum = zlib.crc32(repeated, checksum)
    return first + block * times + last, len(head) + len(repeated) * times + len(tail), zlib.crc32(tail, checksum)


def with_part(name: str, head: bytes, repeated: bytes, times: int, tail: bytes, said: int | None = None) -> bytes:
    """A workbook with a large part, whose directory says that it has `said` bytes."""
    packed, size, checksum = deflated(head, repeated, times, tail)
    with ZipFile(BytesIO(book(rows("1|Sari|")))) as archive:
        parts = {info: archive.read(info) for info in archive.namelist() if info != name}
    file, listed = BytesIO(), b""
    for part, content in [*parts.items(), (name, b"")]:
        raw = packed if part == name else zlib.compress(content, 9, -15)
        numbers = (
            (checksum, len(raw), size if said is None else said)
            if part == name
            else (zlib.crc32(content), len(raw), len(content))
        )
        at, encoded = file.tell(), part.encode()
        file.write(struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 8, 0, 33, *numbers, len(encoded), 0) + encoded + raw)
        listed += (
            struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 8, 0, 33, *numbers, len(encoded), 0, 0, 0, 0, 0, at)
            + encoded
        )
    start = file.tell()
    file.write(
        listed + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, len(parts) + 1, len(parts) + 1, len(listed), start, 0)
    )
    return file.getvalue()


def large_sheet(repeated: bytes, times: int, said: int | None = None) -> bytes:
    """A workbook whose sheet has much in its first row."""
    head = f'<worksheet xmlns="{MAIN}"><sheetData><row r="1">'.encode()
    return with_part("xl/worksheets/sheet1.xml", head, repeated, times, b"</row></sheetData></worksheet>", said)


def renamed(old: bytes, new: bytes) -> bytes:
    """A workbook with another name for a part, of the same length."""
    return book(rows("1|Sari|")).replace(old, new)


def same_name() -> bytes:
    """A workbook with two parts of one name."""
    file = BytesIO(book(rows("1|Sari|"), others={"xl/worksheets/sheet9.xml": b"<x/>"}))
    return file.getvalue().replace(b"xl/worksheets/sheet9.xml", b"xl/worksheets/sheet1.xml")


def locked() -> bytes:
    """A zip whose parts need a password."""
    content = bytearray(book(rows("1|Sari|")))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(mark)
        while at >= 0:
            content[at + offset] |= 1
            at = content.find(mark, at + 4)
    return bytes(content)


def declared(prolog: str, encoding: str = "utf-8", used: str = "&b;") -> bytes:
    """A workbook whose sheet declares something before it begins."""
    xml = f'{prolog}<worksheet xmlns="{MAIN}"><sheetData>{HEADINGS}{row(2, text(used))}</sheetData></worksheet>'
    with ZipFile(BytesIO(book(rows("1|Sari|")))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    return zipped(parts | {"xl/worksheets/sheet1.xml": xml.encode(encoding)})


LAUGHS = '<!DOCTYPE x [<!ENTITY a "' + "ha" * 1000 + '">' + '<!ENTITY b "' + "&a;" * 1000 + '">]>'
MERGES = "".join(f'<mergeCell ref="A{n}:GR{n + 100_000}"/>' for n in range(1, 50_000))
STRINGS = (f'<sst xmlns="{MAIN}">'.encode(), b"</sst>")

HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", r"kosong \(0 byte\)"),
    "a BOM only": (lambda: b"\xef\xbb\xbf", "kosong"),
    "a BOM of UTF-16 only": (lambda: b"\xff\xfe", "kosong"),
    "blanks": (lambda: b" \r\n" * 1000, "kosong"),
    "separators": (lambda: b";;;\r\n" * 1000, "Judul kolom di baris 1"),
    "a NUL in a text": (lambda: b"NIK;Nama\r\n1;Sa\x00ri\r\n" * 10, "bukan XLSX dan bukan CSV"),
    "NULs": (lambda: bytes(100_000), "bukan XLSX dan bukan CSV"),
    "half a character of UTF-16": (lambda: "NIK;Nama\n1;Sari\n".encode("utf-16")[:-1], "Huruf"),
    "half a pair of UTF-16": (lambda: "NIK;Nama\n1;".encode("utf-16") + b"\x00\xd8;\x00", "Huruf"),
    "UTF-8 that is none": (lambda: b"\xef\xbb\xbfNIK;Nama\n1;\xff\n", "Huruf"),
    "bytes of no encoding": (lambda: b"NIK;Nama\n1;\x81\x8d\n", "Huruf"),
    "HTML": (lambda: b"\r\n<html><table><tr><td>NIK</td></tr></table></html>", "halaman web"),
    "HTML in UTF-16": (lambda: "<!DOCTYPE html><table>".encode("utf-16"), "halaman web"),
    "a picture": (images.png, "bukan XLSX dan bukan CSV"),
    "a PDF": (lambda: DOCUMENTS["pdf"], "bukan XLSX dan bukan CSV"),
    "Word": (lambda: DOCUMENTS["docx"], "bukan XLSX"),
    "LibreOffice": (lambda: DOCUMENTS["ods"], "bukan XLSX"),
    "some zip": (lambda: zipped({"a.txt": b"x"}), "bukan XLSX"),
    "old Excel": (lambda: compound("Workbook"), "Excel lama"),
    "a password": (lambda: compound("EncryptionInfo", "EncryptedPackage"), "kata sandi"),
    "a zip with a password": (locked, "kata sandi"),
    "a torn zip": (lambda: book(rows("1|Sari|"))[:-40], "rusak"),
    "the beginning of a zip": (lambda: b"PK\x03\x04" + bytes(1000), "rusak"),
    "a zip with something behind it": (lambda: book(rows("1|Sari|")) + b"x" * 100, "rusak"),
    "a part that is torn": (lambda: renamed(b"PK\x03\x04", b"PK\x03\x05"), "rusak|bukan XLSX dan bukan CSV"),
    "two parts of a name": (same_name, "rusak"),
    "no sheet where one is said to be": (lambda: renamed(b"worksheets/sheet1", b"worksheets/sheet2"), "rusak"),
    "macros": (lambda: book(rows("1|Sari|"), others={"xl/vbaProject.bin": b"x"}), "makro"),
    "macros of Excel 4": (lambda: book(rows("1|Sari|"), others={"xl/macrosheets/sheet1.xml": b"<x/>"}), "makro"),
    "links to other books": (
        lambda: book(rows("1|Sari|"), others={"xl/externalLinks/externalLink1.xml": b"<x/>"}),
        "berkas lain",
    ),
    "a zip bomb": (lambda: large_sheet(b" " * MB, 3000), "terlalu besar"),
    "a zip bomb that says less": (lambda: large_sheet(b" " * MB, 20_000, 10_000), "rusak"),
    "a zip bomb beside the sheet": (lambda: with_part("xl/media/image1.png", b"", bytes(MB), 3000, b"", 100), "rusak"),
    "a tag without an end": (lambda: large_sheet(b'<c r="' + b"A" * MB, 250), "rusak"),
    "a text without an end": (
        lambda: with_part("xl/sharedStrings.xml", STRINGS[0] + b"<si><t>", b"x" * MB, 290, STRINGS[1]),
        "terlalu besar|rusak",
    ),
    "elements within elements": (lambda: large_sheet(b"<a>" * 100_000, 200), "terlalu|rusak"),
    "empty cells without end": (lambda: large_sheet(b"<c/>" * 100_000, 500), "terlalu banyak"),
    "merged cells without end": (
        lambda: book(f"<sheetData>{HEADINGS}{row(150_000, text('x'))}</sheetData><mergeCells>{MERGES}</mergeCells>"),
        "sel gabungan",
    ),
    "a million columns": (lambda: sheet(f'<row r="2">{text("x") * 1_000_000}</row>'), "Kolomnya terlalu banyak"),
    "a cell in the last corner": (
        lambda: sheet('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
        "terlalu banyak",
    ),
    "a cell beyond it": (lambda: sheet('<row r="2"><c r="AAAAAA99"><v>1</v></c></row>'), "rusak"),
    "a row of too many digits": (lambda: sheet(f'<row r="{"9" * 10_000}"><c><v>1</v></c></row>'), "rusak"),
    "a million columns of CSV": (lambda: b"NIK;Nama" + b";x" * 1_000_000, "Kolomnya terlalu banyak"),
    "a line without an end": (lambda: b"NIK;Nama\n" + b"x" * (8 * MB), "terlalu panjang"),
    "a quote without an end": (lambda: b'NIK;Nama\n1;"Sari\n' + b"2;Budi\n" * 500_000, "Tanda kutip"),
    "more rows than any table": (lambda: b"NIK\n" + b"1\n" * 200_100, "Barisnya terlalu banyak"),
    "more text than any table": (
        lambda: with_part(
            "xl/worksheets/sheet1.xml",
            f'<worksheet xmlns="{MAIN}"><sheetData>{HEADINGS}'.encode(),
            f"<row>{text('x' * 32_000) * 2}</row>".encode(),
            980,
            b"</sheetData></worksheet>",
        ),
        "semua sel bersama paling banyak 60.000.000 karakter",
    ),
    "many laughs": (lambda: declared(LAUGHS), "rusak"),
    "many laughs in UTF-16": (lambda: declared('<?xml version="1.0" encoding="UTF-16"?>' + LAUGHS, "utf-16"), "rusak"),
    "a sheet in UTF-16": (lambda: declared("", "utf-16", "Sari"), "rusak"),
    "a sheet in UTF-7": (lambda: declared('<?xml version="1.0" encoding="utf-7"?>+ADw-', used="Sari"), "rusak"),
    "a file of the server": (lambda: declared('<!DOCTYPE x [<!ENTITY b SYSTEM "file:///etc/passwd">]>'), "rusak"),
    "an entity of no use": (lambda: declared('<!DOCTYPE x [<!ENTITY b "Budi">]>', used="Sari"), "rusak"),
    "a large sheet with two cells": (
        lambda: sheet('<row r="200000"><c r="GA200000"><v>1</v></c></row>'),
        "Selnya terlalu banyak",
    ),
    "a quote without an end soon": (lambda: b'NIK;Nama\n1;"Sari\n2;Budi\n', "Tanda kutip"),
    "an entity that nobody declared": (lambda: declared(""), "rusak"),
    "more sheets than any book": (lambda: book(*[rows("1")] * 200), "Lembarnya terlalu banyak"),
    "a text that is not there": (lambda: sheet(row(2, '<c t="s"><v>7</v></c>')), "rusak"),
}
