"""The list: its URL is its state, and every change of it one entry of the history."""

import re

import pytest
from playwright.async_api import Locator, expect

from tests.journeys import ADMIN
from tests.person import DESKTOP, MANAGER_OF_THE_DEMO, PHONE, Person

both_sizes = pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])


async def at_list(onlookers, query: str = "", **kwargs) -> Person:
    person = await onlookers(MANAGER_OF_THE_DEMO, **kwargs)
    await person.go(f"/problems{query}")
    return person


def numbers(person: Person) -> Locator:
    return person.page.locator("tbody .number")


async def rows(person: Person) -> list[str]:
    await person.page.wait_for_load_state()
    return await numbers(person).all_inner_texts()


async def shows(person: Person, rows: list[str]) -> None:
    """Wait until these are the rows: after Back, the address changes before they do."""
    await expect(numbers(person)).to_have_text(rows)


async def entries(person: Person) -> int:
    return await person.page.evaluate("history.length")


async def test_list_filters_combine_and_the_url_is_all_there_is(onlookers):
    person = await at_list(onlookers, size=PHONE)
    urls, shown = [person.page.url], [await rows(person)]
    before = await entries(person)
    for label, value in (("Tahun", "2025"), ("Status", "closed"), ("Penanggung", "IT-NET")):
        async with person.page.expect_response(re.compile(r"/problems\?")):
            await person.field(label).select_option(value)
        await expect(person.page).to_have_url(re.compile(rf"={value}\b"))
        urls.append(person.page.url)
        shown.append(await rows(person))
    assert urls[-1] == f"{onlookers.site}/problems?year=2025&status=closed&holder=IT-NET"
    assert await entries(person) == before + 3
    assert len({tuple(ids) for ids in shown}) == 4, "a filter that changes nothing proves nothing"
    for badge in await person.page.locator("tbody .status").all_inner_texts():
        assert "Selesai" in badge

    await person.page.reload()
    assert await rows(person) == shown[-1]
    tab = await person.context.new_page()
    await tab.goto(urls[-1])
    await expect(tab.locator("tbody .number")).to_have_text(shown[-1])
    await tab.close()

    # Back and Forward show what was there, in the rows and in the filters.
    for steps, move in ((range(2, -1, -1), person.page.go_back), (range(1, 4), person.page.go_forward)):
        for n in steps:
            await move()
            await expect(person.page).to_have_url(urls[n])
            await shows(person, shown[n])
            await expect(person.field("Status")).to_have_value("closed" if n >= 2 else "")
            await expect(person.field("Penanggung")).to_have_value("IT-NET" if n >= 3 else "")


async def test_list_enter_in_the_search_is_one_change(onlookers):
    person = await at_list(onlookers, "?year=all&status=closed")
    before = await entries(person)
    await person.field("Cari").press_sequentially("printer")
    await person.field("Cari").press("Enter")
    await expect(person.page).to_have_url(f"{onlookers.site}/problems?year=all&status=closed&q=printer")
    await person.page.wait_for_timeout(300)
    assert await entries(person) == before + 1
    await expect(person.field("Cari")).to_be_focused()
    await expect(person.field("Status")).to_have_value("closed")
    found = await rows(person)
    await person.field("Tahun").select_option("2025")  # leaves the field; the text is no change any more
    await expect(person.page).to_have_url(f"{onlookers.site}/problems?year=2025&status=closed&q=printer")
    assert await entries(person) == before + 2
    await person.page.go_back()
    await shows(person, found)
    await person.page.go_back()
    await expect(person.field("Cari")).to_have_value("")


async def test_list_search_by_leaving_the_field_and_by_clearing_it(onlookers):
    person = await at_list(onlookers)
    everything = await rows(person)
    await person.field("Cari").fill("tidak ada yang begini")
    await person.page.keyboard.press("Tab")
    await expect(person.page.get_by_text("Tidak ada kendala yang cocok")).to_be_visible()
    await person.field("Cari").fill("")
    await person.page.keyboard.press("Enter")
    await shows(person, everything)


