"""The desk's triage without a mouse, and where the focus is meanwhile."""

import asyncio
import re

from playwright.async_api import expect

from tests.journeys import DESK, DESK_TOO


async def test_open_and_pass_on_with_four_keys_a_problem(crowd, made):
    first, second = [await made.reported() for _ in range(2)]
    desk = await crowd(DESK)
    page = desk.page
    await page.goto("/problems")

    await desk.alt("n")  # from wherever one is, to the oldest that waits
    await page.wait_for_url(f"**{first}")
    await desk.alt("b")
    await expect(page.get_by_label("Kategori")).to_be_focused()
    await page.keyboard.type("NET-WIFI")
    for letter in "TT":  # Tinggi, twice
        await page.keyboard.press("Tab")
        await page.keyboard.type(letter)
    await page.keyboard.press("Tab")
    await page.keyboard.type("Kabel lepas")
    await desk.alt("s")
    await expect(page.get_by_text("Kendala dibuka.")).to_be_focused()

    await desk.alt("p")
    await expect(page.get_by_label("Jenis penyelesaian")).to_be_focused()
    await page.keyboard.type("Divisi IT")
    await expect(page.get_by_label("Divisi tujuan")).to_be_visible()
    await page.keyboard.press("Tab")
    await page.keyboard.type("IT-NET")
    await page.keyboard.press("Tab")
    await page.keyboard.type("Perlu ahli")
    await desk.alt("j")
    await page.wait_for_url(f"**{second}")
    await expect(page.get_by_text("Tersimpan. Ini kendala berikutnya.")).to_be_visible()

    await page.goto(first)
    await expect(page.get_by_text("Dialihkan").first).to_be_visible()


async def test_take_and_wait_with_four_keys(crowd, made):
    first, second = [await made.reported() for _ in range(2)]
    desk = await crowd(DESK)
    page = desk.page
    await page.goto(first)
    await desk.alt("b")
    await expect(page.get_by_label("Kategori")).to_be_focused()
    await page.keyboard.type("NET-WIFI")
    for letter in "TT":
        await page.keyboard.press("Tab")
        await page.keyboard.type(letter)
    await page.keyboard.press("Tab")
    await page.keyboard.type("Kabel lepas")
    await desk.alt("s")
    await expect(page.get_by_text("Kendala dibuka.")).to_be_focused()
    await desk.alt("y")
    await expect(page.get_by_text("Anda menjadi petugas kendala ini.")).to_be_focused()
    await desk.alt("w")
    await expect(page.get_by_label("Menunggu")).to_be_focused()
    await page.keyboard.type("V")
    await page.keyboard.press("Tab")
    await page.keyboard.type("Teknisi datang besok")
    await desk.alt("j")
    await page.wait_for_url(f"**{second}")
    await page.goto(first)
    await expect(page.get_by_role("heading", name="Menunggu: Vendor")).to_be_visible()
    await expect(page.get_by_role("button", name="Lanjutkan")).to_be_visible()


async def test_void_with_four_keys(crowd, made):
    first, second = [await made.reported() for _ in range(2)]
    desk = await crowd(DESK)
    page = desk.page
    await page.goto(first, wait_until="networkidle")  # or whoever is quicker than the script is answered with a page
    await desk.alt("v")
    await page.keyboard.press("Tab")
    await page.keyboard.type("Laporan ganda")
    await desk.alt("x")
    await expect(page.get_by_text("Kendala dibatalkan.")).to_be_focused()
    await desk.alt("n")
    await page.wait_for_url(f"**{second}")


async def test_the_focus_is_never_lost(crowd, made):
    path = await made.reported()
    desk = await crowd(DESK)
    page = desk.page
    await page.goto(path)
    await desk.alt("b")
    await expect(page.get_by_label("Kategori")).to_be_focused()
    desk.watch.expect(422)
    await desk.alt("s")  # nothing filled in
    await expect(page.get_by_role("alert")).to_be_focused()
    await page.keyboard.press("Escape")
    assert await desk.focused() == "Buka Kendala"
    await desk.alt("o")
    await page.keyboard.type("Sedang dilihat")
    for _ in range(2):  # by the choice of photos
        await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Komentar terkirim.")).to_be_focused()

    await page.goto("/problems")
    await desk.alt("c")
    assert await desk.focused() == "q"
    await page.keyboard.type("printer")
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile("q=printer"))
    assert await desk.focused() == "q"
    await page.get_by_label("Status").focus()
    await page.keyboard.press("ArrowDown")
    await page.wait_for_url(re.compile("status=unfinished"))
    assert await desk.focused() == "status"


async def test_each_step_of_an_escalation_leads_into_what_is_left_to_fill_in(crowd, made):
    path = await made.opened()
    desk = await crowd(DESK)
    page = desk.page
    await page.goto(path)
    await desk.alt("p")
    await expect(page.get_by_label("Jenis penyelesaian")).to_be_focused()
    await page.keyboard.type("Dep")
    await expect(page.get_by_label("Divisi tujuan")).to_have_count(0)
    await expect(page.get_by_label("Jenis penyelesaian")).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.type("Perlu tukang")
    await desk.alt("a")
    await expect(page.get_by_label("Departemen", exact=True)).to_be_focused()
    await page.get_by_role("button", name="Kembali").click()
    await expect(page.get_by_role("dialog").get_by_label("Alasan")).to_be_focused()
    await desk.alt("a")
    await expect(page.get_by_label("Departemen", exact=True)).to_be_focused()
    await page.keyboard.type("MNT")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("option", name="Hadi Wijaya")).to_have_count(0)
    await page.keyboard.type("Gita")
    await desk.alt("a")
    await expect(page.get_by_text("Kendala dialihkan.")).to_be_focused()


