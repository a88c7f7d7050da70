"""The page of a problem: what is asked comes first, actions are at hand, and the width is used; measured, at each size."""

import pytest
from playwright.async_api import Locator, expect

from tests.client import forms
from tests.journeys import ANI, DESK, PIC
from tests.person import DESKTOP, PHONE, WIDE, Person
from tests.screens import Size

TITLE = "Lemari pendingin 3 di gudang belakang tidak dingin sejak listrik padam, alarm suhunya berbunyi terus, dan isinya mencair"
TEXT = "Suhu naik satu derajat per jam. Alarm sudah kami matikan dan nyalakan lagi dua kali.\n" * 3
REASON = "Kompresor harus diganti. Kunci gudang ada pada kepala toko."
TABLET = Size(768, 1024, touch=True)
BARS = 60  # of a phone: what covers the lowest part of its screen

both_ways = pytest.mark.parametrize("scripting", [True, False], ids=["", "noscript"])


async def box(of: Locator) -> dict[str, float]:
    found = await of.bounding_box()
    assert found, f"{of} is not shown"
    return found


async def is_whole_at_first(of: Locator, size: Size, lowest: float = 0) -> None:
    """In the first screen, its top no lower than `lowest`, if given, and nothing over it."""
    there = await box(of)
    assert there["y"] >= 0 and there["y"] + there["height"] <= size.height - (BARS if size.touch else 0), there
    assert not lowest or there["y"] <= lowest, there
    assert await of.evaluate(
        """one => { const {left, top, width, height} = one.getBoundingClientRect()
                    return one.contains(document.elementFromPoint(left + width / 2, top + height / 2)) }"""
    ), "something covers it"


async def tops(*those: Locator) -> list[float]:
    return [(await box(one))["y"] for one in those]


def region(person: Person, name: str) -> Locator:
    return person.page.get_by_role("region", name=name, exact=True)


# What is asked comes first ---------------------------------------------------------------------------------------------


@both_ways
async def test_a_store_is_asked_whether_it_is_solved(crowd, made, scripting: bool):
    """Title, solution, question, report; the question is in the upper half of the screen of a phone."""
    path = await made.opened("Printer struk kasir 2 macet")
    await made.sent(DESK, path, "closure", solution="Rol pemotong dibersihkan, kertas dipasang ulang.")
    ani = await crowd(ANI, size=PHONE, scripting=scripting)
    await ani.go(path)
    page = ani.page
    asked = page.locator("#confirmation")
    question, yes, no = asked.get_by_role("heading", level=3), ani.button("Sudah beres"), ani.button("Belum beres")
    order = (
        page.get_by_role("heading", level=1),
        asked.locator(".event-note"),
        question,
        yes,
        no,
        region(ani, "Uraian"),
    )
    assert await tops(*order) == sorted(await tops(*order))
    await is_whole_at_first(question, PHONE, 420)
    await is_whole_at_first(yes, PHONE, 420)
    await is_whole_at_first(no, PHONE)
    await expect(asked).to_contain_text("Dewi Anggraini")  # who says that it is solved


async def test_a_long_solution_leaves_the_answer_at_hand(crowd, made):
    path = await made.opened(TITLE)
    await made.sent(DESK, path, "closure", solution=TEXT * 5)
    ani = await crowd(ANI, size=PHONE)
    await ani.go(path)
    await is_whole_at_first(ani.button("Sudah beres"), PHONE)
    bottom = (await box(ani.button("Sudah beres")))["y"]
    assert bottom > PHONE.height / 2, "under the thumb"


