"""The list of problems, against a model of it in plain Python: the same problems, filtered the plain way."""

import random
import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from html import unescape
from itertools import chain
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from asyncpg import Connection

from actions.registry import CLOSURE
from formats.text import searchable
from queries.changes import record_change
from tests.client import Client, unkeyed
from tests.conftest import People
from tests.journeys import ADMIN, ANI, BUDI, CITRA, DESK, MANAGER, PIC, YOSEP
from tests.memberships import belong
from tests.queries.life import (
    Wish,
    accept_escalation,
    close,
    do,
    escalate_to_division,
    escalate_to_pic,
    open_problem,
    submission,
    void,
)
from tests.routes.catalogue import faulty, is_page

STORES = {ANI: "T01", BUDI: "T01", CITRA: "T02", YOSEP: "T03"}
NAMES = {
    ANI: "10001\nAni Lestari\nT01\nToko Bandung",
    BUDI: "10002\nBudi Santoso\nT01\nToko Bandung",
    CITRA: "10003\nCitra Dewi\nT02\nToko Denpasar",
    YOSEP: "10004\nYosep Wenda\nT03\nToko Jayapura",
}
HOLDERS = {
    "HD": "HD\nMeja Bantuan",
    "IT-NET": "IT-NET\nJaringan",
    "IT-POS": "IT-POS\nSistem Kasir",
    f"MNT:{PIC}": "MNT\nMaintenance\n30001\nGita Permata",
}
ASSETS = {"T01-PRN-01": "Printer kasir 1", "T02-PRN-01": "Printer kasir 1"}
STATUSES = ("reported", "open", "waiting", "escalated", "closed", "void")
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
    *(
        "citra",
        "t02-prn",
        "über",
        "kabel",
        "x",
        "printer bandung mati",
        '"',
        "'",
        "<b>",
        "K-3",
        "k7",
        "12",
        "K-999999",
        "permata gita",
        "jaringan",
        "it-pos",
        "wifi",
        "ganda",
        "10003",
    ),
)

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
NEVER = datetime(9000, 1, 1, tzinfo=UTC)


@dataclass
class Row:
    """A problem as the model knows it."""

    id: int
    reporter: str
    year: int
    text: str
    status: str = "reported"
    holder: str = "HD"
    priority: int | None = None
    changed: tuple[int, datetime] = (0, LONG_AGO)  # what was changed at all, was so in the order of the numbers
    due: datetime | None = None

    @property
    def store(self) -> str:
        return STORES[self.reporter]


@dataclass(frozen=True)
class Chosen:
    """The filters as somebody chooses them; an empty one stands for all."""

    year: str = "all"
    status: str = ""
    holder: str = ""
    store: str = ""
    priority: str = ""
    sort: str = ""
    q: str = ""

    def finds(self, row: Row) -> bool:
        return (
            (self.year in ("all", str(row.year)) or row.id == self.number)
            and (
                self.status in ("", row.status)
                or (self.status == "unfinished" and row.status not in ("closed", "void"))
            )
            and (self.holder in ("", row.holder) or row.holder.startswith(f"{self.holder}:"))
            and self.store in ("", row.store)
            and self.priority in ("", str(row.priority))
            and self._is_in(row)
        )

    def _is_in(self, row: Row) -> bool:
        if self.number and self.q[0] in "Kk":
            return row.id == self.number
        text = searchable(f"{row.text}\n{HOLDERS[row.holder]}")
        return row.id == self.number or all(word in text for word in searchable(self.q).split())

    @property
    def number(self) -> int | None:
        number = re.fullmatch(r"(?:[Kk]-?)?(\d+)", self.q)
        return int(number[1]) if number else None

    def order(self, rows: list[Row]) -> list[int]:
        """The ids of those that are found, as the list shows them."""
        keys = {"priority": lambda row: row.priority or 6, "changed": lambda row: row.changed}
        if self.sort == "due":
            found = sorted(filter(self.finds, rows), key=lambda row: (row.due or NEVER, row.id if row.due else -row.id))
            return [row.id for row in found]
        found = sorted(filter(self.finds, rows), key=lambda row: (keys.get(self.sort, lambda _: 0)(row), row.id))
        return [row.id for row in (found if self.sort in ("oldest", "priority") else found[::-1])]

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
        await record_change(connection, problem_id, nik, "reported", {}, None)
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
        row = Row(problem_id, nik, at.year, text, changed=(0, at))
        await _bring_to(connection, row, chance.choice(STATUSES[:2] + STATUSES[3:]), chance)
        row.due = await connection.fetchval("SELECT due_at FROM problem WHERE id = $1", row.id)
        rows.append(row)
    return rows


