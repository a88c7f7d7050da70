"""The list of problems, against a model of it in plain Python: the same problems, filtered the plain way."""

import random
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from html import unescape
from itertools import chain
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import uuid4

import pytest
from asyncpg import Connection

from queries.changes import Change, insert_event, pass_custody
from queries.closures import close_problem, void_problem
from queries.escalations import escalate_to_division, escalate_to_pic
from queries.openings import open_problem
from queries.submissions import Submission
from tests.client import Client
from tests.conftest import People
from tests.journeys import ADMIN, ANI, BUDI, CITRA, DESK, MANAGER, PIC, YOSEP
from tests.routes.catalogue import faulty, is_page

STORES = {ANI: "T01", BUDI: "T01", CITRA: "T02", YOSEP: "T03"}
NAMES = {
    ANI: "Ani Lestari\nT01\nToko Bandung",
    BUDI: "Budi Santoso\nT01\nToko Bandung",
    CITRA: "Citra Dewi\nT02\nToko Denpasar",
    YOSEP: "Yosep Wenda\nT03\nToko Jayapura",
}
ASSETS = {"T01-PRN-01": "Printer kasir 1", "T02-PRN-01": "Printer kasir 1"}
STATUSES = ("reported", "open", "escalated", "closed", "void")
TEXTS = (
    "Printer mati",
    "Kasir tidak bisa cetak struk",
    "AC bocor 100% basah",
    r"Folder C:\data_kasir hilang",
    "Wi-Fi putus-putus di gudang",
    "Ёлка überhitzt ÄÖ",
)
SEARCHES = (
    *("printer", "RINTE", "kasir cetak", "cetak kasir", "%", "100%", "_", "data_kasir", "\\", "a_i", "p%r", "Toko Den"),
    *("citra", "t02-prn", "über", "kabel", "x", "printer bandung mati", '"', "'", "<b>", "K-3", "k7", "12", "K-999999"),
)


@dataclass
class Row:
    """A problem as the model knows it."""

    id: int
    reporter: str
    year: int
    text: str
    status: str = "reported"
    division: str | None = "HD"
    words: list[str] = field(default_factory=list)

    @property
    def store(self) -> str:
        return STORES[self.reporter]


@dataclass(frozen=True)
class Chosen:
    """The filters as somebody chooses them; an empty one stands for all."""

    year: str = "all"
    status: str = ""
    division: str = ""
    store: str = ""
    q: str = ""

    def finds(self, row: Row) -> bool:
        return (
            self.year in ("all", str(row.year))
            and self.status in ("", row.status)
            and self.division in ("", row.division)
            and self.store in ("", row.store)
            and self._is_in(row)
        )

    def _is_in(self, row: Row) -> bool:
        number = re.fullmatch(r"(?:[Kk]-?)?(\d+)", self.q)
        if number and self.q[0] in "Kk":
            return row.id == int(number[1])
        found = all(word.casefold() in row.text.casefold() for word in self.q.split())
        return found or (number is not None and row.id == int(number[1]))

    @property
    def url(self) -> str:
        return f"/problems?{urlencode({name: value for name, value in vars(self).items() if value})}"


async def report_at(
    connection: Connection, nik: str, at: datetime, title: str = "Printer mati", asset: str | None = None
) -> int:
    """A problem that was reported at a moment of the past, as the application would have recorded it then; its id."""
    async with connection.transaction():
        problem_id = await connection.fetchval(
            """
            INSERT INTO problem (reported_at, reporter_nik, recorded_by_nik, store_code, title, description, asset_tag,
                                 holder_division_code)
            SELECT $1, e.nik, e.nik, e.store_code, $3, 'Uraian', $4, 'HD' FROM employee e WHERE e.nik = $2 RETURNING id
            """,
            at,
            nik,
            title,
            asset,
        )
        await insert_event(connection, problem_id, nik, "reported", {}, None)
        await pass_custody(connection, problem_id)
        return problem_id


