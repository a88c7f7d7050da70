"""A file is asked for by keyboard, and is there: by itself where it takes long, also without scripting."""

import pytest
from playwright.async_api import expect

from tests.conftest import connected
from tests.journeys import DESK
from tests.person import DESKTOP, PHONE


@pytest.mark.parametrize(("size", "scripting"), [(PHONE, True), (DESKTOP, False)], ids=["", "noscript"])
async def test_a_file_is_asked_for_and_saved(crowd, made, database_url, size, scripting):
    await made.reported()
    desk = await crowd(DESK, size=size, scripting=scripting)
    page = desk.page
    await desk.go("/problems")
    await desk.field("Format").select_option("csv")
    async with connected(database_url) as other, other.transaction():
        await other.execute("LOCK TABLE export_part IN SHARE MODE")  # nothing can be added to it
        await desk.button("Ekspor").press("Enter")
        await expect(page.get_by_role("status").get_by_text("Berkas sedang dibuat.")).to_be_visible()
        await expect(desk.link("Unduh")).to_have_count(0)
        assert not scripting or not (await desk.scrolls_sideways() or await desk.violations("export"))
    while not scripting and not await desk.link("Unduh").count():
        await desk.press(desk.link("Muat ulang"))
    await expect(page.get_by_role("status").get_by_text("Berkas siap: 1 baris")).to_be_visible()
    async with page.expect_download() as download:
        await desk.link("Unduh").click()
    assert (await download.value).suggested_filename.startswith("Daftar Kendala 2")
    assert (await download.value).suggested_filename.endswith(".csv")
