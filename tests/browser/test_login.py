"""Logging in: when the NIK is looked up, what is said, and where one gets to."""

import asyncio
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest
from playwright.async_api import expect

from tests.conftest import PIN
from tests.journeys import ANI, BUDI, DESK
from tests.person import DESKTOP, PHONE, Person

in_two_ways = pytest.mark.parametrize(
    ("size", "scripting"), [(DESKTOP, True), (PHONE, False)], ids=["desktop", "phone-noscript"]
)

LOOKUP = ("POST", "/login/nik")
PAUSE = 700  # milliseconds: longer than the form waits


async def at_login(crowd, **kwargs) -> Person:
    person = await crowd(**kwargs)
    await person.go("/login")
    return person


async def test_login_looks_up_on_a_pause_after_four_digits(crowd):
    person = await at_login(crowd)
    await person.field("NIK").press_sequentially("100")
    await person.page.wait_for_timeout(PAUSE)
    assert person.watch.count(*LOOKUP) == 0
    person.watch.expect(422)
    await person.field("NIK").press_sequentially("0")
    await expect(person.page.get_by_text("NIK Belum Terdaftar!")).to_be_visible()
    assert person.watch.count(*LOOKUP) == 1
    await person.page.keyboard.type("1")  # the message has not taken the focus away
    await expect(person.page.get_by_text("Ani Lestari")).to_be_visible()
    await expect(person.page.get_by_text("NIK Belum Terdaftar!")).to_have_count(0)
    assert person.watch.count(*LOOKUP) == 2


async def test_login_looks_up_a_nik_only_once_however_the_field_is_left(crowd):
    person = await at_login(crowd)
    await person.field("NIK").press_sequentially(ANI, delay=30)
    await expect(person.field("PIN")).to_be_visible()
    await person.page.keyboard.press("Tab")  # the browser calls that a change, though it was looked up on the pause
    await person.page.keyboard.type("4829")
    await person.page.wait_for_timeout(PAUSE)
    await expect(person.field("PIN")).to_have_value("4829")
    assert person.watch.count(*LOOKUP) == 1


async def test_login_looks_up_on_enter_and_a_pin_being_typed_stays(crowd):
    person = await at_login(crowd)
    await person.field("NIK").press_sequentially(ANI)
    await person.field("NIK").press("Enter")
    await expect(person.field("PIN")).to_be_visible()
    await person.field("PIN").press_sequentially("4829")
    await person.page.wait_for_timeout(PAUSE)  # the pause after the last digit of the NIK is over now
    await expect(person.field("PIN")).to_have_value("4829")
    await expect(person.field("PIN")).to_be_focused()
    await person.page.keyboard.type("13")
    # Going back to the NIK and leaving it again, or Enter in it, is no reason to ask again.
    await person.field("NIK").focus()
    await person.field("NIK").press("Enter")
    await person.field("PIN").focus()
    await person.page.wait_for_timeout(PAUSE)
    await expect(person.field("PIN")).to_have_value(PIN)
    assert person.watch.count(*LOOKUP) == 1
    await person.field("PIN").press("Enter")
    await expect(person.page).to_have_url(f"{crowd.site}/problems")


async def test_login_looks_up_on_leaving_the_field(crowd):
    """Before the pause is over: on a clock that is moved by hand, however long a busy machine takes."""
    person = await at_login(crowd, fresh=True)
    await person.page.clock.install()
    await person.page.clock.pause_at(datetime.now(UTC) + timedelta(hours=1))
    await person.field("NIK").press_sequentially(ANI)
    await person.page.keyboard.press("Tab")
    await person.page.clock.run_for(100)
    await expect(person.page.get_by_text("Ani Lestari")).to_be_visible()
    await person.page.clock.run_for(100)
    await person.page.clock.resume()
    await person.page.wait_for_timeout(PAUSE)
    assert person.watch.count(*LOOKUP) == 1


async def test_login_too_short_a_nik_is_told_on_leaving_the_field(crowd):
    person = await at_login(crowd)
    person.watch.expect(422)
    await person.field("NIK").press_sequentially("12")
    await person.page.keyboard.press("Tab")
    await expect(person.page.get_by_text("NIK terdiri dari 4 sampai 16 angka.")).to_be_visible()


async def test_login_lookup_is_no_new_page(crowd):
    person = await at_login(crowd)
    await person.page.evaluate("document.title += ' (tetap)'")
    entries = await person.page.evaluate("history.length")
    await person.give_nik(ANI)
    await expect(person.page).to_have_title("Masuk · SIH (tetap)")
    await expect(person.page).to_have_url(f"{crowd.site}/login")
    assert await person.page.evaluate("history.length") == entries
    assert [r.url for r in person.watch.requests if r.is_navigation_request()] == [f"{crowd.site}/login"]


