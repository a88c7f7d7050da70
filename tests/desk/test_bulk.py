"""Several problems at once, in a browser, with JavaScript and without."""

import re

import pytest
from playwright.async_api import expect

from tests.journeys import DESK


@pytest.mark.parametrize("scripting", [True, False])
async def test_chosen_and_voided(crowd, made, scripting):
    for _ in range(3):
        await made.reported()
    page = (await crowd(DESK, scripting=scripting)).page
    await page.goto("/problems?year=all")
    bar = page.get_by_role("button", name="Batalkan yang dipilih")
    await expect(bar).to_be_hidden()
    for number in (1, 3):
        await page.get_by_role("checkbox", name=f"K-{number}").check()
    await bar.click()
    await expect(page.get_by_role("link", name="K-1 Printer mati")).to_be_visible()
    await page.get_by_label("Alasan").fill("Laporan ganda")
    await page.get_by_role("button", name="Batalkan Kendala").click()
    await page.wait_for_url("**/problems?year=all")
    await expect(page.get_by_text("Kendala dibatalkan.")).to_be_visible()
    await expect(page.get_by_role("row", name="K-1").get_by_text("Dibatalkan")).to_be_visible()
    await expect(page.get_by_role("row", name="K-2").get_by_text("Baru")).to_be_visible()


async def test_by_keyboard_and_the_row_still_leads_to_the_problem(crowd, made):
    for _ in range(2):
        await made.reported()
    desk = await crowd(DESK)
    page = desk.page
    await page.goto("/problems")
    await page.get_by_role("checkbox", name="K-2").focus()
    await page.keyboard.press("Space")
    await desk.alt("q")
    await page.wait_for_url(re.compile("/problems/openings"))
    await expect(page.get_by_label("Kategori")).to_be_focused()
    await page.goto("/problems")
    await page.get_by_role("row", name="K-2").get_by_text("Toko Bandung").click(force=True)
    await page.wait_for_url("**/problems/2")


async def test_a_filter_changes_the_title_and_leaves_the_choice_of_rows_that_stay(crowd, made):
    for _ in range(2):
        await made.reported()
    page = (await crowd(DESK)).page
    await page.goto("/problems?year=all")
    await page.get_by_role("checkbox", name="K-2").check()
    await page.get_by_label("Status").select_option("reported")
    await page.wait_for_url(re.compile("status=reported"))
    await expect(page).to_have_title("Daftar Kendala semua tahun, Baru · SIH")
    await expect(page.get_by_role("checkbox", name="K-2")).to_be_checked()
    await expect(page.get_by_role("checkbox", name="K-1")).not_to_be_checked()
