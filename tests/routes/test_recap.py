"""The recap: its pages, that each number opens to exactly what it counts, and who sees what of it."""

import re
from html import unescape

import asyncpg
import pytest

import routes.movements
import routes.recap
from actions.recap import present_month
from actions.registry import OPENING
from formats.recap import ALL, NUMBERS, UNIDENTIFIED
from queries.recap import Cut, list_numbers
from tests.client import Client
from tests.conftest import People
from tests.house import House
from tests.journeys import CITRA, DESK, IDENTIFICATION, MANAGER, NET, OF_TWO, PIC, do, report

MONTH = f"/recap/{present_month():%Y-%m}"
COUNT = re.compile(r'<a href="(/recap/[^"]*/movements\?[^"]*)">([0-9.]+)</a>')
ROW = re.compile(r'<th role="rowheader" scope="row"><a href="(/problems/[0-9]+)"')
HOLDER = re.compile(r'data-label="Penanggung">([^<]*)</td>')


async def counts_of(client: Client, path: str) -> dict[str, int]:
    """The counts of a page that are something, by the address that each opens to."""
    response = await client.get(path)
    assert response.status_code == 200, path
    return {unescape(url): int(number.replace(".", "")) for url, number in COUNT.findall(response.text)}


async def counted(client: Client, url: str) -> list[str]:
    """The problems of all pages of what a number counts."""
    found: list[str] = []
    while url:
        response = await client.get(url)
        assert response.status_code == 200, url
        found += ROW.findall(response.text.rpartition('<table class="numbers lines" role="table" aria-label=')[2])
        older = re.search(r'rel="next" href="([^"]*)"', response.text)
        url = unescape(older[1]) if older else ""
    return found


@pytest.mark.parametrize(
    ("nik", "query"),
    [
        (MANAGER, ""),
        (MANAGER, "?by=category"),
        (MANAGER, "?by=priority&division=IT-NET"),
        (DESK, "?by=store"),
        (OF_TWO, "?store=T01"),
    ],
)
async def test_each_number_opens_to_exactly_what_it_counts(house: House, nik: str, query: str) -> None:
    client = await house.people(nik)
    counts = await counts_of(client, f"{MONTH}{query}")
    assert len(counts) > 5
    for url, number in counts.items():
        assert len(await counted(client, url)) == number, url


