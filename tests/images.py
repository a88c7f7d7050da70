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


def heic(width: int = 64, height: int = 48, *, mode: str = "RGB", orientation: int | None = None, **options) -> bytes:
    """As iPhones take photos: red on the left half, blue on the right, turned by its file when it is shown."""
    import pillow_heif

    image = Image.new(mode, (width, height), RED)
    image.paste(BLUE, (width // 2, 0, width, height))
    exif = Image.Exif()
    exif[0x010F] = SECRET.decode()
    if orientation:
        exif[0x0112] = orientation
    file = BytesIO()
    pillow_heif.from_pillow(image).save(file, quality=90, exif=exif.tobytes(), **options)
    return file.getvalue()


def one_frame(content: bytes) -> bytes:
    """An animated WebP without all frames but the first."""
    chunks, at = [], 12
    while at < len(content):
        end = at + 8 + int.from_bytes(content[at + 4 : at + 8], "little") + 1 & ~1
        chunks.append(content[at:end])
        at = end
    first = next(chunk for chunk in chunks if chunk.startswith(b"ANMF"))
    body = b"WEBP" + b"".join(chunk for chunk in chunks if chunk is first or not chunk.startswith(b"ANMF"))
    return b"RIFF" + struct.pack("<I", len(body)) + body


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


AVIF = b"\x00\x00\x00\x18ftypavif\x00\x00\x00\x00mif1miaf" + bytes(500)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"
GIF = b"GIF89a" + bytes(200)


def saved(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    """An image as a file of that format."""
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def segment(marker: int, body: bytes) -> bytes:
    """A segment of a JPEG."""
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def with_segments(content: bytes, *segments: bytes) -> bytes:
    """A JPEG with further segments after its first one."""
    start = 4 + int.from_bytes(content[4:6], "big")
    return content[:start] + b"".join(segments) + content[start:]


def with_chunks(content: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG with further chunks (kind, body) after its head."""
    made = [struct.pack(">I", len(b)) + k + b + struct.pack(">I", zlib.crc32(k + b)) for k, b in chunks]
    return content[:33] + b"".join(made) + content[33:]


def profile(space: bytes, tags: dict[bytes, bytes]) -> bytes:
    """An ICC profile (version 2.1) of a display or a scanner, for pixels of that colour space."""
    table, body, start = b"", b"", 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        table += name + struct.pack(">II", start + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    head = struct.pack(
        ">I4sI4s4s4s12s4s", start + len(body), b"lcms", 0x02100000, b"mntr", space, b"XYZ ", bytes(12), b"acsp"
    )
    head += bytes(28) + struct.pack(">iii", 63190, 65536, 54061)
    return head.ljust(128, b"\x00") + struct.pack(">I", len(tags)) + table + body


def _xyz(*values: float) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">iii", *(round(value * 65536) for value in values))


def _gamma(value: float) -> bytes:
    return b"curv" + bytes(4) + struct.pack(">IH", 1, round(value * 256))


def rgb_profile(red: tuple, green: tuple, blue: tuple, gamma: float = 2.2) -> bytes:
    """A profile whose primaries are these, as XYZ under D50."""
    tags = {b"wtpt": _xyz(0.9642, 1, 0.8249), b"rXYZ": _xyz(*red), b"gXYZ": _xyz(*green), b"bXYZ": _xyz(*blue)}
    return profile(b"RGB ", tags | dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), _gamma(gamma)))


def grey_profile(gamma: float) -> bytes:
    """A profile of grey pixels."""
    return profile(b"GRAY", {b"wtpt": _xyz(0.9642, 1, 0.8249), b"kTRC": _gamma(gamma)})


P3 = rgb_profile((0.51512, 0.2412, -0.00105), (0.29198, 0.69225, 0.04189), (0.1571, 0.06657, 0.78407))
ADOBE_RGB = rgb_profile(
    (0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457), 2.19921875
)
