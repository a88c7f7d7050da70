"""The eight cases of the paper's TABEL I, in a browser, on a phone and at a desk."""

import re

import pytest
from playwright.async_api import expect

from tests.conftest import PIN
from tests.journeys import ANI, BUDI, DESK, PIC
from tests.person import DESKTOP, MANAGER_OF_THE_DEMO, PHONE

both_sizes = pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])


@both_sizes
async def test_case_1_nik_then_pin_leads_to_the_list(crowd, size):
    ani = await crowd(size=size)
    await ani.go("/login")
    await ani.field("NIK").press_sequentially(ANI)
    await expect(ani.page.get_by_text("Ani Lestari")).to_be_visible()
    await expect(ani.page.get_by_text("T01 — Toko Bandung")).to_be_visible()
    await ani.field("PIN").press_sequentially(PIN)
    await ani.press(ani.button("Masuk"))
    await expect(ani.page).to_have_url(f"{crowd.site}/problems")
    await expect(ani.page.get_by_role("heading", name="Daftar Kendala")).to_be_visible()


@both_sizes
async def test_case_2_divisi_it_adds_divisi_tujuan(crowd, made, size):
    desk = await crowd(DESK, size=size)
    await desk.go(await made.opened())
    modal = await desk.form_of("Penyelesaian")
    # The owner of the category is suggested.
    await expect(desk.field("Jenis penyelesaian", modal).locator("option:checked")).to_have_text("Divisi IT")
    await expect(desk.field("Divisi tujuan", modal)).to_have_value("IT-NET")
    await desk.choose_kind(modal, "Departemen")
    await desk.choose_kind(modal, "Divisi IT")
    await expect(desk.field("Divisi tujuan", modal)).to_be_visible()
    await expect(desk.field("Alasan", modal)).to_be_visible()
    choices = await desk.field("Divisi tujuan", modal).locator("option").all_inner_texts()
    assert choices[1:] == ["IT-NET — Jaringan", "IT-POS — Sistem Kasir"]


@both_sizes
async def test_case_3_divisi_selain_it_leaves_only_alasan(crowd, made, size):
    desk = await crowd(DESK, size=size)
    await desk.go(await made.opened())
    modal = await desk.form_of("Penyelesaian")
    await desk.choose_kind(modal, "Divisi IT")
    await desk.field("Divisi tujuan", modal).select_option("IT-NET")
    await desk.field("Alasan", modal).fill("Bukan urusan kami")
    await desk.choose_kind(modal, "Divisi selain IT")
    fields = modal.locator("select:visible, textarea:visible, input:visible")
    assert [await field.get_attribute("name") for field in await fields.all()] == ["kind", "reason"]
    await expect(desk.field("Alasan", modal)).to_have_value("Bukan urusan kami")
    await expect(modal.get_by_text("GA — Umum")).to_be_visible()


@both_sizes
async def test_case_4_departemen_then_a_modal_to_choose_the_pic(crowd, made, size):
    desk = await crowd(DESK, size=size)
    await desk.go(await made.opened())
    modal = await desk.form_of("Penyelesaian")
    await desk.choose_kind(modal, "Departemen")
    await expect(desk.field("PIC")).to_have_count(0)
    await desk.field("Alasan", modal).fill("Perlu tukang")
    await desk.press(desk.button("Penyelesaian>>", modal))
    await expect(desk.page.get_by_role("dialog", name="Pilih PIC")).to_be_visible()
    await expect(desk.field("PIC", desk.modal)).to_be_visible()
    await expect(desk.history).to_have_count(2)  # nothing has been escalated yet
    choices = await desk.field("PIC", desk.modal).locator("option").all_inner_texts()
    assert choices[1:] == ["Gita Permata — 0 kendala", "Hadi Wijaya — 0 kendala"]
    await desk.field("PIC", desk.modal).select_option(PIC)
    await desk.press(desk.button("Simpan", desk.modal))
    await expect(desk.status).to_have_text("Dialihkan")
    await expect(desk.facts).to_contain_text("MNT — Maintenance, PIC Gita Permata")


