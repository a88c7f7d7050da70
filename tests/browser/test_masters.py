"""One life of a store, by an admin at 360 px: by keys alone, with scripting and without."""

import pytest
from playwright.async_api import expect

from tests.journeys import ADMIN
from tests.person import PHONE


@pytest.mark.parametrize("scripting", [True, False], ids=["", "noscript"])
async def test_the_life_of_a_store(crowd, scripting):
    admin = await crowd(ADMIN, size=PHONE, scripting=scripting)
    page = admin.page
    admin.watch.expect(422)

    async def press(target):
        await target.focus()
        await page.keyboard.press("Enter")

    await admin.go("/admin/stores")
    await press(admin.link("Tambah"))
    await press(admin.button("Simpan"))
    await expect(page.locator("[name=code]")).to_have_attribute("aria-invalid", "true")
    for name, value in (("code", "t77"), ("name", "Toko Ubud"), ("phone", "0361-123456")):
        await page.locator(f"[name={name}]").focus()
        await page.keyboard.type(value)
    await page.locator("[name=time_zone]").focus()
    await page.keyboard.type("WITA")
    await press(admin.button("Simpan"))
    await admin.says("Tersimpan.")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Toko Ubud")
    await page.locator("[name=name]").focus()
    await page.keyboard.press("End")
    await page.keyboard.type(" Baru")
    await page.keyboard.press("Enter")
    await admin.says("Tersimpan.")
    await expect(page.get_by_role("deletion")).to_have_text(["Toko Ubud"])
    opens = admin.button if scripting else admin.link
    await press(opens("Nonaktifkan"))
    await expect(page.get_by_text("tidak dapat dipilih lagi")).to_be_visible()
    await press(admin.button("Nonaktifkan", admin.modal if scripting else None))
    await admin.says("Dinonaktifkan.")
    await press(admin.button("Aktifkan"))
    await admin.says("Diaktifkan.")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
