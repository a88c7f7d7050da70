"""WebP pictures, decoded at the size that is wanted (libwebp's advanced decoding), which Pillow cannot ask for.

Pillow decodes each as an animation, whose decoder holds three copies of all pixels. The library is the one that Pillow uses.
"""

import ctypes

from PIL import Image, _webp

_VERSION = 0x0209  # of the library's interface to decoders; whatever has another first byte refuses it
_RGB, _RGBA = 0, 1
_LOSSY = 1


class _Features(ctypes.Structure):
    _fields_ = [
        *((name, ctypes.c_int) for name in ("width", "height", "has_alpha", "has_animation", "format")),
        ("pad", ctypes.c_uint32 * 5),
    ]


class _Pixels(ctypes.Structure):
    """A part of the library's union, whose other part is larger."""

    _fields_ = [
        ("rgba", ctypes.c_void_p),
        ("stride", ctypes.c_int),
        ("size", ctypes.c_size_t),
        ("rest", ctypes.c_char * 56),
    ]


class _Buffer(ctypes.Structure):
    _fields_ = [
        *((name, ctypes.c_int) for name in ("colorspace", "width", "height", "is_external_memory")),
        ("u", _Pixels),
        ("pad", ctypes.c_uint32 * 4),
        ("private_memory", ctypes.c_void_p),
    ]


class _Options(ctypes.Structure):
    _fields_ = [
        *((name, ctypes.c_int) for name in ("bypass_filtering", "no_fancy_upsampling", "use_cropping")),
        *((name, ctypes.c_int) for name in ("crop_left", "crop_top", "crop_width", "crop_height")),
        *((name, ctypes.c_int) for name in ("use_scaling", "scaled_width", "scaled_height", "use_threads")),
        *((name, ctypes.c_int) for name in ("dithering_strength", "flip", "alpha_dithering_strength")),
        ("pad", ctypes.c_uint32 * 5),
    ]


class _Config(ctypes.Structure):
    _fields_ = [("input", _Features), ("output", _Buffer), ("options", _Options)]


def decode_webp(content: bytes, size: tuple[int, int]) -> Image.Image:
    """The picture, RGB or RGBA, of this size or larger, in as few bytes as that takes. Raises ValueError if it cannot be read."""
    library, config = ctypes.CDLL(_webp.__file__), _Config()
    if not library.WebPInitDecoderConfigInternal(ctypes.byref(config), _VERSION):
        raise RuntimeError("another interface of libwebp")
    _check(
        library.WebPGetFeaturesInternal(content, ctypes.c_size_t(len(content)), ctypes.byref(config.input), _VERSION)
    )
    found, options, output = config.input, config.options, config.output
    # What is transparent would shine through what is scaled with it; only the lossless decoder sees to that.
    if size < (found.width, found.height) and not (found.has_alpha and found.format == _LOSSY):
        options.use_scaling, options.scaled_width, options.scaled_height = 1, *size
    else:
        size = found.width, found.height
    mode, depth = ("RGBA", 4) if found.has_alpha else ("RGB", 3)
    pixels = bytearray(size[0] * size[1] * depth)
    output.colorspace, output.is_external_memory = _RGBA if found.has_alpha else _RGB, 1
    output.u.rgba = ctypes.addressof(ctypes.c_char.from_buffer(pixels))
    output.u.stride, output.u.size = size[0] * depth, len(pixels)
    _check(library.WebPDecode(content, ctypes.c_size_t(len(content)), ctypes.byref(config)))
    return Image.frombuffer(mode, size, pixels, "raw", mode, 0, 1)


def _check(status: int) -> None:
    if status == 1:
        raise MemoryError
    if status:
        raise ValueError(f"status {status} of libwebp")