async def populate(connection: Connection, chance: random.Random, number: int) -> list[Row]:
    """That many problems of all kinds, made by the queries of the application; as the model knows them."""
    rows = []
    for _ in range(number):
        nik, title = chance.choice(list(STORES)), chance.choice(TEXTS)
        at = datetime(chance.choice((2023, 2024, 2026)), 6, 15, tzinfo=UTC) + timedelta(hours=chance.randrange(2000))
        asset = chance.choice([None, *(tag for tag in ASSETS if tag.startswith(STORES[nik]))])
        problem_id = await report_at(connection, nik, at, title, asset)
        text = f"{title}\nUraian\n{asset or ''}\n{ASSETS.get(asset or '', '')}\n{NAMES[nik]}"
        row = Row(problem_id, nik, at.year, text)
        await _bring_to(connection, row, chance.choice(STATUSES), chance)
        rows.append(row)
    return rows


async def _bring_to(connection: Connection, row: Row, status: str, chance: random.Random) -> None:
    def change(version: int) -> Change:
        return Change(row.id, version, Submission(uuid4(), DESK, bytes(32)))

    row.status = status
    if status == "void":
        await void_problem(connection, change(1), "Ganda")
    if status in ("open", "escalated", "closed"):
        await open_problem(connection, change(1), "NET-WIFI", 1, 1, "Kabel putus")
        row.text += "\nKabel putus"
    if status == "closed":
        await close_problem(connection, change(2), "Diganti baru")
        row.text += "\nDiganti baru"
    if status == "escalated":
        row.division = chance.choice(["IT-NET", "IT-POS", None])
        if row.division:
            await escalate_to_division(connection, change(2), "it", row.division, "Perlu")
        else:
            await escalate_to_pic(connection, change(2), PIC, "Perlu")


# What the page says -----------------------------------------------------------------------------------------------------


def ids(html: str) -> list[int]:
    return [int(number) for number in re.findall(r'<tr role="row" id="problem-(\d+)"', html)]


def counts(html: str) -> dict[str, int]:
    """The counts by status word, and "Semua"."""
    items = re.findall(r"<li><a[^>]*>(.*?)</a></li>", html.partition('class="counts"')[2].partition("</nav>")[0], re.S)
    words = [re.sub(r"<[^>]+>", " ", item).split() for item in items]
    return {" ".join(word[:-1]): int(word[-1].replace(".", "")) for word in words}


def neighbours(html: str) -> dict[str, str]:
    return {rel: unescape(href) for rel, href in re.findall(r'rel="(prev|next)" href="([^"]+)"', html)}


async def pages(client: Client, url: str) -> list[list[int]]:
    """The ids on every page from `url` on, by `Berikutnya`."""
    found = []
    while url:
        html = (await client.get(url)).text
        found.append(ids(html))
        url = neighbours(html).get("next", "")
    return found


# Filters ----------------------------------------------------------------------------------------------------------------

WORDS = {"reported": "Baru", "open": "Dibuka", "escalated": "Dialihkan", "closed": "Selesai", "void": "Dibatalkan"}
VALUES = {
    "year": ["all", "2023", "2024", "2026"],
    "status": ["", *STATUSES],
    "division": ["", "HD", "IT-NET", "IT-POS", "GA"],
    "store": ["", "HO", "T01", "T02", "T03"],
    "q": ["", *SEARCHES],
}


@pytest.mark.parametrize("seed", [1, 2])
async def test_every_filter_alone_and_combined(seed: int, people: People, connection: Connection) -> None:
    chance = random.Random(seed)
    rows = await populate(connection, chance, 45)  # one page: paging has its own test
    manager = await people(MANAGER)
    alone = [replace(Chosen(), **{name: value}) for name, values in VALUES.items() for value in values]
    combined = [Chosen(**{name: chance.choice(values) for name, values in VALUES.items()}) for _ in range(60)]
    pairs = [replace(choice, q=chance.choice(["", "printer", "kasir"])) for choice in combined[:40]]
    for chosen in [*alone, *combined, *pairs]:
        response = await manager.get(chosen.url)
        assert response.status_code == 200, chosen
        expected = [row for row in reversed(rows) if chosen.finds(row)]
        assert ids(response.text) == [row.id for row in expected], chosen

        any_status = Counter(row.status for row in rows if replace(chosen, status="").finds(row))
        said = counts(response.text)
        assert said == {"Semua": any_status.total()} | {WORDS[status]: any_status[status] for status in STATUSES}


