"""What a manager of an area is shown, wherever it is: what a manager of all is of its stores, and nothing else."""

import random
import re
from itertools import product

import pytest
from asyncpg import Connection

from actions.recap import present_month
from forms.recap import BY_WORDS
from queries.problem_counts import fold_problem_counts
from tests.areas import MANAGED, put_in_areas
from tests.client import Client
from tests.conftest import People
from tests.exports import download, rows_of
from tests.house import House
from tests.journeys import ANI, CITRA, MANAGER, OF_ANOTHER, OF_AREA, OF_REGION, WAYS, YOSEP, problem_in, report
from tests.queries import life
from tests.routes.test_recap import MONTH, counted, counts_of

STORES = {OF_AREA: ("T01",), OF_REGION: ("T01",), OF_ANOTHER: ("T02", "T03")}
FILTERS = (
    "",
    "&status=unfinished",
    "&status=closed",
    "&holder=IT-NET",
    "&holder=MNT",
    "&priority=2",
    "&q=Printer",
    "&q=T01",
)
ORDERS = ("newest", "oldest", "priority", "changed", "due")


async def listed(client: Client, query: str) -> tuple[list[str], int]:
    """The problems of a page of the list, and how many there are."""
    response = await client.get(f"/problems?year=all{query}")
    assert response.status_code == 200, query
    number = re.search(r"<span>Semua</span> <b>([0-9.]+)</b>", response.text)
    return re.findall(r'id="problem-([0-9]+)"', response.text), int(number[1]) if number else 0


@pytest.fixture
async def company(people: People, connection: Connection) -> People:
    """Problems of three stores in every state, in two areas."""
    await put_in_areas(connection)
    for state in random.Random(3).sample(sorted(WAYS), 8):
        await problem_in(people, state)
    for nik in (CITRA, YOSEP, CITRA):
        await report(people, nik, title=f"Printer {nik}")
    return people


@pytest.mark.parametrize("is_counted", [False, True])
async def test_the_list_is_that_of_the_stores(company: People, connection: Connection, *, is_counted: bool) -> None:
    if is_counted:
        await fold_problem_counts(connection)
        await report(company, CITRA)
    everything = await company(MANAGER)
    for nik, (query, sort) in product(MANAGED, product(FILTERS, ORDERS)):
        client = await company(nik)
        ids, number = await listed(client, f"{query}&sort={sort}")
        of_stores = [await listed(everything, f"{query}&sort={sort}&store={store}") for store in STORES[nik]]
        assert sorted(ids) == sorted(i for found, _ in of_stores for i in found), (nik, query)
        assert number == sum(count for _, count in of_stores), (nik, query)
        page = (await everything.get(f"/problems?year=all{query}&sort={sort}")).text
        assert ids == [i for i in re.findall(r'id="problem-([0-9]+)"', page) if i in ids], "in the same order"


async def test_the_filter_offers_the_stores_of_the_area(company: People) -> None:
    for nik, stores in STORES.items():
        page = (await (await company(nik)).get("/problems")).text
        offered = re.search(r'<select[^>]*name="store".*?</select>', page, re.DOTALL)
        assert offered and set(re.findall(r'value="([A-Z0-9]+)"', offered[0])) == {*stores, "HO"}, "and the own one"


async def test_a_file_has_what_the_list_has(company: People) -> None:
    for nik in MANAGED:
        client = await company(nik)
        path = (await client.submit("/problems?year=all", "/exports", format="csv")).headers["Location"]
        ids, _ = await listed(client, "")
        assert sorted(row["Nomor"] for row in rows_of(await download(client, path))) == sorted(f"K-{i}" for i in ids)


async def test_a_store_that_moves_is_seen_by_others_at_once(company: People, connection: Connection) -> None:
    here, there = await company(OF_AREA), await company(OF_ANOTHER)
    before = {nik: await listed(await company(nik), "") for nik in (OF_AREA, OF_ANOTHER)}
    assert (await here.get("/desk")).status_code == 200
    await connection.execute("UPDATE store SET area_code = 'TIMUR' WHERE code = 'T01'")
    assert await listed(here, "") == ([], 0)
    assert len((await listed(there, ""))[0]) == sum(len(ids) for ids, _ in before.values())
    assert "Printer" not in (await here.get("/desk")).text


