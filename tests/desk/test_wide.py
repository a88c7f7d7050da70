"""A screen so wide that the chosen problem stands beside the list; on every other its link leads to it."""

import re

from playwright.async_api import Locator, Page, expect

from tests import journeys
from tests.journeys import CITRA, DESK, DESK_TOO
from tests.person import WIDE
from tests.screens import Size


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
        await expect(page).to_have_title(re.compile(rf"^K-{path.rpartition('/')[2]} "))
    assert await page.evaluate("history.length") == before + 2
    assert (await page.locator("#problem-list").bounding_box())["width"] < whole

    for again in (page.reload, lambda: page.goto(page.url)):
        await again()
        await expect(beside.get_by_text(f"K-{second.rpartition('/')[2]}", exact=True)).to_be_visible()
        await expect(page.locator("tbody tr")).to_have_count(2)
    await page.goto("/help")
    await page.go_back()
    await expect(beside.get_by_text(f"K-{second.rpartition('/')[2]}", exact=True)).to_be_visible()
    await page.go_back()  # past the reload
    await expect(beside.get_by_text(f"K-{first.rpartition('/')[2]}", exact=True)).to_be_visible()
    await expect(page).to_have_title(re.compile(rf"^K-{first.rpartition('/')[2]} "))
    await page.go_back()
    await expect(beside).to_be_hidden()
    await expect(page).to_have_title(re.compile("^Daftar Kendala"))


async def test_what_is_done_there_stays_there(crowd, made):
    path = await made.reported()
    desk = await crowd(DESK, size=WIDE)
    page = desk.page
    await page.goto("/problems")
    beside = await choose(page, path)
    main = beside.locator(".detail-main > .panel")
    await expect(main).to_have_count(3)
    widths = await main.evaluate_all("panels => panels.map(panel => panel.offsetWidth)")
    assert len(set(widths)) == 1 and widths[0] > 400, "one below the other, each with all the room"
    await beside.get_by_label("Komentar").fill("Sedang dilihat")
    await beside.get_by_role("button", name="Kirim Komentar").click()
    await expect(beside.get_by_text("Komentar terkirim.")).to_be_focused()
    await beside.get_by_role("button", name="Buka Kendala").click()
    await desk.fill_identification(urgency="1")
    await page.get_by_role("button", name="Simpan", exact=True).click()
    await expect(beside.get_by_text("Kendala dibuka.")).to_be_focused()
    await expect(page.locator("tbody tr")).to_have_count(1)
    await expect(page.locator("tbody tr")).to_contain_text("P1")  # the row tells of the change
    await expect(page.get_by_role("link", name=re.compile("^Dibuka"))).to_contain_text("1")
    await expect(beside.get_by_text("Kendala dibuka.")).to_be_focused()


async def test_it_is_brought_up_to_date_where_it_stands(crowd, made, people):
    """Within 20 seconds, also once it has been swapped for another; and it says who else is there."""
    first, path = await made.reported("Pertama"), await made.reported("Kedua")
    desk = await crowd(DESK, size=WIDE, fresh=True)
    page = desk.page
    await page.clock.install()
    await page.goto("/problems")
    await choose(page, first)
    beside = await choose(page, path)
    await expect(beside.get_by_role("heading", name="Kedua")).to_be_visible()
    dodi = await people(DESK_TOO)
    assert (await dodi.submit(path, f"{path}/comments", comment="Saya periksa")).status_code == 303
    async with page.expect_response(f"**{path}/presence"):
        await page.clock.fast_forward(20_000)
    await expect(beside.get_by_text("Saya periksa")).to_be_visible()
    await journeys.void(people, path, DESK_TOO)
    async with page.expect_response(f"**{path}/presence"):
        await page.clock.fast_forward(20_000)
    await expect(beside.get_by_text("Dibatalkan").first).to_be_visible()
    await expect(beside.get_by_text("Dodi Pratama sedang melihat")).to_be_visible()
    asked = [request for request in desk.watch.requests if request.url.endswith("/presence")]
    assert {request.url.rpartition("/problems/")[2] for request in asked} == {f"{path.rpartition('/')[2]}/presence"}


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
