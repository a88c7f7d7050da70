"""What people type, and what things are called, is shown as text: in a real Chromium, to everybody, on every page."""

from urllib.parse import quote

from asyncpg import Connection
from playwright.async_api import Browser, BrowserContext, Page

from tests.client import forms
from tests.journeys import ADMIN, ANI, CITRA, DESK, MANAGER, NET, PIC, stored

# Breaks out of attributes, titles, text areas, scripts and comments. Whatever it makes carries data-pwn, so that it is found even
# where the content security policy keeps it from running; what runs sets `pwned`.
SHORT = "'\"></title></textarea><img data-pwn src=x onerror=pwned=1><script data-pwn>pwned=1</script>{{7*7}}"
LONG = SHORT + (
    "--></script></style></select></option></noscript></template></dialog><svg data-pwn onload=pwned=1><a data-pwn "
    "href=javascript:pwned=1 autofocus onfocus=pwned=1>x</a><iframe data-pwn srcdoc='<script>top.pwned=1</script>'></iframe>"
    "<hx-partial data-pwn hx-target=body hx-get=/logout hx-trigger=load></hx-partial><div data-pwn hx-on:load=pwned=1 "
    "hx-get='javascript:pwned=1' hx-trigger=load></div><base data-pwn href=//evil.example/><meta data-pwn http-equiv=refresh "
    "content='0;url=//evil.example'><form data-pwn action=//evil.example></form>"
    "<link data-pwn rel=stylesheet href=//evil.example>"
    "<style data-pwn>*{display:none}</style>${7*7}<%=7*7%>\u2028]]><![CDATA[=1+1"
)
NOBODY = "nobody"
# One of each kind: what is shown to a colleague of the store is what is shown to Ani, and to another PIC what is to this one.
WHO_TYPES = (ANI, DESK)  # into the filters and a report: whose forms there are, those of a reporter and of a handler
WHO_LOOKS = (NOBODY, ANI, CITRA, DESK, NET, PIC, MANAGER, ADMIN)
NAMES = """
    UPDATE employee SET name = $1; UPDATE store SET name = $1; UPDATE division SET name = $1; UPDATE department SET name = $1;
    UPDATE category SET name = $1; UPDATE asset SET name = $1
"""
WATCH = """
    window.violations = 0;
    document.addEventListener('securitypolicyviolation', () => window.violations++);
"""

LOOK = """() => {
    const html = document.documentElement.outerHTML
    return [
        document.querySelectorAll('[data-pwn]').length, window.pwned ?? 0, window.violations,
        html.includes('data-pwn'), !html.includes('{{7*7}}') && html.includes('>49<'),
    ]
}"""


class Watch:
    """A browser page that notes whatever was executed, reported or made of what was typed."""

    def __init__(self, page: Page, name: str) -> None:
        self.page, self.name, self.seen = page, name, 0
        self.opened: set[str] = set()  # forms of problems
        self.faults: list[str] = []
        page.on("dialog", lambda dialog: self.faults.append(f"dialog at {page.url}"))
        page.on("pageerror", lambda error: self.faults.append(f"{error} at {page.url}"))
        page.on(
            "console", lambda message: "Content Security Policy" in message.text and self.faults.append(message.text)
        )
        page.on("request", lambda request: "evil" in request.url.split("?")[0] and self.faults.append(request.url))

    async def look(self, where: str = "") -> None:
        """Judge the page as it stands."""
        page = self.page
        *found, is_seen, is_evaluated = await page.evaluate(LOOK)
        if found != [0, 0, 0]:
            self.faults.append(f"{found} at {where or page.url}")
        self.seen += is_seen
        if is_evaluated:
            self.faults.append(f"a template in a template at {page.url}")

    async def go(self, url: str) -> None:
        await self.page.goto(url, wait_until="load")
        await self.look()


async def live(people) -> dict[str, str]:
    """A problem in each state, with it in every field of every form."""
    ani, desk, net, pic = [await people(nik) for nik in (ANI, DESK, NET, PIC)]
    paths = {}
    for state in ("reported", "open", "escalated", "closed", "void"):
        report = {"title": SHORT, "description": LONG, "asset": SHORT if state != "open" else "T01-PRN-01"}
        path = paths[state] = (stored(await ani.submit("/problems/new", "/problems", **report))).headers["Location"]
        stored(await ani.submit(path, f"{path}/comments", comment=LONG))
        if state == "void":
            stored(await desk.submit(path, f"{path}/voiding", reason=LONG))
        if state in ("reported", "void"):
            continue
        opening = {"category": "NET-WIFI", "impact": "1", "urgency": "1", "identification": LONG}
        stored(await desk.submit(f"{path}/opening", f"{path}/opening", **opening))
        step = await desk.submit(f"{path}/escalation", f"{path}/escalation", kind="department", reason=LONG[:1900])
        action = f"{path}/escalation/pic"
        stored(await desk.post(action, forms(step.text)[action] | {"pic": PIC}))
        if state == "escalated":
            continue
        stored(await pic.submit(path, f"{path}/escalation/return", reason=LONG[:1900]))
        to_net = {"kind": "it", "division": "IT-NET", "reason": LONG[:1900]}
        stored(await desk.submit(f"{path}/escalation", f"{path}/escalation", **to_net))
        stored(await net.submit(path, f"{path}/escalation/acceptance"))
        if state == "closed":
            stored(await net.submit(f"{path}/closure", f"{path}/closure", solution=LONG))
            stored(await ani.submit(path, f"{path}/reopening", reason=LONG[:1900]))
            stored(await net.submit(f"{path}/closure", f"{path}/closure", solution=LONG))
    return paths


