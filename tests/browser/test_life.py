"""The whole life of a problem, by the people it meets, with scripting and without, on a phone and at a desk."""

import pytest
from playwright.async_api import expect

from tests.journeys import ANI, DESK, GA, NET, PIC
from tests.person import DESKTOP, PHONE


# Each size and each way once in a test, and both together in all ways.
@pytest.mark.parametrize(("size", "scripting"), [(DESKTOP, True), (PHONE, False)], ids=["desktop", "phone-noscript"])
async def test_life_from_report_to_confirmation(crowd, size, scripting):
    ani, desk, net, pic, ga = [await crowd(nik, size=size, scripting=scripting) for nik in (ANI, DESK, NET, PIC, GA)]
    path = await ani.report("Printer mati")
    await expect(ani.page.get_by_text("Kendala sudah dicatat.")).to_be_visible()
    await expect(ani.status).to_have_text("Baru")
    await ani.comment(path, "Kasir 2 juga mati")

    await desk.open(path)
    await desk.says("Kendala dibuka.")
    await desk.escalate_to_it(path, "IT-NET", "Perlu ahli jaringan")
    await desk.says("Kendala dialihkan.")
    await expect(desk.facts).to_contain_text("IT-NET — Jaringan")

    await net.go(path)
    await expect(net.page.locator("#answer").get_by_text("Perlu ahli jaringan")).to_be_visible()
    await net.page.locator("summary", has_text="Kembalikan").click()
    await net.field("Alasan").fill("Bukan jaringan")
    await net.send(net.button("Kembalikan"))
    await net.says("Kendala dikembalikan.")
    await expect(net.button("Terima")).to_have_count(0)

    await desk.go(path)
    await expect(desk.facts).to_contain_text("HD — Meja Bantuan")
    await desk.escalate_to_pic(path, PIC, "Perlu tukang")
    await expect(desk.facts).to_contain_text("MNT — Maintenance, PIC Gita Permata")

    await pic.accept(path)
    await pic.says("Kendala diterima.")
    await pic.escalate_elsewhere(path, "Bukan urusan kami")
    await expect(pic.facts).to_contain_text("GA — Umum")

    await ga.accept(path)
    await ga.close(path, "Kabel diganti")
    await ga.says("Kendala ditutup.")

    await ani.go(path)
    await ani.field("Alasan").fill("Masih mati")
    await ani.send(ani.button("Belum beres"))
    await ani.says("Kendala dibuka kembali.")
    await expect(ani.status).to_have_text("Dibuka")

    await ga.close(path, "Printer diganti")
    await ani.go(path)
    await ani.send(ani.button("Sudah beres"))
    await ani.says("Terima kasih. Kendala dinyatakan beres.")
    await expect(ani.status).to_have_text("Selesai")
    await expect(ani.button("Belum beres")).to_have_count(0)

    causes = await ani.history.evaluate_all("events => events.map(event => event.dataset.kind)")
    assert " ".join(causes) == (
        "reported commented opened escalated returned escalated accepted escalated accepted closed reopened closed confirmed"
    )
    for text in ("Kasir 2 juga mati", "Bukan jaringan", "Perlu tukang", "Bukan urusan kami", "Masih mati"):
        await expect(ani.page.locator("#history").get_by_text(text)).to_be_visible()


@pytest.mark.parametrize(("size", "scripting"), [(PHONE, True), (DESKTOP, False)], ids=["phone", "desktop-noscript"])
async def test_life_of_a_report_that_is_voided(crowd, made, size, scripting):
    path = await made.reported()
    desk = await crowd(DESK, size=size, scripting=scripting)
    await desk.go(path)
    await desk.press(desk.page.get_by_text("Batalkan Kendala").first)
    desk.watch.expect(422)
    await desk.send(desk.button("Batalkan Kendala"))
    await expect(desk.page.get_by_role("alert")).to_contain_text("Harap isi form kosong!")
    await desk.field("Alasan").fill("Ganda dengan K-7")
    await desk.send(desk.button("Batalkan Kendala"))
    await desk.says("Kendala dibatalkan.")
    await expect(desk.status).to_have_text("Dibatalkan")
    await expect(desk.page.locator("#history").get_by_text("Ganda dengan K-7")).to_be_visible()
    await desk.comment(path, "Sudah diberi tahu")


async def test_life_without_scripting_shows_every_way_on(crowd, made):
    """Where scripting would do it by itself, there is a button for it; with scripting there is none."""
    path = await made.opened()
    for scripting in (True, False):
        desk = await crowd(DESK, scripting=scripting)
        await desk.go("/problems")
        await expect(desk.button("Terapkan")).to_be_visible(visible=not scripting)
        await desk.go(path)
        await expect(desk.link("Penyelesaian")).to_be_visible(visible=not scripting)
        await expect(desk.button("Penyelesaian")).to_be_visible(visible=scripting)
        form = await desk.form_of("Penyelesaian")
        await expect(desk.button("Tampilkan isian", form)).to_be_visible(visible=not scripting)
        nobody = await crowd(scripting=scripting)
        await nobody.go("/login")
        await expect(nobody.button("Lanjut")).to_be_visible(visible=not scripting)


async def test_life_without_scripting_keeps_what_was_typed_when_the_kind_changes(crowd, made):
    desk = await crowd(DESK, scripting=False, size=PHONE)
    await desk.go(await made.opened())
    form = await desk.form_of("Penyelesaian")
    await desk.choose_kind(form, "Divisi IT")
    await desk.field("Alasan", form).fill("Baris satu\nbaris dua")
    await desk.choose_kind(form, "Divisi selain IT")
    await expect(desk.field("Alasan", form)).to_have_value("Baris satu\nbaris dua")
    desk.watch.expect(422)
    await desk.field("Jenis penyelesaian", form).select_option("")
    await desk.send(desk.button("Penyelesaian>>", form))
    await expect(form.get_by_role("alert")).to_contain_text("Harap isi form kosong!")
    await expect(desk.field("Alasan", form)).to_have_value("Baris satu\nbaris dua")


async def test_life_recorded_by_the_desk_for_a_caller(crowd):
    """The caller's name, workplace and assets follow the NIK; the problem is the caller's."""
    desk = await crowd(DESK)
    await desk.go("/problems/new")
    await desk.field("NIK pelapor").press_sequentially(ANI)
    await expect(desk.page.get_by_text("Ani Lestari")).to_be_visible()
    await expect(desk.page.locator("#assets option")).to_have_count(2)
    await desk.field("Judul").fill("AC gudang bocor")
    await desk.field("Uraian").fill("Air menetes.")
    await desk.field("Barang").fill("T01-AC-01")
    await desk.send(desk.button("Kirim Laporan"))
    await expect(desk.facts).to_contain_text("Ani Lestari (10001)")
    await expect(desk.facts).to_contain_text("T01-AC-01 — AC gudang")
    await expect(desk.facts).to_contain_text("Dewi Anggraini")
