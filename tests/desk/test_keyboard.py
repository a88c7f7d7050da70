"""The desk's triage without a mouse, and where the focus is meanwhile."""

import re

from playwright.sync_api import expect

from tests.desk.conftest import focused, press, report

ANI, DESK = "10001", "20001"


def test_open_and_pass_on_with_four_keys_a_problem(at):
    first, second = report(at(ANI), "Printer mati", 2)
    page = at(DESK)
    page.goto("/problems")

    press(page, "n")  # from wherever one is, to the oldest that waits
    page.wait_for_url(f"**{first}")
    press(page, "b")
    expect(page.get_by_label("Kategori")).to_be_focused()
    page.keyboard.type("NET-WIFI")
    for letter in "TT":  # Tinggi, twice
        page.keyboard.press("Tab")
        page.keyboard.type(letter)
    page.keyboard.press("Tab")
    page.keyboard.type("Kabel lepas")
    press(page, "s")
    expect(page.get_by_text("Kendala dibuka.")).to_be_focused()

    press(page, "p")
    expect(page.get_by_label("Jenis penyelesaian")).to_be_focused()
    page.keyboard.type("Divisi IT")
    expect(page.get_by_label("Divisi tujuan")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.type("IT-NET")
    page.keyboard.press("Tab")
    page.keyboard.type("Perlu ahli")
    press(page, "j")
    page.wait_for_url(f"**{second}")
    expect(page.get_by_text("Tersimpan. Ini kendala berikutnya.")).to_be_visible()

    page.goto(first)
    expect(page.get_by_text("Dialihkan").first).to_be_visible()


def test_void_with_four_keys(at):
    first, second = report(at(ANI), "Printer mati", 2)
    page = at(DESK)
    page.goto(first, wait_until="networkidle")  # or whoever is quicker than the script is answered with a page
    press(page, "v")
    page.keyboard.press("Tab")
    page.keyboard.type("Laporan ganda")
    press(page, "x")
    expect(page.get_by_text("Kendala dibatalkan.")).to_be_focused()
    press(page, "n")
    page.wait_for_url(f"**{second}")


def test_the_focus_is_never_lost(at):
    (path,) = report(at(ANI), "Printer mati")
    page = at(DESK)
    page.goto(path)
    press(page, "b")
    expect(page.get_by_label("Kategori")).to_be_focused()
    press(page, "s")  # nothing filled in
    expect(page.get_by_role("alert")).to_be_focused()
    page.keyboard.press("Escape")
    assert focused(page) == "Buka Kendala"
    press(page, "o")
    page.keyboard.type("Sedang dilihat")
    for _ in range(2):  # by the choice of photos
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Komentar terkirim.")).to_be_focused()

    page.goto("/problems")
    press(page, "c")
    assert focused(page) == "q"
    page.keyboard.type("printer")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("q=printer"))
    assert focused(page) == "q"
    page.get_by_label("Status").focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_url(re.compile("status=reported"))
    assert focused(page) == "status"


def test_two_forms_on_a_page_have_keys_of_their_own(at):
    (path,) = report(at(ANI), "Printer mati")
    page = at(DESK)
    page.goto(f"{path}/opening")
    page.get_by_label("Kategori").select_option("NET-LAN")
    page.get_by_label("Dampak").select_option("1")
    page.get_by_label("Urgensi").select_option("1")
    page.get_by_label("Identifikasi masalah").fill("Kabel")
    press(page, "s")
    page.wait_for_url(f"**{path}")
    press(page, "p")  # looked into, and left
    expect(page.get_by_label("Jenis penyelesaian")).to_be_focused()
    page.keyboard.press("Escape")
    press(page, "t")
    expect(page.get_by_label("Solusi")).to_be_focused()
    page.keyboard.type("Diganti")
    press(page, "s")
    expect(page.get_by_text("Kendala ditutup.")).to_be_focused()


def test_whoever_is_quicker_than_the_script_gets_the_form_too(at):
    (path,) = report(at(ANI), "Printer mati")
    page = at(DESK)
    held = []
    page.route("**/htmx.min.js*", lambda route: held.append(route))
    page.goto(path, wait_until="commit")
    page.get_by_role("button", name="Buka Kendala").click()
    expect(page.get_by_text("Memuat…")).to_be_visible()
    held[0].continue_()
    expect(page.get_by_label("Kategori")).to_be_focused()


def test_whoever_fills_in_a_form_is_seen_to(at):
    (path,) = report(at(ANI), "Printer mati")
    dewi, dodi = at(DESK), at("20002")
    for page in (dewi, dodi):
        page.clock.install()
        page.goto(path)
    press(dodi, "b")
    expect(dodi.get_by_label("Kategori")).to_be_focused()
    dodi.keyboard.type("NET-LAN")
    with dodi.expect_response("**/drafts/opening"):  # before the clock goes on beyond the time it may take
        dodi.clock.fast_forward(5_000)
    for _ in range(2):  # the beat of the one tells the server, that of the other asks it
        for page in (dodi, dewi):
            with page.expect_response("**/presence"):
                page.clock.fast_forward(20_000)
    expect(dewi.get_by_text("Dodi Pratama sedang mengisi Buka Kendala")).to_be_visible()
    expect(dodi.get_by_label("Kategori")).to_be_focused()
    expect(dodi.get_by_label("Kategori")).to_have_value("NET-LAN")
    dodi.keyboard.press("Escape")
    for page in (dodi, dewi):
        with page.expect_response("**/presence"):
            page.clock.fast_forward(20_000)
    expect(dewi.get_by_text("Dodi Pratama sedang melihat")).to_be_visible()