async def test_a_page_of_what_is_counted_follows_the_other(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    manager = await house.people(MANAGER)
    urls = [f"{MONTH}/movements?by=holder&number={name}" for name in ("received", "closing", "held")]
    whole = [await counted(manager, url) for url in urls]
    monkeypatch.setattr(routes.movements, "PAGE_SIZE", 2)
    assert [await counted(manager, url) for url in urls] == whole
    assert all(len(found) > 4 for found in whole)


async def test_a_page_of_stores_follows_the_other(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes.recap, "PAGE_SIZE", 1)
    manager, stores = await house.people(MANAGER), []
    url = f"{MONTH}?by=store&division=HD"
    while url:
        page = (await manager.get(url)).text
        stores += re.findall(r'<th role="rowheader" scope="row" dir="auto"><a href="[^"]*">(.*?)</a></th>', page)
        older = re.search(r'rel="next" href="(/recap[^"]*by=store[^"]*)"', page)
        url = unescape(older[1]) if older else ""
    names = ("HO — Kantor Pusat", "T01 — Toko Bandung", "T02 — Toko Denpasar", "T03 — Toko Jayapura")
    assert stores == [*names], "each active store once, also where nothing moved"


async def test_each_active_store_has_a_row_and_what_is_counted_of_a_closed_one(
    people: People, connection: asyncpg.Connection
) -> None:
    await report(people, CITRA)
    await connection.execute("UPDATE store SET active = code NOT IN ('T02', 'T03')")
    page = (await (await people(MANAGER)).get(f"{MONTH}?by=store")).text
    served = r"(\s*<td role=\"cell\" class=\"length\">–</td>){3}\s*<td role=\"cell\">0</td>"
    assert re.search(rf">HO — Kantor Pusat</a></th>(\s*<td role=\"cell\">0</td>){{13}}{served}\s*</tr>", page)
    assert ">T02 — Toko Denpasar</a></th>" in page and "Toko Jayapura</a></th>" not in page


async def test_a_page_of_stores_goes_on_behind_closed_ones(people: People, connection: asyncpg.Connection) -> None:
    await report(people, CITRA)
    await connection.execute("UPDATE store SET active = code NOT IN ('T01', 'T03')")
    rows = await list_numbers(connection, Cut(present_month(), "store"), limit=3)
    assert [row.key for row in rows] == ["HO", "T02"]


async def test_a_month_of_the_company(house: House) -> None:
    page = (await (await house.people(MANAGER)).get(MONTH)).text
    assert ">Seluruh perusahaan</h2>" in page and ">Seluruh perusahaan</th>" in page and "Sedang berjalan" in page
    for number in ALL.values():
        assert f"<p>{number.meaning}</p>" in page, "explained without a script"
    for code in ("HD — Meja Bantuan", "IT-NET — Jaringan", "MNT — Maintenance"):
        assert f">{code}</a></th>" in page
    by_category = (await (await house.people(MANAGER)).get(f"{MONTH}?by=category")).text
    assert f">{UNIDENTIFIED}</th>" in by_category
    assert by_category.index(">NET — Jaringan</th>") < by_category.index(">NET-WIFI — Wi-Fi</th>")


@pytest.mark.parametrize("page", ["", "/highlights"])
async def test_a_way_leads_from_what_is_narrowed_to_the_whole(house: House, page: str) -> None:
    for nik, words in ((MANAGER, "Seluruh perusahaan"), (NET, "Tanpa filter")):
        client = await house.people(nik)
        way = f'href="{MONTH}{page}">{words}</a>'
        assert way in (await client.get(f"{MONTH}{page}?division=IT-NET")).text
        assert way not in (await client.get(f"{MONTH}{page}")).text


async def test_a_category_holds_those_below_it(people: People) -> None:
    for category in ("NET-LAN", "NET-LAN", "NET-WIFI"):
        await do(people, await report(people), DESK, OPENING, IDENTIFICATION | {"category": category})
    counts = await counts_of(await people(MANAGER), f"{MONTH}?by=category")
    for number in NUMBERS:
        address = f"{MONTH}/movements?by=category&key={{}}&number={number.name}"
        whole, *parts = (counts.get(address.format(key), 0) for key in ("NET", "NET-LAN", "NET-WIFI"))
        assert whole == sum(parts)
        assert parts == ([2, 1] if number.name in ("reported", "opened", "received", "closing") else [0, 0])


async def test_a_handler_sees_what_the_own_divisions_and_departments_had(house: House) -> None:
    for nik, own in ((NET, ["IT-NET"]), (PIC, ["MNT"]), (OF_TWO, ["IT-NET"])):
        client = await house.people(nik)
        for query in ("", "?by=category", "?by=store"):
            await (await house.people(MANAGER)).get(f"{MONTH}{query}")  # what is kept of it is not for others
            page = (await client.get(f"{MONTH}{query}")).text
            assert "Seluruh perusahaan" not in page and "HD — Meja Bantuan" not in page
        seen = [
            await client.get(f"{MONTH}/movements?by=holder&number={number}")
            for number in ("received", "closing", "held")
        ]
        assert {holder for response in seen for holder in HOLDER.findall(response.text)} == set(own)
        for page in ("", "/highlights", "/movements"):
            assert (await client.get(f"{MONTH}{page}?number=closed&division=HD")).status_code == 422
            assert (await client.get(f"{MONTH}{page}?number=closed&division=NONE")).status_code == 422
        assert (await client.get(f"{MONTH}/movements?by=holder&key=HD&number=closed")).status_code == 404
        highlights = (await client.get(f"{MONTH}/highlights")).text
        assert "HD — Meja Bantuan" not in highlights and "Toko yang" not in highlights


async def test_addresses_that_name_nothing(house: House) -> None:
    manager = await house.people(MANAGER)
    year = present_month().year
    for month in ("2026-13", "2026", "x", "1999-12", f"{year + 1}-12", "2026-1", "２０２６-11"):
        for page in ("", "/highlights", "/movements?number=closed"):
            assert (await manager.get(f"/recap/{month}{page}")).status_code == 404, month
    for query in (
        "number=x",
        "",
        "number=closed&after=x",
        "number=closed&after=1",
        "number=held&after=1.2",
        "number=closed&after=999999999999999999.1",
        "number=closed&after=1.2.3",
        "number=closed&before=x",
        "number=held&by=category&key=NET",
        "number=held&by=priority&key=1",
        "number=closed&by=store&key=%00",
        "number=closed&by=category&key=%00",
        "number=closed&by=priority&key=9",
        "number=closed&by=category&key=NOPE",
        "number=closed&by=store&key=T99",
        "number=closed&by=store&key=T02&store=T01",
        "number=closed&by=holder&key=",
        "number=x&by=area",
    ):
        assert (await manager.get(f"{MONTH}/movements?{query}")).status_code == 404, query
    for after in ("%00", "t01", "T" * 31):
        assert (await manager.get(f"{MONTH}?by=store&after={after}")).status_code == 404, after
    for query in ("by=region", "division=MNT", "department=HD", "store=T99", "store=Toko"):
        for page in ("", "/movements"):
            response = await manager.get(f"{MONTH}{page}?number=closed&{query}")
            assert response.status_code == 422 and 'role="alert"' in response.text, query


async def test_the_months(house: House) -> None:
    page = (await (await house.people(MANAGER)).get("/recap")).text
    assert f'<a href="{MONTH}">' in page and 'role="img"' in page and "berjalan" in page
    for url, number in (await counts_of(await house.people(MANAGER), "/recap")).items():
        assert len(await counted(await house.people(MANAGER), url)) == number, url
    assert ">Dilaporkan</th>" in page and ">Masuk</th>" not in page
    of_net = (await (await house.people(NET)).get("/recap")).text
    assert "Hanya yang ditangani IT-NET." in of_net
    assert ">Masuk</th>" in of_net and ">Dilaporkan</th>" not in of_net, "nobody reports to a division"


async def test_a_page_that_is_kept_is_as_new_as_the_last_change(people: People) -> None:
    manager = await people(MANAGER)
    url = f"{MONTH}/movements?by=holder&number=reported"
    for number in (1, 2):
        await report(people)
        assert (await counts_of(manager, MONTH))[url] == number
