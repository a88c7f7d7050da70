#!/usr/bin/env python3
"""What a phone with a bad network waits for: `python bench/first_view.py http://127.0.0.1:8080`, with SIH on its demo company.

For the login page and the list, cold and warm: requests, bytes over the network, largest contentful paint and layout shift, on
slow 3G with a processor slowed down six times.
"""

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import CDPSession, Page, async_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.chromium import PROGRAM, SWITCHES

# As WebPageTest has it: 400 kbit/s both ways, 400 ms there and back.
SLOW_3G = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
CPU_SLOWDOWN = 6
SETTLED = 1500  # milliseconds without anything new on the screen

OBSERVE = """
    window.seen = {lcp: 0, cls: 0};
    new PerformanceObserver(list => list.getEntries().forEach(e => seen.lcp = e.startTime))
        .observe({type: 'largest-contentful-paint', buffered: true});
    new PerformanceObserver(list => list.getEntries().forEach(e => seen.cls += e.hadRecentInput ? 0 : e.value))
        .observe({type: 'layout-shift', buffered: true});
"""


@dataclass
class View:
    """What a page cost until it was there: seconds to the largest contentful paint, and how far things moved meanwhile."""

    requests: int = 0
    bytes: int = 0
    lcp: float = 0
    cls: float = 0


async def slow_network(page: Page) -> CDPSession:
    session = await page.context.new_cdp_session(page)
    await session.send("Network.enable")
    await session.send("Network.emulateNetworkConditions", SLOW_3G)
    return session


async def slow_down(page: Page) -> None:
    """The network and the processor, which the browser slows down by keeping it busy."""
    session = await slow_network(page)
    await session.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWDOWN})


async def first_view(page: Page, path: str) -> View:
    """Go there, and wait until nothing more comes."""
    view, session = View(), await page.context.new_cdp_session(page)
    watch(session, view)
    await session.send("Network.enable")
    await page.goto(path, wait_until="networkidle")
    await page.wait_for_timeout(SETTLED)
    seen = await page.evaluate("window.seen || {lcp: 0, cls: 0}")
    view.lcp, view.cls = seen["lcp"] / 1000, seen["cls"]
    await session.detach()
    return view


def watch(session: CDPSession, view: View) -> None:
    """Count what comes over the network; what the browser has kept has no length."""

    def finished(event: dict) -> None:
        view.requests += event["encodedDataLength"] > 0
        view.bytes += int(event["encodedDataLength"])

    session.on("Network.loadingFinished", finished)


async def main(address: str) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=PROGRAM, args=SWITCHES)
        phone = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
        context = await browser.new_context(base_url=address, **phone)
        await context.add_init_script(OBSERVE)
        page = await context.new_page()
        await slow_down(page)
        for name in ("cold", "warm"):
            report(f"/login, {name}", await first_view(page, "/login"))
        login: dict[str, str | float | bool] = {"nik": "10000001", "pin": "482913"}
        await context.request.post("/login", form=login, headers={"Origin": address})
        await (await context.new_cdp_session(page)).send("Network.clearBrowserCache")
        for name in ("cold", "warm"):
            report(f"/problems, {name}", await first_view(page, "/problems"))
        await browser.close()


def report(name: str, view: View) -> None:
    print(
        f"{name:16} {view.requests:2} requests  {view.bytes / 1024:5.1f} KB  LCP {view.lcp:.2f} s  CLS {view.cls:.3f}"
    )


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1].rstrip("/")))
