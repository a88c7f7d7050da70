"""Documents, kept as they were sent: known by their content, whatever their name says, and named so that nobody is misled."""

import codecs
import re
from pathlib import PurePosixPath
from typing import IO, NamedTuple
from urllib.parse import quote

from formats.containers import compound_names, first_stored, zip_names
from formats.text import clean

_OPEN_XML = "application/vnd.openxmlformats-officedocument."
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
# The kinds, each by the ending that its files get, and what is said of it to a browser: nothing else is ever said.
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": f"{_OPEN_XML}wordprocessingml.document",
    "xlsx": f"{_OPEN_XML}spreadsheetml.sheet",
    "pptx": f"{_OPEN_XML}presentationml.presentation",
    "odt": f"{_OPEN_DOCUMENT}text",
    "ods": f"{_OPEN_DOCUMENT}spreadsheet",
    "odp": f"{_OPEN_DOCUMENT}presentation",
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "txt": "text/plain; charset=utf-8",
}
_ENDINGS_OF_TEXT = {".txt", ".csv", ".log"}
NAME_LIMIT = 100  # characters

_MAIN_PARTS = {"docx": "word/document", "xlsx": "xl/workbook", "pptx": "ppt/presentation"}
_STREAMS = {"WordDocument": "doc", "Workbook": "xls", "Book": "xls", "PowerPoint Document": "ppt"}
# By what a container is known to bring programs, which nobody is to open by mistake.
_PROGRAMS = re.compile(r"(.*/)?vbaProject\.bin|Basic/.*|Scripts/.*|Macros|VBA|_VBA_PROJECT_CUR", re.IGNORECASE)

_CHUNK = 64 * 1024
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
# HTML, SVG and XML begin so, and RTF and PostScript, which are programs of a kind.
_MARKUP = re.compile(r"[\ufeff\s]*(<|\{\\rtf|%!)")

_UNSAFE = re.compile(r'[<>:"|?*;%\n\t\u061c\u200b-\u200f\u2060-\u206f]')


class Document(NamedTuple):
    """A file of one of MEDIA_TYPES as it was sent, open for reading until the request is answered, and its name."""

    kind: str
    name: str
    file: IO[bytes]

    @property
    def content(self) -> bytes:
        """All of it."""
        self.file.seek(0)
        return self.file.read()


def read_document(file: IO[bytes], name: str) -> Document | None:
    """The document in a file that somebody sent under a name; None if it is of none of the kinds."""
    kind = _kind_of(file)
    return Document(kind, safe_name(name, kind), file) if kind else None


def _kind_of(file: IO[bytes]) -> str | None:
    file.seek(0)
    head = file.read(8)
    if head.startswith(b"%PDF-"):
        return "pdf"
    if head.startswith(b"PK"):
        return _kind_of_zip(file)
    if streams := compound_names(file):
        kinds = [kind for stream, kind in _STREAMS.items() if stream in streams]
        return kinds[0] if len(kinds) == 1 and not _brings_programs(streams) else None
    return "txt" if head and _is_text(file) else None


def _kind_of_zip(file: IO[bytes]) -> str | None:
    names = zip_names(file)
    if not names or _brings_programs(names):
        return None
    says = first_stored(file, b"mimetype")
    for kind in ("odt", "ods", "odp"):
        media_type = MEDIA_TYPES[kind].encode()
        if says.startswith(media_type) and says[len(media_type) :].startswith(b"PK"):
            return kind
    if "[Content_Types].xml" not in names:
        return None
    kinds = [k for k, part in _MAIN_PARTS.items() if any(n.startswith(part) and n.endswith(".xml") for n in names)]
    return kinds[0] if len(kinds) == 1 else None


def _brings_programs(names: frozenset[str]) -> bool:
    return any(_PROGRAMS.fullmatch(name) for name in names)


def _is_text(file: IO[bytes]) -> bool:
    """Whether it is text in UTF-8, or in UTF-16 that says so, without what no text holds, and no markup."""
    file.seek(0)
    encoding = "utf-16" if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8"
    file.seek(0)
    decoder, begins = codecs.getincrementaldecoder(encoding)(), True
    try:
        while chunk := file.read(_CHUNK):
            text = decoder.decode(chunk)
            if _NO_TEXT.search(text) or (begins and _MARKUP.match(text)):
                return False
            begins = begins and not text.strip("\ufeff \t\r\n\x0c")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def safe_name(name: str, kind: str) -> str:
    """`name` as a file may be called anywhere: no folders, nothing unseen, no characters that a system minds, and the ending of
    what it is."""
    last = re.split(r"[/\\]", clean(name))[-1]
    path = PurePosixPath(_UNSAFE.sub("_", last).strip(" ._") or "lampiran")
    endings = _ENDINGS_OF_TEXT if kind == "txt" else {f".{kind}"}
    ending = path.suffix.lower() if path.suffix.lower() in endings else f".{kind}"
    stem = path.stem if ending == path.suffix.lower() else path.name
    return stem[: NAME_LIMIT - len(ending)].rstrip(" .") + ending


def disposition(name: str) -> str:
    """The header that has a file saved under its name, not shown (RFC 6266)."""
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
