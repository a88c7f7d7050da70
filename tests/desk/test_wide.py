"""A screen so wide that the chosen problem stands beside the list; on every other its link leads to it."""

import re

from playwright.sync_api import expect

from tests.desk.conftest import report

ANI, DESK = "10001", "20001"
WIDE = {"width": 2560, "height": 1440}


def choose(page, path: str):
    """Press the row of the problem; what is beside the list."""
    page.get_by_role("link", name=re.compile(f"^K-{path.rpartition('/')[2]} ")).click()
    return page.get_by_role("region", name="Kendala yang dipilih")


def test_the_chosen_problem_is_beside_the_list_and_in_the_url(at):
    first, second = report(at(ANI), "Printer mati", 2)
    page = at(DESK)
    page.set_viewport_size(WIDE)
    page.goto("/problems?status=reported")
    beside = page.get_by_role("region", name="Kendala yang dipilih")
    expect(beside).to_be_hidden()
    whole = page.locator("#problem-list").bounding_box()["width"]
    assert whole > 2400, "until then the list has all the room"
    before = page.evaluate("history.length")
    for path in (first, second):
        choose(page, path)
        expect(beside.get_by_text(f"K-{path.rpartition('/')[2]}", exact=True)).to_be_visible()
        expect(page).to_have_url(re.compile(rf"/problems\?year=\d+&status=reported&problem={path.rpartition('/')[2]}$"))
        expect(page.locator("tbody tr")).to_have_count(2)
    assert page.locator("#problem-list").bounding_box()["width"] < whole
    assert page.evaluate("history.length") == before, "looking at one after the other is no step of the history"

    for again in (page.reload, lambda: page.goto(page.url)):
        again()
        expect(beside.get_by_text(f"K-{second.rpartition('/')[2]}", exact=True)).to_be_visible()
        expect(page.locator("tbody tr")).to_have_count(2)
    page.goto("/help")
    page.go_back()
    expect(beside.get_by_text(f"K-{second.rpartition('/')[2]}", exact=True)).to_be_visible()


def test_what_is_done_there_stays_there(at):
    (path,) = report(at(ANI), "Printer mati")
    page = at(DESK)
    page.set_viewport_size(WIDE)
    page.goto("/problems")
    beside = choose(page, path)
    beside.get_by_label("Komentar").fill("Sedang dilihat")
    beside.get_by_role("button", name="Kirim Komentar").click()
    expect(beside.get_by_text("Komentar terkirim.")).to_be_focused()
    beside.get_by_role("button", name="Buka Kendala").click()
    page.get_by_label("Kategori").select_option("NET-LAN")
    page.get_by_label("Dampak").select_option("1")
    page.get_by_label("Urgensi").select_option("1")
    page.get_by_label("Identifikasi masalah").fill("Kabel")
    page.get_by_role("button", name="Simpan").click()
    expect(beside.get_by_text("Kendala dibuka.")).to_be_focused()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr")).to_contain_text("P1")  # the row tells of the change
    expect(page.get_by_role("link", name=re.compile("^Dibuka"))).to_contain_text("1")
    expect(beside.get_by_text("Kendala dibuka.")).to_be_focused()


def test_elsewhere_the_row_leads_to_the_problem(at):
    (path,) = report(at(ANI), "Printer mati")
    for size, scripting in (({"width": 2199, "height": 1200}, True), (WIDE, False)):
        page = at(DESK, java_script_enabled=scripting)
        page.set_viewport_size(size)
        page.goto(f"/problems?problem={path.rpartition('/')[2]}")
        expect(page.get_by_role("region", name="Kendala yang dipilih")).to_have_count(0)
        choose(page, path)
        page.wait_for_url(f"**{path}")


def test_nobody_sees_there_what_is_out_of_reach(at):
    (path,) = report(at(ANI), "Rahasia")
    page = at("10003")
    page.set_viewport_size(WIDE)
    page.goto(f"/problems?problem={path.rpartition('/')[2]}")
    expect(page.get_by_text("Halaman atau kendala ini tidak ada")).to_be_visible()
    expect(page.get_by_text("Rahasia")).to_have_count(0)