async def test_the_newest_year_unless_another_is_named(people: People, connection: Connection) -> None:
    for year in (2023, 2025, 2024):
        await report_at(connection, ANI, datetime(year, 6, 1, tzinfo=UTC))
    page = (await (await people(ANI)).get("/problems")).text
    assert ids(page) == [2]
    options = re.findall(r'<option value="(\d{4}|all)"( selected)?>', page)
    assert options == [("2025", " selected"), ("2024", ""), ("2023", ""), ("all", "")]


async def test_without_any_problem_the_list_says_what_to_do(people: People) -> None:
    for url in ("/problems", "/problems?year=all", "/problems?q=x"):
        page = await (await people(ANI)).get(url)
        assert page.status_code == 200
        assert "Tidak ada kendala yang cocok" in page.text
        assert 'href="/problems/new"' in page.text


@pytest.mark.parametrize(
    ("nik", "zone", "hours"), [(ANI, "WIB", 7), (CITRA, "WITA", 8), (YOSEP, "WIT", 9)], ids=["WIB", "WITA", "WIT"]
)
async def test_the_year_is_that_of_the_store_s_zone(
    nik: str, zone: str, hours: int, people: People, connection: Connection
) -> None:
    midnight = datetime(2024, 12, 31, 24 - hours, tzinfo=UTC)
    old = await report_at(connection, nik, midnight - timedelta(seconds=1))
    new = await report_at(connection, nik, midnight)
    person = await people(nik)
    before, after = await person.get("/problems?year=2024"), await person.get("/problems?year=2025")
    assert (ids(before.text), ids(after.text)) == ([old], [new])
    assert f"31 Desember 2024 23.59 {zone}" in before.text
    assert f'<time datetime="2024-12-31T23:59:59+0{hours}:00">' in before.text
    assert f"1 Januari 2025 00.00 {zone}" in after.text
    assert f'<time datetime="2025-01-01T00:00:00+0{hours}:00">' in after.text


async def test_blanks_and_case_of_a_search_do_not_count(people: People, connection: Connection) -> None:
    await report_at(connection, ANI, datetime.now(UTC), "Printer mati")
    ani = await people(ANI)
    for q in ("  printer   MATI ", "mati\tprinter", "\u3000printer", "pri\x00nter"):
        response = await ani.get("/problems", params={"q": q}, htmx=True)
        assert ids(response.text) == [1], q


async def test_what_a_search_finds_after_a_change(people: People, connection: Connection) -> None:
    """The text of a problem grows with its identification and its solution."""
    row = Row(await report_at(connection, ANI, datetime.now(UTC)), ANI, 0, "")
    manager = await people(MANAGER)
    for q in ("kabel putus", "diganti baru"):
        assert ids((await manager.get("/problems", params={"q": q})).text) == []
    await _bring_to(connection, row, "closed", random.Random(0))
    for q in ("kabel putus", "diganti baru", "putus diganti"):
        assert ids((await manager.get("/problems", params={"q": q})).text) == [1]


# Garbage ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "at_fault"),
    [
        ("year=1999", {"year"}),
        ("year=abc", {"year"}),
        ("year=٢٠٢٦", {"year"}),
        ("status=opened", {"status"}),
        ("status=OPEN", {"status"}),
        ("division=XX", {"division"}),
        ("division=hd", {"division"}),
        ("store=XX", {"store"}),
        (f"q={'x' * 101}", {"q"}),
        ("year=1999&status=x&division=x&store=x", {"year", "status", "division", "store"}),
        ("after=abc", set()),
        ("after=-1", set()),
        ("before=1.5", set()),
        (f"after={2**63}", set()),
        ("before=%00", set()),
        ("after=１", set()),
    ],
)
async def test_a_filter_that_there_is_not(
    query: str, at_fault: set[str], people: People, connection: Connection
) -> None:
    await report_at(connection, ANI, datetime.now(UTC))
    manager = await people(MANAGER)
    for htmx in (False, True):
        response = await manager.get(f"/problems?{query}", htmx=htmx)
        assert response.status_code == 422
        assert is_page(response) is not htmx
        assert faulty(response.text) == at_fault
        assert 'class="error-summary"' in response.text
        assert ids(response.text) == []
        assert 'class="counts"' not in response.text


