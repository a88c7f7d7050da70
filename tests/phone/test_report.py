"""A report on a phone: how many taps, photos, drafts that come back, with JavaScript and without."""

import asyncio
import re

import pytest
from asyncpg import Connection
from playwright.async_api import Page, expect

from tests import images
from tests.conftest import end_sessions
from tests.journeys import ANI, DESK
from tests.person import PHONE, photo
from tests.screens import Size

TEXT = "Layar kasir gelap\nsejak pukul 7."


async def until(page: Page, expression: str) -> None:
    """Wait until it is true. Not wait_for_function, which the page's own policy forbids to evaluate anything."""
    async with asyncio.timeout(8):
        while not await page.evaluate(expression):  # noqa: ASYNC110 (a page has no event to wait for)
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("scripting", [True, False])
async def test_three_taps_and_the_text(crowd, scripting: bool):
    ani = await crowd(ANI, size=PHONE, scripting=scripting)
    page = ani.page
    await page.goto("/problems")
    await page.get_by_role("link", name="Lapor Kendala").tap()  # the first
    await expect(page.get_by_label("Judul")).to_be_focused()  # the keyboard is there without a tap
    await page.keyboard.type("Kasir mati")
    await page.get_by_label("Uraian").tap()  # the second
    await page.keyboard.type("Sejak pagi.")
    await ani.send_report()  # the third
    await expect(page.get_by_text("Kendala sudah dicatat.")).to_be_visible()


@pytest.mark.parametrize("scripting", [True, False])
async def test_back_shows_no_form_that_was_sent_as_it_was_typed(crowd, connection: Connection, scripting: bool):
    """Not by a detour either: after a second form was opened, the browser has the first one under the key of that."""
    ani = await crowd(ANI, size=PHONE, scripting=scripting)
    page = ani.page
    await page.goto("/problems")
    await page.get_by_role("link", name="Lapor Kendala").tap()
    await page.get_by_label("Judul").fill("Kasir mati")
    await page.get_by_label("Uraian").fill("Sejak pagi.")
    path = await ani.send_report()
    await expect(page.get_by_text("Kendala sudah dicatat.")).to_be_in_viewport()
    await expect(page).to_have_title(f"K-{path.rpartition('/')[2]} Kasir mati · SIH")
    await page.get_by_label("Komentar").fill("Mohon segera.")
    await ani.press(ani.button("Kirim Komentar"))
    await expect(page.get_by_text("Komentar terkirim.")).to_be_visible()
    await page.get_by_role("link", name="Lapor Kendala").tap()
    await expect(page.get_by_label("Uraian")).to_have_value("")
    await expect(page.get_by_text("Laporan terakhir Anda: ")).to_contain_text("Kasir mati")
    for _ in range(2 if scripting else 3):
        await page.go_back()
        for label in ("Komentar", "Judul"):
            if await page.get_by_label(label, exact=True).count():
                await expect(page.get_by_label(label, exact=True)).to_have_value("")
    await page.wait_for_url("**/problems" if scripting else "**/problems/new")
    if not scripting:  # the page as it was before the report was sent
        await expect(page.locator("noscript p", has_text="tetap tercatat satu kali")).to_be_visible()
    assert await connection.fetchval("SELECT count(*) FROM problem") == 1


@pytest.mark.parametrize(("width", "scripting"), [(320, True), (360, False)])
async def test_photos_from_the_gallery(crowd, scripting: bool, width: int):
    ani = await crowd(ANI, size=Size(width, 640, touch=True), scripting=scripting)
    page = ani.page
    await ani.fill_report(
        "Kasir", TEXT, [photo(images.jpeg(orientation=6)), photo(images.png(2000, 300)), photo(images.webp())]
    )
    field = page.get_by_label("Lampiran")
    accepted = (await field.get_attribute("accept") or "").split(",")
    assert {"image/*", ".heic", ".pdf", ".docx", ".txt"} <= {*accepted} and await field.get_attribute(
        "multiple"
    ) is not None
    assert (await field.bounding_box())["height"] >= 44
    if scripting:
        assert not await ani.scrolls_sideways()
    await ani.send_report()
    pictures = page.get_by_role("img", name=re.compile("^Foto"))
    await expect(pictures).to_have_count(3)
    if scripting:
        await pictures.first.scroll_into_view_if_needed()
        await until(page, "[...document.images].every(i => i.complete && i.naturalWidth > 0)")
        assert not await ani.scrolls_sideways()
    await page.get_by_role("link", name="Foto 1 dari 3").tap()
    await page.wait_for_url("**/photos/1")
    await expect(page).to_have_title("Foto 1 dari 3 · K-1 · SIH")
    await page.get_by_role("link", name="Berikutnya").tap()
    await page.wait_for_url("**/photos/2")
    if scripting:
        await until(page, "[...document.images].every(i => i.complete && i.naturalWidth > 0)")
        assert not await ani.scrolls_sideways()
    await page.get_by_role("link", name="K-1").tap()
    await page.wait_for_url("**/problems/1")


