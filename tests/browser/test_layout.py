"""Every page at every width, and with words that are too long; nothing scrolls sideways, and axe finds nothing."""

import pytest
from playwright.async_api import expect

from tests.journeys import ADMIN, ANI, DESK, DESK_TOO, HEAD, NET, YOSEP
from tests.person import DESKTOP, PHONE, WIDE, Person
from tests.screens import DARK, FORCED, Size

LONG = "Kasirtidakmenyala" * 7  # without a blank, 119 characters
# No higher than it takes: what is painted of a page costs more than how it is laid out.
ZOOMED = Size(320, 256)  # a window of 1280 × 1024 at 400 %
SIZES = (ZOOMED, *(Size(width, 640) for width in (320, 768, 1440, 1920, 2560, 3840)))
OF_FORMS = (
    ZOOMED,
    Size(768, 640),
    Size(1440, 640),
)  # where what is typed in a page or a modal is laid out in another way
ARRANGED = (320, 768, 2560)  # where a page is


@pytest.fixture
async def long_words(made) -> dict[str, str]:
    """Paths of problems in which everything that can be typed is one long word, by state."""
    text = f"{LONG}\n{'https://contoh.invalid/' + 'a' * 300}"
    reported = await made.reported(LONG, description=text)
    opened = await made.opened(LONG)
    escalated = await made.opened(LONG)
    await made.sent(DESK, escalated, "escalation", kind="it", division="IT-NET", reason=text)
    closed = await made.opened(LONG)
    await made.sent(ANI, closed, "comments", page=closed, comment=text)
    await made.sent(DESK, closed, "closure", solution=text)
    short = await made.reported()  # whose title is less than a line
    far = await made.reported(LONG, YOSEP)  # in another zone: times are told twice
    return {
        "short": short,
        "far": far,
        "reported": reported,
        "opened": opened,
        "escalated": escalated,
        "closed": closed,
    }


