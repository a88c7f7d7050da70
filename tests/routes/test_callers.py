"""A caller is found by name and store too: who may be meant is offered to be chosen, and asked as often as NIKs may be."""

import re

import pytest
from asyncpg import Connection
from starlette.applications import Starlette

from tests.client import forms
from tests.conftest import People
from tests.journeys import ANI, BUDI, CITRA, DESK, REPORT
from tests.memberships import belong
from tests.routes.catalogue import faulty

LOOKUP = "/problems/new/reporter"


@pytest.fixture(autouse=True)
async def more_people(connection: Connection) -> None:
    await connection.execute(
        """
        INSERT INTO employee (nik, name, store_code, active, pin_hash) VALUES
            ('10021', 'Ani Wijaya', 'T02', true, ''), ('10022', 'Ani Anggraini', 'T02', false, '')
        """
    )


def offered(html: str) -> list[str]:
    return re.findall(r'type="radio" id="caller-(\d+)"', html)


async def reporter(connection: Connection) -> str | None:
    return await connection.fetchval("SELECT reporter_nik FROM problem")


@pytest.mark.parametrize(
    ("typed", "found"),
    [("ani", [ANI, "10021"]), ("ANI  l", []), ("Lestari, Ani", []), ("ani t02", []), ("denpasar wijaya", [])],
)
async def test_who_may_be_meant(people: People, typed: str, found: list[str]) -> None:
    response = await (await people(DESK)).post(LOOKUP, {"reporter": typed}, htmx=True)
    assert response.status_code == 200 and offered(response.text) == found
    assert ("Siapa yang melapor?" in response.text) is bool(found)
    assert ('class="person"' in response.text) is not found
    assert "Anggraini" not in response.text, "who is deactivated calls no more"


async def test_who_has_the_name_stands_before_who_works_at_a_store_of_that_name(
    people: People, connection: Connection
) -> None:
    await connection.execute(
        "INSERT INTO employee (nik, name, store_code, pin_hash) VALUES ('20101', 'Zul Denpasar', 'T01', '')"
    )
    page = await (await people(DESK)).post(LOOKUP, {"reporter": "denpasar"}, htmx=True)
    assert offered(page.text)[0] == "20101" and len(offered(page.text)) > 1


@pytest.mark.parametrize(
    ("typed", "says"),
    [("zulkarnaen", "Tidak ada karyawan"), ("an", "Ketik sedikitnya tiga huruf"), ("x" * 100, "Tidak ada")],
)
async def test_nobody_is_meant(people: People, typed: str, says: str) -> None:
    desk = await people(DESK)
    response = await desk.post(LOOKUP, {"reporter": typed}, htmx=True)
    assert (response.status_code, says in response.text) == (422, True)
    page = await desk.submit("/problems/new", "/problems", **REPORT, reporter=typed)
    assert page.status_code == 422 and faulty(page.text) == {"reporter"} and says in page.text


async def test_a_name_that_one_has_is_enough(people: People, connection: Connection) -> None:
    desk = await people(DESK)
    page = await desk.post(LOOKUP, {"reporter": "budi"}, htmx=True)
    assert "T01-PRN-01" in page.text, "the assets of that store"
    sent = await desk.submit("/problems/new", "/problems", **REPORT, reporter="budi")
    assert (sent.status_code, await reporter(connection)) == (303, BUDI)


async def test_of_several_one_is_chosen_without_scripting(people: People, connection: Connection) -> None:
    desk = await people(DESK)
    page = await desk.submit("/problems/new", "/problems", **REPORT, reporter="ani")
    assert page.status_code == 422 and "Pilih siapa yang melapor." in page.text and offered(page.text) == [ANI, "10021"]
    fields = forms(page.text)["/problems"] | {"caller": "10021"}
    assert fields["title"] == REPORT["title"] and await reporter(connection) is None
    sent = await desk.post("/problems", fields)
    assert (sent.status_code, await reporter(connection)) == (303, "10021")


async def test_the_choice_is_of_what_is_typed_now(people: People, connection: Connection) -> None:
    desk = await people(DESK)
    chosen = await desk.post(LOOKUP, {"reporter": "ani", "caller": "10021"}, htmx=True)
    assert 'value="10021" checked' in chosen.text and "T02-PRN-01" in chosen.text
    for caller in (CITRA, "10022", "x"):
        page = await desk.submit("/problems/new", "/problems", **REPORT, reporter="ani", caller=caller)
        assert page.status_code == 422 and "checked" not in page.text
    sent = await desk.submit("/problems/new", "/problems", **REPORT, reporter="citra", caller="10021")
    assert (sent.status_code, await reporter(connection)) == (303, CITRA), "who was chosen before counts no more"


async def test_some_are_shown_and_that_there_are_more(people: People, connection: Connection) -> None:
    await connection.execute(
        """
        INSERT INTO employee (nik, name, store_code, pin_hash)
        SELECT 20100 + n, 'Sri ' || n, 'T01', '' FROM generate_series(1, 30) n
        """
    )
    page = (await (await people(DESK)).post(LOOKUP, {"reporter": "sri"}, htmx=True)).text
    assert len(offered(page)) == 8 and "Masih ada yang lain." in page


async def test_asking_by_name_has_the_budget_of_asking_by_nik(people: People, connection: Connection) -> None:
    await connection.execute("UPDATE budget_rule SET capacity = 2 WHERE kind = 'callers'")
    desk = await people(DESK)
    for typed in ("ani", BUDI):
        assert (await desk.post(LOOKUP, {"reporter": typed}, htmx=True)).status_code == 200
    refused = await desk.post(LOOKUP, {"reporter": "ani"}, htmx=True)
    assert refused.status_code == 429 and offered(refused.text) == [] and refused.headers["Retry-After"]


async def test_a_reporter_finds_nobody(people: People, connection: Connection) -> None:
    ani = await people(ANI)
    assert (await ani.post(LOOKUP, {"reporter": "budi"}, htmx=True)).status_code == 403
    form = await ani.form("/problems/new", "/problems") | REPORT
    await ani.post("/problems", form | {"reporter": "citra", "caller": CITRA})
    assert await reporter(connection) == ANI


async def test_the_form_names_what_one_has_sent_last_as_long_as_one_sees_it(
    people: People, app: Starlette, connection: Connection
) -> None:
    desk = await people(DESK)
    await desk.submit("/problems/new", "/problems", reporter=CITRA, title="Timbangan <b>rusak", description="Mati.")
    page = (await desk.get("/problems/new")).text
    assert 'Laporan terakhir Anda: <a href="/problems/1">K-1 <bdi>Timbangan &lt;b&gt;rusak</bdi></a>' in page
    assert "Laporan terakhir" not in (await (await people(CITRA)).get("/problems/new")).text, "who did not send it"
    await belong(connection, DESK)
    page = await (await People(app)(DESK)).get("/problems/new")
    assert page.status_code == 200 and "Laporan terakhir" not in page.text
