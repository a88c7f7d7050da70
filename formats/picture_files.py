"""What a picture file says of itself, read by its structure: JPEG segments, PNG chunks, RIFF, ISO base media boxes. Pure.

Bytes are never searched for what means something only in its place: a comment, or a video behind the picture, may hold any.
"""

import re
import zlib
from collections.abc import Iterator
from typing import NamedTuple

JPEG, PNG, WEBP, HEIC = "JPEG", "PNG", "WEBP", "HEIC"
PNG_BEGINS = b"\x89PNG\r\n\x1a\n"
PROFILE_LIMIT = 4 * 1024 * 1024  # bytes of a colour profile; those of printers have two million

# ISO base media files begin with the brands that they keep to; these are pictures of one codec, and phones take photos in them.
_HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs"}
_AVIF_BRANDS = {b"avif", b"avis"}
_HEIF_BRANDS = {b"mif1", b"msf1", b"mif2", b"heif"}

# What of a file has to do with its pixels. All else (comments, previews, texts, frames of an animation) is left out before
# anything is decoded. APP0 JFIF, APP1 Exif (how the camera was held), APP2 ICC, APP14 Adobe (how CMYK is meant).
_JPEG_KEPT = {0xE0: b"JFIF\x00", 0xE1: b"Exif\x00", 0xE2: b"ICC_PROFILE\x00", 0xEE: b"Adobe"}
_PNG_KEPT = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"eXIf", b"IEND"}

# A marker is FF and what is neither 00 nor FF; any number of FF may stand before it. Those of 01 and D0 to D8 stand alone and say
# nothing here. In the data of a scan FF is followed by 00, or by a restart marker (D0 to D7).
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xff\x01\xd0-\xd8]")

_ANIMATED = 0x02  # among the flags of an extended WebP

SEGMENTS = 2000  # of a JPEG: far more than any has; what follows them is left out


class PictureFile(NamedTuple):
    """A file reduced to its picture: `content` is what a decoder has to see, `whole` whether it ends as its format says; `scans`
    are those of a JPEG, `profile` is the colour profile of a PNG (the decoders find that of the others), `animated` a WebP in
    frames, though it may have only one."""

    format: str
    content: bytes
    whole: bool
    scans: int = 1
    profile: bytes | None = None
    animated: bool = False


def read_picture_file(content: bytes) -> PictureFile | None:
    """The picture in a file; None if it is none of the formats that can be read."""
    if content[:3] == b"\xff\xd8\xff":
        return _read_jpeg(content)
    if content.startswith(PNG_BEGINS):
        return _read_png(content)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        length = 8 + int.from_bytes(content[4:8], "little")
        animated = content[12:16] == b"VP8X" and any(flags & _ANIMATED for flags in content[20:21])
        return PictureFile(WEBP, content[:length], len(content) >= length, animated=animated)
    return PictureFile(HEIC, content, _has_whole_boxes(content)) if codec_of(content) == HEIC else None


def codec_of(content: bytes) -> str:
    """`HEIC`, `AVIF` or `HEIF` for a picture in such a file, by the brands that it begins with; else an empty text."""
    if content[4:8] != b"ftyp":
        return ""
    box = content[8 : min(int.from_bytes(content[:4], "big"), 1024)]
    major, others = box[:4], {box[at : at + 4] for at in range(8, len(box), 4)}
    for name, brands in ((HEIC, _HEIC_BRANDS), ("AVIF", _AVIF_BRANDS)):
        if major in brands or (major in _HEIF_BRANDS and others & brands):
            return name
    return "HEIF" if major in _HEIF_BRANDS else ""


def _has_whole_boxes(content: bytes) -> bool:
    """Whether the last box of the file ends where it does; one may go on to the end, or say its length in 64 bits."""
    at = 0
    while at + 8 <= len(content):
        length = int.from_bytes(content[at : at + 4], "big")
        length = int.from_bytes(content[at + 8 : at + 16], "big") if length == 1 else length or len(content) - at
        at += max(length, 8)
    return at <= len(content)


def _read_jpeg(content: bytes) -> PictureFile:
    """Up to the end of the first picture: behind it there may be others (MPF), or the video of a motion photo."""
    kept, scans = [content[:2]], 0
    for number, (marker, start, end) in enumerate(_segments(content)):
        if marker == 0xD9 or number == SEGMENTS:
            return PictureFile(JPEG, b"".join([*kept, content[start:end]]), True, scans)
        scans += marker == 0xDA
        begins = _JPEG_KEPT.get(marker, b"" if not 0xE0 <= marker <= 0xEF and marker != 0xFE else None)
        if begins is not None and content.startswith(begins, start + 4):
            kept.append(content[start:end])
    return PictureFile(JPEG, b"".join(kept), False, scans)


def _segments(content: bytes) -> Iterator[tuple[int, int, int]]:
    """(marker, start, end) of each segment; one of a scan ends with its data. What cannot be read ends them."""
    at = 2
    while found := _NEXT_MARKER.search(content, at):
        marker, start = content[found.start() + 1], found.start()
        end = start + 2
        if marker != 0xD9:  # the end, which has no content
            end += int.from_bytes(content[end : end + 2], "big")
        if marker == 0xDA:
            following = _NEXT_MARKER.search(content, end)
            end = following.start() if following else len(content)
        yield marker, start, end
        at = max(end, start + 2)


def _read_png(content: bytes) -> PictureFile:
    kept, profile, at = [content[:8]], None, 8
    while at + 12 <= len(content):
        kind, start = content[at + 4 : at + 8], at + 8
        end = start + int.from_bytes(content[at : at + 4], "big") + 4
        if kind in _PNG_KEPT:
            kept.append(content[at:end])
        elif kind == b"iCCP":
            profile = profile or _png_profile(content[start : end - 4])
        if kind == b"IEND" or end > len(content):
            return PictureFile(PNG, b"".join(kept), end <= len(content), profile=profile)
        at = end
    return PictureFile(PNG, b"".join(kept), False, profile=profile)


def _png_profile(chunk: bytes) -> bytes | None:
    """The profile in a chunk `name NUL method deflated`; None if that cannot be read."""
    try:
        return zlib.decompressobj().decompress(chunk.partition(b"\x00")[2][1:], PROFILE_LIMIT)
    except zlib.error:
        return None
