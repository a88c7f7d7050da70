"""Pictures are read by their structure: what stands in a file beside them changes nothing."""

import time
import zlib
from io import BytesIO

import pytest
from PIL import Image, ImageDraw

from formats import pictures
from formats.picture_files import codec_of, read_picture_file
from formats.pictures import DECODED_SIDE, Damaged, NotReadableYet, TooHeavy, Truncated, make_picture
from tests import images

VIDEO = b"\x00\x00\x00\x18ftypmp42" + bytes(8) + b"\xff\xda\xff\xd9\xff\xd8\xff" * 50_000
PAYLOAD = b"\xff\xda" * 60 + b"\xff\xd8\xff\xd9"


def kept(content: bytes) -> Image.Image:
    image = Image.open(BytesIO(make_picture(content).image))
    image.load()
    return image


def near(pixel: tuple, colour: tuple, by: int = 3) -> bool:
    return all(abs(a - b) <= by for a, b in zip(pixel, colour, strict=True))


PLAIN = images.jpeg()
ANIMATED = images.saved(
    Image.new("RGB", (9, 9), images.RED), "WEBP", save_all=True, append_images=[Image.new("RGB", (9, 9))]
)
ODD = {
    "comment": images.with_segments(PLAIN, images.segment(0xFE, PAYLOAD)),
    "app": images.with_segments(PLAIN, *(images.segment(marker, PAYLOAD) for marker in range(0xE0, 0xF0))),
    "preview": images.with_segments(PLAIN, images.segment(0xE2, b"MPF\x00" + images.jpeg(90, 60)[:6000])),
    "motion photo": PLAIN + VIDEO,
    "several pictures": PLAIN + images.jpeg(90, 60) + images.jpeg(60, 90),
    "mpo": images.saved(
        Image.new("RGB", (64, 48), images.RED), "MPO", save_all=True, append_images=[Image.new("RGB", (9, 9))]
    ),
    "filled between segments": PLAIN[:2] + b"\xff\xff\xff" + PLAIN[2:],
    "restarts": images.saved(Image.effect_noise((300, 200), 90), "JPEG", restart_marker_blocks=1),
    "png text": images.with_chunks(images.png(), (b"zTXt", b"a\x00\x00" + zlib.compress(bytes(20_000_000)))),
    "png texts": images.with_chunks(images.png(), *[(b"tEXt", b"a\x00" + b"IDATIEND" * 9)] * 500),
    "png bad profile": images.with_chunks(images.png(), (b"iCCP", b"x\x00\x00none")),
    "png behind": images.png() + VIDEO,
    "apng": images.saved(Image.new("RGB", (9, 9), images.RED), save_all=True, append_images=[Image.new("RGB", (9, 9))]),
    "webp behind": images.webp() + VIDEO,
    "animated webp": ANIMATED,
    "animated webp of one frame": images.one_frame(ANIMATED),
    "bad profile": images.saved(Image.new("RGB", (9, 9)), "JPEG", icc_profile=images.P3[:200]),
    "profile of other pixels": images.saved(Image.new("L", (9, 9)), "JPEG", icc_profile=images.P3),
}


@pytest.mark.parametrize("name", ODD)
def test_what_stands_beside_changes_nothing(name: str):
    image = kept(ODD[name])
    assert not {"exif", "comment", "icc_profile", "xmp"} & set(image.info)


def test_pixels_are_those_of_the_picture_itself():
    for name in ("comment", "app", "preview", "motion photo", "several pictures", "filled between segments"):
        assert kept(ODD[name]).tobytes() == kept(PLAIN).tobytes(), name


@pytest.mark.parametrize("content", [PLAIN[:-400], images.png(900, 900)[:-40], images.webp()[:-9], PLAIN[:700], b""])
def test_what_breaks_off_is_said_to(content: bytes):
    with pytest.raises(Truncated):
        make_picture(content)


def test_what_contradicts_itself_is_damaged_or_heavy():
    data = images.png().index(b"IDAT") + 8
    for content in (images.bomb(1000, 1000), images.png()[:data] + bytes(9) + images.png()[data + 9 :]):
        with pytest.raises(Damaged) as raised:
            make_picture(content)
        assert raised.type is Damaged
    with pytest.raises(TooHeavy):
        make_picture(images.scans(60))
    make_picture(images.scans(20))


