"""The application served, and Chromium, in which people are logged in."""

import re
import threading
import time
from collections.abc import Callable, Iterator

import httpx2
import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from app import create_app
from tests.chromium import PROGRAM, SWITCHES
from tests.conftest import PIN


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser a module: while Playwright runs, its event loop keeps tests elsewhere from having theirs."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PROGRAM, args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture
def address(settings) -> Iterator[str]:
    """Where the application is served, on a database of the test's own."""
    server = uvicorn.Server(uvicorn.Config(create_app(settings), port=0, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://localhost:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def at(chromium: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """`at("20001")`: a page in a browser in which that person is logged in; what the console complains of fails the test."""
    contexts: list[BrowserContext] = []
    said: list[str] = []

    def open_page(nik: str, **options) -> Page:
        context = chromium.new_context(base_url=address, viewport={"width": 1440, "height": 900}, **options)
        contexts.append(context)
        context.add_cookies([{"name": "sih", "value": session(address, nik), "url": address}])
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [text for text in said if not re.search(r"status of (404|409|422)", text)] == []


def session(address: str, nik: str) -> str:
    """The cookie of a person who logs in."""
    headers = {"Sec-Fetch-Site": "same-origin"}
    response = httpx2.post(f"{address}/login", data={"nik": nik, "pin": PIN}, headers=headers)
    return response.cookies["sih"]


def report(page: Page, title: str, times: int = 1) -> list[str]:
    """Problems that the person reports; their paths."""
    paths = []
    for _ in range(times):
        page.goto("/problems/new")
        page.get_by_label("Judul").fill(title)
        page.get_by_label("Uraian").fill("Sejak pagi.")
        page.get_by_role("button", name="Kirim Laporan").click()
        page.wait_for_url(re.compile(r"/problems/\d+$"))
        paths.append(page.url[page.url.index("/problems/") :])
    return paths


def press(page: Page, letter: str) -> None:
    """Alt and a letter, as from a keyboard: Playwright's own leaves out the text that access keys are found by."""
    keyboard = page.context.new_cdp_session(page)
    event = {
        "modifiers": 1,
        "key": letter,
        "code": f"Key{letter.upper()}",
        "windowsVirtualKeyCode": ord(letter.upper()),
    }
    keyboard.send("Input.dispatchKeyEvent", {"type": "keyDown", "text": letter, "unmodifiedText": letter, **event})
    keyboard.send("Input.dispatchKeyEvent", {"type": "keyUp", **event})
    keyboard.detach()


def focused(page: Page) -> str:
    """What has the focus: the id, name or text of it, or BODY."""
    return page.evaluate(
        "() => { const e = document.activeElement; return e === document.body ? 'BODY' : e.id || e.name || e.innerText }"
    )
