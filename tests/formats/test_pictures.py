"""What is made of a file that somebody sends as a photo."""

from io import BytesIO

import pytest
from PIL import Image

from formats.pictures import NotAPicture, TooManyPixels, make_picture
from tests import images


def opened(content: bytes) -> Image.Image:
    image = Image.open(BytesIO(content))
    image.load()
    return image


def looks(pixel: tuple[int, int, int], colour: tuple[int, int, int]) -> bool:
    return all(abs(a - b) < 25 for a, b in zip(pixel, colour, strict=True))


@pytest.mark.parametrize("content", [images.jpeg(), images.png(), images.webp(), images.png(mode="L", colour=90)])
def test_becomes_a_jpeg(content: bytes):
    picture = make_picture(content)
    assert opened(picture.image).format == opened(picture.thumbnail).format == "JPEG"
    assert opened(picture.image).size == (picture.width, picture.height)
    assert max(opened(picture.thumbnail).size) == 240


def test_nothing_but_pixels_remains():
    for content in (images.jpeg(), images.jpeg(orientation=6), images.png()):
        assert images.SECRET in content
        picture = make_picture(content)
        for kept in (picture.image, picture.thumbnail):
            assert images.SECRET not in kept
            image = opened(kept)
            assert not image.getexif() and not image.getexif().get_ifd(0x8825)
            assert not {"exif", "comment", "icc_profile", "xmp", "Author"} & set(image.info)
    assert opened(images.jpeg()).getexif().get_ifd(0x8825), "the photo does say where it was taken"


@pytest.mark.parametrize("size", [(4000, 3000), (3000, 4000), (1601, 1601)])
def test_is_scaled_down(size: tuple[int, int]):
    picture = make_picture(images.jpeg(*size))
    assert max(picture.width, picture.height) == 1600
    assert abs(picture.width / picture.height - size[0] / size[1]) < 0.1 * size[0] / size[1]


def test_is_never_scaled_up():
    picture = make_picture(images.png(20, 10))
    assert (picture.width, picture.height) == (20, 10)
    assert opened(picture.thumbnail).size == (20, 10)


# Where the left half (red) of the sensor's image is, once it is turned as EXIF says.
@pytest.mark.parametrize(
    ("orientation", "red_at"),
    [(1, "left"), (2, "right"), (3, "right"), (4, "left"), (5, "top"), (6, "top"), (7, "bottom"), (8, "bottom")],
)
def test_is_upright(orientation: int, red_at: str):
    picture = make_picture(images.jpeg(orientation=orientation))
    image = opened(picture.image)
    assert image.size == ((640, 480) if red_at in ("left", "right") else (480, 640))
    width, height = image.size
    x, y = {"left": (5, height // 2), "right": (width - 6, height // 2)}.get(red_at, (width // 2, 0))
    if red_at in ("top", "bottom"):
        y = 5 if red_at == "top" else height - 6
    assert looks(image.getpixel((x, y)), images.RED)
    assert looks(image.getpixel((width - 1 - x, height - 1 - y)), images.BLUE)


def test_transparent_is_white():
    picture = make_picture(images.png(mode="RGBA", colour=(0, 0, 0, 0)))
    assert looks(opened(picture.image).getpixel((10, 10)), (255, 255, 255))


def test_cmyk_and_palette_are_read():
    for mode in ("CMYK", "P"):
        file = BytesIO()
        Image.new("RGB", (90, 60), images.RED).convert(mode).save(file, "JPEG" if mode == "CMYK" else "PNG")
        assert looks(opened(make_picture(file.getvalue()).image).getpixel((5, 5)), images.RED)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")  # outside of the tests it is only told
def test_broken_exif_is_no_reason_to_refuse():
    content = images.jpeg(orientation=6)
    start = content.index(b"Exif\x00\x00")
    make_picture(content[: start + 10] + b"\xff\xff\xff\x7f" + content[start + 14 :])


@pytest.mark.parametrize("content", [images.SVG, images.HTML, images.GIF, b"\xff\xd8", b"%PDF-1.7", bytes(1000)])
def test_other_content_is_refused(content: bytes):
    with pytest.raises(NotAPicture):
        make_picture(content)


@pytest.mark.parametrize(
    "content", [images.bomb(), images.bomb(7072, 7072), images.bomb(9000, 9000), images.bomb(60_000, 60_000)]
)
def test_bombs_are_not_decoded(content: bytes):
    with pytest.raises(TooManyPixels):
        make_picture(content)