@pytest.mark.parametrize("size", [PHONE, TABLET, DESKTOP, WIDE], ids=["phone", "tablet", "desktop", "wide"])
async def test_who_has_to_answer_sees_why_and_by_whom(crowd, made, people, size: Size):
    path = await made.reported(TITLE, description=TEXT)
    await made.sent(DESK, path, "opening", category="NET-WIFI", impact="1", urgency="1", identification="Kompresor")
    desk = await people(DESK)
    second = await desk.submit(f"{path}/escalation", f"{path}/escalation", kind="department", reason=REASON)
    form = forms(second.text)[f"{path}/escalation/pic"] | {"department": "MNT", "pic": PIC}
    assert (await desk.post(f"{path}/escalation/pic", form)).status_code == 303
    pic = await crowd(PIC, size=size)
    await pic.go(path)
    asked = region(pic, "Kendala ini dialihkan kepada Anda")
    returning = asked.locator("summary", has_text="Kembalikan")
    await expect(asked).to_contain_text("Dewi Anggraini (HD)")
    for one in (asked.get_by_text(REASON), pic.button("Terima", asked), returning):
        await is_whole_at_first(one, size)
    accepting, report = await tops(pic.button("Terima"), region(pic, "Uraian"))
    assert accepting < report
    await pic.press(returning)
    await expect(pic.field("Alasan", asked)).to_be_in_viewport()


@both_ways
async def test_the_report_stands_beside_what_is_filled_in(crowd, made, scripting: bool):
    """All of it, from 1,024 px on; above it on a phone."""
    path = await made.reported(TITLE, description=TEXT)
    desk = await crowd(DESK, size=DESKTOP, scripting=scripting)
    await desk.go(path)
    form = await desk.form_of("Buka Kendala")
    report, field = form.get_by_role("group", name="Laporan"), desk.field("Kategori", form)
    there, filled = await box(report), await box(form.locator(".fields"))
    assert there["x"] + there["width"] < filled["x"] and abs(there["y"] - filled["y"]) < 2
    assert there["width"] > 300 and filled["width"] > 400
    assert await report.evaluate("one => one.scrollHeight <= one.clientHeight"), "the report is scrolled"
    await is_whole_at_first(desk.button("Simpan", form), DESKTOP)
    await desk.page.set_viewport_size(PHONE.viewport)
    there, filled = await box(report), await box(field)
    assert there["y"] + there["height"] <= filled["y"] and there["height"] <= 130


# On a phone ------------------------------------------------------------------------------------------------------------


@both_ways
async def test_on_a_phone_the_facts_unfold(crowd, made, scripting: bool):
    path = await made.opened(TITLE)
    ani = await crowd(ANI, size=PHONE, scripting=scripting)
    await ani.go(path)
    for name, seen, folded in (("Rincian", "Penanggung", "Barang"), ("Target", "", "Jam kerja")):
        part = region(ani, name)
        if seen:
            await expect(part.get_by_text(seen, exact=True)).to_be_visible()
        await expect(part.get_by_text(folded, exact=True)).to_be_hidden()
        await ani.press(part.locator("summary"))
        await expect(part.get_by_text(folded, exact=True)).to_be_visible()
    await ani.page.set_viewport_size(DESKTOP.viewport)
    await ani.page.reload()
    for name, folded in (("Rincian", "Barang"), ("Target", "Jam kerja")):
        await expect(region(ani, name).get_by_text(folded, exact=True)).to_be_visible()
        await expect(region(ani, name).locator("summary")).to_be_hidden()


async def test_on_a_phone_the_actions_are_under_the_thumb(crowd, made):
    """Whatever is read of the page; and what is due and what was reported are in the first screen with them."""
    path = await made.reported(TITLE, description=TEXT)
    desk = await crowd(DESK, size=PHONE)
    await desk.go(path)
    for scrolled in (0, 300, 100_000):
        await desk.page.evaluate("to => scrollTo(0, to)", scrolled)
        button = await box(desk.button("Buka Kendala"))
        assert PHONE.height * 0.75 <= button["y"] <= PHONE.height - BARS - button["height"] + 1 or scrolled == 100_000
    await desk.page.evaluate("scrollTo(0, 0)")
    await is_whole_at_first(desk.page.locator(".target-next"), PHONE, 300)
    await is_whole_at_first(region(desk, "Uraian").get_by_role("heading"), PHONE, 480)