async def test_another_department_chooses_nobody_by_itself(crowd, made):
    path = await made.opened()
    page = (await crowd(DESK)).page
    await page.goto(path)
    await page.get_by_role("button", name="Penyelesaian", exact=True).click()
    await page.get_by_label("Jenis penyelesaian").select_option("department")
    await page.get_by_role("dialog").get_by_label("Alasan").fill("Perlu tukang")
    await page.get_by_role("button", name="Penyelesaian>>").click()
    department, pic = page.get_by_label("Departemen", exact=True), page.get_by_label("PIC", exact=True)
    await department.select_option("MNT")
    await expect(page.get_by_role("option", name="Hadi Wijaya")).to_have_count(0)
    await pic.select_option("30001")
    await department.select_option("PRC")
    await expect(page.get_by_role("option", name="Gita Permata")).to_have_count(0)
    await expect(pic).to_have_value("")
    # Who is quicker than the answer keeps the choice, if it still is one.
    for chosen, kept in (("PRC", "30002"), ("MNT", "")):
        await department.select_option("")
        await expect(page.get_by_role("option", name="Gita Permata")).to_have_count(1)
        await slow_down(page)
        async with page.expect_response("**/escalation/fields*"):
            await department.select_option(chosen)
            await pic.select_option("30002")
        await expect(page.get_by_role("option", name="Gita Permata" if kept else "Hadi Wijaya")).to_have_count(0)
        await expect(pic).to_have_value(kept)


async def test_what_is_typed_while_the_fields_of_a_kind_are_fetched_stays(crowd, made):
    path = await made.opened()
    page = (await crowd(DESK)).page
    await page.goto(path)
    await page.get_by_role("button", name="Penyelesaian", exact=True).click()
    kind, reason = page.get_by_label("Jenis penyelesaian"), page.get_by_role("dialog").get_by_label("Alasan")
    await reason.fill("Perlu")
    await slow_down(page)
    async with page.expect_response("**/escalation/fields*"):
        await kind.select_option("it")
        await reason.fill("Perlu ahlinya")
        await kind.focus()
    await expect(page.get_by_label("Divisi tujuan")).to_be_visible()
    await expect(reason).to_have_value("Perlu ahlinya")


async def slow_down(page):
    async def wait(route):
        await asyncio.sleep(0.4)
        await route.continue_()

    await page.route("**/escalation/fields*", wait, times=1)


async def test_two_forms_on_a_page_have_keys_of_their_own(crowd, made):
    path = await made.reported()
    desk = await crowd(DESK)
    page = desk.page
    await page.goto(f"{path}/opening")
    await desk.fill_identification()
    await desk.alt("s")
    await page.wait_for_url(f"**{path}")
    await desk.alt("p")  # looked into, and left
    await expect(page.get_by_label("Jenis penyelesaian")).to_be_focused()
    await page.keyboard.press("Escape")
    await desk.alt("t")
    await expect(page.get_by_label("Solusi")).to_be_focused()
    await page.keyboard.type("Diganti")
    await desk.alt("s")
    await expect(page.get_by_text("Kendala ditutup.")).to_be_focused()


async def test_whoever_is_quicker_than_the_script_gets_the_form_too(crowd, made):
    path = await made.reported()
    desk = await crowd(DESK)
    page = desk.page
    held = []
    await page.route("**/htmx.min.js*", lambda route: held.append(route))
    await page.goto(path, wait_until="commit")
    await page.get_by_role("button", name="Buka Kendala").click()
    await expect(page.get_by_text("Memuat…")).to_be_visible()
    await held[0].continue_()
    await expect(page.get_by_label("Kategori")).to_be_focused()


async def test_whoever_fills_in_a_form_is_seen_to(crowd, made):
    path = await made.reported()
    dewi, dodi = await crowd(DESK, fresh=True), await crowd(DESK_TOO, fresh=True)
    for page in (dewi.page, dodi.page):
        await page.clock.install()
        await page.goto(path)
    await dodi.alt("b")
    await expect(dodi.page.get_by_label("Kategori")).to_be_focused()
    async with dodi.page.expect_response("**/drafts/opening"):  # before the clock goes on beyond the time it may take
        await dodi.page.keyboard.type("NET-LAN")
        await dodi.page.clock.fast_forward(5_000)
    for _ in range(2):  # the beat of the one tells the server, that of the other asks it
        for page in (dodi.page, dewi.page):
            async with page.expect_response("**/presence"):
                await page.clock.fast_forward(20_000)
    await expect(dewi.page.get_by_text("Dodi Pratama sedang mengisi Buka Kendala")).to_be_visible()
    await expect(dodi.page.get_by_label("Kategori")).to_be_focused()
    await expect(dodi.page.get_by_label("Kategori")).to_have_value("NET-LAN")
    await dodi.page.keyboard.press("Escape")
    for page in (dodi.page, dewi.page):
        async with page.expect_response("**/presence"):
            await page.clock.fast_forward(20_000)
    await expect(dewi.page.get_by_text("Dodi Pratama sedang melihat")).to_be_visible()