@both_sizes
async def test_case_5_an_incomplete_form(crowd, made, size):
    desk = await crowd(DESK, size=size)
    path = await made.opened()
    await desk.go(path)
    modal = await desk.form_of("Penyelesaian")
    desk.watch.expect(422)
    for kind in ("Pilih…", "Divisi IT", "Divisi selain IT", "Departemen"):
        await desk.choose_kind(modal, kind)
        await desk.send(desk.button("Penyelesaian>>", modal))
        await expect(modal.get_by_role("alert")).to_contain_text("Harap isi form kosong!")
        await expect(desk.field("Alasan", modal)).to_have_attribute("aria-invalid", "true")
        await expect(desk.field("Jenis penyelesaian", modal).locator("option:checked")).to_have_text(kind)
    await desk.go(path)
    await expect(desk.status).to_have_text("Dibuka")
    await expect(desk.history).to_have_count(2)


@both_sizes
async def test_case_5_no_pic_chosen(crowd, made, size):
    desk = await crowd(DESK, size=size)
    path = await made.opened()
    await desk.go(path)
    modal = await desk.form_of("Penyelesaian")
    await desk.choose_kind(modal, "Departemen")
    await desk.field("Alasan", modal).fill("Perlu tukang")
    await desk.press(desk.button("Penyelesaian>>", modal))
    desk.watch.expect(422)
    await desk.press(desk.button("Simpan", modal))
    await expect(modal.get_by_role("alert")).to_contain_text("Harap isi form kosong!")
    await expect(desk.field("PIC", modal)).to_have_attribute("aria-invalid", "true")
    await expect(modal.get_by_text("Perlu tukang")).to_be_visible()
    await desk.go(path)
    await expect(desk.status).to_have_text("Dibuka")


@both_sizes
async def test_case_6_opening_without_identification(crowd, made, size):
    desk = await crowd(DESK, size=size)
    path = await made.reported()
    await desk.go(path)
    modal = await desk.form_of("Buka Kendala")
    await desk.field("Kategori", modal).select_option("NET-WIFI")
    desk.watch.expect(422)
    await desk.press(desk.button("Simpan", modal))
    await expect(modal.get_by_role("alert")).to_contain_text("Harap isi form dengan benar!")
    for label in ("Dampak", "Urgensi", "Identifikasi masalah"):
        await expect(desk.field(label, modal)).to_have_attribute("aria-invalid", "true")
    await expect(desk.field("Kategori", modal)).not_to_have_attribute("aria-invalid", "true")
    await expect(desk.field("Kategori", modal)).to_have_value("NET-WIFI")
    await desk.go(path)
    await expect(desk.status).to_have_text("Baru")


@both_sizes
async def test_case_7_another_year_shows_its_problems(onlookers, size):
    manager = await onlookers(MANAGER_OF_THE_DEMO, size=size)
    await manager.go("/problems")
    newest = await manager.field("Tahun").input_value()
    before = await _years_and_ids(manager)
    entries = await manager.page.evaluate("history.length")
    await manager.field("Tahun").select_option("2024")
    await expect(manager.page.locator("tbody time").first).to_have_attribute("datetime", _year("2024"))
    years, ids = await _years_and_ids(manager)
    assert years == {"2024"}
    assert len(ids) == 50
    await expect(manager.page).to_have_url(f"{onlookers.site}/problems?year=2024")
    assert await manager.page.evaluate("history.length") == entries + 1
    assert manager.watch.count("GET", "/problems") == 2
    await manager.page.go_back()
    await expect(manager.page).to_have_url(f"{onlookers.site}/problems")
    await expect(manager.page.locator("tbody time").first).to_have_attribute("datetime", _year(newest))
    await expect(manager.field("Tahun")).to_have_value(newest)
    assert await _years_and_ids(manager) == before


@both_sizes
async def test_case_8_somebody_else_logs_in(crowd, size):
    person = await crowd(size=size)
    await person.go("/login")
    await person.log_in(ANI)
    header = person.page.get_by_role("banner")
    await expect(header).to_contain_text("10001")
    await expect(header.get_by_text("Ani Lestari")).to_be_visible()
    await person.log_out()
    await expect(header).not_to_contain_text("10001")
    await person.log_in(BUDI)
    for path in ("/problems", "/problems/new"):
        await person.go(path)
        await expect(header).to_contain_text("10002")
        await expect(header.get_by_text("Budi Santoso")).to_be_visible()
        await expect(header).not_to_contain_text("Ani Lestari")


def _year(year: str):
    return re.compile(rf"^{year}-")


async def _years_and_ids(person) -> tuple[set[str], list[str]]:
    rows = person.page.locator("tbody tr")
    times = await rows.locator("time").evaluate_all("times => times.map(t => t.getAttribute('datetime').slice(0, 4))")
    return set(times), await rows.evaluate_all("rows => rows.map(row => row.id)")
