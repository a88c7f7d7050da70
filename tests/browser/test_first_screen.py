"""What is seen first, without scrolling: the first card, what waits, and rows that are whole."""

import pytest
from playwright.async_api import expect

from tests.person import DESKTOP, MANAGER_OF_THE_DEMO, NET_OF_THE_DEMO, PHONE, WIDE, Person
from tests.screens import Size

REPORTER, DESK, NET_TOO, PIC = "10000001", "20000001", "20000012", "30000001"
LISTS = ("/problems", "/problems?year=all", "/problems?year=all&status=unfinished", "/problems?year=2025&status=closed")
# How many of the cells of a kind show all of their text, beside how many there are.
WHOLE = """kind => {
    const cells = [...document.querySelectorAll(`.problems tbody .${kind}`)]
    const cut = e => e.clientWidth > 1 && getComputedStyle(e).overflowX !== 'visible' && e.scrollWidth > e.clientWidth
    return [cells.filter(c => ![c, ...c.querySelectorAll('*')].some(cut)).length, cells.length]
}"""


@pytest.mark.parametrize("nik", [REPORTER, DESK, NET_OF_THE_DEMO, PIC, MANAGER_OF_THE_DEMO])
async def test_the_first_card_stands_in_the_first_screen_of_a_phone(onlookers, nik: str):
    person = await onlookers(nik, size=PHONE)
    await person.go("/problems")
    card = await person.page.locator(".problems tbody tr").first.bounding_box()
    assert card["y"] <= 300


async def test_what_waits_for_a_pic_is_said_in_the_first_screen_one_tap_away(onlookers):
    person = await onlookers(PIC, size=PHONE)
    await person.go("/problems")
    said = person.page.locator(".tasks")
    await expect(said).to_contain_text("belum diterima")
    assert (await said.bounding_box())["y"] < PHONE.height / 2
    await person.press(person.page.get_by_role("link", name="Kerjakan berikutnya"))
    await expect(person.button("Terima")).to_be_visible()
    assert (await person.button("Terima").bounding_box())["y"] < PHONE.height


async def are_whole(person: Person) -> None:
    """At least nine of ten titles, stores and holders of each list."""
    for path in LISTS:
        await person.go(path)
        for kind in ("title", "store", "holder"):
            whole, cells = await person.page.evaluate(WHOLE, kind)
            assert cells >= 10, path
            assert whole / cells >= 0.9, (path, kind, whole, cells)


@pytest.mark.parametrize("size", [DESKTOP, WIDE], ids=["1440", "2560"])
async def test_rows_are_whole(onlookers, size: Size):
    await are_whole(await onlookers(DESK, size=size))


@pytest.mark.parametrize("size", [DESKTOP, WIDE], ids=["1440", "2560"])
async def test_rows_of_one_line_are_whole_too(onlookers, size: Size):
    person = await onlookers(NET_TOO, size=size)
    await person.go("/appearance")
    await person.field("Kerapatan daftar").select_option("compact")
    await person.press(person.button("Simpan"))
    await expect(person.page.get_by_text("Pilihan Anda disimpan")).to_be_visible()
    await are_whole(person)
    rows = person.page.locator(".problems tbody tr")
    assert (await rows.first.bounding_box())["height"] <= (30 if size is DESKTOP else 34)
