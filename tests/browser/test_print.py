"""What is printed can be handed to somebody: tables whole on A4, no word broken, nothing that asks for a click."""

import re

import pytest

from tests.person import MANAGER_OF_THE_DEMO, NET_OF_THE_DEMO, Person
from tests.screens import Size

PAPER = Size(1032, 700)  # what margins of 12 mm leave of A4, landscape, at 96 dots an inch
CUT = """() => [...document.querySelectorAll('main td, main th')].filter(
    cell => cell.scrollWidth > cell.clientWidth + 1).map(cell => cell.textContent.trim())"""
BROKEN = """() => {
    const found = [], texts = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT)
    while (texts.nextNode()) {
        const node = texts.currentNode
        if (!node.parentElement.checkVisibility() || node.parentElement.closest('.visually-hidden, .priority-word')) continue
        for (const {0: word, index} of node.data.matchAll(/[\\p{L}\\p{N}]{2,}/gu)) {
            const range = document.createRange()
            range.setStart(node, index); range.setEnd(node, index + word.length)
            if (new Set([...range.getClientRects()].filter(r => r.width).map(r => Math.round(r.top))).size > 1) found.push(word)
        }
    }
    return found
}"""


async def printed(person: Person, path: str) -> int:
    """The page as paper shows it; of how many sheets."""
    await person.go(path)
    await person.page.emulate_media(media="print")
    sheets = await person.page.pdf(prefer_css_page_size=True)
    return len(re.findall(rb"/Type /Page\b(?!s)", sheets))


@pytest.mark.parametrize("who", [MANAGER_OF_THE_DEMO, NET_OF_THE_DEMO], ids=["manager", "handler"])
async def test_a_page_of_the_list_is_a_table_of_four_sheets(onlookers, who: str):
    person = await onlookers(who, size=PAPER)
    assert await printed(person, "/problems?status=unfinished&year=all") <= 4
    assert await person.page.evaluate(CUT) == []
    assert await person.page.evaluate(BROKEN) == []
    shown = " ".join((await person.page.locator("main").inner_text()).split())
    assert "Status" in shown and "Kerjakan berikutnya" not in shown and "Berikutnya" not in shown
    fields = person.page.locator(".filters .field:visible label")
    assert await fields.all_inner_texts() == ["Tahun", "Status", "Urutkan"], "what the list is narrowed to"
    assert not await person.page.get_by_role("checkbox").first.is_visible()
    assert not await person.scrolls_sideways()


async def test_a_month_is_two_sheets(onlookers):
    person = await onlookers(MANAGER_OF_THE_DEMO, size=PAPER)
    assert await printed(person, "/recap/2026-10") == 2
    assert await person.page.evaluate(CUT) == []
    assert await person.page.evaluate(BROKEN) == []
