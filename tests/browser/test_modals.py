"""Modals, and forms that are sent twice, at the wrong time, or into the void."""

import pytest
from playwright.async_api import Locator, expect

from tests.journeys import ANI, DESK, DESK_TOO, NET
from tests.person import DESKTOP, NOT_OURS, PHONE, Person

PROXY_PAGE = "<!doctype html><title>502</title><h1>502 Bad Gateway</h1><hr>nginx"

both_sizes = pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
both_ways = pytest.mark.parametrize("scripting", [True, False], ids=["", "noscript"])


async def typing_a_solution(crowd, made, **kwargs) -> tuple[Person, Locator]:
    """The desk, with a solution typed in the modal of Tutup Kendala; the modal."""
    desk = await crowd(DESK, **kwargs)
    await desk.go(await made.opened())
    modal = await desk.form_of("Tutup Kendala")
    await desk.field("Solusi", modal).fill("Kabel diganti")
    return desk, modal


@both_sizes
async def test_modal_takes_the_focus_and_gives_it_back_on_escape(crowd, made, size):
    desk = await crowd(DESK, size=size)
    await desk.go(await made.opened())
    for action, first in (("Penyelesaian", "Jenis penyelesaian"), ("Tutup Kendala", "Solusi")):
        await desk.button(action).focus()
        await desk.page.keyboard.press("Enter")
        await expect(desk.field(first, desk.modal)).to_be_focused()
        await desk.page.keyboard.press("Escape")
        await expect(desk.modal).to_have_count(0)
        await expect(desk.button(action)).to_be_focused()


async def test_modal_keeps_what_was_typed_when_it_is_closed_by_mistake(crowd, made):
    desk, modal = await typing_a_solution(crowd, made, size=PHONE)
    await desk.press(desk.button("Tutup jendela", modal))
    await expect(desk.modal).to_have_count(0)
    modal = await desk.form_of("Tutup Kendala")
    await expect(desk.field("Solusi", modal)).to_have_value("Kabel diganti")


async def test_modal_holds_the_tab_key(crowd, made):
    desk = await crowd(DESK)
    await desk.go(await made.opened())
    modal = await desk.form_of("Tutup Kendala")
    for _ in range(8):
        await desk.page.keyboard.press("Tab")
        assert await desk.page.evaluate("document.activeElement.matches('body, dialog[open] *')"), await desk.focused()
    await expect(modal).to_be_visible()


async def test_modal_with_a_mistake_puts_the_focus_on_what_is_wrong(crowd, made):
    desk = await crowd(DESK, size=PHONE)
    await desk.go(await made.opened())
    modal = await desk.form_of("Penyelesaian")
    await desk.choose_kind(modal, "Divisi IT")
    desk.watch.expect(422)
    await desk.send(desk.button("Penyelesaian>>", modal))
    await expect(modal.get_by_role("alert")).to_be_focused()
    await expect(modal.get_by_role("alert")).to_be_in_viewport()
    # A link of the summary leads into its field, and the modal stays.
    await desk.press(desk.link("Alasan belum diisi.", modal))
    await expect(desk.field("Alasan", modal)).to_be_focused()
    await expect(modal).to_be_visible()


@both_ways
async def test_form_on_the_page_with_a_mistake_puts_the_focus_on_what_is_wrong(crowd, made, scripting):
    ani = await crowd(ANI, size=PHONE, scripting=scripting)
    ani.watch.expect(422)
    await ani.go(await made.reported())
    await ani.send(ani.button("Kirim Komentar"))
    await expect(ani.page.get_by_role("alert")).to_be_focused()
    await expect(ani.page.get_by_role("alert")).to_be_in_viewport()
    await ani.go("/problems/new")
    await ani.send(ani.button("Kirim Laporan"))
    await expect(ani.page.get_by_role("alert")).to_be_focused()
    await expect(ani.page).to_have_title("Galat: Lapor Kendala · SIH")


async def test_done_in_a_modal_closes_it_and_puts_the_focus_on_what_was_done(crowd, made):
    desk = await crowd(DESK)
    path = await made.reported()
    await desk.open(path)
    await expect(desk.modal).to_have_count(0)
    await expect(desk.page.get_by_text("Kendala dibuka.")).to_be_focused()
    assert desk.page.url.endswith(path)


