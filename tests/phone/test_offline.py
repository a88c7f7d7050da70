"""The network goes while somebody is typing: what they see, what is still there, and that it is recorded once."""

from asyncpg import Connection
from playwright.async_api import expect

from tests.journeys import ANI, DESK
from tests.person import PHONE, photo
from tests.photos import images

MESSAGE = "Belum terkirim: jaringan atau server tidak menjawab."
TEXT = "Layar kasir gelap\nsejak pukul 7."


async def count(connection: Connection, table: str) -> int:
    return await connection.fetchval(f"SELECT count(*) FROM {table}")


async def test_a_report_sent_offline_and_sent_again(crowd, connection: Connection):
    """What was typed and chosen stays where it is, and is recorded once."""
    ani = await crowd(ANI, size=PHONE)
    page = ani.page
    await ani.fill_report("Kasir", TEXT, [photo(images.jpeg())])
    async with ani.offline():
        button, message = page.get_by_role("button", name="Kirim Laporan"), page.get_by_text(MESSAGE)
        for _ in range(2):
            await button.click()
            await expect(message).to_be_in_viewport()
            await expect(message).to_be_focused()
            await expect(message).to_have_count(1)
            await expect(page.get_by_label("Uraian")).to_have_value(TEXT)
            await expect(button).to_be_enabled()
    await ani.send_report()
    await expect(page.get_by_text("Kendala sudah dicatat.")).to_be_visible()
    assert (await count(connection, "problem"), await count(connection, "photo")) == (1, 1)


async def test_a_report_sent_offline_without_scripting(crowd, connection: Connection):
    """The browser itself says that there is no network, and going back finds the form as it was."""
    ani = await crowd(ANI, size=PHONE, scripting=False)
    page = ani.page
    await ani.fill_report("Kasir", TEXT)
    async with ani.offline():
        await page.get_by_role("button", name="Kirim Laporan").click()
        await page.wait_for_url("chrome-error://**")
    await page.go_back()
    await page.wait_for_url("**/problems/new")
    await expect(page.get_by_label("Uraian")).to_have_value(TEXT)
    await expect(page.get_by_label("Judul")).to_have_value("Kasir")
    await ani.send_report()
    assert await count(connection, "problem") == 1


async def test_the_answer_was_lost(crowd, connection: Connection):
    """It arrived, but the answer did not: sent again, it is the same problem."""
    ani = await crowd(ANI, size=PHONE)
    page = ani.page
    await ani.fill_report("Kasir", TEXT)

    async def swallow(route):
        await route.fetch(max_redirects=0)
        await route.abort("connectionreset")

    ani.watch.expect("net::ERR_CONNECTION_RESET")
    await page.route("**/problems", swallow, times=1)
    await page.get_by_role("button", name="Kirim Laporan").click()
    await expect(page.get_by_text(MESSAGE)).to_be_in_viewport()
    assert await count(connection, "problem") == 1
    await ani.send_report()
    assert await count(connection, "problem") == 1


async def test_a_comment(crowd, connection: Connection):
    ani = await crowd(ANI, size=PHONE)
    page = ani.page
    await ani.report("Kasir", TEXT)
    field, button = page.get_by_label("Komentar"), page.get_by_role("button", name="Kirim Komentar")
    await field.fill(TEXT)
    async with ani.offline():
        await button.click()
        message = page.get_by_text(MESSAGE)
        await expect(message).to_be_in_viewport()
        await expect(message).to_be_focused()
        await expect(field).to_have_value(TEXT)
        await expect(button).to_be_enabled()
        # Still away: said again. Back: sent, and the message is gone.
        await button.click()
        await expect(message).to_have_count(1)
    await button.click()
    await expect(page.get_by_text("Komentar terkirim.")).to_be_visible()
    await expect(message).to_have_count(0)
    await expect(field).to_have_value("")
    assert await count(connection, "event") == 2


async def test_a_form_in_a_modal(crowd, connection: Connection):
    desk = await crowd(DESK, size=PHONE)
    page = desk.page
    await desk.report("Kasir", TEXT)
    await page.get_by_role("button", name="Buka Kendala").click()
    await desk.fill_identification(TEXT)
    async with desk.offline():
        await page.get_by_role("button", name="Simpan").click()
        message = page.get_by_role("dialog").get_by_text(MESSAGE)
        await expect(message).to_be_in_viewport()
        await expect(page.get_by_label("Identifikasi masalah")).to_have_value(TEXT)
        await expect(page.get_by_label("Kategori")).to_have_value("NET-WIFI")
    await page.get_by_role("button", name="Simpan").click()
    await expect(page.get_by_text("Kendala dibuka.")).to_be_visible()
    assert await count(connection, "event") == 2


async def test_the_filters_of_the_list(crowd):
    ani = await crowd(ANI, size=PHONE)
    page = ani.page
    await page.goto("/problems")
    async with ani.offline():
        await page.get_by_label("Status").select_option("open")
        await expect(page.get_by_text("Daftar belum diperbarui: jaringan atau server tidak menjawab.")).to_be_visible()


async def test_drafts_are_silent_about_the_network(crowd):
    """Nobody is interrupted while typing."""
    ani = await crowd(ANI, size=PHONE)
    page = ani.page
    await page.goto("/problems/new")
    async with ani.offline():
        async with page.expect_event("requestfailed", lambda request: request.url.endswith("/drafts/report")):
            await page.get_by_label("Uraian").press_sequentially("Gelap")
        await page.wait_for_timeout(300)
        await expect(page.get_by_text(MESSAGE)).to_have_count(0)
        await expect(page.get_by_label("Uraian")).to_have_value("Gelap")