async def walk(person: Person, paths: dict[str, str], made, people):
    """Every page and modal that there is; a name each. Stops at each of them."""
    await person.go("/login")
    yield "login"
    await person.give_nik(ANI)
    yield "login, PIN"
    person.watch.expect(404, 422)
    await person.field("PIN").fill("1")
    await person.press(person.button("Masuk"))
    await expect(person.page.get_by_role("alert")).to_be_visible()
    yield "login, wrong PIN"
    await person.go("/login")
    await person.log_in(DESK)
    for path in (
        "/problems?q=takada",
        "/problems?year=1",
        "/problems/new",
        "/problems/999",
        "/views?status=open",
        "/problems",
    ):
        await person.go(path)
        yield path
    await person.page.get_by_role("checkbox").first.check()
    await expect(person.button("Buka yang dipilih")).to_be_visible()
    yield "/problems, one chosen"
    await person.go("/problems/new")
    await person.press(person.button("Kirim Laporan"))
    await expect(person.page.get_by_role("alert")).to_be_visible()
    yield "report, at fault"
    await (await people(DESK_TOO)).get(paths["short"])
    for state, path in paths.items():
        await person.go(path)
        await expect(person.page.get_by_text("Dodi Pratama sedang melihat")).to_have_count(1 if state == "short" else 0)
        yield f"problem, {state}"
    await person.go(paths["reported"])
    await person.press(person.page.get_by_text("Batalkan Kendala").first)
    await person.press(person.button("Batalkan Kendala"))
    await expect(person.page.get_by_role("alert")).to_be_visible()
    yield "voiding, at fault"
    modal = await person.form_of("Buka Kendala")
    yield "opening"
    await person.send(person.button("Simpan", modal))
    await expect(modal.get_by_role("alert")).to_be_visible()
    yield "opening, at fault"
    await person.go(paths["opened"])
    for act in ("Tutup Kendala", "Ubah Identifikasi", "Tunggu", "Serahkan"):
        await person.form_of(act)
        yield act
        await person.page.keyboard.press("Escape")
    modal = await person.form_of("Penyelesaian")
    for kind in ("Divisi IT", "Divisi selain IT", "Departemen"):
        await person.choose_kind(modal, kind)
        yield f"escalation, {kind}"
    await person.send(person.button("Penyelesaian>>", modal))
    await expect(modal.get_by_role("alert")).to_be_visible()
    yield "escalation, at fault"
    await person.field("Alasan", modal).fill(LONG)
    await person.send(person.button("Penyelesaian>>", modal))
    await expect(person.field("PIC", modal)).to_be_visible()
    yield "PIC"
    await person.go(paths["opened"])
    modal = await person.form_of("Tutup Kendala")
    await person.field("Solusi", modal).fill(LONG)
    await made.sent(DESK, paths["opened"], "escalation", kind="it", division="IT-NET", reason=LONG)
    person.watch.expect(409)
    await person.send(person.button("Simpan", modal))
    await expect(modal.get_by_role("alert")).to_be_visible()
    yield "closure, in a conflict"
    await made.sent(NET, paths["opened"], "escalation/return", page=paths["opened"], reason=LONG)
    for action in ("opening", "closure", "escalation?kind=it"):
        await person.go(f"{paths['reported' if action == 'opening' else 'opened']}/{action}")
        yield f"{action} as a page"
    chosen = [
        f"problem={path.rpartition('/')[2]}:1" for path in (paths["short"], paths["reported"], paths["escalated"])
    ]
    for action, button in (("assignments", ""), ("openings", "Simpan"), ("voidings", "Batalkan Kendala")):
        await person.go(f"/problems/{action}?{'&'.join(chosen)}")
        yield f"{action}, several"
        if not button:
            continue
        await person.press(person.button(button))
        await expect(person.page.get_by_role("alert").first).to_be_visible()
        yield f"{action}, at fault"
    await person.go("/problems/openings")
    yield "openings, none chosen"
    await person.go("/views?status=open")
    await person.press(person.button("Simpan tampilan"))
    await expect(person.page.get_by_role("alert").first).to_be_visible()
    yield "views, at fault"
    await person.go("/desk")
    yield "desk"
    await person.log_out()
    await person.log_in(ANI)
    await person.go(paths["closed"])
    yield "confirmation"
    for path in ("/sessions", "/help", "/desk"):
        if path == "/desk":
            person.watch.expect(403)
        await person.go(path)
        yield path
    await person.go("/pin")
    await person.press(person.button("Simpan"))
    await expect(person.page.get_by_role("alert")).to_be_visible()
    yield "PIN, at fault"
    await person.log_out()
    await person.log_in(NET)
    await person.go(paths["escalated"])
    await expect(person.button("Terima")).to_be_visible()
    yield "escalation, to be answered"
    await person.log_out()
    await person.log_in(HEAD)
    for path in ("/store/employees", "/store/employees?q=takada", f"/store/employees/{HEAD}"):
        await person.go(path)
        yield path
    await person.go("/store/employees")
    await person.press(person.link("Ani Lestari"))
    await person.press(person.button("PIN baru"))
    await person.press(person.button("PIN baru", person.modal))
    await expect(person.page.locator(".pin-shown")).to_be_in_viewport()
    yield "initial PIN, by the store head"
    await person.log_out()
    await person.log_in(ADMIN)
    for path in ("/admin/employees", "/admin/employees?q=takada", f"/admin/employees/{ADMIN}"):
        await person.go(path)
        yield path
    await person.go(f"/admin/employees/{ANI}")
    yield "employee"
    for act in ("Nonaktifkan", "Akhiri semua sesi", "PIN baru"):
        await person.press(person.button(act))
        await expect(person.button("Tidak jadi", person.modal)).to_be_focused()
        yield f"{act}?"
        if act != "PIN baru":
            await person.press(person.button("Tidak jadi", person.modal))
    await person.go(f"/admin/employees/{ANI}/pin")
    yield "PIN baru? as a page"
    await person.press(person.button("PIN baru"))
    await expect(person.page.locator(".pin-shown")).to_be_in_viewport()
    yield "initial PIN"


async def test_every_page_on_a_phone(crowd, long_words, made, people):
    """Whatever its state and its colours, axe finds nothing; a finger hits everything, and at 200 % text all is whole."""
    person = await crowd(size=PHONE, fresh=True)
    await person.axe.settle()
    found = []
    async for name in walk(person, long_words, made, people):
        found += await person.violations(name, DARK, FORCED)
        found += await misfits(person, name)
        await person.write_at(200)
        found += await misfits(person, f"{name}, text at 200 %")
        await person.write_at(100)
    assert not found, "\n".join(found)


async def test_every_page_at_a_desk(crowd, long_words, made, people):
    """Whatever its state, axe finds nothing; nothing scrolls sideways in a window of any width."""
    person = await crowd(size=DESKTOP, fresh=True)
    await person.axe.settle()
    found = []
    async for name in walk(person, long_words, made, people):
        is_page = name.startswith(("/", "problem, "))
        for size in SIZES if is_page else OF_FORMS:
            await person.page.set_viewport_size(size.viewport)
            if what := await person.scrolls_sideways():
                found.append(f"{name}: wider than {size.width}: {what}")
            if size.width == DESKTOP.width or (is_page and size.width in ARRANGED and size != ZOOMED):
                found += await person.violations(f"{name}, {size.width} wide")
        await person.page.set_viewport_size(DESKTOP.viewport)
    assert not found, "\n".join(found)