async def test_login_lookup_of_another_nik_changes_the_name(crowd):
    person = await at_login(crowd)
    await person.give_nik(ANI)
    await person.field("PIN").fill("11")
    await person.field("NIK").fill(BUDI)
    await person.field("NIK").press("Enter")
    await expect(person.page.get_by_text("Budi Santoso")).to_be_visible()
    await expect(person.page.get_by_text("Ani Lestari")).to_have_count(0)
    person.watch.expect(422)
    await person.field("NIK").fill("99999")
    await person.field("NIK").press("Enter")
    await expect(person.page.get_by_text("NIK Belum Terdaftar!")).to_be_visible()
    await expect(person.field("PIN")).to_have_count(0)


@pytest.mark.parametrize("scripting", [True, False], ids=["", "noscript"])
async def test_login_of_somebody_deactivated(crowd, scripting):
    person = await at_login(crowd, scripting=scripting, size=PHONE)
    person.watch.expect(422)
    await person.field("NIK").fill("10009")
    if scripting:
        await person.field("NIK").press("Enter")
    else:
        await person.press(person.button("Lanjut"))
    await expect(person.page.get_by_text("Maaf akun ini telah dinonaktifkan oleh admin!").first).to_be_visible()
    await expect(person.field("PIN")).to_have_count(0)


@in_two_ways
async def test_login_with_a_wrong_pin_then_the_right_one(crowd, size, scripting):
    person = await at_login(crowd, size=size, scripting=scripting)
    await person.give_nik(ANI)
    person.watch.expect(422)
    await person.field("PIN").fill("000000")
    await person.send(person.button("Masuk"))
    await expect(person.page.get_by_role("alert")).to_contain_text("NIK atau PIN salah!")
    await expect(person.field("NIK")).to_have_value(ANI)
    await expect(person.field("PIN")).to_have_value("")
    await expect(person.page.get_by_text("Ani Lestari")).to_be_visible()
    await person.field("PIN").fill(PIN)
    await person.send(person.button("Masuk"))
    await expect(person.page).to_have_url(f"{crowd.site}/problems")


async def test_login_with_a_wrong_pin_then_as_somebody_else(crowd):
    person = await at_login(crowd)
    await person.give_nik(ANI)
    person.watch.expect(422)
    await person.field("PIN").fill("000000")
    await person.send(person.button("Masuk"))
    await person.field("NIK").fill(BUDI)
    await person.field("NIK").press("Enter")
    await expect(person.page.get_by_text("Budi Santoso")).to_be_visible()
    await expect(person.page.get_by_text("NIK atau PIN salah!")).to_have_count(0)
    await person.field("PIN").fill(PIN)
    await person.press(person.button("Masuk"))
    await expect(person.page.locator(".who-nik")).to_have_text(BUDI)


async def test_login_too_often_wrong(crowd):
    person = await at_login(crowd)
    await person.give_nik(ANI)
    person.watch.expect(422, 429)
    for _ in range(6):
        await person.field("PIN").fill("000000")
        answer = await person.send(person.button("Masuk"))
    assert answer.status == 429
    await expect(person.page.get_by_role("alert")).to_contain_text("Terlalu banyak percobaan. Coba lagi dalam 1 menit.")


async def test_login_while_the_data_cannot_be_read_then_again_with_the_same_nik(crowd, outage):
    """The page stays usable: nobody retypes a NIK that is right, Enter in the field is enough."""
    person = await at_login(crowd)
    person.watch.expect(503)
    async with outage("employee"):
        await person.field("NIK").press_sequentially(ANI)
        await expect(person.page.get_by_text("Gagal Mendapatkan Data User!")).to_be_visible()
    await person.field("NIK").press("Enter")
    await expect(person.field("PIN")).to_be_visible()
    await expect(person.page.get_by_text("Gagal Mendapatkan Data User!")).to_have_count(0)


async def test_login_lookup_without_network_then_again_with_the_same_nik(crowd):
    person = await at_login(crowd)
    lookup_fails = person.page.expect_event("requestfailed", lambda request: request.url.endswith("/login/nik"))
    async with person.offline(), lookup_fails:
        await person.field("NIK").press_sequentially(ANI)
    await person.field("NIK").press("Enter")
    await expect(person.field("PIN")).to_be_visible()


@in_two_ways
async def test_login_leads_to_the_page_that_was_asked_for(crowd, made, size, scripting):
    path = await made.reported()
    for asked in (path, "/problems?year=all&status=reported"):
        person = await crowd(size=size, scripting=scripting)
        await person.go(asked)
        await expect(person.field("NIK")).to_be_visible()
        await person.log_in(ANI)
        await expect(person.page).to_have_url(f"{crowd.site}{asked}")


async def test_login_leads_on_after_a_wrong_pin_too(crowd, made):
    path = await made.reported()
    person = await crowd()
    await person.go(path)
    await person.give_nik(DESK)
    person.watch.expect(422)
    await person.field("PIN").fill("1")
    await person.send(person.button("Masuk"))
    await person.field("PIN").fill(PIN)
    await person.send(person.button("Masuk"))
    await expect(person.page).to_have_url(f"{crowd.site}{path}")