@pytest.mark.parametrize("query", ["x=1", "year=", "status=&division=&store=&q=", "after=&before=", "q=%00", "q=%20"])
async def test_what_says_nothing_is_ignored(query: str, people: People, connection: Connection) -> None:
    await report_at(connection, ANI, datetime.now(UTC))
    response = await (await people(ANI)).get(f"/problems?{query}")
    assert (response.status_code, ids(response.text)) == (200, [1])


# Pages ------------------------------------------------------------------------------------------------------------------


@pytest.fixture
async def long_list(connection: Connection) -> list[int]:
    """127 problems, every third of them of this year; newest first."""
    now = datetime.now(UTC)
    return [
        await report_at(connection, ANI, now if number % 3 == 0 else datetime(2023, 1, 2, tzinfo=UTC))
        for number in range(127)
    ][::-1]


async def test_paging_covers_everything_once_forwards_and_backwards(long_list: list[int], people: People) -> None:
    ani = await people(ANI)
    forwards = await pages(ani, "/problems?year=all")
    assert [len(page) for page in forwards] == [50, 50, 27]
    assert list(chain(*forwards)) == long_list

    url, backwards = f"/problems?year=all&after={forwards[1][-1]}", []
    while url:
        html = (await ani.get(url)).text
        backwards.append(ids(html))
        url = neighbours(html).get("prev", "")
    assert backwards == forwards[::-1]
    filtered = await pages(ani, "/problems?year=2023&q=printer")
    assert list(chain(*filtered)) == [id for id in long_list if (id - 1) % 3]


async def test_the_pager_is_real_links_that_keep_the_filters(long_list: list[int], people: People) -> None:
    ani = await people(ANI)
    first = await ani.get("/problems?year=all&q=printer&status=reported&store=T01&division=HD")
    assert set(neighbours(first.text)) == {"next"}
    assert "Berikutnya" in first.text
    assert "Sebelumnya" not in first.text
    following = urlsplit(neighbours(first.text)["next"])
    assert parse_qs(following.query) == {
        "year": ["all"],
        "q": ["printer"],
        "status": ["reported"],
        "store": ["T01"],
        "division": ["HD"],
        "after": [str(long_list[49])],
    }
    last = await ani.get("/problems?year=all&after=28")
    assert set(neighbours(last.text)) == {"prev"}


async def test_a_page_stays_when_new_problems_come(
    long_list: list[int], people: People, connection: Connection
) -> None:
    ani = await people(ANI)
    second = neighbours((await ani.get("/problems?year=all")).text)["next"]
    await report_at(connection, BUDI, datetime.now(UTC))
    assert ids((await ani.get(second)).text) == long_list[50:100]


async def test_pages_beyond_the_ends(long_list: list[int], people: People) -> None:
    ani = await people(ANI)
    for query in ("after=1", "before=127", "after=0", f"before={2**63 - 1}"):
        response = await ani.get(f"/problems?year=all&{query}")
        assert (response.status_code, ids(response.text)) == (200, [])
    assert ids((await ani.get(f"/problems?year=all&after={2**63 - 1}")).text) == long_list[:50]


