"""Documents as offices make them, and what is none."""

import struct
import zipfile
from collections.abc import Mapping
from io import BytesIO

from formats.documents import MEDIA_TYPES

PDF = b"%PDF-1.7\n1 0 obj <</Type/Catalog>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF\n"
TEXT = "Langkah:\r\n1. Cabut kabel – tunggu 10 detik.\n".encode()


def zipped(parts: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of these parts, the one called `mimetype` stored as it is."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content, zipfile.ZIP_STORED if name == "mimetype" else method)
    return file.getvalue()


def open_xml(main: str, **others: bytes) -> bytes:
    """What Word, Excel or PowerPoint write, whose main part is `main`."""
    return zipped({"[Content_Types].xml": b"<Types/>", "_rels/.rels": b"<r/>", main: b"<x/>"} | others)


def open_document(media_type: str, **others: bytes) -> bytes:
    """What LibreOffice writes."""
    return zipped({"mimetype": media_type.encode(), "content.xml": b"<x/>"} | others)


def compound(*streams: str, sectors: int = 1) -> bytes:
    """A file of Office before 2007 with these streams, whose directory has its last entries in the last of so many sectors."""
    entries = [b"Root Entry", *(b"Data %d" % n for n in range(4 * sectors - 1 - len(streams)))]
    names = [name.decode() for name in entries] + [*streams]
    directory = b""
    for name in names:
        raw = (name + "\0").encode("utf-16-le")
        directory += raw.ljust(64, b"\0") + struct.pack("<HB", len(raw), 2) + bytes(61)
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0)[: 76 - len(head)]
    head += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    chain = [0xFFFFFFFD, *range(2, sectors + 1), 0xFFFFFFFE]
    table = struct.pack(f"<{len(chain)}I", *chain).ljust(512, b"\xff")
    return head + table + directory


DOCUMENTS = {
    "pdf": PDF,
    "docx": open_xml("word/document.xml"),
    "xlsx": open_xml("xl/workbook.xml"),
    "pptx": open_xml("ppt/presentation.xml"),
    **{kind: open_document(MEDIA_TYPES[kind]) for kind in ("odt", "ods", "odp")},
    "doc": compound("WordDocument", "1Table"),
    "xls": compound("Workbook"),
    "ppt": compound("PowerPoint Document", "Pictures"),
    "txt": TEXT,
}
