"""The recap as a manager reads it, on a phone, at a desk and on paper."""

import re

import pytest
from playwright.async_api import expect

from actions.recap import present_month
from formats.indonesian import month_code, month_name
from formats.recap import add_months
from tests.browser.test_layout import SIZES, misfits
from tests.person import DESKTOP, MANAGER_OF_THE_DEMO, PHONE
from tests.screens import DARK, FORCED, Size

LAST = add_months(present_month(), -1)
MONTH = f"/recap/{month_code(LAST)}"
PAGES = (
    "/recap",
    MONTH,
    f"{MONTH}?by=store&division=HD",
    f"{MONTH}?by=category",
    f"{MONTH}/highlights",
    f"{MONTH}/movements?number=held",
)
A4 = Size(1047, 718)  # lying, within its margins


async def test_which_division_was_slow_last_month_and_why(onlookers):
    """In three taps from the list of months: the month, the slowest, what it had longest."""
    manager = await onlookers(MANAGER_OF_THE_DEMO, size=PHONE)
    page = manager.page
    await manager.go("/recap")
    await page.get_by_role("link", name=month_name(LAST), exact=True).tap()
    region = page.get_by_role("region", name="Lama ditangani per penanggung")
    slowest = region.get_by_role("listitem").filter(has=page.get_by_role("link")).first
    who = await slowest.locator(".slowest-who").inner_text()
    await slowest.get_by_role("link").tap()
    await expect(page.get_by_role("heading", name=who)).to_be_visible()
    await expect(page.get_by_role("heading", name="Menurut kategori")).to_be_visible()
    longest = page.get_by_role("region", name="Paling lama di satu tangan").get_by_role("row").nth(1)
    await longest.get_by_role("link").tap()
    await expect(page.get_by_role("heading", name="Riwayat")).to_be_visible()


async def test_every_page_on_a_phone(onlookers):
    manager = await onlookers(MANAGER_OF_THE_DEMO, size=PHONE)
    found = []
    for path in PAGES:
        await manager.go(path)
        found += await manager.violations(path, DARK, FORCED)
        found += await misfits(manager, path)
        await manager.write_at(200)
        found += await misfits(manager, f"{path}, text at 200 %")
        await manager.write_at(100)
        await manager.page.evaluate("document.documentElement.style.fontSize = '200%'")  # as a style of one's own does
        if what := await manager.scrolls_sideways():
            found.append(f"{path}: wider with a style of one's own: {what}")
    assert not found, "\n".join(found)


async def test_every_page_at_a_desk(onlookers):
    manager = await onlookers(MANAGER_OF_THE_DEMO, size=DESKTOP)
    found = []
    for path in PAGES:
        await manager.go(path)
        found += await manager.violations(path)
        for size in SIZES:
            await manager.page.set_viewport_size(size.viewport)
            if what := await manager.scrolls_sideways():
                found.append(f"{path}: wider than {size.width}: {what}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("scripting", [True, False])
async def test_a_number_says_what_it_counts_and_a_filter_is_in_the_address(onlookers, scripting: bool):
    manager = await onlookers(MANAGER_OF_THE_DEMO, size=DESKTOP, scripting=scripting)
    page = manager.page
    await manager.go(MONTH)
    meaning = page.get_by_text("Berapa kali kendala masuk ke tangan penanggung")
    await expect(meaning).to_be_hidden()
    await page.locator("summary").filter(has_text="Masuk").click()
    await expect(meaning).to_be_visible()
    await page.get_by_label("Menurut", exact=True).select_option("category")
    if not scripting:
        await page.get_by_role("button", name="Terapkan").click()
    await expect(page.get_by_role("heading", name="Menurut kategori")).to_be_visible()
    await expect(page).to_have_url(re.compile(re.escape(f"{MONTH}?by=category")))


COVERED = """links => links.filter(link => {
    const cell = link.closest("td");
    cell.scrollIntoView({block: "center", inline: "end"});
    const box = cell.getBoundingClientRect();
    const points = [[.5, .5], [.1, .5], [.9, .2]].map(([x, y]) => [box.x + box.width * x, box.y + box.height * y]);
    return box.height < 24 || points.some(([x, y]) => !link.contains(document.elementFromPoint(x, y)));
}).map(link => link.textContent)"""


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desk"])
async def test_a_number_opens_from_the_whole_of_its_cell(onlookers, size: Size):
    """Nothing lies over it; and what explains a number moves none."""
    manager = await onlookers(MANAGER_OF_THE_DEMO, size=size)
    page = manager.page
    for path, table in (("/recap", ".months"), (MONTH, ".balance"), (MONTH, ".parts")):
        await manager.go(path)
        numbers = page.locator(f"{table} td a")
        assert await numbers.count() > 10, path
        assert not await numbers.evaluate_all(COVERED), path
    places = (
        "cells => cells.map(cell => { const box = cell.getBoundingClientRect(); return [box.x, box.y + scrollY]; })"
    )
    before = await page.locator("td").evaluate_all(places)
    await page.locator("summary").filter(has_text="Lama ditangani").click()
    await expect(page.get_by_text("Contoh: IT-NET memegang K-3")).to_be_visible()
    assert await page.locator("td").evaluate_all(places) == before


async def test_a_month_on_paper(onlookers):
    """What asks for something is not printed, and no column is cut."""
    manager = await onlookers(MANAGER_OF_THE_DEMO, size=A4)
    page = manager.page
    await manager.go(MONTH)
    await page.emulate_media(media="print")
    assert not await manager.scrolls_sideways()
    for gone in ("Sorotan", "Terapkan", "Ekspor", "Daftar Kendala"):
        for found in await page.get_by_text(gone, exact=True).all():
            await expect(found).to_be_hidden()
    table = page.get_by_role("table", name="Menurut penanggung")
    assert await table.evaluate("table => table.getBoundingClientRect().right <= document.body.clientWidth")
    for head in ("Sisa akhir", "Lama ditangani", "Menunggu"):
        await expect(table.get_by_role("columnheader", name=head)).to_be_visible()
    await expect(page.get_by_text("Dicetak")).to_be_visible()
