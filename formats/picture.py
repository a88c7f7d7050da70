"""What comes of a picture that somebody sent, or what is wrong with it; without what decodes it, which only a process of its own
needs (formats/pictures.py), and which takes some megabytes. Pure."""

import struct
from dataclasses import dataclass

PIXELS = 50_000_000  # of what is decoded; a phone's camera has up to these


class NotAPicture(Exception):
    """The content is no picture that can be read, whatever its name says."""


class NotReadableYet(NotAPicture):
    """A photo in a format of phones that SIH cannot read; the argument is its name."""


class TooManyPixels(Exception):
    """The picture has more pixels than are decoded here."""


class TooHeavy(Exception):
    """Decoding the picture takes more time or memory than one may have."""


class Damaged(Exception):
    """The picture contradicts itself."""


class Truncated(Damaged):
    """The file ends before the picture does."""


@dataclass(frozen=True)
class Picture:
    """A picture and its thumbnail, both JPEG; `width` and `height` are those of the picture."""

    image: bytes
    thumbnail: bytes
    width: int
    height: int


_HEAD = struct.Struct(">IIII")
FAULTS = {fault.__name__: fault for fault in (NotAPicture, NotReadableYet, TooManyPixels, TooHeavy, Damaged, Truncated)}


def pack(picture: Picture) -> bytes:
    """A picture as the process says it."""
    head = _HEAD.pack(picture.width, picture.height, len(picture.image), len(picture.thumbnail))
    return b"+" + head + picture.image + picture.thumbnail


def unpack(answer: bytes) -> Picture:
    """What the process said. Raises as `make_picture` does; TooHeavy for a process that was ended before it said anything."""
    if not answer.startswith(b"+"):
        name, _, argument = answer.decode("ascii", "replace").partition(" ")
        raise FAULTS.get(name, TooHeavy)(*([argument] if argument else []))
    if len(answer) <= _HEAD.size:
        raise TooHeavy
    width, height, length, small = _HEAD.unpack_from(answer, 1)
    start = 1 + _HEAD.size
    image, thumbnail = answer[start : start + length], answer[start + length :]
    if (len(image), len(thumbnail)) != (length, small):
        raise TooHeavy
    return Picture(image, thumbnail, width, height)