# The address ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "pushed"),
    [
        ("", "year={year}"),
        ("year=&status=&division=&store=&q=", "year={year}"),
        ("status=reported&year=all", "year=all&status=reported"),
        ("q=+a+%26+b%25+&year=all&x=1", "year=all&q=a+%26+b%25"),
        ("year=all&after=7", "year=all&after=7"),
        ("before=7&after=9&year=all", "year=all&before=7"),
        (
            "store=T01&division=IT-NET&status=void&q=%C3%A9&year=all",
            "year=all&status=void&division=IT-NET&store=T01&q=%C3%A9",
        ),
    ],
)
async def test_the_address_that_is_pushed_is_the_state(
    asked: str, pushed: str, people: People, connection: Connection
) -> None:
    await report_at(connection, ANI, datetime.now(UTC))
    year = await connection.fetchval("SELECT year FROM problem")
    ani = await people(ANI)
    part = await ani.get(f"/problems?{asked}", htmx=True)
    url = part.headers["HX-Push-Url"]
    assert url == f"/problems?{pushed.format(year=year)}"
    assert not is_page(part)
    assert part.text.startswith('<div id="problems">')
    page = await ani.get(url)
    assert ids(page.text) == ids(part.text)
    assert "HX-Push-Url" not in page.headers
    assert part.text.strip() in page.text, "a page and its swap are the same"


async def test_a_row_leads_to_its_problem(people: People, connection: Connection) -> None:
    problem_id = await report_at(connection, ANI, datetime.now(UTC), "<b>Printer</b> & kasir")
    page = (await (await people(ANI)).get("/problems")).text
    row = page.partition(f'id="problem-{problem_id}"')[2].partition("</tr>")[0]
    assert f'<a href="/problems/{problem_id}">' in row
    assert "&lt;b&gt;Printer&lt;/b&gt; &amp; kasir" in row
    for text in (
        f"K-{problem_id}",
        "T01 — Toko Bandung",
        "Ani Lestari",
        "Baru",
        "HD — Meja Bantuan",
        "kurang dari semenit",
    ):
        assert text in row


# Reach ------------------------------------------------------------------------------------------------------------------


async def test_everybody_finds_what_is_in_reach_and_nothing_else(people: People, connection: Connection) -> None:
    of = {nik: await report_at(connection, nik, datetime(2024, 5, 1, tzinfo=UTC)) for nik in STORES}
    everything = sorted(of.values(), reverse=True)
    reach = {ANI: [of[BUDI], of[ANI]], BUDI: [of[BUDI], of[ANI]], CITRA: [of[CITRA]], ADMIN: []}
    reach |= dict.fromkeys((DESK, PIC, MANAGER), everything)
    for nik, expected in reach.items():
        person = await people(nik)
        for query in ("year=all", "year=all&q=printer", "year=all&status=reported", "year=all&division=HD"):
            page = await person.get(f"/problems?{query}")
            assert ids(page.text) == expected, nik
            assert counts(page.text)["Semua"] == len(expected)
        for problem_id in everything:
            found = await person.get(f"/problems?year=all&q=K-{problem_id}")
            assert ids(found.text) == ([problem_id] if problem_id in expected else [])


async def test_a_filter_does_not_widen_the_reach_nor_tell_of_what_lies_beyond(
    people: People, connection: Connection
) -> None:
    await report_at(connection, CITRA, datetime(2024, 5, 1, tzinfo=UTC))
    await report_at(connection, ANI, datetime(2025, 5, 1, tzinfo=UTC))
    ani = await people(ANI)
    assert (await ani.get("/problems?store=T02")).status_code == 422
    assert (await ani.get("/problems?year=2024")).status_code == 422, "there is no such year in reach"
    page = (await ani.get("/problems?year=all")).text
    assert "T02" not in page
    assert "2024" not in page


async def test_whoever_moves_keeps_the_own_problems_and_leaves_the_colleagues(
    people: People, connection: Connection
) -> None:
    mine = await report_at(connection, ANI, datetime.now(UTC))
    await report_at(connection, BUDI, datetime.now(UTC))
    there = await report_at(connection, CITRA, datetime.now(UTC))
    await connection.execute("UPDATE employee SET store_code = 'T02' WHERE nik = $1", ANI)
    ani = await people(ANI)
    assert ids((await ani.get("/problems")).text) == [there, mine]
    assert (await ani.get(f"/problems/{mine}")).status_code == 200
    assert (await ani.get("/problems/2")).status_code == 404
    assert ids((await ani.get("/problems?store=T02")).text) == [there]