async def test_a_problem_beside_the_list(crowd, long_words):
    """A screen has to be that wide when the page comes."""
    desk = await crowd(DESK, size=WIDE)
    await desk.go(f"/problems?problem={long_words['opened'].rpartition('/')[2]}")
    await expect(
        desk.page.get_by_role("region", name="Kendala yang dipilih").get_by_role("heading").first
    ).to_be_visible()
    assert not await desk.violations()
    assert not await desk.scrolls_sideways()


# Whether the bar covers what stands above it, which is placed by --nav (static/css/site.css), or the two what has the focus.
COVERING = """() => {
    const bar = document.querySelector('.site-nav'), root = getComputedStyle(document.documentElement)
    if (!bar || getComputedStyle(bar).position !== 'fixed') return false
    const above = [...document.querySelectorAll('.action-bar, .answers, .form-actions')]
        .filter(one => getComputedStyle(one).position === 'sticky').map(one => one.offsetHeight)
    return bar.offsetHeight > parseFloat(root.getPropertyValue('--nav')) * parseFloat(root.fontSize) + 1
        || bar.offsetHeight + Math.max(0, ...above) > parseFloat(root.scrollPaddingBottom) + 1
}"""


async def misfits(person: Person, name: str) -> list[str]:
    """What of the page that is open, called `name`, does not fit a phone."""
    found = [f"{name}: too small for a finger: {what}" for what in await small_targets(person)]
    found += [f"{name}: {what}" for what in await broken_words(person)]
    if what := await person.scrolls_sideways():
        found.append(f"{name}: wider than a phone: {what}")
    if await person.page.evaluate(COVERING):
        found.append(f"{name}: the bars at the bottom are higher than what keeps clear of them")
    body = person.page.locator("dialog[open] .modal-body")
    if await body.count() and await body.evaluate("body => body.scrollWidth > body.clientWidth"):
        found.append(f"{name}: wider than its modal")
    return found


async def broken_words(person: Person) -> list[str]:
    """Words that would fit on a line of their own and are broken, and texts that are cut to next to nothing."""
    return await person.page.evaluate(
        """() => {
            const found = new Set(), texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
            while (texts.nextNode()) {
                const node = texts.currentNode, element = node.parentElement
                if (!element.checkVisibility({visibilityProperty: true})) continue
                if (element.closest('.visually-hidden, .skip-link, option, thead')) continue
                const {textOverflow} = getComputedStyle(element)
                if (textOverflow === 'ellipsis' && element.clientWidth < Math.min(element.scrollWidth, 60))
                    found.add(`cut: ${node.data.trim().slice(0, 30)}`)
                for (const {0: word, index} of node.data.matchAll(/(?<![^\\s(])[\\p{L}\\p{N}]{2,12}(?![^\\s),.])/gu)) {
                    const range = document.createRange()
                    range.setStart(node, index)
                    range.setEnd(node, index + word.length)
                    const lines = new Set([...range.getClientRects()].filter(r => r.width).map(r => Math.round(r.top)))
                    if (lines.size > 1) found.add(`broken: ${word}`)
                }
            }
            return [...found]
        }"""
    )


async def small_targets(person: Person) -> list[str]:
    """What can be pressed and is smaller than 44 × 44; links within a running sentence may be as high as its lines."""
    return await person.page.evaluate(
        """() => [...document.querySelectorAll('a, button, input, select, textarea, summary')].filter(e => {
            const within = e.closest('tbody tr, label.pick, label.choice, .who') || e
            const text = e.closest('p, dd, .prose, .steps li')
            const rest = text && [...text.childNodes].filter(n => !n.contains(e)).map(n => n.textContent).join(' ')
            const sentence = text && !text.matches('.page-note, .who') && /\\p{L}+\\s+\\p{L}+/u.test(rest)
            const {width, height} = within.getBoundingClientRect()
            const seen = e.checkVisibility({visibilityProperty: true}) && e.type !== 'hidden' && width > 1
            return seen && !sentence && !e.closest('.visually-hidden, .skip-link') && (width < 43.9 || height < 43.9)
        }).map(e => e.outerHTML.slice(0, 120))"""
    )
