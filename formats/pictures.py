"""Pictures that are safe to keep and to show: checked by their content, upright, sRGB, bounded, without any metadata. Pure."""

import warnings
from io import BytesIO

from PIL import Image, ImageCms, ImageMath

from formats.picture import PIXELS, Damaged, NotAPicture, NotReadableYet, Picture, TooHeavy, TooManyPixels, Truncated
from formats.picture_files import HEIC, JPEG, PNG, WEBP, PictureFile, codec_of, read_picture_file
from formats.webp import decode_webp

SIDE = 1600  # pixels of the longer side, as kept
READABLE_SIDE = 480  # of the shorter one, if it had as many: the screenshot of a whole chat is read, too
LONGEST_SIDE = 8000
THUMBNAIL_SIDE = 240
# Pixels of a side: what a JPEG can say. A row of a pixel costs a decoder as much as one of a dozen.
DECODED_SIDE = 65_535
SCANS = 50  # of a progressive JPEG: each costs a pass over all pixels, and can be a few bytes long
# Pictures for which a decoder needs more memory than others; no camera makes them so large.
PIXELS_OF_ANIMATIONS = 20_000_000  # each is there four times
VALUES_OF_SCANS = 160_000_000  # of all colours of a JPEG in several scans, two bytes each
FORMATS = (JPEG, PNG, WEBP)
_STRIP = 1_000_000  # pixels that are converted at a time

# Pillow's own guard, behind ours.
Image.MAX_IMAGE_PIXELS = PIXELS


def make_picture(content: bytes) -> Picture:
    """The picture in a file that somebody sent. Takes up to some seconds of a core and hundreds of megabytes, hence
    a process of its own.

    Raises NotAPicture, NotReadableYet, TooManyPixels, TooHeavy, Damaged, Truncated.
    """
    if not content:
        raise Truncated
    file = read_picture_file(content)
    if file is None:
        raise NotReadableYet(codec) if (codec := codec_of(content)) else NotAPicture
    with warnings.catch_warnings(action="ignore"):  # of oddities in metadata that is not kept
        image = _open(file)
        try:
            return _encode(_in_srgb(_upright(image, file), file.profile or image.info.get("icc_profile")))
        except MemoryError as error:
            raise TooHeavy from error
        except Exception as error:  # decoders raise whatever their parsers do
            raise _fault(file) from error


def _open(file: PictureFile) -> Image.Image:
    """The picture, before it is decoded."""
    try:
        image = _opened(file)
    except Image.DecompressionBombError as error:
        raise TooManyPixels from error
    except Exception as error:
        raise _fault(file) from error
    if image.width * image.height > PIXELS:
        raise TooManyPixels
    if max(image.size) > DECODED_SIDE:
        raise TooHeavy
    if file.scans > SCANS or _takes_too_much(image, file):
        raise TooHeavy
    return image


def _opened(file: PictureFile) -> Image.Image:
    """Few photos need the libraries of the other kind."""
    if file.format != HEIC:
        return Image.open(BytesIO(file.content), formats=FORMATS)
    from formats.heic import open_heic

    return open_heic(file.content)


def _takes_too_much(image: Image.Image, file: PictureFile) -> bool:
    pixels = image.width * image.height
    if file.format == JPEG:
        return file.scans > 1 and pixels * len(image.getbands()) > VALUES_OF_SCANS
    return file.animated and pixels > PIXELS_OF_ANIMATIONS


def _fault(file: PictureFile) -> Damaged:
    return Damaged() if file.whole else Truncated()


def _upright(image: Image.Image, file: PictureFile) -> Image.Image:
    """The pixels alone, as few as are kept, L, RGB or CMYK, turned as the camera was held, on white where transparent."""
    size = _size_kept(image.width, image.height)
    image = _decoded(image, file, size)
    turn = _turn(image)
    if image.mode in ("L", "RGB", "CMYK") and not image.has_transparency_data:
        image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    else:
        image = _flattened(image, size)
    return image if turn is None else image.transpose(turn)


