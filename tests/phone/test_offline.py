"""The network goes while somebody is typing: what they see, what is still there, and that it is recorded once."""

import re
from pathlib import Path

from asyncpg import Connection
from playwright.async_api import Page, expect

from tests.photos import images

ANI, DESK = "10001", "20001"
MESSAGE = "Belum terkirim: jaringan atau server tidak menjawab."
TEXT = "Layar kasir gelap\nsejak pukul 7."


async def fill_report(page: Page) -> None:
    await page.goto("/problems/new")
    await page.get_by_label("Judul").fill("Kasir")
    await page.get_by_label("Uraian").fill(TEXT)


async def count(connection: Connection, table: str) -> int:
    return await connection.fetchval(f"SELECT count(*) FROM {table}")


async def test_a_report_sent_offline_and_sent_again(make_phone, connection: Connection, tmp_path: Path):
    """What was typed and chosen stays where it is, and is recorded once."""
    phone = await make_phone()
    page = await phone.log_in(ANI)
    await fill_report(page)
    (tmp_path / "foto.jpg").write_bytes(images.jpeg())
    await page.get_by_label("Foto").set_input_files(tmp_path / "foto.jpg")
    await phone.context.set_offline(True)
    button, message = page.get_by_role("button", name="Kirim Laporan"), page.get_by_text(MESSAGE)
    for _ in range(2):
        await button.click()
        await expect(message).to_be_in_viewport()
        await expect(message).to_be_focused()
        await expect(message).to_have_count(1)
        await expect(page.get_by_label("Uraian")).to_have_value(TEXT)
        await expect(button).to_be_enabled()
    await phone.context.set_offline(False)
    await button.click()
    await page.wait_for_url(re.compile(r"/problems/\d+$"))
    await expect(page.get_by_text("Kendala sudah dicatat.")).to_be_visible()
    assert (await count(connection, "problem"), await count(connection, "photo")) == (1, 1)


async def test_a_report_sent_offline_without_scripting(make_phone, connection: Connection):
    """The browser itself says that there is no network, and going back finds the form as it was."""
    phone = await make_phone(java_script_enabled=False)
    page = await phone.log_in(ANI)
    await fill_report(page)
    await phone.context.set_offline(True)
    await page.get_by_role("button", name="Kirim Laporan").click()
    await page.wait_for_url("chrome-error://**")
    await phone.context.set_offline(False)
    await page.go_back()
    await page.wait_for_url("**/problems/new")
    await expect(page.get_by_label("Uraian")).to_have_value(TEXT)
    await expect(page.get_by_label("Judul")).to_have_value("Kasir")
    await page.get_by_role("button", name="Kirim Laporan").click()
    await page.wait_for_url(re.compile(r"/problems/\d+$"))
    assert await count(connection, "problem") == 1


async def test_the_answer_was_lost(make_phone, connection: Connection):
    """It arrived, but the answer did not: sent again, it is the same problem."""
    phone = await make_phone()
    page = await phone.log_in(ANI)
    await fill_report(page)

    async def swallow(route):
        await route.fetch(max_redirects=0)
        await route.abort("connectionreset")

    await page.route("**/problems", swallow, times=1)
    await page.get_by_role("button", name="Kirim Laporan").click()
    await expect(page.get_by_text(MESSAGE)).to_be_in_viewport()
    assert await count(connection, "problem") == 1
    await page.get_by_role("button", name="Kirim Laporan").click()
    await page.wait_for_url(re.compile(r"/problems/\d+$"))
    assert await count(connection, "problem") == 1


async def test_a_comment(make_phone, connection: Connection):
    phone = await make_phone()
    page = await phone.log_in(ANI)
    await fill_report(page)
    await page.get_by_role("button", name="Kirim Laporan").click()
    await page.wait_for_url(re.compile(r"/problems/\d+$"))
    field, button = page.get_by_label("Komentar"), page.get_by_role("button", name="Kirim Komentar")
    await field.fill(TEXT)
    await phone.context.set_offline(True)
    await button.click()
    message = page.get_by_text(MESSAGE)
    await expect(message).to_be_in_viewport()
    await expect(message).to_be_focused()
    await expect(field).to_have_value(TEXT)
    await expect(button).to_be_enabled()
    # Still away: said again. Back: sent, and the message is gone.
    await button.click()
    await expect(message).to_have_count(1)
    await phone.context.set_offline(False)
    await button.click()
    await expect(page.get_by_text("Komentar terkirim.")).to_be_visible()
    await expect(message).to_have_count(0)
    await expect(field).to_have_value("")
    assert await count(connection, "event") == 2
    assert not [line for line in phone.said if "Content Security Policy" in line]


async def test_a_form_in_a_modal(make_phone, connection: Connection):
    phone = await make_phone()
    page = await phone.log_in(DESK)
    await fill_report(page)
    await page.get_by_role("button", name="Kirim Laporan").click()
    await page.wait_for_url(re.compile(r"/problems/\d+$"))
    await page.get_by_role("button", name="Buka Kendala").click()
    await page.get_by_label("Kategori").select_option("NET-WIFI")
    await page.get_by_label("Dampak").select_option("1")
    await page.get_by_label("Urgensi").select_option("2")
    await page.get_by_label("Identifikasi masalah").fill(TEXT)
    await phone.context.set_offline(True)
    await page.get_by_role("button", name="Simpan").click()
    message = page.get_by_role("dialog").get_by_text(MESSAGE)
    await expect(message).to_be_in_viewport()
    await expect(page.get_by_label("Identifikasi masalah")).to_have_value(TEXT)
    await expect(page.get_by_label("Kategori")).to_have_value("NET-WIFI")
    await phone.context.set_offline(False)
    await page.get_by_role("button", name="Simpan").click()
    await expect(page.get_by_text("Kendala dibuka.")).to_be_visible()
    assert await count(connection, "event") == 2


async def test_the_filters_of_the_list(make_phone):
    phone = await make_phone()
    page = await phone.log_in(ANI)
    await phone.context.set_offline(True)
    await page.get_by_label("Status").select_option("open")
    await expect(page.get_by_text("Daftar belum diperbarui: jaringan atau server tidak menjawab.")).to_be_visible()


async def test_drafts_are_silent_about_the_network(make_phone):
    """Nobody is interrupted while typing."""
    phone = await make_phone()
    page = await phone.log_in(ANI)
    await page.goto("/problems/new")
    await phone.context.set_offline(True)
    async with page.expect_event("requestfailed", lambda request: request.url.endswith("/drafts/report")):
        await page.get_by_label("Uraian").press_sequentially("Gelap")
    await page.wait_for_timeout(300)
    await expect(page.get_by_text(MESSAGE)).to_have_count(0)
    await expect(page.get_by_label("Uraian")).to_have_value("Gelap")
