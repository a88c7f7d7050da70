"""The desk screen in a browser: it follows what happens, and nothing moves under whoever looks; what new pages keep to."""

from playwright.async_api import expect

from tests.journeys import DESK, DESK_TOO
from tests.screens import DARK, FORCED

SIZES = ((320, 640), (360, 740), (1440, 900), (1920, 1080), (2560, 1440), (3840, 2160))


async def test_it_brings_itself_up_to_date_and_leaves_the_focus(crowd, made):
    await made.reported()
    desk = (await crowd(DESK, fresh=True)).page
    await desk.clock.install()
    await desk.goto("/desk")
    line = desk.get_by_role("link", name="Printer mati")
    await line.focus()
    before = await line.bounding_box()
    statuses = []
    desk.on("response", lambda response: statuses.append(response.status))
    for _ in range(2):  # a minute may end once
        async with desk.expect_response("**/desk"):
            await desk.clock.fast_forward(15_000)
    assert 304 in statuses
    await made.reported("Kasir mati")
    async with desk.expect_response("**/desk"):
        await desk.clock.fast_forward(15_000)
    await expect(desk.get_by_role("link", name="Kasir mati")).to_be_visible()
    await expect(line).to_be_focused()
    assert await line.bounding_box() == before
    await expect(desk.locator("#desk-holder-HD")).to_contain_text("2")


async def test_without_scripting_it_is_a_page_with_links(crowd, made):
    path = await made.reported()
    page = (await crowd(DESK, scripting=False)).page
    await page.goto("/desk")
    await page.get_by_role("link", name="Muat ulang").click()
    await page.get_by_role("link", name="Printer mati").click()
    await page.wait_for_url(f"**{path}")


async def test_nothing_for_axe_and_nothing_sideways(crowd, made):
    path = await made.reported("Printer struk kasir nomor 2 di lantai bawah tidak berfungsi sejak pagi " + "x" * 40)
    number = path.rpartition("/")[2]
    await (await crowd(DESK_TOO)).go(path)  # somebody else is there
    desk = await crowd(DESK)
    page, found = desk.page, []
    bulk = [f"/problems/{action}?problem={number}:1" for action in ("openings", "assignments", "voidings")]
    for door in ("/desk", "/help", "/views?status=open", "/problems", path, *bulk):
        await page.goto(door)
        if door == "/problems":
            await page.get_by_role("checkbox").first.check()
            await expect(page.get_by_role("button", name="Buka yang dipilih")).to_be_visible()
        for width, height in SIZES:
            await page.set_viewport_size({"width": width, "height": height})
            if what := await desk.scrolls_sideways():
                found.append(f"{door}: wider than {width}: {what}")
            if width in (360, 1920):
                found += await desk.violations(f"{door}, {width}", DARK, FORCED)
    assert not found, "\n".join(found)