def _decoded(image: Image.Image, file: PictureFile, size: tuple[int, int]) -> Image.Image:
    """The picture with its pixels; larger than it is kept, as what is scaled twice loses nothing then."""
    if file.format == WEBP and not file.animated:
        width, height = image.size
        decoded = decode_webp(file.content, (min(width, 2 * size[0]), min(height, 2 * size[1])))
        decoded.info = image.info
        return decoded
    image.draft(None, size)  # a JPEG is decoded at a fraction of its size
    image.load()
    return image


def _size_kept(width: int, height: int) -> tuple[int, int]:
    """The size at which a picture of this one is kept: never more than it has, and never nothing."""
    longer, shorter = max(width, height), min(width, height)
    scale = min(1.0, max(SIDE / longer, READABLE_SIDE / shorter), LONGEST_SIDE / longer)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _flattened(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The picture on white, in a mode that can be averaged, at a size. Made in strips: it is never there twice in full."""
    factor = max(1, min(image.width // size[0], image.height // size[1]))
    rows = factor * max(1, _STRIP // image.width // factor)
    mode = "L" if image.mode in ("1", "L", "LA") or image.mode.startswith("I") else "RGB"
    canvas = Image.new(mode, (-(-image.width // factor), -(-image.height // factor)))
    for top in range(0, image.height, rows):
        strip = image.crop((0, top, image.width, min(top + rows, image.height)))
        canvas.paste(_on_white(strip, mode).reduce(factor), (0, top // factor))
    # What the last column and row average is less than others do.
    box = (0, 0, image.width / factor, image.height / factor)
    return canvas.resize(size, Image.Resampling.LANCZOS, box=box)


def _on_white(strip: Image.Image, mode: str) -> Image.Image:
    if strip.mode.startswith("I"):
        return _in_8_bits(strip)
    if not strip.has_transparency_data:
        return strip.convert(mode)
    shown = strip.convert("RGBA")
    canvas = Image.new("RGB", strip.size, "white")
    canvas.paste(shown, mask=shown.getchannel("A"))
    return canvas.convert(mode)


def _in_8_bits(strip: Image.Image) -> Image.Image:
    """A picture of 16 bits a pixel. Its own `convert` cuts off what is more than 255."""
    levels, transparent = strip.convert("I"), strip.info.get("transparency")
    grey = levels.point(lambda level: level / 257 + 0.5).convert("L")  # type: ignore[operator]
    if isinstance(transparent, int):
        where = ImageMath.lambda_eval(lambda of: of["convert"]((of["i"] == transparent) * 255, "L"), i=levels)
        grey.paste(255, mask=where)
    return grey


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
        return _TURNS.get(image.getexif().get(0x0112, 0))
    except Exception:  # EXIF that cannot be read is no reason to refuse the photo
        return None


_PROFILED = {"L": b"GRAY", "RGB": b"RGB ", "CMYK": b"CMYK"}  # the colour space that the profile of a mode has to have


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The colours as they were meant, on a canvas of its own: comments and profiles would be copied along from the image.

    A profile that cannot be read, or is for other pixels, counts for nothing.
    """
    canvas = Image.new("RGB", image.size)
    canvas.paste(_transformed(image, profile) if profile else image)
    return canvas


def _transformed(image: Image.Image, profile: bytes) -> Image.Image:
    if profile[16:20] != _PROFILED[image.mode]:
        return image
    try:
        meant = ImageCms.ImageCmsProfile(BytesIO(profile))
        flags = ImageCms.Flags.BLACKPOINTCOMPENSATION
        intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
        srgb = ImageCms.createProfile("sRGB")
        shown = ImageCms.profileToProfile(image, meant, srgb, intent, "RGB", flags=flags)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    return shown or image


def _encode(image: Image.Image) -> Picture:
    scale = min(1.0, THUMBNAIL_SIDE / max(image.size))
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    small = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    return Picture(_jpeg(image, 80), _jpeg(small, 70), image.width, image.height)


def _jpeg(image: Image.Image, quality: int) -> bytes:
    file = BytesIO()
    image.save(file, "JPEG", quality=quality, optimize=True, progressive=True)
    return file.getvalue()