@pytest.mark.parametrize("filler", [b"\xff", b"\xff\xd0", b"\xff\xdb\x00\x02", b"\xff\xfe\x00\x02"])
@pytest.mark.parametrize("end", [b"", b"\x00", b"\xff\xd9"])
def test_what_a_jpeg_is_filled_up_with_is_read_once(filler: bytes, end: bytes):
    """In time that grows with its length, and without keeping it."""
    file = PLAIN[:2] + filler * (1_000_000 // len(filler)) + end
    began = time.process_time()
    read = read_picture_file(file)
    assert time.process_time() - began < 1
    assert read is not None and len(read.content) < 10_000
    for position in (2, PLAIN.index(b"\xff\xda")):
        filled = PLAIN[:position] + b"\xff" * 1_000_000 + PLAIN[position:]
        assert kept(filled).tobytes() == kept(PLAIN).tobytes()


@pytest.mark.parametrize("options", [{"lossless": True}, {"quality": 100}])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("width", [400, 4000, 6500])
def test_webp_is_what_it_would_be_as_png(options: dict, mode: str, width: int):
    """Kept as it is, scaled once, scaled twice; nothing shines through that is transparent."""
    image = Image.new("RGB", (width, 300), images.RED)
    image.paste(images.BLUE, (0, 0, width // 2, 300))
    if mode == "RGBA":
        image.putalpha(255)
        image.paste((0, 255, 0, 0), (0, 0, width // 4, 300))
    webp, png = kept(images.saved(image, "WEBP", **options)), kept(images.saved(image))
    assert webp.size == png.size
    for x in range(webp.width // 32, webp.width, webp.width // 16):
        assert near(webp.getpixel((x, 30)), png.getpixel((x, 30)), 12), x


def test_what_decoders_need_too_much_for_is_refused(monkeypatch: pytest.MonkeyPatch):
    """Before it is decoded: animations, and JPEGs of several scans in four colours, of as many pixels as no camera makes."""
    animated, one_frame = ANIMATED, images.one_frame(ANIMATED)
    progressive = images.saved(Image.new("CMYK", (90, 60)), "JPEG", progressive=True)
    for content in (animated, one_frame, progressive):
        make_picture(content)
    monkeypatch.setattr(pictures, "PIXELS_OF_ANIMATIONS", 80)
    monkeypatch.setattr(pictures, "VALUES_OF_SCANS", 4 * 90 * 60 - 1)
    for content in (animated, one_frame, progressive):
        with pytest.raises(TooHeavy):
            make_picture(content)
    make_picture(images.saved(Image.new("RGB", (90, 60)), "JPEG", progressive=True))
    make_picture(images.webp())


def test_of_an_animation_the_first_frame_is_kept():
    for content in (ANIMATED, images.one_frame(ANIMATED)):
        assert near(kept(content).getpixel((4, 4)), images.RED, 12)


def test_a_thin_picture_is_not_decoded():
    """Each row costs a decoder some bytes, whatever its length."""
    for size in ((1, DECODED_SIDE), (DECODED_SIDE, 1)):
        make_picture(images.png(*size))
    for size in ((1, DECODED_SIDE + 1), (DECODED_SIDE + 1, 1), (2, 25_000_000), (25_000_000, 2)):
        with pytest.raises((TooHeavy, Damaged)) as raised:
            make_picture(images.bomb(*size))
        assert raised.type is TooHeavy, size


def test_formats_of_phones_are_known_by_their_brands():
    def file(major: bytes, *others: bytes) -> bytes:
        return (16 + 4 * len(others)).to_bytes(4, "big") + b"ftyp" + major + bytes(4) + b"".join(others) + bytes(90)

    assert (codec_of(images.heic()), codec_of(images.AVIF)) == ("HEIC", "AVIF")
    for major, others, codec in (
        *((b"heic", (b"mif1",), "HEIC"), (b"mif1", (b"heic", b"mif1"), "HEIC"), (b"msf1", (b"hevc",), "HEIC")),
        *((b"avif", (b"mif1",), "AVIF"), (b"mif1", (b"miaf", b"avif"), "AVIF"), (b"mif1", (), "HEIF")),
        *((b"mp42", (b"isom",), ""), (b"qt  ", (), "")),
    ):
        assert codec_of(file(major, *others)) == codec
    with pytest.raises(NotReadableYet, match="AVIF"):
        make_picture(images.AVIF)


@pytest.mark.parametrize("orientation", [None, 3, 6, 8])
def test_a_photo_of_an_iphone_is_turned_as_its_file_says(orientation: int | None):
    picture = make_picture(images.heic(orientation=orientation))
    image = Image.open(BytesIO(picture.image))
    assert image.size == ((64, 48) if orientation in (None, 3) else (48, 64))
    red, blue = images.RED, images.BLUE
    first, last = (red, blue) if orientation in (None, 6) else (blue, red)
    for at, colour in (((3, 3), first), ((image.width - 4, image.height - 4), last)):
        assert all(abs(a - b) < 12 for a, b in zip(image.getpixel(at), colour, strict=True)), (orientation, at)
    assert images.SECRET not in picture.image


def test_a_photo_of_an_iphone_that_is_none():
    whole = images.heic(640, 480)
    for content, fault in ((whole[:-99], Truncated), (whole[:200] + bytes(len(whole) - 200), Damaged)):
        with pytest.raises(fault) as raised:
            make_picture(content)
        assert raised.type is fault
    transparent = make_picture(images.heic(mode="RGBA"))
    assert (transparent.width, transparent.height) == (64, 48)


def grey_ramp() -> Image.Image:
    return Image.linear_gradient("L").resize((800, 600))


def test_16_bits_a_pixel_keep_their_levels():
    grey = grey_ramp()
    deep = grey.convert("I").point(lambda level: level * 257).convert("I;16")
    for size in ((800, 600), (4000, 3000)):
        image, same = kept(images.saved(deep.resize(size))), kept(images.saved(grey.resize(size)))
        levels = [abs(a - b) for a, b in zip(image.tobytes()[::97], same.tobytes()[::97], strict=True)]
        assert max(levels) <= 3
    transparent = images.with_chunks(
        images.saved(Image.new("I;16", (9, 9), 40_000)), (b"tRNS", (40_000).to_bytes(2, "big"))
    )
    assert near(kept(transparent).getpixel((4, 4)), (255, 255, 255))


@pytest.mark.parametrize("mode", ["1", "P", "L", "LA", "PA", "RGB", "RGBA"])
@pytest.mark.parametrize("width", [3200, 5000])
def test_thin_lines_are_still_seen(mode: str, width: int):
    image = Image.new("RGB", (width, 300), "white")
    pen = ImageDraw.Draw(image)
    at = range(40, width, 400)
    for x in at:
        pen.line((x, 0, x, 300), fill="black")
    content = images.saved(image.convert({"PA": "P"}.get(mode, mode)), **({"transparency": 0} if mode == "PA" else {}))
    if mode == "PA":
        content = images.saved(image.convert("P", palette=Image.Palette.ADAPTIVE, colors=4), bits=2)
    small = kept(content).convert("L")
    for x in (round(x * small.width / width) for x in at):
        darkest = min(small.getpixel((near_x, small.height // 2)) for near_x in range(x - 2, x + 3))
        assert darkest <= 235, f"{mode}: the line at {x}"


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "RGB"])
def test_what_is_transparent_is_white(mode: str):
    image = Image.new("RGBA", (4000, 30), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, 2000, 30))
    options = {}
    if mode in ("P", "L", "RGB"):
        image, options = Image.new("RGB", image.size, "white"), {"transparency": (9, 9, 9)}
        image.paste((9, 9, 9), (2000, 0, 4000, 30))
        image.paste((0, 0, 0), (0, 0, 2000, 30))
        options = {"transparency": {"P": None, "L": 9, "RGB": (9, 9, 9)}[mode]}
    if mode == "P":
        image = image.quantize(3)
        options = {"transparency": image.getpixel((3000, 9))}
    small = kept(images.saved(image.convert(mode), **options))
    assert near(small.getpixel((small.width - 5, small.height // 2)), (255, 255, 255))
    assert near(small.getpixel((5, small.height // 2)), (0, 0, 0))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_colours_are_those_that_were_meant(kind: str):
    image = Image.new("RGB", (90, 60), (200, 60, 60))
    lossless = {"JPEG": {"quality": 100, "subsampling": 0}, "PNG": {}, "WEBP": {"lossless": True}}[kind]
    for profile, colour in ((images.P3, (219, 40, 51)), (images.ADOBE_RGB, (233, 58, 58)), (None, (200, 60, 60))):
        assert near(kept(images.saved(image, kind, icc_profile=profile, **lossless)).getpixel((9, 9)), colour, 5)


def test_profiles_of_grey_and_of_none():
    grey = Image.new("L", (90, 60), 128)
    assert kept(images.saved(grey, "JPEG", icc_profile=images.grey_profile(1.0))).getpixel((9, 9))[0] > 180
    assert near(kept(images.saved(grey, "JPEG", icc_profile=images.grey_profile(2.2))).getpixel((9, 9)), (128,) * 3)
    for wrong in (images.P3, images.grey_profile(1.0)[:150], b"none"):
        assert near(kept(images.saved(grey, "JPEG", icc_profile=wrong)).getpixel((9, 9)), (128,) * 3)


def test_inks_are_read_as_adobe_writes_them():
    """A JPEG of CMYK says in its Adobe segment that 255 is no ink."""
    red = Image.new("CMYK", (90, 60), (0, 255, 255, 0))
    assert near(kept(images.saved(red, "JPEG", quality=100)).getpixel((9, 9)), (255, 0, 0), 12)


@pytest.mark.parametrize(
    "size", [(1600, 2), (2, 1600), (1, 1), (20_000, 1), (1, 20_000), (1080, 12_000), (12_000, 1080)]
)
@pytest.mark.parametrize("mode", ["RGB", "P"])
def test_every_shape_is_a_picture(size: tuple[int, int], mode: str):
    picture = make_picture(images.saved(Image.new(mode, size)))
    width, height = picture.width, picture.height
    assert Image.open(BytesIO(picture.image)).size == (width, height) and max(width, height) <= 8000
    assert min(width, height) >= 1
    if 1080 in size:
        assert min(width, height) >= 400
    assert max(Image.open(BytesIO(picture.thumbnail)).size) <= 240