async def test_login_again_in_the_middle_of_a_page(crowd, made):
    """A session that ended is noticed at the next request of a part; the login leads back to the page that was open."""
    path = await made.opened()
    desk = await crowd(DESK)
    await desk.go(path)
    await desk.context.clear_cookies()
    desk.watch.expect(401)
    await desk.press(desk.button("Penyelesaian"))
    await expect(desk.field("NIK")).to_be_visible()
    await desk.log_in(DESK)
    await expect(desk.page).to_have_url(f"{crowd.site}{path}")


@pytest.mark.parametrize("path", ["/problems", "/problems/new"])
async def test_back_after_the_logout_shows_nothing_of_what_was_there(crowd, path):
    ani = await crowd(ANI)
    await ani.go(path)
    await ani.log_out()
    await ani.page.go_back()
    await expect(ani.field("NIK")).to_be_visible()
    await expect(ani.page.get_by_text("Ani Lestari")).to_have_count(0)


async def slow_down(person: Person, path: str, milliseconds: int) -> None:
    """Answers from `path` take that much longer."""

    async def wait(route) -> None:
        await asyncio.sleep(milliseconds / 1000)
        await route.continue_()

    await person.page.route(f"**{path}", wait)


async def typing_on(person: Person) -> None:
    """Whatever is typed now is a PIN: in no field that shows it, in no post of a NIK."""
    await person.page.keyboard.type("48", delay=20)
    await expect(person.field("PIN")).to_be_focused()
    await person.page.keyboard.type("2913")
    await person.page.wait_for_timeout(PAUSE)
    assert (await person.field("PIN").input_value()).endswith("2913")
    await expect(person.field("NIK")).to_have_value(ANI)
    sent = [request.post_data for request in person.watch.requests if request.url.endswith(LOOKUP[1])]
    assert {parse_qs(data)["nik"][0] for data in sent} == {ANI}


@pytest.mark.parametrize("pause", [0, 520, 1100], ids=["at once", "while it is looked up", "when the name is there"])
@pytest.mark.parametrize("key", ["Enter", "Tab"])
async def test_login_leads_into_the_pin_field_and_no_digit_of_a_pin_is_seen(crowd, key, pause):
    """Whenever the key comes, on a network that takes its time."""
    person = await at_login(crowd)
    await slow_down(person, LOOKUP[1], 300)
    await person.field("NIK").press_sequentially(ANI)
    await person.page.wait_for_timeout(pause)
    await person.page.keyboard.press(key)
    await typing_on(person)
    assert person.watch.count(*LOOKUP) == 1 + (key == "Enter" and pause == 520)


async def test_login_that_is_still_being_typed_keeps_the_focus(crowd):
    """A pause is no reason to leave the NIK; Enter then leads to the PIN of whoever has the whole of it."""
    person = await at_login(crowd)
    person.watch.expect(422)
    await person.field("NIK").press_sequentially("2000")
    await expect(person.page.get_by_text("NIK Belum Terdaftar!")).to_be_visible()
    await expect(person.field("NIK")).to_be_focused()
    await person.page.keyboard.type("1")
    await expect(person.page.get_by_text("Dewi")).to_be_visible()
    await expect(person.field("NIK")).to_be_focused()
    await person.page.keyboard.press("Backspace")
    await person.page.keyboard.type("2")
    await person.page.keyboard.press("Enter")
    await expect(person.page.get_by_text("Dodi Pratama")).to_be_visible()
    await expect(person.field("PIN")).to_be_focused()


async def test_login_unknown_nik_gives_the_focus_back(crowd):
    person = await at_login(crowd)
    person.watch.expect(422)
    await person.field("NIK").press_sequentially("99999")
    await person.page.keyboard.press("Enter")
    await expect(person.page.get_by_text("NIK Belum Terdaftar!")).to_be_visible()
    await expect(person.field("NIK")).to_be_focused()
    await person.page.keyboard.type("1")
    await expect(person.field("NIK")).to_have_value("999991")


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_login_with_a_nik_that_no_key_was_pressed_for(crowd, size):
    """A password manager's: nothing is looked up by itself, but something can be pressed, as on every phone."""
    person = await at_login(crowd, size=size)
    await expect(person.button("Lanjut")).to_be_visible(visible=size.touch)
    await person.field("NIK").evaluate("(field, nik) => field.value = nik", ANI)
    await person.press(person.button("Lanjut"))
    await expect(person.page.get_by_text("Ani Lestari")).to_be_visible()
    await expect(person.field("PIN")).to_be_focused()
    assert person.watch.count(*LOOKUP) == 1


@in_two_ways
async def test_login_tells_whom_to_ask_for_another_pin(crowd, size, scripting):
    """It is unfolded in place, and stays so while the NIK is looked up."""
    person = await at_login(crowd, size=size, scripting=scripting)
    whom = person.page.get_by_text("Kepala Toko")
    await expect(whom).to_be_hidden()
    await person.press(person.page.get_by_text("Lupa PIN?"))
    await expect(whom).to_be_visible()
    await person.give_nik(ANI)
    await expect(whom).to_be_visible(visible=scripting)
