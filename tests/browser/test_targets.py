"""What must I do first, and why is this one late? Answered on the first screen, on a phone and at a desk."""

import re

import pytest
from playwright.async_api import Locator, expect

from tests.person import DESKTOP, MANAGER_OF_THE_DEMO, NET_OF_THE_DEMO, PHONE
from tests.screens import Size


async def is_in_the_first_screen(part: Locator, size: Size) -> None:
    """Without scrolling, and not under the navigation of a phone."""
    await expect(part).to_be_visible()
    box = await part.bounding_box()
    assert box and box["y"] >= 0 and box["y"] + box["height"] <= size.height - (60 if size is PHONE else 0), box


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize(
    ("who", "link"),
    [(NET_OF_THE_DEMO, "Tugas menurut target"), (MANAGER_OF_THE_DEMO, "Semua menurut target")],
    ids=["technician", "manager"],
)
async def test_what_comes_first_and_why_it_is_late(onlookers, who: str, link: str, size: Size):
    person = await onlookers(who, size=size)
    page = person.page
    await person.go("/problems")
    await page.get_by_role("link", name=link).click()
    await expect(page).to_have_url(re.compile("sort=due"))
    first = page.locator("tbody tr").first
    late = first.locator(".target")
    await expect(late).to_contain_text(re.compile(r"terlambat \d+ (hari|jam|menit)"))
    await is_in_the_first_screen(late, size)
    await first.get_by_role("link").first.click()
    target = page.get_by_role("region", name="Target")
    await expect(target).to_contain_text(re.compile(r"(Respons|Penyelesaian) terlambat \d+ \w+.* sejak \d"))
    await is_in_the_first_screen(target.locator(".target-next"), size)
    why = target.locator("dl > div", has_text=re.compile("Terpakai oleh|terpakai .* dari")).first
    await is_in_the_first_screen(why, size)
    await is_in_the_first_screen(target.locator("dl > div", has_text="Jam kerja"), size)


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_the_desk_screen_begins_with_it(onlookers, size: Size):
    person = await onlookers(MANAGER_OF_THE_DEMO, size=size)
    await person.go("/desk")
    first = person.page.locator("[aria-labelledby=desk-due] .desk-list > li").first
    await expect(first).to_contain_text(re.compile("terlambat"))
    await is_in_the_first_screen(first, size)
