"""More stores than a select can hold: the filter of the list finds them by what is typed."""

import re

import pytest
from asyncpg import Connection

from forms.listing import NO_STORE, SEVERAL_STORES
from queries.stores import IN_A_SELECT
from tests.client import Client
from tests.conftest import People

ANI, DESK, ADMIN = "10001", "20001", "90001"


@pytest.fixture
async def desk(people: People, connection: Connection) -> Client:
    await connection.execute(
        """
        INSERT INTO store (code, name, time_zone)
        SELECT 'M' || to_char(n, 'FM0000'), 'Toko ' || CASE n WHEN 7 THEN 'Élok' ELSE 'Ke-' || n END, 'Asia/Jakarta'
          FROM generate_series(1, $1::int) n
        """,
        IN_A_SELECT,
    )
    await (await people(ANI)).submit("/problems/new", "/problems", title="Printer", description="Mati")
    return await people(DESK)


def offered(html: str) -> list[str]:
    return re.findall(r'<option value="([^"]+)">', html)


async def test_the_field_is_a_search_and_its_page_is_small(desk: Client, people: People) -> None:
    html = (await desk.get("/problems")).text
    assert re.search(r'<label for="store">Toko</label>\s*<input id="store" name="store" value=""', html)
    assert "M0001" not in html
    for nik in (ANI, ADMIN):
        assert '<select id="store"' in (await (await people(nik)).get("/problems")).text, (
            "who sees one store chooses it"
        )


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("t01", ["T01"]),
        ("M000", [f"M000{n}" for n in range(1, 10)]),
        ("ke-200", ["M0200"]),
        ("ÉLOK", ["M0007"]),
        ("T02 — Toko Denpasar", ["T02"]),
        ("bandung", ["T01"]),
        ("%", []),
        ("—", []),
        ("0200", []),
        ("", []),
        ("x" * 101, []),
        ("\x00", []),
    ],
)
async def test_what_is_offered_for_what_was_typed(desk: Client, typed: str, codes: list[str]) -> None:
    response = await desk.post("/stores", {"store": typed}, htmx=True)
    assert (response.status_code, offered(response.text)) == (200, codes)


async def test_few_are_offered_at_a_time_and_the_one_that_is_named_first(desk: Client, connection: Connection) -> None:
    await connection.execute("INSERT INTO store VALUES ('KE-1', 'Toko Lain', 'Asia/Jakarta')")
    found = offered((await desk.post("/stores", {"store": "ke-1"}, htmx=True)).text)
    assert len(found) == 20 and found[0] == "KE-1"


async def test_nobody_is_offered_a_store_out_of_sight(desk: Client, people: People) -> None:
    ani = await people(ANI)
    assert offered((await ani.post("/stores", {"store": "toko"}, htmx=True)).text) == ["T01"]


@pytest.mark.parametrize("typed", ["T01", "t01", "T01 — Toko Bandung", "Bandung"])
async def test_the_list_takes_the_store_however_it_was_named(desk: Client, typed: str) -> None:
    response = await desk.get("/problems", params={"store": typed}, htmx=True)
    assert response.status_code == 200 and "Printer" in response.text
    assert re.fullmatch(r"/problems\?year=\d{4}&store=T01", response.headers["HX-Push-Url"])
    assert 'id="store" name="store" value="T01"' in response.text


async def test_a_name_that_others_begin_with_names_its_store(desk: Client, connection: Connection) -> None:
    response = await desk.get("/problems", params={"store": "Toko Ke-1"}, htmx=True)
    assert response.status_code == 200 and response.headers["HX-Push-Url"].endswith("store=M0001")
    await connection.execute("INSERT INTO store VALUES ('N1', 'Toko Ke-1', 'Asia/Jakarta')")
    response = await desk.get("/problems", params={"store": "Toko Ke-1"}, htmx=True)
    assert response.status_code == 422 and SEVERAL_STORES in response.text, "two of one name"


@pytest.mark.parametrize("typed", ["Toko", "XX", "<b>", "\x00T"])
async def test_what_names_no_store_or_several_is_said_and_kept(desk: Client, typed: str) -> None:
    response = await desk.get("/problems", params={"store": typed})
    assert response.status_code == 422
    assert response.text.count(SEVERAL_STORES if "T" in typed else NO_STORE) == 2, "in the summary and at the field"
    field = re.search(r'id="store" name="store" value="(Toko|XX|&lt;b&gt;|T)"[^>]*', response.text)
    assert 'aria-invalid="true" aria-describedby="store-error"' in field[0] and 'id="store-error"' in response.text
