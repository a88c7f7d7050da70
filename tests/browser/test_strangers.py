"""What answers is not SIH: a proxy, a captive portal. Whatever its status, all that is on the page stays, and it says so."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from playwright.async_api import Page, expect

from tests.journeys import ADMIN, ANI, DESK
from tests.person import DESKTOP, NOT_OURS, WIDE, Crowd, Person
from tests.proxy import Proxy, Strange, proxy_of
from tests.screens import Screens, Size

ELSEWHERE = "http://localhost:9/login"  # of another origin
STATUSES = (403, 413, 429, 500, 502, 503, 504, 520)
ANSWERS = (
    *map(Strange, (200, *STATUSES)),
    Strange(200, ""),
    Strange(204, ""),
    Strange(302, "", ELSEWHERE),
)
TEXT = "Layar kasir gelap"


@dataclass(frozen=True)
class Kind:
    """A kind of request: who makes it, on which page, having done `first` and typed in the fields; the path that it goes to.

    `does` makes the request: a button to be pressed, a select by its label, or the element whose own time it is. `says` begins
    what is then said; "" where nothing is, because nobody is to be interrupted.
    """

    who: str
    page: str
    path: str
    does: tuple[str, str]
    says: str
    first: str = ""
    typed: dict[str, str] = field(default_factory=dict)
    size: Size = DESKTOP


KINDS = {
    "form": Kind(
        ANI, "/problems/new", "/problems", ("press", "Kirim Laporan"), "Belum terkirim",
        typed={"Judul": "Kasir", "Uraian": TEXT},
    ),
    "form on the page": Kind(
        ANI, "{problem}", "{problem}/comments", ("press", "Kirim Komentar"), "Belum terkirim", typed={"Komentar": TEXT}
    ),
    "form of a page": Kind(
        DESK, "{problem}/closure", "{problem}/closure", ("press", "Simpan"), "Belum terkirim", typed={"Solusi": TEXT}
    ),
    "form for several": Kind(
        DESK, "/problems/voidings?problem={id}:2", "/problems/voidings", ("press", "Batalkan Kendala"), "Belum terkirim",
        typed={"Alasan": TEXT},
    ),
    "form in a modal": Kind(
        DESK, "{problem}", "{problem}/closure", ("press", "Simpan"), "Belum terkirim",
        first="Tutup Kendala", typed={"Solusi": TEXT},
    ),
    "view": Kind(ANI, "/views?status=open", "/views", ("press", "Simpan tampilan"), "Belum terkirim", typed={"Nama": TEXT}),
    "PIN": Kind(ANI, "/pin", "/pin", ("press", "Simpan"), "Belum terkirim", typed={"PIN lama": "1"}),
    "modal": Kind(DESK, "{problem}", "{problem}/closure", ("open", "Tutup Kendala"), "Belum dapat dimuat"),
    "lookup": Kind(
        DESK, "{problem}", "{problem}/escalation/fields", ("choose", "Jenis penyelesaian"), "Belum dapat diperiksa",
        first="Penyelesaian", typed={"Alasan": TEXT},
    ),
    "filter": Kind(ANI, "/problems", "/problems", ("choose", "Status"), "Daftar belum diperbarui"),
    "search of people": Kind(
        ADMIN, "/admin/employees", "/admin/employees", ("happens", "#filters!change"), "Daftar belum diperbarui",
        typed={"Cari": "a"},
    ),
    "row": Kind(ANI, "/problems", "{problem}", ("press", "K-{id} Printer mati"), "Kendala belum dapat dimuat", size=WIDE),
    "draft": Kind(
        ANI, "/problems/new", "/drafts/report", ("happens", "#report-form [name=token]!online"), "Belum tersimpan",
        typed={"Judul": "Kasir", "Uraian": TEXT},
    ),
    "presence": Kind(DESK, "{problem}", "{problem}/presence", ("happens", "#presence!every"), ""),
    "desk screen": Kind(DESK, "/desk", "/desk", ("happens", "#desk!every"), ""),
    "login": Kind("", "/login", "/login/nik", ("type", "NIK"), "Belum dapat diperiksa"),
}  # fmt: skip


@pytest.fixture
async def proxy(site: str) -> AsyncIterator[Proxy]:
    async with proxy_of(site) as proxy:
        yield proxy


@pytest.fixture
async def behind(screens: Screens, proxy: Proxy) -> AsyncIterator[Crowd]:
    """Whoever comes to the small company through the proxy."""
    everybody = Crowd(screens, proxy.address)
    yield everybody
    await everybody.leave()


async def test_nothing_of_a_stranger_is_shown(behind: Crowd, proxy: Proxy, made) -> None:
    """A form with every answer, every other kind of request with some in turn: nothing that is done depends on the status."""
    problem = await made.opened()
    place = {"problem": problem, "id": problem.rpartition("/")[2]}
    people: dict[tuple[str, Size], Person] = {}
    for turn, (name, kind) in enumerate(KINDS.items()):
        person = people.get((kind.who, kind.size)) or await behind(kind.who or None, size=kind.size)
        people[kind.who, kind.size] = person
        await prepare(person, kind, place)
        before = await state_of(person.page)
        for answer in ANSWERS[turn % 5 :: 5] if turn else ANSWERS:
            proxy.say(answer, kind.path.format(**place))
            await make_request(person, *kind.does, place)
            await proxy.answered()
            await expect(person.page.locator(".htmx-request")).to_have_count(0)
            if kind.says:
                await expect(person.page.get_by_text(re.compile(f"^{kind.says}"))).to_be_visible()
            assert await state_of(person.page) == before, (name, answer)
        proxy.say(None)
    asked = [r.headers for (who, _), person in people.items() if who for r in person.watch.requests]
    assert all("sih-viewer" in headers for headers in asked if "hx-request" in headers), "who the page was shown to"


async def prepare(person: Person, kind: Kind, place: dict[str, str]) -> None:
    """Bring the page to where the request is about to be made."""
    known = person.watch.elsewhere
    person.watch.allow(NOT_OURS, *STATUSES)
    person.watch.elsewhere = ELSEWHERE
    await person.go(kind.page.format(**place))
    if not known:  # the message of a failure is kept
        await person.page.wait_for_load_state("networkidle")
    form = await person.form_of(kind.first) if kind.first else None
    for label, text in kind.typed.items():
        await person.field(label, form).fill(text)


async def make_request(person: Person, how: str, name: str, place: dict[str, str]) -> None:
    page = person.page
    if how == "press":
        role = "link" if name.startswith("K-") else "button"
        await page.get_by_role(role, name=name.format(**place)).last.click()
    elif how == "open":
        await page.keyboard.press("Escape")
        await page.get_by_role("button", name=name).click()
    elif how == "choose":
        select = page.get_by_label(name, exact=True)
        await select.select_option(index=1 if await select.evaluate("s => s.selectedIndex") != 1 else 2)
    elif how == "type":
        await page.get_by_label(name, exact=True).fill(f"1000{len(person.watch.requests) % 10}")
    else:
        await page.evaluate("([at, event]) => htmx.trigger(at, event)", name.split("!"))


async def state_of(page: Page) -> list[str]:
    """All that stands on the page but what is said of the network, and what is chosen to make the request."""
    return await page.evaluate(
        """() => {
            const copy = document.body.cloneNode(true)
            for (const e of copy.querySelectorAll('.network, .unsaved')) e.remove()
            const typed = [...document.querySelectorAll('textarea, input:not([type=hidden], #nik)')].map(e => e.value)
            return [document.title, location.href, copy.innerText.replace(/\\s+/g, ' '), ...typed]
        }"""
    )
