"""Peak memory and time of the process that decodes a photo, by kind: `python bench/decoding.py [--sizes 50 12]` (megapixels)."""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pillow_heif
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
GRAIN = 16  # pixels of one colour, across
# Of each kind: the mode of its pixels, and how it is saved.
KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "JPEG": ("RGB", {"format": "JPEG"}),
    "progressive JPEG 4:4:4": ("RGB", {"format": "JPEG", "progressive": True, "subsampling": 0}),
    "palette PNG": ("P", {"format": "PNG", "compress_level": 1}),
    "16-bit grey PNG": ("I;16", {"format": "PNG", "compress_level": 1}),
    "RGBA PNG": ("RGBA", {"format": "PNG", "compress_level": 1}),
    "WebP": ("RGB", {"format": "WEBP", "method": 2}),
    "lossless WebP": ("RGB", {"format": "WEBP", "lossless": True, "method": 2}),
    "transparent WebP": ("RGBA", {"format": "WEBP", "method": 2}),
    "HEIC": ("RGB", {"format": "HEIF", "quality": 50, "enc_params": {"preset": "ultrafast"}}),
    "transparent HEIC": ("RGBA", {"format": "HEIF", "quality": 50, "enc_params": {"preset": "ultrafast"}}),
}


def make(kind: str, megapixels: int, file: Path) -> None:
    """Write a square photo, of noise that is as coarse as what a file of some megabytes can hold."""
    Image.MAX_IMAGE_PIXELS = None
    pillow_heif.register_heif_opener()
    mode, options = KINDS[kind]
    side = int((megapixels * 1_000_000) ** 0.5)
    noise = Image.effect_noise((side // GRAIN, side // GRAIN), 99).resize((side, side), Image.Resampling.NEAREST)
    image = Image.merge(mode, [noise] * len(mode)) if mode.startswith("RGB") else noise.convert(mode)
    image.save(file, **options)


def decode(file: Path) -> str:
    """What the process took, and what it said if that was no picture."""
    with file.open("rb") as content, tempfile.TemporaryFile() as answer:
        began = time.monotonic()
        process = subprocess.Popen([sys.executable, "-m", "formats.decoder"], cwd=ROOT, stdin=content, stdout=answer)
        _, _, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - began
        process.returncode = 0  # it was waited for here
        answer.seek(0)
        said = answer.read(30)
    refused = "" if said.startswith(b"+") else f", refused: {said.decode('ascii', 'replace')}"
    return f"{usage.ru_maxrss // 1024} MB, {seconds:.1f} s{refused}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[50, 12])
    arguments = parser.parse_args()
    # Made by another process: what this one holds would count as the peak of those that it starts.
    with (
        tempfile.TemporaryDirectory() as folder,
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as maker,
    ):
        for megapixels in arguments.sizes:
            for kind in KINDS:
                file = Path(folder) / "photo"
                maker.submit(make, kind, megapixels, file).result()
                size = file.stat().st_size / 1_000_000
                print(f"{megapixels} megapixels, {kind}, {size:.1f} MB: {decode(file)}", flush=True)


if __name__ == "__main__":
    main()