async def _bring_to(connection: Connection, row: Row, status: str, chance: random.Random) -> None:
    def change(version: int) -> Wish:
        return Wish(row.id, version, submission(DESK))

    row.status = status
    if status != "reported":
        row.changed = (1, LONG_AGO)
    if status == "void":
        await void(connection, change(1))
        row.text += "\nGanda"
    if status in ("open", "escalated", "closed"):
        impact, urgency = chance.choice((1, 2, 3)), chance.choice((1, 2, 3))
        await open_problem(connection, change(1), "NET-WIFI", impact, urgency, "Kabel putus")
        row.priority = impact + urgency - 1
        row.text += "\nNET-WIFI\nWi-Fi\nKabel putus"
    if status == "closed":
        await do(connection, CLOSURE, change(2), solution="Diganti baru")
        row.text += "\nDiganti baru"
    if status == "escalated":
        row.holder = chance.choice(["IT-NET", "IT-POS", f"MNT:{PIC}"])
        if row.holder.startswith("IT"):
            await escalate_to_division(connection, change(2), "it", row.holder, "Perlu")
        else:
            await escalate_to_pic(connection, change(2), PIC, "Perlu")
        row.text += "\nPerlu"


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

WORDS = {
    "reported": "Baru",
    "open": "Dibuka",
    "waiting": "Menunggu",
    "escalated": "Dialihkan",
    "closed": "Selesai",
    "void": "Dibatalkan",
}
VALUES = {
    "year": ["all", "2023", "2024", "2026"],
    "status": ["", "unfinished", *STATUSES],
    "holder": ["", "HD", "IT-NET", "IT-POS", "GA", "MNT", f"MNT:{PIC}", "PRC", "PRC:30002"],
    "store": ["", "HO", "T01", "T02", "T03"],
    "priority": ["", "1", "2", "3", "4", "5"],
    "sort": ["", "newest", "oldest", "priority", "changed", "due"],
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
        assert ids(response.text) == chosen.order(rows), chosen

        any_status = Counter(row.status for row in rows if replace(chosen, status="").finds(row))
        said = counts(response.text)
        unfinished = sum(any_status[status] for status in ("reported", "open", "waiting", "escalated"))
        totals = {"Semua": any_status.total(), "Belum selesai": unfinished}
        assert said == totals | {WORDS[status]: any_status[status] for status in STATUSES}


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
    assert (
        f'<time datetime="2024-12-31T23:59:59+0{hours}:00" title="31 Desember 2024 23.59 {zone}">31 Des 2024 23.59<'
        in before.text
    )
    assert f"1 Januari 2025 00.00 {zone}" in after.text
    assert (
        f'<time datetime="2025-01-01T00:00:00+0{hours}:00" title="1 Januari 2025 00.00 {zone}">1 Jan 2025 00.00<'
        in after.text
    )


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
        ("holder=XX", {"holder"}),
        ("holder=hd", {"holder"}),
        ("holder=MNT:10001", {"holder"}),  # of whom nothing is told
        ("holder=IT-NET:30001", {"holder"}),
        ("division=XX", {"holder"}),
        ("priority=0", {"priority"}),
        ("priority=P1", {"priority"}),
        ("reporter=10001", {"reporter"}),
        ("sort=random", {"sort"}),
        ("store=XX", {"store"}),
        (f"q={'x' * 101}", {"q"}),
        ("year=1999&status=x&holder=x&store=x", {"year", "status", "holder", "store"}),
        ("after=abc", set()),
        ("after=-1", set()),
        ("before=1.5", set()),
        (f"after={2**63}", set()),
        ("before=%00", set()),
        ("after=１", set()),
        ("after=1.2", set()),  # of another order
        ("sort=priority&after=2", set()),
        ("sort=changed&after=9999999999999999999.2", set()),
        ("sort=changed&before=1.", set()),
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


@pytest.mark.parametrize(
    "query",
    [
        "x=1",
        "year=",
        "status=&holder=&division=&store=&priority=&reporter=&sort=&q=",
        "after=&before=",
        "q=%00",
        "q=%20",
    ],
)
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


@pytest.mark.parametrize("sort", ["newest", "oldest", "priority", "changed", "due"])
async def test_every_order_is_paged_without_gap_or_overlap(sort: str, people: People, connection: Connection) -> None:
    """Also where many stand at the same place of it, and the rows beside which a page begins have changed since."""
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    made = [await report_at(connection, ANI, moment) for _ in range(120)]
    await connection.execute("SET session_replication_role = replica")
    await connection.execute(
        "UPDATE problem SET impact = 1 + id % 3, urgency = 1, category_code = 'NET-WIFI', identification = 'x', "
        "status = 'open', changed_at = reported_at + (id % 4) * interval '1 microsecond', "
        "due_at = CASE WHEN id % 7 > 1 THEN reported_at + (id % 4) * interval '1 microsecond' END WHERE id % 5 > 0"
    )
    keys = {
        "newest": "id DESC",
        "oldest": "id",
        "priority": "coalesce(priority, 6), id",
        "changed": "changed_at DESC, id DESC",
        "due": "due_at, CASE WHEN due_at IS NULL THEN -id ELSE id END",
    }
    expected = [r["id"] for r in await connection.fetch(f"SELECT id FROM problem ORDER BY {keys[sort]}")]
    desk = await people(DESK)
    for query in (f"year=all&sort={sort}", f"year=2026&sort={sort}&holder=HD&status=unfinished"):
        forwards = await pages(desk, f"/problems?{query}")
        assert list(chain(*forwards)) == expected and len(made) == len(expected)
    second = neighbours((await desk.get(f"/problems?year=all&sort={sort}")).text)["next"]
    back = neighbours((await desk.get(second)).text)["prev"]
    assert ids((await desk.get(back)).text) == expected[:50]
    await connection.execute(
        "UPDATE problem SET impact = impact * 0 + 3, changed_at = now() WHERE id = $1", expected[49]
    )
    assert [id for id in ids((await desk.get(second)).text) if id != expected[49]][:40] == expected[50:90]
    await connection.execute("SET session_replication_role = origin")


async def test_what_is_mine_is_what_i_hold_or_reported(people: People, connection: Connection) -> None:
    chance = random.Random(3)
    rows = await populate(connection, chance, 40)
    mine = {DESK: "HD", PIC: f"MNT:{PIC}", ANI: "-", MANAGER: "-"}
    for nik, holder in mine.items():
        person = await people(nik)
        page = (await person.get("/problems?year=all&holder=me&status=unfinished")).text
        expected = [r.id for r in reversed(rows) if r.holder == holder and r.status not in ("closed", "void")]
        assert ids(page) == expected, nik
        own = ids((await person.get("/problems?year=all&reporter=me")).text)
        assert own == [row.id for row in reversed(rows) if row.reporter == nik], nik
        for link in ("/problems?year=all&amp;holder=me&amp;status=unfinished", "/problems?year=all&amp;reporter=me"):
            assert re.search(rf'href="{re.escape(link)}"[^>]*>T?L?', page)
        assert re.search(r'aria-current="true">Tugas saya<', page)


async def test_a_former_pic_is_found_by_whoever_reaches_what_they_held_and_by_nobody_else(
    people: People, connection: Connection
) -> None:
    row = Row(await report_at(connection, ANI, datetime(2024, 5, 1, tzinfo=UTC)), ANI, 2024, "")
    await open_problem(connection, Wish(row.id, 1, submission(DESK)), "NET-WIFI", 1, 1, "Kabel")
    await escalate_to_pic(connection, Wish(row.id, 2, submission(DESK)), PIC, "Perlu")
    await accept_escalation(connection, Wish(row.id, 3, submission(PIC)))
    await close(connection, Wish(row.id, 4, submission(PIC)))
    await belong(connection, PIC)
    for nik, status in ((ANI, 200), (DESK, 200), (CITRA, 422)):
        response = await (await people(nik)).get(f"/problems?year=all&holder=MNT:{PIC}")
        assert response.status_code == status, nik
        assert ("Gita Permata" in response.text) is (status == 200)


async def test_the_pager_is_real_links_that_keep_the_filters(long_list: list[int], people: People) -> None:
    ani = await people(ANI)
    first = await ani.get("/problems?year=all&q=printer&status=reported&store=T01&holder=HD")
    assert set(neighbours(first.text)) == {"next"}
    assert "Berikutnya" in first.text
    assert "Sebelumnya" not in first.text
    following = urlsplit(neighbours(first.text)["next"])
    assert parse_qs(following.query) == {
        "year": ["all"],
        "q": ["printer"],
        "status": ["reported"],
        "store": ["T01"],
        "holder": ["HD"],
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
        ("year=&status=&holder=&store=&priority=&reporter=&sort=&q=", "year={year}"),
        ("sort=newest&year=all", "year=all"),
        ("year=all&division=HD", "year=all&holder=HD"),  # as it was called before
        (
            "holder=MNT:30001&sort=changed&after=7.3&year=all&priority=2&reporter=me",
            "year=all&holder=MNT:30001&priority=2&reporter=me&sort=changed&after=7.3",
        ),
        ("status=reported&year=all", "year=all&status=reported"),
        ("q=+a+%26+b%25+&year=all&x=1", "year=all&q=a+%26+b%25"),
        ("year=all&after=7", "year=all&after=7"),
        ("before=7&after=9&year=all", "year=all&before=7"),
        (
            "store=T01&holder=IT-NET&status=void&q=%C3%A9&year=all",
            "year=all&status=void&holder=IT-NET&store=T01&q=%C3%A9",
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
    title, _, rows = part.text.partition("</title>")
    assert rows.startswith('<div id="problems">')
    page = await ani.get(url)
    assert ids(page.text) == ids(part.text)
    assert "HX-Push-Url" not in page.headers
    assert unkeyed(rows).strip() in unkeyed(page.text), "a page and its swap are the same"
    assert f"{title}</title>" in page.text


async def test_a_row_that_is_kept_names_everybody_as_they_are_called_now(
    people: People, connection: Connection
) -> None:
    await report_at(connection, ANI, datetime.now(UTC), "Printer mati")
    ani = await people(ANI)
    for table, name in (("employee", "Ani Wijaya"), ("store", "Toko Cimahi"), ("division", "Meja Layanan")):
        assert name not in (await ani.get("/problems")).text
        key = {"employee": "nik = '10001'", "store": "code = 'T01'", "division": "code = 'HD'"}[table]
        await connection.execute(f"UPDATE {table} SET name = $1 WHERE {key}", name)
        assert name in (await ani.get("/problems")).text.partition("<tbody")[2]


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
        for query in ("year=all", "year=all&q=printer", "year=all&status=reported", "year=all&holder=HD"):
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
