"""The desk screen uses the wall: how many lines it shows, how large, and what of them is cut."""

import pytest
from asyncpg import Connection

from tests.journeys import DESK
from tests.person import MANAGER_OF_THE_DEMO, WIDE, Person
from tests.screens import DARK, FORCED, Size

WALL = Size(3840, 2160)
LISTS = ("desk-due", "desk-reported", "desk-unanswered", "desk-waiting")
LEAST = 24  # pixels of the smallest text on a wall

# Of every panel: how many of its lines are seen whole, out of how many, and how much of its height nothing stands in.
PANELS = """() => Object.fromEntries([...document.querySelectorAll('.desk section')].map(panel => {
    const box = panel.getBoundingClientRect()
    const lines = [...panel.querySelectorAll('.desk-list > li[id], tbody tr')]
    const seen = lines.map(line => line.getBoundingClientRect()).filter(
        r => r.left >= box.left && r.right <= box.right + 1 && r.bottom <= Math.min(box.bottom, innerHeight) + 1 && r.height)
    const last = Math.max(0, ...seen.map(r => r.bottom))
    return [panel.getAttribute('aria-labelledby'),
            {seen: seen.length, lines: lines.length, bottom: box.bottom, empty: (box.bottom - last) / box.height}]
}))"""
TEXTS = """part => [...document.querySelectorAll(`.desk-list ${part}`)].filter(title => {
    const box = title.closest('section').getBoundingClientRect(), r = title.getBoundingClientRect()
    return r.height && r.left >= box.left && r.right <= box.right && r.bottom <= box.bottom
}).map(title => [title.textContent, title.scrollWidth <= title.clientWidth])"""
SMALLEST = """() => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = []
    while (texts.nextNode()) {
        const element = texts.currentNode.parentElement
        const seen = texts.currentNode.data.trim() && element.checkVisibility({visibilityProperty: true})
        if (seen && !element.closest('.skip-link, .site-foot, .visually-hidden'))
            found.push([parseFloat(getComputedStyle(element).fontSize), texts.currentNode.data.trim()])
    }
    return found.sort((a, b) => a[0] - b[0])[0]
}"""


async def assert_uses_the_wall(person: Person) -> None:
    """Nothing is empty while something is cut; the holders are whole, and in sight."""
    panels = await person.page.evaluate(PANELS)
    held = panels["desk-holders"]
    assert held["seen"] == held["lines"] and held["bottom"] <= person.size.height, panels
    assert any(panels[name]["seen"] < panels[name]["lines"] for name in LISTS), f"nothing is cut: {panels}"
    assert all(panel["empty"] < 1 / 3 for panel in panels.values()), panels
    assert not await person.scrolls_sideways()


@pytest.mark.parametrize("size", [WIDE, WALL], ids=["2560", "3840"])
async def test_titles_are_whole_on_a_large_screen_and_on_a_wall_stores_and_holders(onlookers, size: Size):
    person = await onlookers(MANAGER_OF_THE_DEMO, size=size)
    await person.go("/desk")
    for part in (".desk-what", ".desk-store", ".desk-place") if size is WALL else (".desk-what",):
        texts = await person.page.evaluate(TEXTS, part)
        cut = [text for text, is_whole in texts if not is_whole]
        assert len(texts) > 30 and len(cut) <= len(texts) / 10, (len(texts), cut)
    await assert_uses_the_wall(person)
    assert not await person.violations("the desk screen", DARK, FORCED)


async def test_a_wall_shows_twelve_lines_and_more_of_every_list_and_nothing_small(crowd, made, connection: Connection):
    for number in range(14):
        await made.reported(f"Kendala baru {number}")
        await made.escalated()
        path = await made.opened(f"Kendala menunggu {number}")
        await made.sent(DESK, path, "waiting", waiting_for="vendor", reason="Menunggu vendor")
    await connection.execute("UPDATE problem SET due_at = now() - interval '1 hour' WHERE status = 'escalated'")
    person = await crowd(DESK, size=WALL)
    await person.go("/desk")
    panels = await person.page.evaluate(PANELS)
    assert all(panels[name]["seen"] >= 12 for name in LISTS), panels
    await assert_uses_the_wall(person)
    size, text = await person.page.evaluate(SMALLEST)
    assert size >= LEAST, text


async def test_what_is_not_seen_of_a_list_is_reached_with_the_keyboard(onlookers):
    """Its lines come into sight one after the other; those of a list that is all there do not move."""
    person = await onlookers(MANAGER_OF_THE_DEMO)
    await person.go("/desk")
    last = person.page.locator("[id^=desk-unanswered-]").last
    await last.get_by_role("link").focus()
    line = await last.bounding_box()
    panel = await person.page.locator("section[aria-labelledby=desk-unanswered]").bounding_box()
    assert line and panel
    assert panel["x"] <= line["x"] and line["x"] + line["width"] <= panel["x"] + panel["width"]
    assert panel["y"] <= line["y"] and line["y"] + line["height"] <= panel["y"] + panel["height"]
