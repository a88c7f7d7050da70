"""What one was told, in a browser: with scripting and without, on a phone and at a desk."""

import re

import pytest
from asyncpg import Connection
from playwright.async_api import expect

from tests.journeys import ANI, BUDI, DESK
from tests.person import DESKTOP, PHONE, WIDE
from tests.told import tell_all


@pytest.mark.parametrize(("size", "scripting"), [(DESKTOP, True), (PHONE, False)], ids=["desktop", "phone-noscript"])
async def test_told_read_and_followed(crowd, connection: Connection, size, scripting: bool):
    ani, desk, budi = [await crowd(nik, size=size, scripting=scripting) for nik in (ANI, DESK, BUDI)]
    path, other = [await ani.report(title) for title in ("Printer mati", "Kasir mati")]
    await budi.go(path)
    await budi.button("Ikuti").click()
    await budi.says("Anda mengikuti kendala ini.")
    await expect(budi.button("Berhenti mengikuti")).to_be_visible()
    await tell_all(connection)

    page = desk.page
    await desk.go("/problems")
    await page.get_by_role("link", name="Pemberitahuan, 2 belum dibaca").click()
    await expect(page).to_have_title("(2) Pemberitahuan · SIH")
    if scripting:  # which these take
        assert not await desk.violations("notifications")
        assert not await desk.scrolls_sideways()
    await page.get_by_role("link", name=re.compile("Printer mati")).click()
    await expect(page.get_by_role("heading", name="Printer mati")).to_be_visible()
    await expect(page.get_by_role("link", name="Pemberitahuan, 1 belum dibaca")).to_be_visible()
    await desk.comment(path, "Sedang dicek")
    await desk.go("/notifications")
    await expect(page.locator(".unread")).to_have_count(1)
    await desk.button("Tandai semua dibaca").click()
    await expect(page.get_by_text("Semua ditandai sudah dibaca.")).to_be_visible()
    await expect(page.locator(".unread")).to_have_count(0)
    await expect(page.get_by_role("link", name="Pemberitahuan", exact=True)).to_be_visible()

    await tell_all(connection)
    await budi.go("/notifications")
    await expect(budi.page.get_by_text("berkomentar")).to_have_count(1)
    await budi.go(path)
    await budi.button("Berhenti mengikuti").click()
    await expect(budi.button("Ikuti")).to_be_visible()
    await budi.go(other)
    await expect(budi.button("Ikuti")).to_be_visible()


async def test_beside_the_list_the_number_follows(crowd, connection: Connection):
    ani, desk = await crowd(ANI), await crowd(DESK, size=WIDE)
    for title in ("Printer mati", "Kasir mati"):
        await ani.report(title)
    await tell_all(connection)
    await desk.go("/problems")
    await desk.page.get_by_role("row").filter(has_text="Printer mati").get_by_role("link").last.click()
    await expect(desk.page.locator("#problem h1")).to_have_text("Printer mati")
    await expect(desk.page.get_by_role("link", name="Pemberitahuan, 1 belum dibaca")).to_be_visible()
