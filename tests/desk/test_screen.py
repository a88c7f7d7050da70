"""The desk screen in a browser: it follows what happens, and nothing moves under whoever looks."""

from playwright.async_api import expect

from tests.journeys import DESK


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
