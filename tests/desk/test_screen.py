"""The desk screen in a browser: it follows what happens, and nothing moves under whoever looks; what new pages keep to."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.desk.conftest import report

ANI, DESK = "10001", "20001"
SIZES = ((320, 640), (360, 740), (1440, 900), (1920, 1080), (2560, 1440), (3840, 2160))
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


def test_it_brings_itself_up_to_date_and_leaves_the_focus(at):
    ani, desk = at(ANI), at(DESK)
    report(ani, "Printer mati")
    desk.clock.install()
    desk.goto("/desk")
    line = desk.get_by_role("link", name="Printer mati")
    line.focus()
    before = line.bounding_box()
    statuses = []
    desk.on("response", lambda response: statuses.append(response.status))
    for _ in range(2):  # a minute may end once
        with desk.expect_response("**/desk"):
            desk.clock.fast_forward(15_000)
    assert 304 in statuses
    report(ani, "Kasir mati")
    with desk.expect_response("**/desk"):
        desk.clock.fast_forward(15_000)
    expect(desk.get_by_role("link", name="Kasir mati")).to_be_visible()
    expect(line).to_be_focused()
    assert line.bounding_box() == before
    expect(desk.locator("#desk-holder-HD")).to_contain_text("2")


def test_without_scripting_it_is_a_page_with_links(at):
    (path,) = report(at(ANI), "Printer mati")
    page = at(DESK, java_script_enabled=False)
    page.goto("/desk")
    page.get_by_role("link", name="Muat ulang").click()
    page.get_by_role("link", name="Printer mati").click()
    page.wait_for_url(f"**{path}")


@pytest.mark.parametrize(("scheme", "forced"), [("light", "none"), ("dark", "none"), ("light", "active")])
def test_nothing_for_axe_and_nothing_sideways(at, scheme, forced):
    (path,) = report(at(ANI), "Printer struk kasir nomor 2 di lantai bawah tidak berfungsi sejak pagi " + "x" * 40)
    number = path.rpartition("/")[2]
    at("20002").goto(path)  # somebody else is there
    page = at(DESK, color_scheme=scheme, forced_colors=forced)
    bulk = [f"/problems/{action}?problem={number}:1" for action in ("openings", "escalations", "voidings")]
    for door in ("/desk", "/help", "/views?status=open", "/problems", path, *bulk):
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            page.goto(door)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (door, width)
            if width in (360, 1920):
                if door == "/problems":
                    page.get_by_role("checkbox").first.check()
                    expect(page.get_by_role("button", name="Buka yang dipilih")).to_be_visible()
                found = Axe().run(page, options=RULES)
                assert found.violations_count == 0, (door, width, found.generate_report())