@pytest.mark.parametrize("scripting", [True, False])
async def test_a_photo_at_fault(crowd, scripting: bool):
    ani = await crowd(ANI, size=PHONE, scripting=scripting)
    page = ani.page
    await ani.fill_report("Kasir", TEXT, [photo(images.jpeg(), "a.jpg"), photo(images.SVG, "b.jpg")])
    ani.watch.expect(422)
    await ani.send(ani.button("Kirim Laporan"))
    summary = page.get_by_role("alert").filter(
        has_text="Lampiran ke-2 (b.jpg) bukan foto (JPEG, PNG, WebP, HEIC), PDF, dokumen Office tanpa makro, atau teks."
    )
    await expect(summary).to_be_focused()
    await expect(page.get_by_label("Uraian")).to_have_value(TEXT)
    await expect(page).to_have_title(re.compile("^Galat: Lapor Kendala"))
    await summary.get_by_role("link").tap()
    await expect(page.get_by_label("Lampiran")).to_be_focused()


@pytest.mark.parametrize("scripting", [True, False])
async def test_photos_are_sent_once(crowd, scripting: bool):
    """What came with a form that was refused is shown with it, can be left out, and is not sent again."""
    ani = await crowd(ANI, size=PHONE, scripting=scripting)
    page = ani.page
    chosen = [photo(images.jpeg(), "a.jpg"), photo(images.SVG, "b.jpg"), photo(images.png(), "c.jpg")]
    await ani.fill_report("Kasir", TEXT, chosen)
    ani.watch.expect(422)
    await ani.send(ani.button("Kirim Laporan"))
    boxes = page.get_by_role("group", name="Lampiran yang sudah terkirim").get_by_role("checkbox")
    await expect(boxes).to_have_count(2)
    await expect(page.get_by_role("checkbox", name="Foto 1 dari 2")).to_be_checked()
    if scripting:
        await until(page, "[...document.images].every(i => i.complete && i.naturalWidth > 0)")
        assert not await ani.scrolls_sideways()
        assert not await ani.violations()
    await page.get_by_role("checkbox", name="Foto 2 dari 2").uncheck()
    async with page.expect_request(
        lambda request: request.method == "POST" and request.url.endswith("/problems")
    ) as sent:
        await ani.send_report()
    assert int((await (await sent.value).all_headers())["content-length"]) < 4000
    await expect(page.get_by_role("img", name=re.compile("^Foto"))).to_have_count(1)


async def test_an_empty_title_is_told_before_photos_are_sent(crowd):
    """And they stay chosen. The message is ours, and leads to the field."""
    ani = await crowd(ANI, size=PHONE)
    page = ani.page
    await ani.fill_report("", TEXT, [photo(images.jpeg(), "a.jpg"), photo(images.png(), "b.jpg")])
    ani.watch.expect(422)
    answer = await ani.send(ani.button("Kirim Laporan"))
    assert int((await answer.request.all_headers())["content-length"]) < 2000
    summary = page.get_by_role("alert").filter(has_text="Judul belum diisi.")
    await expect(summary).to_be_focused()
    await expect(ani.field("Judul")).to_have_attribute("aria-invalid", "true")
    assert await ani.field("Lampiran").evaluate("field => [...field.files].map(file => file.name)") == [
        "a.jpg",
        "b.jpg",
    ]
    await expect(ani.button("Kirim Laporan")).to_be_enabled()
    await ani.field("Judul").fill("Kasir")
    await ani.send_report()
    await expect(page.get_by_role("img", name=re.compile("^Foto"))).to_have_count(2)


async def test_an_empty_title_without_a_network(crowd):
    ani = await crowd(ANI, size=PHONE)
    await ani.fill_report("", TEXT, [photo(images.jpeg())])
    async with ani.offline():
        await ani.press(ani.button("Kirim Laporan"))
        await expect(ani.page.get_by_text("Belum terkirim: jaringan atau server tidak menjawab.")).to_be_visible()
    assert await ani.field("Lampiran").evaluate("field => field.files.length") == 1