async def test_without_invoker_commands_the_form_is_a_page(crowd, made):
    """Of the button and the link one is there: a browser that lacks what the style sheet asks for gets the link."""
    desk = await crowd(DESK)
    path = await made.reported()
    await desk.go(path)
    await expect(desk.link("Buka Kendala")).to_have_count(0)
    await expect(desk.button("Buka Kendala")).to_be_visible()

    async def take_the_feature_away(route) -> None:
        sheet = await (await route.fetch()).text()
        await route.fulfill(content_type="text/css", body=sheet.replace("sibling-index()", "unknown()"))

    await desk.page.route("**/app.css?*", take_the_feature_away)
    await desk.go(path)
    await expect(desk.button("Buka Kendala")).to_have_count(0)
    await desk.press(desk.link("Buka Kendala"))
    await expect(desk.page).to_have_url(f"{desk.page.url.partition('/problems')[0]}{path}/opening")
    await expect(desk.field("Kategori")).to_be_visible()


# --- twice


@both_ways
async def test_double_click_makes_one_event_only(crowd, made, scripting):
    path = await made.reported()
    desk = await crowd(DESK, scripting=scripting)
    await desk.go(path)
    form = await desk.form_of("Buka Kendala")
    await desk.fill_identification()
    await desk.button("Simpan", form).dblclick()
    await expect(desk.status).to_have_text("Dibuka")
    await desk.field("Komentar").fill("Sedang dikerjakan")
    await desk.button("Kirim Komentar").dblclick()
    await expect(desk.history.last).to_contain_text("Sedang dikerjakan")
    await desk.page.wait_for_timeout(300)
    if scripting:  # nor is it sent twice, which without scripting only the key makes harmless
        assert [desk.watch.count("POST", f"{path}/{door}") for door in ("opening", "comments")] == [1, 1]
    await desk.go(path)
    assert await _causes(desk) == ["reported", "opened", "commented"]


@both_ways
async def test_double_click_on_a_report_makes_one_problem(crowd, scripting):
    ani = await crowd(ANI, scripting=scripting)
    await ani.fill_report()
    await ani.button("Kirim Laporan").dblclick()
    await expect(ani.page.get_by_role("heading", name="Printer mati")).to_be_visible()
    assert await _count(ani) == 1


async def test_report_reloaded_makes_one_problem(crowd):
    ani = await crowd(ANI)
    path = await ani.report()
    await ani.page.reload()
    assert ani.page.url.endswith(path)
    assert await _count(ani) == 1


async def test_report_sent_again_from_the_page_before_makes_one_problem(crowd):
    """Back, where what was typed still stands, and `Kirim Laporan` again; by htmx no page before is that of the form."""
    ani = await crowd(ANI, scripting=False)
    path = await ani.report()
    await ani.page.go_back()
    await expect(ani.field("Judul")).to_have_value("Printer mati")
    await ani.press(ani.button("Kirim Laporan"))
    await expect(ani.page.get_by_role("heading", name="Printer mati")).to_be_visible()
    assert ani.page.url.endswith(path)
    assert await _count(ani) == 1


async def test_report_sent_again_after_the_answer_was_lost_makes_one_problem(crowd):
    """The report arrives, a proxy's page comes in place of its answer; the form stays as it is, and is sent again."""
    ani = await crowd(ANI)
    await ani.fill_report()

    async def lose_the_answer(route) -> None:
        if route.request.method == "POST":
            await route.fetch(max_redirects=0)
            await route.fulfill(status=502, content_type="text/html", body=PROXY_PAGE)
        else:
            await route.continue_()

    await ani.page.route("**/problems", lose_the_answer)
    ani.watch.expect(502, NOT_OURS)
    await ani.send(ani.button("Kirim Laporan"))
    await expect(ani.button("Kirim Laporan")).to_be_enabled()
    await expect(ani.field("Judul")).to_have_value("Printer mati")
    await expect(ani.page.get_by_text("502 Bad Gateway")).to_be_hidden()
    await expect(ani.page.get_by_text("Belum terkirim: jaringan atau server tidak menjawab.")).to_be_focused()
    await ani.page.unroute("**/problems")
    await ani.press(ani.button("Kirim Laporan"))
    await expect(ani.page.get_by_role("heading", name="Printer mati")).to_be_visible()
    assert await _count(ani) == 1