async def test_the_desk_screen_is_that_of_the_area(company: People) -> None:
    everything = (await (await company(MANAGER)).get("/desk")).text
    assert f"Printer {CITRA}" in everything
    for nik, stores in STORES.items():
        page = (await (await company(nik)).get("/desk")).text
        assert (f"Printer {CITRA}" in page) is ("T02" in stores)
        assert page != everything


@pytest.mark.parametrize("by", BY_WORDS)
async def test_a_recap_is_that_of_the_area(house: House, by: str) -> None:
    """As the one of a manager of all who narrows it; and each number opens to what it counts, which is the area's."""
    everything = await house.people(MANAGER)
    for nik, area in MANAGED.items():
        client = await house.people(nik)
        counts = await counts_of(client, f"{MONTH}?by={by}")
        narrowed = await counts_of(everything, f"{MONTH}?by={by}&area={area}")
        assert sorted(counts.values()) == sorted(narrowed.values())
        assert bool(counts)
        seen = set(house.problems.values()) if "T01" in STORES[nik] else {house.elsewhere}
        for url, number in random.Random(by).sample(sorted(counts.items()), min(9, len(counts))):
            found = await counted(client, url)
            assert len(found) == number and {*found} <= seen, url


async def test_rows_of_areas_hold_those_below_and_nothing_above(house: House) -> None:
    page = (await (await house.people(MANAGER)).get(f"{MONTH}?by=area")).text
    assert page.index(">BARAT — Wilayah Barat</a>") < page.index(">JABAR — Jawa Barat</a>")
    counts = await counts_of(await house.people(MANAGER), f"{MONTH}?by=area")
    by_key = {
        key: counts.get(f"{MONTH}/movements?by=area&key={key}&number=reported", 0)
        for key in ("BARAT", "JABAR", "TIMUR")
    }
    assert by_key["BARAT"] == by_key["JABAR"] == len(house.problems) and by_key["TIMUR"] == 1
    page = (await (await house.people(OF_AREA)).get(f"{MONTH}?by=area")).text
    assert ">JABAR — Jawa Barat</a>" in page and ">BARAT" not in page and "Hanya toko di wilayah JABAR." in page


async def test_what_is_not_of_the_area_cannot_be_asked_for(house: House) -> None:
    client = await house.people(OF_ANOTHER)
    for query in ("store=T01", "area=JABAR", "area=BARAT", "store=HO"):
        assert (await client.get(f"{MONTH}?{query}")).status_code == 422, query
    for query in ("by=store&key=T01", "by=area&key=JABAR", "by=area&key=", "by=store&key=HO", "store=T01"):
        status = (await client.get(f"{MONTH}/movements?number=reported&{query}")).status_code
        assert status in (404, 422), query
    values = {"kind": "recap", "format": "csv", "month": f"{present_month():%Y-%m}", "area": "JABAR"}
    assert (await client.press("/exports", values)).status_code == 422


async def test_a_recap_as_a_file_is_of_the_area(people: People, connection: Connection) -> None:
    await put_in_areas(connection)
    for nik in (ANI, CITRA, CITRA, YOSEP):
        await report(people, nik)
    client = await people(OF_ANOTHER)
    rows = rows_of(await download(client, (await client.submit(MONTH, "/exports", format="csv")).headers["Location"]))
    reported = {(row["Menurut"], row["Baris"]): row["Dilaporkan"] for row in rows}
    assert reported["Semua", "TIMUR — Wilayah Timur"] == "3" == reported["Wilayah", "TIMUR — Wilayah Timur"]
    assert not any("T01" in label or "JABAR" in label for _, label in reported)


async def test_notes_are_found_within_the_area_alone(house: House) -> None:
    found = {nik: (await listed(await house.people(nik), "&q=ini+lagi"))[0] for nik in (MANAGER, *MANAGED)}
    assert found[OF_AREA] == found[OF_REGION] == found[MANAGER] != [] == found[OF_ANOTHER]


async def test_in_reach_by_row(connection: Connection) -> None:
    """An inactive area still has its stores; without an area a manager sees all."""
    await put_in_areas(connection)
    problem = await life.report(connection)
    await connection.execute("UPDATE area SET active = false")
    rows = await connection.fetch(
        """
        SELECT e.nik FROM employee e, problem p
         WHERE p.id = $1 AND e.is_manager AND in_reach(p, e.sees_all, e.store_code, e.nik, e.area_code)
        """,
        problem,
    )
    assert {nik for (nik,) in rows} == {MANAGER, OF_AREA, OF_REGION}