@pytest.mark.parametrize("chosen", [True, False])
async def test_while_photos_are_sent_the_form_says_so(crowd, chosen: bool):
    """Above the button, which keeps the focus; pressed again, it sends nothing more."""
    ani = await crowd(ANI, size=PHONE)
    page, go = ani.page, asyncio.Event()

    async def slowly(route) -> None:
        await go.wait()
        await route.continue_()

    await page.route(re.compile("/problems$"), slowly)
    await ani.fill_report("Kasir", TEXT, [photo(images.jpeg())] if chosen else [])
    said, button = (
        page.get_by_role("status").filter(has_text="Mengirim lampiran… Jangan tutup"),
        ani.button("Kirim Laporan"),
    )
    if chosen:  # it is there, and is not seen
        await expect(page.locator(".sending")).to_contain_text("Mengirim lampiran…")
    await expect(said).to_have_count(0)
    await button.focus()
    await page.keyboard.press("Enter")
    await expect(button).to_have_css("cursor", "progress")
    await page.keyboard.press("Enter")
    await expect(button).to_be_focused()
    await expect(said).to_have_count(1 if chosen else 0)
    if chosen:
        await expect(said).to_be_in_viewport()
        assert (await said.bounding_box())["y"] < (await button.bounding_box())["y"]
        assert not await ani.violations()
    go.set()
    await page.wait_for_url("**/problems/1")
    assert ani.watch.count("POST", "/problems") == 1


async def test_on_a_slow_network_the_form_says_how_far_it_is(crowd, connection: Connection):
    """As the server knows it, from which the browser asks it. Afterwards nothing is left of it."""
    ani = await crowd(ANI, size=PHONE, fresh=True)
    page = ani.page
    await ani.fill_report("Kasir", TEXT, [photo(images.jpeg() + bytes(1_800_000))])
    network = await ani.context.new_cdp_session(page)
    await network.send("Network.enable")
    slow = {"offline": False, "latency": 20, "downloadThroughput": 100_000}
    await network.send("Network.emulateNetworkConditions", slow | {"uploadThroughput": 300_000})
    await ani.press(ani.button("Kirim Laporan"))
    far = page.get_by_text(re.compile(r"^\d,\d dari 1,8 MB$"))
    await expect(far).to_be_in_viewport()
    said = await far.inner_text()
    assert 0 < float(await page.get_by_role("progressbar", name="Terkirim").evaluate("bar => bar.position")) < 1
    await expect(far).not_to_have_text(said)
    await network.send("Network.emulateNetworkConditions", slow | {"uploadThroughput": -1})
    await page.wait_for_url("**/problems/1")
    assert await connection.fetchval("SELECT count(*) FROM upload") == 0


def drafted(form: str, field: str, end: str = ""):
    """The answer to the draft of a form in which something stands in that field, up to what stands at its `end`."""
    return lambda response: (
        response.url.endswith(f"/drafts/{form}")
        and re.search(rf"\b{field}=\w[^&]*{end}", response.request.post_data or "")
    )


async def discard_draft(page: Page) -> None:
    """Hapus draf, which asks first, in place."""
    await expect(page.get_by_role("button", name="Hapus draf")).to_have_count(0)
    await page.locator("summary", has_text="Hapus draf").tap()
    await expect(page.get_by_text("tidak dapat dikembalikan")).to_be_visible()
    await page.get_by_role("button", name="Hapus draf").tap()


async def test_a_draft_is_kept_on_a_pause_and_restored(crowd, connection: Connection):
    ani = await crowd(ANI, size=PHONE)
    page = ani.page
    await page.goto("/problems/new")
    await page.get_by_label("Judul").fill("Kasir")
    await page.get_by_label("Lampiran").set_input_files(photo(images.jpeg()))
    async with page.expect_response(drafted("report", "description", "pukul")) as saved:  # not only what it began with
        await page.get_by_label("Uraian").press_sequentially(TEXT)
    assert (await saved.value).status == 204
    assert "image" not in ((await (await saved.value).request.header_value("content-type")) or "")
    assert len((await saved.value).request.post_data_buffer or b"") < 2000, "photos do not travel on every pause"
    # The session ends; later the person logs in again.
    await ani.context.clear_cookies()
    await end_sessions(connection)
    await page.goto("/problems/new")
    await ani.log_in(ANI)
    await page.wait_for_url("**/problems/new")
    await page.get_by_role("link", name="Lanjutkan draf").tap()
    await expect(page.get_by_text(re.compile("Draf tersimpan .* dipulihkan"))).to_be_visible()
    await expect(page.get_by_label("Uraian")).to_have_value(TEXT)
    await discard_draft(page)
    await expect(page.get_by_text("Draf tersimpan")).to_have_count(0)
    await expect(page.get_by_label("Uraian")).to_have_value("")