# --- meanwhile


@both_ways
async def test_conflict_shows_who_changed_what_beside_what_was_typed(crowd, made, scripting):
    """The problem went to IT and came back while a solution was typed: it is still ours, but not what was seen."""
    path = await made.opened()
    desk = await crowd(DESK, scripting=scripting)
    await desk.go(path)
    form = await desk.form_of("Tutup Kendala")
    await desk.field("Solusi", form).fill("Kabel diganti")
    await made.sent(DESK_TOO, path, "escalation", kind="it", division="IT-NET", reason="Perlu ahli")
    await made.sent(NET, path, "escalation/return", page=path, reason="Bukan jaringan")
    desk.watch.expect(409)
    await desk.send(desk.button("Simpan", form))
    conflict = form.get_by_role("alert")
    await expect(conflict).to_be_focused()
    await expect(conflict).to_contain_text("Kendala ini sudah berubah")
    await expect(conflict).to_contain_text("Dodi Pratama (HD) mengalihkan kendala ke IT-NET — Jaringan.")
    await expect(conflict).to_contain_text("Eka Saputra (IT-NET) mengembalikan kendala ke HD — Meja Bantuan.")
    await expect(conflict).to_contain_text("Bukan jaringan")
    await expect(conflict.locator(".mine")).to_contain_text("Kabel diganti")
    await expect(desk.field("Solusi", form)).to_have_value("Kabel diganti")
    await desk.send(desk.button("Simpan", form))
    await expect(desk.status).to_have_text("Selesai")
    await expect(desk.facts).to_contain_text("Kabel diganti")


async def test_conflict_when_somebody_else_has_it_now_loses_nothing_that_was_typed(crowd, made):
    path = await made.opened()
    desk = await crowd(DESK, size=PHONE)
    await desk.go(path)
    form = await desk.form_of("Penyelesaian")
    await desk.choose_kind(form, "Divisi IT")
    await desk.field("Divisi tujuan", form).select_option("IT-POS")
    await desk.field("Alasan", form).fill("Kasir juga mati")
    await made.sent(DESK_TOO, path, "escalation", kind="it", division="IT-NET", reason="Perlu ahli")
    desk.watch.expect(409)
    await desk.send(desk.button("Penyelesaian>>", form))
    conflict = form.get_by_role("alert")
    await expect(conflict).to_contain_text("Dodi Pratama (HD) mengalihkan kendala ke IT-NET — Jaringan.")
    await expect(conflict.locator(".mine")).to_contain_text("Kasir juga mati")
    await expect(desk.button("Penyelesaian>>", form)).to_have_count(0)


async def test_conflict_of_a_form_on_the_page(crowd, made):
    """Two people of the desk void the same report."""
    path = await made.reported()
    desk = await crowd(DESK)
    await desk.go(path)
    await desk.press(desk.page.get_by_text("Batalkan Kendala").first)
    await desk.field("Alasan").fill("Ganda")
    await made.sent(DESK_TOO, path, "voiding", page=path, reason="Keliru")
    desk.watch.expect(409)
    await desk.send(desk.button("Batalkan Kendala"))
    conflict = desk.page.get_by_role("alert")
    await expect(conflict).to_contain_text("Dodi Pratama (HD) membatalkan kendala ini.")
    await expect(conflict.locator(".mine")).to_contain_text("Ganda")
    await expect(desk.status).to_have_text("Dibatalkan")


async def test_comment_is_no_conflict(crowd, made):
    """A form that was open while somebody commented can be sent; a comment goes with every version."""
    path = await made.opened()
    desk, ani = await crowd(DESK), await crowd(ANI)
    await desk.go(path)
    form = await desk.form_of("Tutup Kendala")
    await ani.go(path)
    await ani.field("Komentar").fill("Terima kasih")
    await made.sent(DESK_TOO, path, "comments", page=path, comment="Hampir selesai")
    await desk.field("Solusi", form).fill("Kabel diganti")
    await desk.send(desk.button("Simpan", form))
    await expect(desk.status).to_have_text("Selesai")
    await ani.send(ani.button("Kirim Komentar"))
    await ani.says("Komentar terkirim.")
    assert await _causes(ani) == ["reported", "opened", "commented", "closed", "commented"]


# --- into the void


