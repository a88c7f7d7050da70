"""Files are decoded in a process of their own, within limits, and by turns."""

import asyncio
import subprocess
import sys
from pathlib import Path
from tempfile import SpooledTemporaryFile

import pytest
from PIL import Image

import web.decoding
from formats.picture import NotReadableYet, Picture, TooHeavy, Truncated, pack, unpack
from settings import ROOT
from tests import images
from web.decoding import Turns, decode

# A process counts what the one that began it held; hence one between.
MEASURED = """
import resource, subprocess, sys
subprocess.run([sys.executable, "-m", "formats.decoder"], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
"""


def file(content: bytes) -> SpooledTemporaryFile:
    spooled = SpooledTemporaryFile(max_size=1024 * 1024)  # noqa: SIM115
    spooled.write(content)
    return spooled


async def test_the_process_says_what_it_made_or_what_is_wrong():
    with file(images.jpeg(900, 600)) as photo:
        picture = await decode(photo)
        assert (picture.width, picture.height) == (900, 600)
        assert picture.image.endswith(b"\xff\xd9") and picture.thumbnail.endswith(b"\xff\xd9")
    for content, fault in ((images.AVIF, NotReadableYet), (images.png()[:-40], Truncated)):
        with file(content) as photo, pytest.raises(fault):
            await decode(photo)


@pytest.mark.parametrize(
    ("kind", "mode", "options"),
    [
        *(
            ("WEBP", mode, {"method": 0, "lossless": lossless})
            for mode in ("RGB", "RGBA")
            for lossless in (True, False)
        ),
        ("PNG", "RGBA", {"compress_level": 1}),
        ("JPEG", "RGB", {"progressive": True, "subsampling": 0}),
    ],
)
def test_no_picture_takes_more_memory_than_a_process_may_have(kind: str, mode: str, options: dict, tmp_path: Path):
    """The largest that are taken have four times as many pixels, and 400 MB at most."""
    path = tmp_path / "photo"
    path.write_bytes(images.saved(Image.new(mode, (3500, 3500), (9, 99, 199, 99)[: len(mode)]), kind, **options))
    with path.open("rb") as photo:
        process = subprocess.run([sys.executable, "-c", MEASURED], cwd=ROOT, stdin=photo, capture_output=True)
    assert unpack(process.stdout).width == 1600
    assert int(process.stderr) < (35 + (400 - 35) / 4) * 1024


async def test_it_is_ended_when_it_takes_too_long(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(web.decoding, "TIMEOUT", 0.001)
    with file(images.jpeg()) as photo, pytest.raises(TooHeavy):
        await decode(photo)


async def test_a_process_that_fails_by_our_fault_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(web.decoding, "ROOT", tmp_path)  # where there is no such module
    with file(images.jpeg()) as photo, pytest.raises(TooHeavy):
        await decode(photo)
    (record,) = caplog.records
    assert (record.levelname, record.message) == ("ERROR", "decoder ended") and record.code == 1
    assert record.error == "unknown", "what it said is no class, and might be anything"


def test_an_answer_that_is_cut_off_is_none():
    whole = pack(Picture(b"image", b"small", 1, 1))
    assert unpack(whole).image == b"image"
    for end in range(len(whole)):
        with pytest.raises(TooHeavy):
            unpack(whole[:end])


async def test_many_of_one_keep_nobody_waiting():
    """Whoever comes after a person with ten files waits for one of them."""
    turns, order = Turns(), []

    async def take(nik: str) -> None:
        async with turns.turn(nik):
            order.append(nik)
            await asyncio.sleep(0.001)

    many = [asyncio.create_task(take("10001")) for _ in range(10)]
    await asyncio.sleep(0)
    await asyncio.gather(*many, *(take(nik) for nik in ("10002", "10003")))
    assert order.index("10003") <= 3 and order.count("10001") == 10
