"""On paper: a problem and a list on A4."""

import re

from playwright.async_api import expect

from tests.journeys import ANI, DESK
from tests.person import Person
from tests.screens import Size

A4 = Size(718, 1047)  # CSS pixels within margins of a centimetre


async def on_paper(person: Person) -> None:
    await person.page.emulate_media(media="print")
    assert not await person.scrolls_sideways()


async def test_a_problem_and_a_list(crowd):
    ani = await crowd(ANI, size=A4)
    page = ani.page
    for title in ("Kasir mati sejak pagi", "Pendingin ruangan gudang bocor", "x" * 100):
        await ani.report(title)
    await on_paper(ani)
    await expect(page.get_by_role("heading", name="Riwayat")).to_be_visible()
    await expect(page.get_by_role("heading", name="Rincian")).to_be_visible()
    for gone in ("Komentar", "Lampiran"):
        await expect(page.get_by_label(gone, exact=True)).to_be_hidden()
    await expect(page.get_by_role("link", name="Lapor Kendala")).to_be_hidden()
    await page.goto("/problems")
    await on_paper(ani)
    # A table, each row a few lines high, with the heads of its columns.
    await expect(page.get_by_role("columnheader", name="Penanggung")).to_be_visible()
    row = page.get_by_role("row").filter(has_text="Kasir mati")
    assert (await row.bounding_box())["height"] < 120
    assert (await row.get_by_role("rowheader").bounding_box())["height"] == (await row.bounding_box())["height"]
    cells = await row.get_by_role("cell").evaluate_all("cells => cells.map(c => c.getBoundingClientRect().top)")
    assert len(set(cells)) == 1


async def test_notes_among_handlers_are_not_printed(crowd):
    """Paper goes from hand to hand."""
    desk = await crowd(DESK, size=A4)
    path = await desk.report("Kasir")
    await desk.field("Catatan internal").fill("Toko ini lagi")
    await desk.send(desk.button("Simpan Catatan"))
    await desk.go(path)
    await expect(desk.page.get_by_text("Toko ini lagi")).to_be_visible()
    await on_paper(desk)
    for gone in ("Toko ini lagi", "Catatan internal"):
        for found in await desk.page.get_by_text(gone).all():
            await expect(found).to_be_hidden()


async def test_what_asks_for_an_answer_is_not_printed(crowd):
    desk = await crowd(DESK, size=A4)
    page = desk.page
    await desk.report("Kasir")
    async with page.expect_response(re.compile("drafts/comment")):
        await page.get_by_label("Komentar").fill("Masih")
    await page.reload()
    await expect(page.get_by_text("Draf tersimpan")).to_be_visible()
    await on_paper(desk)
    for gone in ("Draf tersimpan", "Batalkan Kendala", "Buka Kendala"):
        for found in await page.get_by_text(gone).all():
            await expect(found).to_be_hidden()
    await expect(page.get_by_role("heading", name="Rincian")).to_be_visible()
