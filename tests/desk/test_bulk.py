"""Several problems at once, in a browser, with JavaScript and without."""

import re

import pytest
from playwright.sync_api import expect

from tests.desk.conftest import press, report

ANI, DESK = "10001", "20001"


@pytest.mark.parametrize("scripting", [True, False])
def test_chosen_and_voided(at, scripting):
    report(at(ANI), "Printer mati", 3)
    page = at(DESK, java_script_enabled=scripting)
    page.goto("/problems?year=all")
    bar = page.get_by_role("button", name="Batalkan yang dipilih")
    expect(bar).to_be_hidden()
    for number in (1, 3):
        page.get_by_role("checkbox", name=f"K-{number}").check()
    bar.click()
    expect(page.get_by_role("link", name="K-1 Printer mati")).to_be_visible()
    page.get_by_label("Alasan").fill("Laporan ganda")
    page.get_by_role("button", name="Batalkan Kendala").click()
    page.wait_for_url("**/problems?year=all")
    expect(page.get_by_text("Kendala dibatalkan.")).to_be_visible()
    expect(page.get_by_role("row", name="K-1").get_by_text("Dibatalkan")).to_be_visible()
    expect(page.get_by_role("row", name="K-2").get_by_text("Baru")).to_be_visible()


def test_by_keyboard_and_the_row_still_leads_to_the_problem(at):
    report(at(ANI), "Printer mati", 2)
    page = at(DESK)
    page.goto("/problems")
    page.get_by_role("checkbox", name="K-2").focus()
    page.keyboard.press("Space")
    press(page, "q")
    page.wait_for_url(re.compile("/problems/openings"))
    expect(page.get_by_label("Kategori")).to_be_focused()
    page.goto("/problems")
    page.get_by_role("row", name="K-2").get_by_text("Toko Bandung").click(force=True)
    page.wait_for_url("**/problems/2")


def test_a_filter_changes_the_title_and_leaves_the_choice_of_rows_that_stay(at):
    report(at(ANI), "Printer mati", 2)
    page = at(DESK)
    page.goto("/problems?year=all")
    page.get_by_role("checkbox", name="K-2").check()
    page.get_by_label("Status").select_option("reported")
    page.wait_for_url(re.compile("status=reported"))
    expect(page).to_have_title("Daftar Kendala semua tahun, Baru · SIH")
    expect(page.get_by_role("checkbox", name="K-2")).to_be_checked()
    expect(page.get_by_role("checkbox", name="K-1")).not_to_be_checked()