@pytest.mark.parametrize("by", ["Escape", "✕", "Backspace"])
async def test_list_search_that_is_emptied_shows_all_again(onlookers, by):
    """Neither presses Enter nor leaves the field."""
    person = await at_list(onlookers)
    everything = await rows(person)
    await person.field("Cari").fill("tidak ada yang begini")
    await person.page.keyboard.press("Enter")
    await expect(person.page.get_by_text("Tidak ada kendala yang cocok")).to_be_visible()
    if by == "Escape":
        await person.page.keyboard.press(by)
    elif by == "Backspace":
        await person.page.keyboard.press("Control+a")
        await person.page.keyboard.press(by)
    else:
        await press_clear(person.field("Cari"))
    await shows(person, everything)
    await expect(person.page).not_to_have_url(re.compile("q=."))
    await expect(person.field("Cari")).to_be_focused()
    before = await entries(person)
    async with person.page.expect_response(re.compile(r"/problems\?")):
        await person.page.keyboard.press("Tab")  # a change, too
    assert await entries(person) == before


async def test_list_of_people_follows_its_search_too(crowd):
    admin = await crowd(ADMIN)
    await admin.go("/admin/employees")
    rows = admin.page.locator("tbody tr")
    everybody = await rows.count()
    await admin.field("Cari").fill("lestari ani")
    await admin.page.keyboard.press("Enter")
    await expect(rows).to_have_count(1)
    await expect(admin.page).to_have_url(re.compile(r"\?q=lestari(\+|%20)ani$"))
    await admin.page.keyboard.press("Escape")
    await expect(rows).to_have_count(everybody)
    await expect(admin.field("Cari")).to_be_focused()
    await admin.page.go_back()
    await expect(rows).to_have_count(1)
    await expect(admin.field("Cari")).to_have_value("lestari ani")


async def press_clear(field: Locator) -> None:
    """Press the ✕ that the browser draws at the end of a search field."""
    box = await field.bounding_box()
    assert box
    padding = await field.evaluate("field => parseFloat(getComputedStyle(field).paddingInlineEnd)")
    await field.click(position={"x": box["width"] - padding - 8, "y": box["height"] / 2})


async def test_list_search_by_number(onlookers):
    person = await at_list(onlookers, "?year=all")
    for typed in ("K-1234", "1234"):
        await person.field("Cari").fill(typed)
        await person.page.keyboard.press("Enter")
        await expect(person.page.locator("#problem-1234")).to_be_visible()
        await expect(person.page).to_have_url(re.compile(f"q={typed}$"))


async def test_list_pages(onlookers):
    person = await at_list(onlookers, "?year=2025", size=PHONE)
    first = await rows(person)
    assert len(first) == 50
    await expect(person.link("Sebelumnya")).to_have_count(0)
    await person.press(person.link("Berikutnya"))
    await expect(numbers(person).first).not_to_have_text(first[0])
    second = await rows(person)
    assert not set(first) & set(second)
    assert int(second[0].removeprefix("K-")) < int(first[-1].removeprefix("K-"))
    await expect(person.field("Tahun")).to_have_value("2025")
    await person.press(person.link("Sebelumnya"))
    await shows(person, first)
    await person.page.go_back()
    await shows(person, second)


async def test_list_filter_on_a_later_page_begins_at_the_first(onlookers):
    person = await at_list(onlookers, "?year=2025")
    await person.press(person.link("Berikutnya"))
    await expect(person.link("Sebelumnya")).to_be_visible()
    await person.field("Status").select_option("closed")
    await expect(person.page).to_have_url(f"{onlookers.site}/problems?year=2025&status=closed")
    await expect(person.link("Sebelumnya")).to_have_count(0)


async def test_list_counts_lead_to_their_status(onlookers):
    person = await at_list(onlookers, "?year=2025&q=printer", size=PHONE)
    counts = person.page.get_by_role("navigation", name="Jumlah kendala")
    numbers = await counts.locator("b").all_inner_texts()
    number = await counts.get_by_role("link", name="Dibatalkan").locator("b").inner_text()
    await person.press(counts.get_by_role("link", name="Dibatalkan"))
    await expect(person.page).to_have_url(f"{onlookers.site}/problems?year=2025&status=void&q=printer")
    await expect(person.page.locator("tbody tr")).to_have_count(int(number))
    assert await counts.locator("b").all_inner_texts() == numbers


