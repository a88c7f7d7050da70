"""A screen so wide that the chosen problem stands beside the list; on every other its link leads to it."""

import re

from playwright.async_api import Locator, Page, expect

from tests.journeys import CITRA, DESK
from tests.person import WIDE, Size


async def choose(page: Page, path: str) -> Locator:
    """Press the row of the problem; what is beside the list."""
    await page.get_by_role("link", name=re.compile(f"^K-{path.rpartition('/')[2]} ")).click()
    return page.get_by_role("region", name="Kendala yang dipilih")


async def test_the_chosen_problem_is_beside_the_list_and_in_the_url(crowd, made):
    first, second = [await made.reported() for _ in range(2)]
    page = (await crowd(DESK, size=WIDE)).page
    await page.goto("/problems?status=reported")
    beside = page.get_by_role("region", name="Kendala yang dipilih")
    await expect(beside).to_be_hidden()
    whole = (await page.locator("#problem-list").bounding_box())["width"]
    assert whole > 2400, "until then the list has all the room"
    before = await page.evaluate("history.length")
    for path in (first, second):
        await choose(page, path)
        await expect(beside.get_by_text(f"K-{path.rpartition('/')[2]}", exact=True)).to_be_visible()
        await expect(page).to_have_url(
            re.compile(rf"/problems\?year=\d+&status=reported&problem={path.rpartition('/')[2]}$")
        )
        await expect(page.locator("tbody tr")).to_have_count(2)
    assert (await page.locator("#problem-list").bounding_box())["width"] < whole
    assert await page.evaluate("history.length") == before, "looking at one after the other is no step of the history"

    for again in (page.reload, lambda: page.goto(page.url)):
        await again()
        await expect(beside.get_by_text(f"K-{second.rpartition('/')[2]}", exact=True)).to_be_visible()
        await expect(page.locator("tbody tr")).to_have_count(2)
    await page.goto("/help")
    await page.go_back()
    await expect(beside.get_by_text(f"K-{second.rpartition('/')[2]}", exact=True)).to_be_visible()


async def test_what_is_done_there_stays_there(crowd, made):
    path = await made.reported()
    desk = await crowd(DESK, size=WIDE)
    page = desk.page
    await page.goto("/problems")
    beside = await choose(page, path)
    await beside.get_by_label("Komentar").fill("Sedang dilihat")
    await beside.get_by_role("button", name="Kirim Komentar").click()
    await expect(beside.get_by_text("Komentar terkirim.")).to_be_focused()
    await beside.get_by_role("button", name="Buka Kendala").click()
    await desk.fill_identification(urgency="1")
    await page.get_by_role("button", name="Simpan").click()
    await expect(beside.get_by_text("Kendala dibuka.")).to_be_focused()
    await expect(page.locator("tbody tr")).to_have_count(1)
    await expect(page.locator("tbody tr")).to_contain_text("P1")  # the row tells of the change
    await expect(page.get_by_role("link", name=re.compile("^Dibuka"))).to_contain_text("1")
    await expect(beside.get_by_text("Kendala dibuka.")).to_be_focused()


async def test_elsewhere_the_row_leads_to_the_problem(crowd, made):
    path = await made.reported()
    for size, scripting in ((Size(2199, 1200), True), (WIDE, False)):
        page = (await crowd(DESK, size=size, scripting=scripting)).page
        await page.goto(f"/problems?problem={path.rpartition('/')[2]}")
        await expect(page.get_by_role("region", name="Kendala yang dipilih")).to_have_count(0)
        await choose(page, path)
        await page.wait_for_url(f"**{path}")


async def test_nobody_sees_there_what_is_out_of_reach(crowd, made):
    path = await made.reported("Rahasia")
    citra = await crowd(CITRA, size=WIDE)
    citra.watch.expect(404)
    page = citra.page
    await page.goto(f"/problems?problem={path.rpartition('/')[2]}")
    await expect(page.get_by_text("Halaman atau kendala ini tidak ada")).to_be_visible()
    await expect(page.get_by_text("Rahasia")).to_have_count(0)