@pytest.mark.parametrize(
    ("scripting", "named"), [(True, True), (False, False)], ids=["cookie", "noscript-no cookie"]
)  # the server is asked all of them in test_drafts.py
async def test_sent_after_the_session_has_ended(crowd, connection: Connection, scripting: bool, named: bool):
    ani = await crowd(ANI, size=PHONE, scripting=scripting)
    page = ani.page
    await ani.fill_report("Kasir", TEXT)
    await page.get_by_label("Lampiran").set_input_files(photo(images.jpeg() + bytes(600_000)))
    await end_sessions(connection)
    if not named:
        await ani.context.clear_cookies()
    if scripting:
        ani.watch.expect(401)
    await ani.press(ani.button("Kirim Laporan"))
    await page.wait_for_url("**/login?next=/problems/new%3Fdraft**")
    await expect(page.get_by_text("Isian Anda tersimpan")).to_be_visible()
    await ani.log_in(ANI)
    await page.wait_for_url("**/problems/new?draft=**")
    await expect(page.get_by_label("Uraian")).to_have_value(TEXT)
    await ani.send_report()
    assert await connection.fetchval("SELECT description FROM problem") == TEXT
    await page.goto("/problems/new")
    await expect(page.get_by_text("Draf tersimpan")).to_have_count(0)


async def test_a_comment_after_the_session_has_ended(crowd, connection: Connection):
    ani = await crowd(ANI, size=PHONE)
    page = ani.page
    await ani.report("Kasir", TEXT)
    await page.get_by_label("Komentar").fill("Masih gelap")
    await end_sessions(connection)
    ani.watch.expect(401)
    await page.get_by_role("button", name="Kirim Komentar").tap()
    await page.wait_for_url("**/login?next=**")
    await ani.log_in(ANI)
    await page.wait_for_url(re.compile(r"/problems/\d+\?draft="))
    await expect(page.get_by_label("Komentar")).to_have_value("Masih gelap")
    await discard_draft(page)
    await expect(page.get_by_label("Komentar")).to_have_value("")
    await expect(page.get_by_text("Draf tersimpan")).to_have_count(0)


async def test_a_draft_in_a_modal(crowd, connection: Connection):
    desk = await crowd(DESK, size=PHONE)
    page = desk.page
    await desk.report("Kasir", TEXT)
    await page.get_by_role("button", name="Buka Kendala").tap()
    await page.get_by_label("Kategori").select_option("NET-WIFI")
    async with page.expect_response(drafted("opening", "identification")) as saved:
        await page.get_by_label("Identifikasi masalah").fill("Kabel putus")
    assert (await saved.value).status == 204
    await page.reload()
    await page.get_by_role("button", name="Buka Kendala").tap()
    await expect(page.get_by_text("Draf tersimpan")).to_be_visible()
    await expect(page.get_by_label("Identifikasi masalah")).to_have_value("")
    await page.get_by_role("link", name="Lanjutkan draf").tap()
    await expect(page.get_by_label("Identifikasi masalah")).to_have_value("Kabel putus")
    await expect(page.get_by_label("Kategori")).to_have_value("NET-WIFI")
    await discard_draft(page)
    await expect(page.get_by_text("Draf tersimpan")).to_have_count(0)
    await expect(page.get_by_label("Identifikasi masalah")).to_have_value("")
    await expect(page.get_by_role("dialog")).to_be_visible()


async def test_a_comment_with_a_photo(crowd):
    ani = await crowd(ANI, size=PHONE)
    page = ani.page
    await ani.report("Kasir", TEXT, [photo(images.jpeg())])
    await page.get_by_label("Komentar").fill("Sesudah dibersihkan")
    await page.get_by_label("Lampiran").set_input_files([photo(images.png()), photo(images.webp())])
    await page.get_by_role("button", name="Kirim Komentar").tap()
    await expect(page.get_by_text("Komentar terkirim.")).to_be_visible()
    await expect(page.get_by_role("listitem").filter(has_text="Sesudah dibersihkan").get_by_role("img")).to_have_count(
        2
    )
    await until(page, "[...document.images].every(i => i.complete || i.loading == 'lazy')")