async def test_nothing_typed_is_executed(browser: Browser, people, connection: Connection, port: int) -> None:
    for statement in NAMES.replace("$1", "$pwn$" + SHORT + "$pwn$").split(";"):
        await connection.execute(statement)
    paths, base = await live(people), f"http://127.0.0.1:{port}"
    watches = [await walk(browser, people, base, name, paths) for name in WHO_LOOKS]
    for watch in watches:
        assert watch.faults == [], watch.name
        assert watch.seen >= (2 if watch.name == NOBODY else 4), watch.name  # it was there to be seen


async def walk(browser: Browser, people, base: str, name: str, paths: dict[str, str]) -> Watch:
    """Everything that one person can look at, and every form sent back with what was typed."""
    context = await browser.new_context()
    await context.add_init_script(WATCH)
    watch = Watch(await context.new_page(), name)
    watch.page.set_default_timeout(10_000)
    if name == NOBODY:
        await look_at_login(watch, base)
    else:
        await enter(context, people, name, base)
        await watch.go(f"{base}/problems?year=all")
        if name in WHO_TYPES:
            text = quote(SHORT[:100])
            await watch.go(f"{base}/problems?year=all&q={text}")
            await watch.go(f"{base}/problems?status={text}")
            await send_wrong_report(watch, base)
        for path in paths.values():
            await watch.go(base + path)
            await open_forms(watch, base + path)
        await send_wrong_comment(watch, base + paths["closed"])
    await context.close()
    return watch


async def enter(context: BrowserContext, people, nik: str, base: str) -> None:
    client = await people(nik)
    for cookie in client.cookies.jar:
        await context.add_cookies([{"name": cookie.name, "value": cookie.value, "url": base}])


async def look_at_login(watch: Watch, base: str) -> None:
    """A name is shown to whoever types a NIK."""
    await watch.go(f"{base}/login?next={quote('/problems?q=' + SHORT)}")
    await watch.page.fill("#nik", "10001")
    await watch.page.wait_for_selector("#pin")
    await watch.look("the NIK lookup")
    await watch.page.fill("#pin", SHORT)
    await watch.page.click("text=Masuk >> nth=-1")
    await watch.page.wait_for_load_state()
    await watch.look("a wrong PIN")
    await watch.page.fill("#nik", SHORT)
    await watch.page.press("#nik", "Tab")
    await watch.page.wait_for_timeout(300)
    await watch.look("a wrong NIK")


async def send_wrong_report(watch: Watch, base: str) -> None:
    """Too long in every field: everything comes back, with the messages."""
    await watch.go(f"{base}/problems/new")
    for field in ("title", "asset"):
        await watch.page.fill(f"[name={field}]", SHORT * 2)
    await watch.page.fill("[name=description]", LONG * 8)
    await watch.page.click("text=Kirim Laporan")
    await watch.page.wait_for_selector(".error-summary")
    await watch.look("a wrong report")


async def open_forms(watch: Watch, url: str) -> None:
    """Each form that this person is offered for the problem, whose page is open, and was for none before: as what htmx swaps
    in, and as a page."""
    buttons = watch.page.locator("button[commandfor][command=show-modal]")
    offered = await buttons.evaluate_all("buttons => buttons.map(button => button.getAttribute('commandfor'))")
    doors = [door for door in dict.fromkeys(offered) if door not in watch.opened]
    watch.opened.update(doors)
    for door in doors:
        await watch.page.locator(f"button[commandfor={door}]").first.click()
        await watch.page.wait_for_selector(f"#{door}-form")
        await watch.look(f"the modal {door} of {url}")
        if door == "escalation":
            await watch.page.fill("#escalation-form [name=reason]", LONG[:1500])
            async with watch.page.expect_response(
                lambda response: response.url.endswith("/escalation/fields")
            ) as answer:
                await watch.page.select_option("#escalation-form [name=kind]", "department")
            await (await answer.value).finished()
            await watch.look(f"the fields of {url}")
        await watch.page.keyboard.press("Escape")
    for door in doors:
        await watch.go(f"{url}/{door}?kind=it&reason={quote(LONG[:1500])}")


async def send_wrong_comment(watch: Watch, url: str) -> None:
    """Too long: the whole problem comes back by htmx, with what was typed."""
    await watch.page.goto(url)
    comment = watch.page.locator("#comment-form textarea")
    if await comment.count():
        await comment.fill(LONG * 8)
        await watch.page.click("text=Kirim Komentar")
        await watch.page.wait_for_selector(".error-summary")
        await watch.look(f"a wrong comment on {url}")
