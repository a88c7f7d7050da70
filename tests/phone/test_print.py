"""On paper: a problem and a list on A4."""

import re

from asyncpg import Connection
from playwright.async_api import Page, expect

ANI, DESK = "10001", "20001"
A4 = {"width": 718, "height": 1047}  # CSS pixels within margins of a centimetre


async def on_paper(page: Page) -> None:
    await page.emulate_media(media="print")
    assert await page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


async def test_a_problem_and_a_list(make_phone):
    phone = await make_phone(viewport=A4, is_mobile=False)
    page = await phone.log_in(ANI)
    for title in ("Kasir mati sejak pagi", "Pendingin ruangan gudang bocor", "x" * 100):
        await page.goto("/problems/new")
        await page.get_by_label("Judul").fill(title)
        await page.get_by_label("Uraian").fill("Sejak pagi.")
        await page.get_by_role("button", name="Kirim Laporan").click()
        await page.wait_for_url(re.compile(r"/problems/\d+$"))
    await on_paper(page)
    await expect(page.get_by_role("heading", name="Riwayat")).to_be_visible()
    await expect(page.get_by_role("heading", name="Fakta")).to_be_visible()
    for gone in ("Komentar", "Foto"):
        await expect(page.get_by_label(gone, exact=True)).to_be_hidden()
    await expect(page.get_by_role("link", name="Lapor Kendala")).to_be_hidden()
    await page.goto("/problems")
    await on_paper(page)
    # A table, each row a few lines high, with the heads of its columns.
    await expect(page.get_by_role("columnheader", name="Penanggung")).to_be_visible()
    row = page.get_by_role("row").filter(has_text="Kasir mati")
    assert (await row.bounding_box())["height"] < 120
    assert (await row.get_by_role("rowheader").bounding_box())["height"] == (await row.bounding_box())["height"]
    cells = await row.get_by_role("cell").evaluate_all("cells => cells.map(c => c.getBoundingClientRect().top)")
    assert len(set(cells)) == 1


async def test_what_asks_for_an_answer_is_not_printed(make_phone, connection: Connection):
    phone = await make_phone(viewport=A4, is_mobile=False)
    page = await phone.log_in(DESK)
    await page.goto("/problems/new")
    await page.get_by_label("Judul").fill("Kasir")
    await page.get_by_label("Uraian").fill("Sejak pagi.")
    await page.get_by_role("button", name="Kirim Laporan").click()
    await page.wait_for_url(re.compile(r"/problems/\d+$"))
    async with page.expect_response(re.compile("drafts/comment")):
        await page.get_by_label("Komentar").fill("Masih")
    await page.reload()
    await expect(page.get_by_text("Draf tersimpan")).to_be_visible()
    await on_paper(page)
    for gone in ("Draf tersimpan", "Batalkan Kendala", "Buka Kendala"):
        for found in await page.get_by_text(gone).all():
            await expect(found).to_be_hidden()
    await expect(page.get_by_role("heading", name="Fakta")).to_be_visible()
