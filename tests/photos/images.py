"""Images as phones and attackers make them."""

import struct
import zlib
from io import BytesIO

from PIL import Image
from PIL.PngImagePlugin import PngInfo

RED, BLUE = (200, 30, 30), (30, 30, 200)
SECRET = b"Rumah Ani, gang 4"


def jpeg(width: int = 640, height: int = 480, *, orientation: int | None = None) -> bytes:
    """A photo, red on its left half and blue on its right, with the place, the phone and a comment in its metadata."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (width // 2, 0, width, height))
    exif = Image.Exif()
    exif[0x010F] = SECRET.decode()
    if orientation:
        exif[0x0112] = orientation
    exif.get_ifd(0x8825).update({1: "S", 2: (6.0, 12.0, 31.0), 3: "E", 4: (106.0, 49.0, 5.0)})
    file = BytesIO()
    image.save(file, "JPEG", exif=exif, comment=SECRET, xmp=b"<x>" + SECRET + b"</x>", icc_profile=b"ICC" + SECRET)
    return file.getvalue()


def png(width: int = 300, height: int = 200, *, mode: str = "RGB", colour=RED) -> bytes:
    info = PngInfo()
    info.add_text("Author", SECRET.decode())
    file = BytesIO()
    Image.new(mode, (width, height), colour).save(file, "PNG", pnginfo=info)
    return file.getvalue()


def webp(width: int = 300, height: int = 200) -> bytes:
    file = BytesIO()
    Image.new("RGB", (width, height), BLUE).save(file, "WEBP")
    return file.getvalue()


def bomb(width: int = 30_000, height: int = 30_000) -> bytes:
    """A PNG of a few bytes that says it has 900 million pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(9999))) + chunk(b"IEND", b"")
    )


def scans(count: int) -> bytes:
    """A progressive JPEG with so many scans that decoding it takes for ever."""
    file = BytesIO()
    Image.new("RGB", (64, 64), RED).save(file, "JPEG", progressive=True)
    content = file.getvalue()
    start = content.rindex(b"\xff\xda")
    return content[:start] + content[start:-2] * count + b"\xff\xd9"


HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(500)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"
GIF = b"GIF89a" + bytes(200)
