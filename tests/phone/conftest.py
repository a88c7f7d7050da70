"""A phone: Chromium on a small screen, with the application on a port of this machine."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
import uvicorn
from playwright.async_api import Browser, BrowserContext, Page
from starlette.applications import Starlette

from tests.conftest import PIN


@pytest.fixture
async def address(app: Starlette) -> AsyncIterator[str]:
    """Where the application is served."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", ws="none", log_config=None, access_log=False))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:  # noqa: ASYNC110, there is no event to wait for
            await asyncio.sleep(0.02)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        await serving


class Phone:
    """A browser context on the screen of a phone; what its console says is kept in `said`."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.said: list[str] = []

    async def log_in(self, nik: str) -> Page:
        """A page of somebody who has just logged in, by hand."""
        page = await self.context.new_page()
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        await page.goto("/login")
        await type_login(page, nik)
        return page


async def type_login(page: Page, nik: str) -> None:
    """Log in on the page of the login."""
    await page.get_by_label("NIK").fill(nik)
    if await page.get_by_role("button", name="Lanjut").is_visible():
        await page.get_by_role("button", name="Lanjut").click()
    await page.get_by_label("PIN").fill(PIN)
    await page.get_by_role("button", name="Masuk").click()
    await page.wait_for_url(lambda url: "/login" not in url)


@pytest.fixture
async def make_phone(browser: Browser, address: str):
    """Makes phones: `await make_phone(java_script_enabled=False)`."""
    contexts = []

    async def make(**options) -> Phone:
        defaults = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
        context = await browser.new_context(base_url=address, locale="id-ID", **(defaults | options))
        context.set_default_timeout(8000)
        contexts.append(context)
        return Phone(context)

    yield make
    for context in contexts:
        await context.close()