async def test_network_cut_in_a_modal_keeps_what_was_typed(crowd, made):
    desk, modal = await typing_a_solution(crowd, made, size=PHONE)
    async with desk.offline():
        async with desk.page.expect_event("requestfailed"):
            await desk.press(desk.button("Simpan", modal))
        await expect(desk.field("Solusi", modal)).to_have_value("Kabel diganti")
        await expect(desk.button("Simpan", modal)).to_be_enabled()
    await desk.press(desk.button("Simpan", modal))
    await expect(desk.status).to_have_text("Selesai")


async def test_network_cut_while_a_modal_opens(crowd, made):
    """What says that it is loading also says how to go on; opening it again loads it."""
    desk = await crowd(DESK)
    await desk.go(await made.opened())
    async with desk.offline():
        async with desk.page.expect_event("requestfailed"):
            await desk.press(desk.button("Tutup Kendala"))
        await expect(desk.link("Buka sebagai halaman", desk.modal)).to_be_visible()
    await desk.page.keyboard.press("Escape")
    await desk.press(desk.button("Tutup Kendala"))
    await expect(desk.field("Solusi", desk.modal)).to_be_visible()


async def test_a_proxys_error_page_leaves_the_form_in_place(crowd, made):
    await _meets_a_proxy_that_says(502, crowd, made)
    await _meets_a_proxy_that_says(504, crowd, made)


async def test_a_proxys_503_page_leaves_the_form_in_place(crowd, made):
    """The status that the application itself answers too when it has something to say: HAProxy's, for one."""
    await _meets_a_proxy_that_says(503, crowd, made)


async def _meets_a_proxy_that_says(status: int, crowd, made) -> None:
    desk, modal = await typing_a_solution(crowd, made)
    await desk.page.route(
        "**/closure", lambda route: route.fulfill(status=status, content_type="text/html", body=PROXY_PAGE)
    )
    desk.watch.expect(status, NOT_OURS)
    await desk.send(desk.button("Simpan", modal))
    await desk.page.wait_for_timeout(100)
    await expect(desk.page.get_by_text("nginx")).to_have_count(0)
    await expect(desk.field("Solusi", modal)).to_have_value("Kabel diganti")
    await expect(desk.button("Simpan", modal)).to_be_enabled()
    await desk.page.unroute("**/closure")
    await desk.send(desk.button("Simpan", modal))
    await expect(desk.status).to_have_text("Selesai")


async def test_database_away_is_told_in_the_modal_and_what_was_typed_stays(crowd, made, outage):
    desk, modal = await typing_a_solution(crowd, made)
    desk.watch.expect(503)
    async with outage("problem"):
        for _ in range(2):
            await desk.send(desk.button("Simpan", modal))
            await expect(modal.get_by_role("alert").first).to_contain_text("Data sedang tidak dapat dimuat.")
        await expect(modal.get_by_role("alert").first).to_be_in_viewport()
        await expect(desk.field("Solusi", modal)).to_have_value("Kabel diganti")
    await desk.send(desk.button("Simpan", modal))
    await expect(desk.status).to_have_text("Selesai")


async def test_database_away_while_the_fields_of_a_kind_are_fetched(crowd, made, outage):
    """The message stands in the modal; what was typed stays, and choosing again works."""
    desk = await crowd(DESK)
    await desk.go(await made.opened())
    modal = await desk.form_of("Penyelesaian")
    await desk.field("Alasan", modal).fill("Perlu ahli")
    desk.watch.expect(503)
    async with outage("problem"):
        async with desk.page.expect_response(lambda response: response.status == 503):
            await desk.field("Jenis penyelesaian", modal).select_option("it")
        await expect(modal.get_by_role("alert")).to_contain_text("Data sedang tidak dapat dimuat.")
        await expect(desk.field("Alasan", modal)).to_have_value("Perlu ahli")
    await desk.choose_kind(modal, "Departemen")
    await desk.choose_kind(modal, "Divisi IT")
    await expect(desk.field("Alasan", modal)).to_have_value("Perlu ahli")
    await expect(modal.get_by_role("alert")).to_have_count(0)


async def _causes(person) -> list[str]:
    return await person.history.evaluate_all("events => events.map(event => event.dataset.kind)")


async def _count(person) -> int:
    await person.go("/problems?year=all")
    return await person.page.locator("tbody tr").count()
