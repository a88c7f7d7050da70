"""The network goes while somebody is typing: what they see, what is still there, and that it is recorded once."""

from asyncpg import Connection
from playwright.async_api import expect

from tests import images
from tests.jobs.conftest import until
from tests.journeys import ANI, DESK
from tests.person import PHONE, photo

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
    place = "button => button.getBoundingClientRect().top + scrollY"
    await field.focus()  # which opens what belongs to it
    before = await button.evaluate(place)
    async with ani.offline():
        await field.fill(TEXT)
        await field.blur()
        await expect(page.get_by_text("Belum tersimpan")).to_be_visible()
        assert await button.evaluate(place) == before, "what is said of the draft moves nothing from under the finger"
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
        await page.get_by_role("button", name="Simpan", exact=True).click()
        message = page.get_by_role("dialog").get_by_text(MESSAGE)
        await expect(message).to_be_in_viewport()
        await expect(page.get_by_label("Identifikasi masalah")).to_have_value(TEXT)
        await expect(page.get_by_label("Kategori")).to_have_value("NET-WIFI")
    await page.get_by_role("button", name="Simpan", exact=True).click()
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


async def test_what_is_typed_offline_is_saved_when_the_network_is_back(crowd, connection: Connection):
    """By itself; until then the form says that it is not."""
    ani = await crowd(ANI, size=PHONE)
    page, note = ani.page, ani.page.get_by_text("Belum tersimpan: jaringan atau server tidak menjawab.")
    await page.goto("/problems/new")
    async with ani.offline():
        await page.get_by_label("Uraian").press_sequentially("Gelap")
        await expect(note).to_be_visible()
        await page.wait_for_timeout(3500)  # until typing itself sends nothing any more
        assert await ani.focused() == "description"
    await expect(note).to_have_count(0)
    assert await connection.fetchval("SELECT fields->>'description' FROM draft") == "Gelap"


async def test_the_server_is_busy_while_somebody_types(crowd, connection: Connection, outage):
    """The same, until it answers."""
    ani = await crowd(ANI, size=PHONE)
    page, note = ani.page, ani.page.get_by_text("Belum tersimpan: jaringan atau server tidak menjawab.")
    await page.goto("/problems/new")
    ani.watch.expect(503)
    async with outage("draft"):
        await page.get_by_label("Uraian").fill("Gelap")
        await page.keyboard.press("Tab")
        await expect(note).to_be_visible()
    await page.evaluate("dispatchEvent(new Event('online'))")
    await expect(note).to_have_count(0)
    assert await connection.fetchval("SELECT fields->>'description' FROM draft") == "Gelap"


async def test_what_is_typed_beside_a_form_that_is_sent_at_once(crowd, made, connection: Connection):
    """Text and photos stay where they are, the fold stays open, whether or not anything was kept before."""
    desk = await crowd(DESK)
    page = desk.page
    await desk.go(await made.opened())
    await page.locator("summary", has_text="Batalkan Kendala").click()
    reason = page.locator("#voiding-reason")
    await page.route("**/drafts/*", lambda route: route.fulfill(status=204, headers={"HX-Reswap": "none"}))
    await reason.fill("Salah catat")
    await desk.field("Komentar").fill("Sebentar.")
    note = page.locator("#note-form")
    await desk.field("Lampiran", note).set_input_files([photo(images.jpeg())])
    await desk.field("Catatan internal", note).fill("Toko ini lagi.")
    await desk.send(desk.button("Kirim Komentar"))
    await expect(page.get_by_text("Komentar terkirim.")).to_be_visible()
    await expect(reason).to_have_value("Salah catat")
    await expect(reason).to_be_visible()
    await expect(desk.field("Komentar")).to_have_value("")
    await desk.field("Lampiran", page.locator("#comment-form")).set_input_files([photo(images.jpeg())])
    await desk.field("Komentar").fill("Lagi.")
    form = await desk.form_of("Tutup Kendala")
    await desk.field("Solusi", form).fill("Diganti")
    await desk.send(desk.button("Simpan", form))
    await expect(desk.status).to_have_text("Selesai")
    await expect(desk.field("Komentar")).to_have_value("Lagi.")
    await page.unroute("**/drafts/*")
    await desk.send(desk.button("Kirim Komentar"))
    await expect(page.get_by_text("Komentar terkirim.")).to_be_visible()
    assert await count(connection, "photo") == 1
    await desk.send(desk.button("Simpan Catatan"))
    await expect(page.get_by_text("Catatan tersimpan.")).to_be_visible()
    assert await count(connection, "note_file") == 1, "and is where it belongs"


async def test_leaving_the_page_keeps_what_was_typed_last(crowd, made, connection: Connection):
    """Before the pause is over after which it is sent otherwise, and while it takes longer to send than the next page to come."""
    ani = await crowd(ANI, fresh=True)
    path = await made.reported()
    network = await ani.context.new_cdp_session(ani.page)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 500}  # bytes a second
    await network.send("Network.enable")
    await network.send("Network.emulateNetworkConditions", slow)
    for number in (1, 2):
        await ani.go(path)
        await ani.field("Komentar").fill("Belum selesai")
        await ani.link("Daftar Kendala").click()
        await ani.page.wait_for_url("**/problems")
        await until(lambda number=number: connection.fetchval("SELECT count(*) = $1 FROM draft", number), 15)
        await ani.go(path)
        await ani.link("Lanjutkan draf").click()
        await expect(ani.field("Komentar")).to_have_value("Belum selesai")
