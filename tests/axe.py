"""What axe finds on a page, and ids that stand there twice.

The contrast of colours takes axe twice as long as all its other rules together. So it is asked of a page on which some text has a
colour on a ground that was on none before, and not of every page that shows the same again.
"""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Page, ViewportSize

from tests.screens import LIGHT

# What is in order is not told: it is most of what there is, and takes time to be handed over.
WCAG = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "rules": {"color-contrast": {"enabled": False}},
    "resultTypes": ["violations"],
    "preload": False,  # style sheets and films, for rules that nothing here comes under
}
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}, "resultTypes": ["violations"]}

# The height of the page, and ids that stand there twice: a label leads to the first of them, even if it is in a closed modal.
LOOK = """() => {
    const ids = [...document.querySelectorAll('[id]')].map(e => e.id)
    return {
        height: document.documentElement.scrollHeight,
        twice: ids.filter((id, at) => ids.indexOf(id) < at),
        ready: window.axe !== undefined,
    }
}"""
# What the contrast of every text depends on that is seen: its colour, whether it is large, and the ground behind it, down to the
# first that nothing shows through.
CONTRASTS = """() => {
    const known = new Map(), texts = new Set(document.querySelectorAll('input, select, textarea')), found = new Set()
    const behind = e => {
        if (!e) return ['', '']
        if (!known.has(e)) {
            const {backgroundColor, backgroundImage, opacity} = getComputedStyle(e), [ground, faded] = behind(e.parentElement)
            const covers = backgroundColor.startsWith('rgb(') && backgroundImage === 'none'
            const own = `${backgroundColor} ${backgroundImage}`, clear = own === 'rgba(0, 0, 0, 0) none'
            const grounds = covers ? backgroundColor : clear ? ground : `${own} ${ground}`
            known.set(e, [grounds, opacity === '1' ? faded : opacity + faded])
        }
        return known.get(e)
    }
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (walker.nextNode()) if (walker.currentNode.data.trim()) texts.add(walker.currentNode.parentElement)
    for (const e of texts) {
        if (!e.checkVisibility({visibilityProperty: true})) continue
        const {color, fontSize, fontWeight} = getComputedStyle(e), size = parseFloat(fontSize)
        found.add([color, size >= 24 || size >= 18.66 && fontWeight >= 700, ...behind(e)].join('|'))
    }
    return [...found]
}"""


class Axe:
    """Looks at the pages that come and go in one window."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._known: dict[str, set[str]] = {}

    async def settle(self) -> None:
        """Be in every page that comes, which takes less than coming into each of them."""
        await self._page.add_init_script(AXE_SCRIPT)

    async def violations(self, name: str, *colours: dict[str, Any]) -> list[str]:
        """What it finds on the page that is open, called `name`; and in each of these `colours`, before it is LIGHT again, what
        colours can change.

        axe scrolls nothing from behind the bar at the bottom: meanwhile the window is as high as the page.
        """
        window, seen = self._page.viewport_size, await self._page.evaluate(LOOK)
        assert window
        if is_long := seen["height"] > window["height"]:
            await self._page.set_viewport_size(ViewportSize(width=window["width"], height=seen["height"]))
        if not seen["ready"]:
            await self._page.evaluate(AXE_SCRIPT)
        found = [f"{name}: two are called #{twice}" for twice in seen["twice"]]
        found += await self._run(name, WCAG)
        for colour in colours:
            await self._page.emulate_media(**colour)
            found += await self._contrast(name, colour)
        if colours:
            await self._page.emulate_media(**LIGHT)
        found += await self._contrast(name, LIGHT)
        if is_long:
            await self._page.set_viewport_size(window)
        return found

    async def _contrast(self, name: str, colour: dict[str, Any]) -> list[str]:
        """The same of the contrast in that colour, in which the page is."""
        contrasts, known = await self._page.evaluate(CONTRASTS), self._known.setdefault(str(colour), set())
        if known.issuperset(contrasts):
            return []
        known.update(contrasts)
        return await self._run(f"{name}, {colour}", CONTRAST)

    async def _run(self, name: str, rules: dict[str, Any]) -> list[str]:
        found = await self._page.evaluate("rules => axe.run(rules).then(results => results.violations)", rules)
        return [
            f"{name}: {violation['id']}: {node['html'][:150]} ({node['failureSummary'][:300]})"
            for violation in found
            for node in violation["nodes"]
        ]
