"""HEIC photos, as iPhones take them (libheif). Imported only where there is one: it brings megabytes of libraries."""

from io import BytesIO

import pillow_heif
from PIL import Image

# One thread: each has an address space of its own, which counts against what the decoder may have. Of several pictures in a file
# the first is the photo; what else there is (previews, depth, masks) is not read.
pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)


def open_heic(content: bytes) -> Image.Image:
    """The photo, which is decoded when its pixels are asked for: upright, as its file says. Raises what its parser does."""
    return Image.open(BytesIO(content), formats=("HEIF",))