@both_sizes
async def test_list_the_whole_row_leads_to_the_problem(onlookers, size):
    person = await at_list(onlookers, "?year=2025", size=size)
    row = person.page.locator("tbody tr").nth(3)
    number = (await row.get_attribute("id") or "").removeprefix("problem-")
    await person.press(row)
    await expect(person.page).to_have_url(f"{onlookers.site}/problems/{number}")
    await person.page.go_back()
    await expect(person.page).to_have_url(f"{onlookers.site}/problems?year=2025")


async def test_list_without_scripting(onlookers):
    person = await at_list(onlookers, scripting=False, size=PHONE)
    await person.field("Tahun").select_option("2025")
    await person.field("Status").select_option("closed")
    await person.field("Cari").fill("printer")
    await person.press(person.button("Terapkan"))
    await expect(person.page.locator("tbody time").first).to_have_attribute("datetime", re.compile("^2025-"))
    await expect(person.page).to_have_url(re.compile(r"year=2025&status=closed&.*q=printer$"))
    await expect(person.field("Status")).to_have_value("closed")
    plain = await rows(person)
    await person.go("/problems?year=2025&status=closed&q=printer")
    assert await rows(person) == plain


async def test_list_with_a_filter_that_there_is_not(onlookers):
    person = await onlookers(MANAGER_OF_THE_DEMO)
    person.watch.expect(422)
    await person.go("/problems?year=2025&holder=XX")
    await expect(person.page.get_by_role("alert")).to_contain_text("Penanggung tidak ada dalam pilihan.")
    await expect(person.field("Penanggung")).to_have_attribute("aria-invalid", "true")
    await person.field("Penanggung").select_option("GA")
    await expect(person.page.locator("tbody tr").first).to_be_visible()
    await expect(person.page.get_by_role("alert")).to_have_count(0)


FILTERS = {
    "Tahun": ("2026", "2025"),
    "Status": ("", "closed"),
    "Penanggung": ("", "IT-NET"),
    "Toko": ("", None),
    "Cari": ("", "printer"),
}


async def test_list_every_combination_of_filters_is_its_url(onlookers):
    """All thirty-two, each one change away from the last: reloaded, in a new tab, and on the way back the same rows.

    On the way back, until each filter has changed once.
    """
    person = await at_list(onlookers)
    store = await person.page.locator("tbody .store").first.inner_text()
    on = {label: value or store.partition(" ")[0] for label, (_, value) in FILTERS.items()}
    chosen, seen = dict.fromkeys(FILTERS, False), []
    for n in range(1, 33):
        label = list(FILTERS)[(n & -n).bit_length() - 1] if n < 32 else "Cari"  # as in a Gray code
        chosen[label] = not chosen[label]
        value = on[label] if chosen[label] else FILTERS[label][0]
        async with person.page.expect_response(re.compile(r"/problems\?")):
            await change(person, label, value)
        await person.page.wait_for_url(lambda url, last=seen[-1][0] if seen else "": url != last)
        await expect(person.field(label)).to_have_value(value)
        found = await rows(person)
        seen.append((person.page.url, found))
        fresh = await (await person.context.request.get(person.page.url)).text()
        assert re.findall(r'id="problem-(\d+)"', fresh) == [number.removeprefix("K-") for number in found]
        if n % 8 == 0:
            await person.page.reload()
            assert await rows(person) == found
    assert len({url for url, _ in seen}) == 32
    for url, found in reversed(seen[22:-1]):
        await person.page.go_back()
        await expect(person.page).to_have_url(url)
        await shows(person, found)


async def change(person: Person, label: str, value: str) -> None:
    if label != "Cari":
        await person.field(label).select_option(value)
        return
    await person.field(label).fill(value)
    await person.field(label).press("Enter")