@both_ways
async def test_on_a_phone_the_composer_opens_when_it_is_tapped(crowd, made, scripting: bool):
    ani = await crowd(ANI, size=PHONE, scripting=scripting)
    await ani.go(await made.reported())
    form = ani.page.locator("#comment-form")
    rest, closed = form.locator(".rest"), (await box(form))["height"]
    assert closed <= 160 and (await box(rest))["height"] == 0
    await ani.press(ani.field("Komentar"))
    assert (await box(rest))["height"] > 80
    assert (await box(form))["height"] > closed + 100
    await ani.page.get_by_role("heading", level=1).tap()  # what is chosen there has no text yet
    await expect(ani.field("Komentar")).not_to_be_focused()
    assert (await box(rest))["height"] > 80, "it stays"


# With room -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [DESKTOP, WIDE], ids=["desktop", "wide"])
async def test_report_history_and_facts_stand_side_by_side(crowd, made, size: Size):
    path = await made.reported(TITLE, description=TEXT)
    desk = await crowd(DESK, size=size)
    await desk.go(path)
    parts = [await box(region(desk, name)) for name in ("Uraian", "Riwayat", "Rincian")]
    report, history, facts = parts
    assert report["x"] + report["width"] < history["x"] and history["x"] + history["width"] < facts["x"]
    assert abs(report["y"] - history["y"]) < 2
    assert sum(part["width"] for part in parts) > 0.92 * size.width
    for name in ("Uraian", "Riwayat", "Rincian"):
        await is_whole_at_first(region(desk, name).get_by_role("heading", name=name), size)
    assert not await desk.scrolls_sideways()


@pytest.mark.parametrize("size", [PHONE, DESKTOP, WIDE], ids=["phone", "desktop", "wide"])
async def test_who_did_what_and_when_is_a_line_each(crowd, made, size: Size):
    path = await made.opened(TITLE)
    ani = await crowd(ANI, size=size)
    await ani.go(path)
    for line in await ani.page.locator("#history .event-line").all():
        said, time = await box(line.locator("span").first), await box(line.locator("time"))
        assert time["height"] < 24, "one line of time"
        beside = time["x"] >= said["x"] + said["width"] and abs(time["y"] - said["y"]) < 6
        assert beside or time["y"] >= said["y"] + said["height"] - 1


# Files -----------------------------------------------------------------------------------------------------------------


@both_ways
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_a_file_is_chosen_by_a_button_of_ours(crowd, size: Size, scripting: bool):
    """It is the browser's own field that is pressed, named by its label alone, and that says what was chosen."""
    ani = await crowd(ANI, size=size, scripting=scripting)
    await ani.go("/problems/new")
    field = ani.field("Lampiran")
    button = ani.page.locator(".file > .button")
    await expect(button).to_have_text("Pilih berkas…")
    await button.scroll_into_view_if_needed()
    there, whole = await box(button), await box(field)
    assert there["x"] > whole["x"] and there["height"] < whole["height"] and there["width"] < whole["width"] - 60
    middle = {
        "x": there["x"] - whole["x"] + there["width"] / 2,
        "y": there["y"] - whole["y"] + there["height"] / 2,
    }
    async with ani.page.expect_file_chooser() as chooser:
        await field.click(position=middle)  # nothing lies over it that takes the press
    await (await chooser.value).set_files([{"name": "a.txt", "mimeType": "text/plain", "buffer": b"a"}])
    assert await field.evaluate("one => one.files[0].name") == "a.txt"
    hidden = await button.evaluate("one => one.ariaHidden")
    assert hidden == "true"
    assert await field.evaluate("one => [...one.labels].map(label => label.innerText).join()") == "Lampiran"
    await field.focus()
    await expect(field).to_have_css("outline-style", "solid")
