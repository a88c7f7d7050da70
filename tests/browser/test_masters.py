"""One life of a store, by an admin at 360 px: by keys alone, with scripting and without."""

import pytest
from playwright.async_api import expect

from tests.journeys import ADMIN
from tests.person import PHONE
from tests.screens import Size


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


@pytest.mark.parametrize("percent", [100, 200])
async def test_every_kind_is_two_taps_away_on_a_phone(crowd, percent):
    """None is out of sight beside the others, also where text is large."""
    admin = await crowd(ADMIN, size=PHONE)
    await admin.go("/admin/stores")
    await admin.write_at(percent)
    await admin.press(admin.page.locator("summary", has_text="Data induk: Toko"))
    kinds = admin.page.get_by_role("navigation", name="Data induk")
    assert await kinds.evaluate("nav => nav.scrollWidth <= nav.clientWidth")
    names = await kinds.get_by_role("link").all_inner_texts()
    assert {"Karyawan", "Toko", "Kalender", "Impor", "Riwayat", "Pekerjaan"} <= set(names)
    last = kinds.get_by_role("link").last
    await last.scroll_into_view_if_needed()
    box = await last.bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= PHONE.width and box["height"] >= 44
    await admin.press(last)
    await expect(admin.page.get_by_role("heading", level=1)).to_have_text("Pekerjaan")


async def test_of_many_stores_the_chosen_ones_are_seen_and_the_others_folded(onlookers):
    """What was chosen among the folded ones goes with the form."""
    admin = await onlookers("90000001")
    await admin.go("/admin/calendars/new")
    stores = admin.page.get_by_role("group", name="Toko")
    await expect(stores.get_by_role("checkbox").first).to_be_hidden()
    await admin.press(stores.locator("summary"))
    await stores.get_by_label("T002").check()
    admin.watch.expect(422)
    await admin.press(admin.button("Simpan"))
    await expect(admin.page.get_by_role("alert").first).to_be_visible()
    await expect(stores.get_by_label("T002")).to_be_checked()
    await expect(stores.get_by_label("T002")).to_be_visible()
    await expect(stores.get_by_label("T003")).to_be_hidden()


async def test_of_many_columns_none_breaks_a_name_into_letters(onlookers):
    admin = await onlookers("90000001", size=Size(768, 1024))
    await admin.go("/admin/targets")
    heights = await admin.page.locator("th.name").evaluate_all("names => names.map(name => name.offsetHeight)")
    assert len(heights) > 5 and max(heights) < 60
    assert not await admin.scrolls_sideways()
