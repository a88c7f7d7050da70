"""Status and priority are told apart by shape and word, also by who sees no red, no green, or no colour at all."""

import io
from itertools import combinations

import pytest
from PIL import Image, ImageChops, ImageStat
from playwright.async_api import Page

from tests.person import DESKTOP, MANAGER_OF_THE_DEMO
from tests.screens import DARK, LIGHT

BARS = {"P2", "P3", "P4", "P5"}  # one shape, more or less filled, with the code beside it
STATUSES = ("reported", "open", "waiting", "escalated", "closed", "void")
LEAST = 12  # of 255, in the mean: how much two shapes differ in their lightness


async def drawn(page: Page, selector: str) -> Image.Image:
    """The shape before the word, as it is seen, in grey."""
    badge = page.locator(selector).first
    box = await badge.bounding_box()
    assert box
    clip = {"x": round(box["x"]), "y": round(box["y"] + box["height"] / 2 - 8), "width": 16, "height": 16}
    return Image.open(io.BytesIO(await page.screenshot(clip=clip))).convert("L")


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("sight", ["protanopia", "deuteranopia", "achromatopsia"])
async def test_no_two_look_alike(onlookers, sight: str, colours: dict[str, str]):
    person = await onlookers(MANAGER_OF_THE_DEMO, size=DESKTOP)
    page = person.page
    await page.emulate_media(color_scheme=colours["color_scheme"])
    eyes = await person.context.new_cdp_session(page)
    await eyes.send("Emulation.setEmulatedVisionDeficiency", {"type": sight})
    shapes = {}
    await person.go("/problems?year=all")
    for status in STATUSES:
        shapes[status] = await drawn(page, f".counts .status-{status}")
    for priority in range(1, 6):
        await person.go(f"/problems?year=all&priority={priority}")
        assert (await page.locator(f"tbody .priority-{priority}").first.inner_text()).startswith(f"P{priority}")
        shapes[f"P{priority}"] = await drawn(page, f"tbody .priority-{priority}")
    alike = {
        f"{a} {b}": round(difference)
        for (a, one), (b, other) in combinations(shapes.items(), 2)
        if (difference := ImageStat.Stat(ImageChops.difference(one, other)).mean[0]) < (1 if {a, b} <= BARS else LEAST)
    }
    assert not alike
    await eyes.send("Emulation.setEmulatedVisionDeficiency", {"type": "none"})
    await eyes.detach()
