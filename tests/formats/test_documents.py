"""Documents are known by their content, within bounds, and named so that nobody is misled."""

import time
from io import BytesIO

import pytest

from formats import containers
from formats.documents import MEDIA_TYPES, NAME_LIMIT, disposition, read_document, safe_name
from tests import documents, images
from tests.documents import DOCUMENTS, TEXT, compound, open_document, open_xml, zipped


def kind_of(content: bytes, name: str = "x.exe") -> str | None:
    document = read_document(BytesIO(content), name)
    return document and document.kind


def test_each_kind_is_known_whatever_its_name_says() -> None:
    assert {kind: kind_of(content) for kind, content in DOCUMENTS.items()} == {kind: kind for kind in MEDIA_TYPES}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        images.HTML,
        images.SVG,
        b" \r\n\xef\xbb\xbf<!-- x --><html>",
        b"\xef\xbb\xbf\n<?xml version='1.0'?><svg/>",
        "\ufeff <html>".encode("utf-16"),
        b" " * 70_000 + b"<script>alert(1)</script>",
        b"{\\rtf1 x}",
        b"%!PS-Adobe-3.0",
        images.GIF,
        images.png(),
        images.jpeg(),
        b"MZ\x90\x00" + TEXT,
        b"\x7fELF" + TEXT,
        TEXT + b"\x00",
        TEXT + b"\x1b[0m",
        b"\xb0C" + TEXT,
        TEXT[:-1] + "–".encode()[:2],
        b"\xff\xfeA",
        "\ufeffA\x00".encode("utf-16-le"),
    ],
)
def test_what_is_none_of_them(content: bytes) -> None:
    """Markup, also where blanks or marks stand before it; programs; what no text holds, wherever."""
    assert kind_of(content, "x.txt") is None


@pytest.mark.parametrize(
    "content",
    [
        zipped({"a.txt": b"x"}),
        zipped({"word/document.xml": b"x"}),
        zipped({"[Content_Types].xml": b"x", "word/styles.xml": b"x"}),
        open_xml("xl/workbook.bin"),
        open_xml("word/document.xml", **{"word/vbaProject.bin": b"x"}),
        open_xml("xl/workbook.xml", **{"xl/VBAPROJECT.bin": b"x"}),
        open_xml("word/document.xml", **{"xl/workbook.xml": b"x"}),
        open_document(MEDIA_TYPES["odt"], **{"Basic/Standard/Module1.xml": b"x"}),
        open_document(MEDIA_TYPES["odt"] + "-template"),
        open_document("application/epub+zip"),
        open_document("text/html"),
        b"<html>" + DOCUMENTS["docx"],
        DOCUMENTS["docx"] + b"<html>",
        DOCUMENTS["docx"][:-30],
        b"PK\x03\x04",
        b"PK\x03\x04" + bytes(60) + b"PK\x05\x06" + bytes(18),
        compound("Data"),
        compound("WordDocument", "Workbook"),
        compound("WordDocument", "Macros"),
        compound("Workbook", "_VBA_PROJECT_CUR"),
        DOCUMENTS["doc"][:512],
        DOCUMENTS["doc"][:100],
    ],
)
def test_containers_of_something_else(content: bytes) -> None:
    """Of other formats, of two at once, with macros, with something before or behind, or broken."""
    assert kind_of(content, "x.docx") is None


def test_other_producers() -> None:
    assert kind_of(open_xml("word/document2.xml")) == "docx", "as Office on the web calls it"
    assert kind_of(compound("Book")) == "xls", "Excel 95"
    assert kind_of(compound("Workbook", sectors=40)) == "xls", "far down in the directory"
    assert kind_of("Suhu 30 °C\n".encode("utf-16")) == kind_of("Suhu 30 °C\f\n\n".encode()) == "txt"
    assert kind_of(("é" * 40_000).encode()) == "txt", "a character may lie across two parts that are read"


def test_what_a_zip_would_inflate_to_costs_nothing() -> None:
    """Nor does a directory that says it has more entries than any document."""
    began = time.process_time()
    assert kind_of(open_xml("word/document.xml", **{"word/media/bomb": bytes(200_000_000)})) == "docx"
    made = time.process_time() - began
    content = open_xml("word/document.xml", **{"word/media/bomb": bytes(50_000_000)})
    began = time.process_time()
    assert kind_of(content) == "docx"
    assert time.process_time() - began < made / 10
    many = zipped(
        {"[Content_Types].xml": b"", "word/document.xml": b""} | {f"{n}": b"" for n in range(containers.ENTRIES)}
    )
    assert kind_of(many) is None


def test_a_chain_of_sectors_that_never_ends() -> None:
    """It leads to itself."""
    content = bytearray(compound("Nothing", sectors=2))
    content[512 + 8 : 512 + 12] = (1).to_bytes(4, "little")
    assert kind_of(bytes(content)) is None


@pytest.mark.parametrize(
    ("name", "kind", "safe"),
    [
        ("Nota pembelian.pdf", "pdf", "Nota pembelian.pdf"),
        ("NOTA.PDF", "pdf", "NOTA.pdf"),
        ("nota", "pdf", "nota.pdf"),
        ("virus.exe", "txt", "virus.exe.txt"),
        ("kasir.log", "txt", "kasir.log"),
        ("harga.CSV", "txt", "harga.csv"),
        ("../../etc/passwd", "txt", "passwd.txt"),
        ("C:\\Users\\Ani\\nota.docx", "docx", "nota.docx"),
        ("C:/nota/", "docx", "lampiran.docx"),
        ("gambar\u202efdp.exe", "pdf", "gambarfdp.exe.pdf"),
        ("a\u200bb\r\nSet-Cookie: x=1.pdf", "pdf", "a_b_Set-Cookie_ x=1.pdf"),
        ('x";y*<z>|?%.pdf', "pdf", "x__y__z____.pdf"),
        ("...", "odt", "lampiran.odt"),
        (".htaccess", "txt", "htaccess.txt"),
        ("", "ppt", "lampiran.ppt"),
        ("x" * 300 + ".pdf", "pdf", "x" * (NAME_LIMIT - 4) + ".pdf"),
        ("発注書.xlsx", "xlsx", "発注書.xlsx"),
    ],
)
def test_a_name_is_safe_and_says_what_it_is(name: str, kind: str, safe: str) -> None:
    assert safe_name(name, kind) == safe


def test_the_header_says_the_name_twice() -> None:
    assert disposition("発注 – 1.pdf") == (
        "attachment; filename=\"__ _ 1.pdf\"; filename*=UTF-8''%E7%99%BA%E6%B3%A8%20%E2%80%93%201.pdf"
    )
    assert all(disposition(safe_name(f"a{c}b", "pdf")).isprintable() for c in map(chr, range(0x3000)))


def test_a_document_is_read_from_its_file_each_time() -> None:
    document = read_document(BytesIO(documents.PDF), "a.pdf")
    assert document is not None
    assert document.content == document.content == documents.PDF
