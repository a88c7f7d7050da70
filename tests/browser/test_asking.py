"""What cannot be taken back asks first: in a dialog, or without scripting on a page."""

import pytest
from playwright.async_api import expect

from tests.journeys import ADMIN, ANI, BUDI
from tests.person import DESKTOP, PHONE

both_ways = pytest.mark.parametrize(("size", "scripting"), [(PHONE, True), (DESKTOP, False)], ids=["", "noscript"])


@both_ways
async def test_a_deactivation_asks_and_then_happens(crowd, size, scripting):
    admin = await crowd(ADMIN, size=size, scripting=scripting)
    page = admin.page
    await admin.go(f"/admin/employees/{BUDI}")
    opens = admin.button if scripting else admin.link
    await admin.press(opens("Nonaktifkan"))
    await expect(page.get_by_text(f"(NIK {BUDI}) tidak dapat masuk lagi")).to_be_visible()
    await admin.press(opens("Tidak jadi") if not scripting else admin.button("Tidak jadi", admin.modal))
    await expect(page.get_by_text("tidak dapat masuk lagi")).to_be_hidden()
    await admin.press(opens("Nonaktifkan"))
    await admin.press(admin.button("Nonaktifkan", admin.modal if scripting else None))
    await admin.says("Karyawan dinonaktifkan. Semua sesinya diakhiri.")
    await expect(page.get_by_text("Dinonaktifkan", exact=True)).to_be_visible()
    await expect(admin.modal).to_have_count(0)
    await admin.press(admin.button("Aktifkan"))  # can be taken back, and does not ask
    await admin.says("Karyawan diaktifkan.")


@both_ways
async def test_of_the_button_and_the_link_one_is_shown(crowd, people, size, scripting):
    """Wherever something is opened, on lists of things too."""
    await people.elsewhere(ANI)
    ani = await crowd(ANI, size=size, scripting=scripting)
    await ani.go("/sessions")
    shown, hidden = ("button", "link") if scripting else ("link", "button")
    for name in ("Akhiri", "Akhiri semua sesi lain"):
        await expect(ani.page.get_by_role(hidden, name=name, exact=True)).to_have_count(0)
        await expect(ani.page.get_by_role(shown, name=name, exact=True)).to_have_count(1)
