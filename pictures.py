"""Pictures that are safe to keep and to show: checked by their content, upright, bounded, without any metadata. Pure."""

import hashlib
import warnings
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps

SIDE = 1600  # pixels of the longer side, as kept
THUMBNAIL_SIDE = 240
PIXELS = 50_000_000  # of a JPEG, which can be decoded at a fraction of its size; a phone's camera has up to these
PIXELS_ELSE = 25_000_000  # of what has to be decoded in full
SCANS = 50  # of a progressive JPEG: each costs a pass over all pixels, and can be a few bytes long
FORMATS = ("JPEG", "PNG", "WEBP")

# How files of FORMATS begin.
_BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF")

# The brands of ISO base media files that phones take photos in and Pillow does not read.
_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"heif")

# Pillow's own guard, behind ours: what it only warns of beyond this number of pixels is refused as well.
Image.MAX_IMAGE_PIXELS = PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)


class NotAPicture(Exception):
    """The content is not of one of FORMATS, whatever its name says."""


class NotReadableYet(NotAPicture):
    """A photo in HEIC, which SIH cannot read."""


class TooManyPixels(Exception):
    """The picture has more pixels than are decoded here."""


class Damaged(Exception):
    """The picture breaks off, or contradicts itself."""


@dataclass(frozen=True)
class Picture:
    """A picture and its thumbnail, both JPEG; `width` and `height` are those of the picture."""

    image: bytes
    thumbnail: bytes
    width: int
    height: int


def digest(content: bytes) -> str:
    """SHA-256 of a file as it was sent, in hex."""
    return hashlib.sha256(content).hexdigest()


def make_picture(content: bytes) -> Picture:
    """The picture in a file that somebody sent. Takes up to a second of a core: call it in a thread.

    Raises NotAPicture, NotReadableYet, TooManyPixels, Damaged.
    """
    if not content:
        raise Damaged
    if content[4:8] == b"ftyp" and content[8:12] in _HEIF_BRANDS:
        raise NotReadableYet
    try:
        image = Image.open(BytesIO(content), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise TooManyPixels from error
    except Exception as error:
        raise (Damaged if content.startswith(_BEGINNINGS) else NotAPicture) from error
    is_jpeg = image.format in ("JPEG", "MPO")  # MPO: a JPEG with further ones behind it, as some phones write
    if image.width * image.height > (PIXELS if is_jpeg else PIXELS_ELSE):
        raise TooManyPixels
    if is_jpeg and content.count(b"\xff\xda") > SCANS:
        raise Damaged
    try:
        return _encode(_upright(image))
    except Exception as error:  # decoders raise whatever their parsers do
        raise Damaged from error


def _upright(image: Image.Image) -> Image.Image:
    """The pixels alone, turned as the camera was held, on white where they are transparent."""
    image.draft("RGB", (SIDE, SIDE))
    image.load()
    turn = _turn(image)
    image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    if turn is not None:
        image = image.transpose(turn)
    # On a canvas of its own, because comments and profiles would be copied along from the image.
    canvas = Image.new("RGB", image.size, "white")
    if image.has_transparency_data:
        canvas.paste(image, mask=image.convert("RGBA").getchannel("A"))
    else:
        canvas.paste(image)
    return canvas


# What undoes each value of EXIF's Orientation.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _turn(image: Image.Image) -> Image.Transpose | None:
    try:
        return _TURNS.get(image.getexif().get(0x0112))
    except Exception:  # EXIF that cannot be read is no reason to refuse the photo
        return None


def _encode(image: Image.Image) -> Picture:
    small = ImageOps.contain(image, (THUMBNAIL_SIDE, THUMBNAIL_SIDE)) if max(image.size) > THUMBNAIL_SIDE else image
    return Picture(_jpeg(image, 80), _jpeg(small, 70), image.width, image.height)


def _jpeg(image: Image.Image, quality: int) -> bytes:
    file = BytesIO()
    image.save(file, "JPEG", quality=quality, optimize=True, progressive=True)
    return file.getvalue()
