"""Screens: windows of the browser, at which people sit down one after the other.

To open one takes the browser twice as long as to show a page. So whoever leaves leaves an empty page, without cookies, routes and
history; what the browser has kept of the application's own files stays.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Browser, BrowserContext, CDPSession, Page
from playwright.async_api import Error as PlaywrightError

FREE = 4  # at most, of a process: each is a process of the browser

# What somebody has asked their system for.
LIGHT = {"color_scheme": "light", "forced_colors": "none"}
DARK = {"color_scheme": "dark", "forced_colors": "none"}
FORCED = {"color_scheme": "light", "forced_colors": "active"}

# The browser tells of a violation as an event; counted in the page, and read before it is left.
LISTEN = "addEventListener('securitypolicyviolation', e => told(`${e.violatedDirective} ${e.sourceFile}`))"


@dataclass(frozen=True)
class Size:
    """A screen, and what is in front of it."""

    width: int
    height: int
    touch: bool = False

    @property
    def viewport(self) -> Any:
        return {"width": self.width, "height": self.height}


@dataclass(frozen=True)
class Kind:
    """What cannot be changed of a window once it is there."""

    site: str
    touch: bool
    scripting: bool


@dataclass
class Screen:
    """A window with one page open; `hear` is told of violations of the policy."""

    kind: Kind
    context: BrowserContext
    page: Page
    devtools: CDPSession
    hear: Callable[[str], None] = lambda text: None

    async def clear(self) -> None:
        """Leave nothing of whoever sat here."""
        for page in self.context.pages:
            if page != self.page:
                await page.close()
        await self.page.goto("about:blank")
        await self.page.unroute_all(behavior="ignoreErrors")
        await self.context.clear_cookies()
        await self.devtools.send("Page.resetNavigationHistory")
        if not self.kind.touch:
            await self.page.mouse.move(0, 0)


class Screens:
    """Those of a browser, of which the ones that nobody sits at are kept."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._free: list[Screen] = []

    async def take(self, kind: Kind, size: Size, colours: dict[str, Any], *, fresh: bool) -> Screen:
        """One of this kind, of that size; `fresh` is one at which nobody has sat."""
        screen = next((screen for screen in self._free if screen.kind == kind and not fresh), None)
        if screen:
            self._free.remove(screen)
        else:
            screen = await self._open(kind)
        if screen.page.viewport_size != size.viewport:
            await screen.page.set_viewport_size(size.viewport)
        await screen.page.emulate_media(media="null", reduced_motion="reduce", **colours)
        return screen

    async def give_back(self, screen: Screen, *, fresh: bool) -> None:
        """Nobody sits there any more, and nobody will where it was a fresh one."""
        try:
            if not fresh:
                await screen.clear()
                self._free.append(screen)
        except PlaywrightError:
            fresh = True
        if fresh:
            await screen.context.close()
        while len(self._free) > FREE:
            await self._free.pop(0).context.close()

    async def _open(self, kind: Kind) -> Screen:
        context = await self._browser.new_context(
            base_url=kind.site,
            has_touch=kind.touch,
            is_mobile=kind.touch,
            java_script_enabled=kind.scripting,
            locale="id-ID",
        )
        page = await context.new_page()
        screen = Screen(kind, context, page, await context.new_cdp_session(page))
        if kind.scripting:
            await context.expose_function("told", lambda text: screen.hear(text))
            await context.add_init_script(LISTEN)
        return screen
