"""The process in which one file is decoded (sandbox): it reads the file from stdin and writes the picture to stdout.

`python -m formats.decoder`. Who started it says how long it may take, and hands it nothing else: it knows no secret.
"""

import resource
import struct
import sys

from formats.pictures import (
    Damaged,
    NotAPicture,
    NotReadableYet,
    Picture,
    TooHeavy,
    TooManyPixels,
    Truncated,
    make_picture,
)

SECONDS = 15  # of a core
MEMORY = 1024 * 1024 * 1024  # bytes of addresses
_HEAD = struct.Struct(">IIII")
_FAULTS = {
    fault.__name__: fault for fault in (NotAPicture, NotReadableYet, TooManyPixels, TooHeavy, Damaged, Truncated)
}


def pack(picture: Picture) -> bytes:
    """A picture as the process says it."""
    head = _HEAD.pack(picture.width, picture.height, len(picture.image), len(picture.thumbnail))
    return b"+" + head + picture.image + picture.thumbnail


def unpack(answer: bytes) -> Picture:
    """What the process said. Raises as `make_picture` does; TooHeavy for a process that was ended before it said anything."""
    if not answer.startswith(b"+"):
        name, _, argument = answer.decode("ascii", "replace").partition(" ")
        raise _FAULTS.get(name, TooHeavy)(*([argument] if argument else []))
    if len(answer) <= _HEAD.size:
        raise TooHeavy
    width, height, length, small = _HEAD.unpack_from(answer, 1)
    start = 1 + _HEAD.size
    image, thumbnail = answer[start : start + length], answer[start + length :]
    if (len(image), len(thumbnail)) != (length, small):
        raise TooHeavy
    return Picture(image, thumbnail, width, height)


def main() -> None:
    """Decode what comes by stdin, within limits of time and memory."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        answer = pack(make_picture(sys.stdin.buffer.read()))
    except tuple(_FAULTS.values()) as fault:
        answer = " ".join((type(fault).__name__, *map(str, fault.args))).encode()
    sys.stdout.buffer.write(answer)


if __name__ == "__main__":
    main()
