"""What the directory of a container lists: of a zip, and of a compound file (OLE, what Office wrote before 2007). Pure.

Nothing but the directory is read, and no more of it than any document has: what would inflate costs nothing.
"""

import struct
from typing import IO

ENTRIES = 10_000  # of a zip; a presentation with hundreds of slides has some thousands
DIRECTORY = 2 * 1024 * 1024  # bytes
SECTORS = 1000  # of the directory of a compound file

_ZIP_BEGINS, _ZIP_ENTRY, _ZIP_ENDS = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_COMMENT = 65_535  # bytes that may follow the end record of a zip
_COMPOUND_BEGINS = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LAST_SECTOR = 0xFFFFFFFA  # above it numbers of sectors mean something else
_KNOWN_TABLES = 109  # parts of the table of sectors that the head of a compound file names: enough for 7 MB


def zip_names(file: IO[bytes]) -> frozenset[str]:
    """The names of what a zip holds; none if it is no zip, or not one that begins and ends as such."""
    file.seek(0)
    if file.read(4) != _ZIP_BEGINS:
        return frozenset()
    size = file.seek(0, 2)
    file.seek(max(0, size - _COMMENT - 22))
    tail = file.read()
    at = tail.rfind(_ZIP_ENDS)
    if at < 0 or len(tail) < at + 22:
        return frozenset()
    count, length, start, comment = struct.unpack_from("<HIIH", tail, at + 10)
    if len(tail) != at + 22 + comment or count > ENTRIES or length > DIRECTORY:
        return frozenset()
    file.seek(start)
    return frozenset(_zip_entries(file.read(length), count))


def _zip_entries(directory: bytes, count: int) -> list[str]:
    names, at = [], 0
    for _ in range(count):
        if directory[at : at + 4] != _ZIP_ENTRY or len(directory) < at + 46:
            return []
        name, extra, comment = struct.unpack_from("<HHH", directory, at + 28)
        names.append(directory[at + 46 : at + 46 + name].decode("utf-8", "replace"))
        at += 46 + name + extra + comment
    return names


def first_stored(file: IO[bytes], name: bytes) -> bytes:
    """How what a zip begins with goes on, if that is called `name` and not compressed."""
    file.seek(0)
    head = file.read(200)
    if head[:4] != _ZIP_BEGINS or head[30:].partition(b"PK")[0][: len(name)] != name or len(head) < 38:
        return b""
    method, named, extra = struct.unpack_from("<H", head, 8) + struct.unpack_from("<HH", head, 26)
    return head[30 + named + extra :] if method == 0 and named == len(name) else b""


def compound_names(file: IO[bytes]) -> frozenset[str]:
    """The names of the streams and storages of a compound file; none if it is none."""
    file.seek(0)
    head = file.read(512)
    if len(head) < 512 or not head.startswith(_COMPOUND_BEGINS):
        return frozenset()
    shift, sector = struct.unpack_from("<H", head, 30)[0], struct.unpack_from("<I", head, 48)[0]
    if shift not in (9, 12):
        return frozenset()
    names: set[str] = set()
    for _ in range(SECTORS):
        if sector >= _LAST_SECTOR:
            break
        names |= _compound_entries(_sector(file, sector, shift))
        sector = _following(file, head, sector, shift)
    return frozenset(names)


def _sector(file: IO[bytes], number: int, shift: int) -> bytes:
    file.seek(number + 1 << shift)
    return file.read(1 << shift)


def _compound_entries(sector: bytes) -> set[str]:
    names = set()
    for at in range(0, len(sector) - 127, 128):
        length, is_used = struct.unpack_from("<H", sector, at + 64)[0], sector[at + 66]
        if is_used and 2 < length <= 64:
            names.add(sector[at : at + length - 2].decode("utf-16-le", "replace"))
    return names


def _following(file: IO[bytes], head: bytes, number: int, shift: int) -> int:
    """The sector that follows in its chain; none beyond what the head of the file names."""
    table, at = divmod(number, 1 << shift - 2)
    if table >= _KNOWN_TABLES:
        return _LAST_SECTOR
    sector = struct.unpack_from("<I", head, 76 + 4 * table)[0]
    entries = _sector(file, sector, shift) if sector < _LAST_SECTOR else b""
    return struct.unpack_from("<I", entries, 4 * at)[0] if len(entries) == 1 << shift else _LAST_SECTOR
