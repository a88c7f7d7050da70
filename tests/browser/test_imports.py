"""A table is sent, looked at and taken over by whoever sits before a screen, also without scripting."""

import pytest
from playwright.async_api import expect

from tests.imports import plain
from tests.journeys import ADMIN
from tests.person import DESKTOP, PHONE

ROWS = [
    ["Kode", "Nama", "Wilayah induk"],
    ["BARAT", "Barat", ""],
    ["UTARA", "Utara", "KUTUB"],
    ["TENGAH", "Tengah", "BARAT"],
]


@pytest.mark.parametrize(("size", "scripting"), [(PHONE, True), (DESKTOP, False)], ids=["", "noscript"])
async def test_a_table_is_sent_and_taken_over(crowd, size, scripting):
    admin = await crowd(ADMIN, size=size, scripting=scripting)
    page = admin.page
    await admin.go("/admin/areas")
    if size is PHONE:
        await admin.press(admin.page.locator("summary", has_text="Data induk"))
    await admin.press(admin.link("Impor"))
    await admin.press(admin.link("Impor berkas"))
    await admin.field("Isi").select_option("areas")
    file = {"name": "wilayah.csv", "mimeType": "text/csv", "buffer": b""}
    admin.watch.expect(422)
    await admin.field("Berkas").set_input_files(file)
    await admin.button("Periksa").click()
    await expect(page.get_by_text("Berkas ini kosong").first).to_be_visible()
    await admin.field("Berkas").set_input_files(file | {"buffer": plain(ROWS)})
    await admin.button("Periksa").click()
    await expect(page.get_by_role("link", name="Baru 2")).to_be_visible()
    await expect(page.get_by_text("Wilayah induk KUTUB tidak ada, atau tidak aktif.")).to_be_visible()
    assert not await admin.scrolls_sideways()
    assert not scripting or not await admin.violations("import")
    await admin.press(page.get_by_role("link", name="Baru 2"))
    await expect(page.get_by_role("cell", name="TENGAH", exact=True)).to_be_visible()
    await admin.button("Impor").click()
    await expect(page.get_by_text("2 baru, 0 diubah.")).to_be_visible()
    await admin.go("/admin/areas")
    await expect(page.get_by_role("link", name="Tengah")).to_be_visible()
    await admin.go("/admin/imports")
    await expect(page.get_by_text("Diimpor", exact=True)).to_be_visible()
    assert not await admin.scrolls_sideways()
