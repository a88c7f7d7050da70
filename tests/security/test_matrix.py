"""Who reaches what: everybody at every door of app.DOORS, for a problem in each state, as tests/routes/catalogue.py says."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

import httpx2
import pytest
from asyncpg import Connection

from tests.client import Client
from tests.conftest import People
from tests.house import House
from tests.journeys import ANI, CITRA, DESK, MANAGER, OF_ANOTHER, STATUSES, opened
from tests.routes.catalogue import (
    ALIKE,
    CHANGES,
    EXAMPLES,
    GROUPS,
    HANDLERS,
    OF_A_PROBLEM,
    OUTSIDERS,
    Example,
    ask,
    envelope,
    is_page,
)

EVERYBODY = GROUPS["everybody"]
NO_PROBLEM = (
    *("0", "-1", "999999", "9" * 19, "9" * 30, "9" * 5000, str(2**63), "abc", "1e0", "1.0", "+1", "%00", "1%00", "%20"),
    *("１", "%D9%A1", "²", "K-1", "1%2F..", "1;x", "1%3Fx"),
)


@pytest.mark.parametrize("example", OF_A_PROBLEM, ids=str)
async def test_who_passes_a_door_of_a_problem(example: Example, house: House) -> None:
    """404 before 403 before 409, each before what was typed is looked at."""
    met, nowhere = Counter(), {}
    for state, nik in cells(example, house):
        wanted = expected(example, nik, state)
        htmx, filled = WAYS[met[wanted] % len(WAYS)]
        met[wanted] += 1
        await ASSERT.get(wanted, assert_let_in)(Cell(example, house, nik, state, htmx, filled, nowhere))
    refusals = {404}
    refusals |= {403} if example.may != ("everybody",) and not example.hidden else set()
    refusals |= {409} if example.when != STATUSES else set()
    assert set(met) == refusals | {example.unfilled}


KINDS = (*ALIKE, *((nik,) for nik in EVERYBODY if not any(nik in kind for kind in ALIKE)))


def cells(example: Example, house: House) -> Iterator[tuple[str, str]]:
    """The states and who is asked in each: of those who are alike one, in turn, so that everybody is asked at every door. What a
    problem has beside its state tells only where the example is about that."""
    turn = OF_A_PROBLEM.index(example)
    states = [state for state in house.problems if state == example.state or " with a " not in state]
    for number, state in enumerate(states, turn):
        for kind in KINDS:
            assert len({expected(example, nik, state) for nik in kind}) == 1, f"{kind} are not alike"
            yield state, kind[number % len(kind)]


def expected(example: Example, nik: str, state: str) -> int:
    """What that person is answered who has nothing filled in."""
    if nik in OUTSIDERS:
        return 404
    if not example.passes(nik, state):
        return 404 if example.hidden else 403
    return example.unfilled if example.is_admitted(state) else 409


# By htmx or as a page, well filled in or not at all.
WAYS = tuple(product((False, True), repeat=2))


class Cell(NamedTuple):
    """One of the matrix. Those that get the same answer are asked in all WAYS, one after the other."""

    example: Example
    house: House
    nik: str
    state: str
    htmx: bool
    filled: bool
    nowhere: dict[tuple, str]  # what the door answers about a problem that is not there: by person and way to ask

    @property
    def problem(self) -> str:
        return self.house.problems[self.state]

    async def ask(self, problem: str, **fields: str) -> httpx2.Response:
        person = await self.house.people(self.nik)
        if self.filled:
            return await ask(person, self.example, problem, htmx=self.htmx, **fields)
        return await ask_unfilled(person, self.example, problem, htmx=self.htmx)

    async def envelope(self) -> dict[str, str]:
        post = self.example.method == "POST"
        return await envelope(self.house.connection, self.problem) if post else {}

    def __str__(self) -> str:
        return f"{self.nik} in {self.state}{' by htmx' * self.htmx}{', filled in' * self.filled}"


async def ask_unfilled(client: Client, example: Example, problem: str = "", *, htmx: bool) -> httpx2.Response:
    path = example.at(problem)
    return await (client.get(path, htmx=htmx) if example.method == "GET" else client.post(path, htmx=htmx))


async def assert_nothing_is_found(cell: Cell) -> None:
    response = await cell.ask(cell.problem)
    assert response.status_code == 404, str(cell)
    assert "Printer" not in response.text
    asked = (cell.nik, cell.htmx, cell.filled)
    if asked not in cell.nowhere:
        cell.nowhere[asked] = (await cell.ask("/problems/999999")).text
    assert response.text == cell.nowhere[asked], "a problem out of reach is like one that is not there"


async def assert_refused(cell: Cell) -> None:
    """And the page shows no such form."""
    response = await cell.ask(cell.problem, **await cell.envelope())
    assert response.status_code == 403, str(cell)
    assert is_page(response) is not cell.htmx
    page = await cell.house.page(cell.nik, cell.state)
    assert f'{cell.example.at(cell.problem)}"' not in page, f"{cell} is shown what would be refused"


async def assert_a_conflict(cell: Cell) -> None:
    """Whether something is typed or not; and what was typed is shown."""
    example, person = cell.example, await cell.house.people(cell.nik)
    name = next((name for name in ("reason", "solution", "identification") if name in example.values), None)
    typed, empty = {name: "Kata saya <b>ini</b>"} if name else {}, dict.fromkeys(example.values, "")
    values = await cell.envelope() | (typed if cell.filled else empty)
    response = await ask(person, example, cell.problem, htmx=cell.htmx, **values)
    assert response.status_code == 409, str(cell)
    assert "Tindakan ini tidak dapat dilakukan sekarang" in response.text
    assert is_page(response) is not cell.htmx
    if example in CHANGES:
        assert ("Kata saya &lt;b&gt;ini&lt;/b&gt;" in response.text) is (name is not None and cell.filled)


async def assert_let_in(cell: Cell) -> None:
    person = await cell.house.people(cell.nik)
    response = await ask_unfilled(person, cell.example, cell.problem, htmx=cell.htmx)
    assert response.status_code == cell.example.unfilled, str(cell)


ASSERT = {404: assert_nothing_is_found, 403: assert_refused, 409: assert_a_conflict}


async def test_a_number_that_is_none_finds_nothing(house: House) -> None:
    desk = await house.people(DESK)
    for example, number in product(OF_A_PROBLEM, NO_PROBLEM):
        response = await ask(desk, example, f"/problems/{number}")
        assert response.status_code == 404, f"{example}: {number}"
        assert is_page(response)
    assert (await desk.get("/problems/%31")).status_code == 200, "which is 1"


@pytest.mark.parametrize("example", [example for example in EXAMPLES if not example.state], ids=str)
async def test_who_passes_another_door(example: Example, house: House) -> None:
    for nik in EVERYBODY:
        # One who logs out is in none of the browsers that others go on with.
        person = await (People(house.app) if example.path == "/logout" else house.people)(nik)
        for htmx in (False, True):
            if example.passes(nik):
                if example.path == "/logout" and htmx:
                    continue
                response = await ask_unfilled(person, example, htmx=htmx)
                assert response.status_code == example.inside, nik
                continue
            for response in (await ask_unfilled(person, example, htmx=htmx), await ask(person, example, htmx=htmx)):
                assert response.status_code == 403, nik
                assert is_page(response) is not htmx
    if not example.who:
        assert (await ask_unfilled(house.nobody, example, htmx=False)).status_code == example.unfilled


SEES_THEIRS = {*HANDLERS, MANAGER, OF_ANOTHER, CITRA}


@pytest.mark.parametrize("nik", EVERYBODY)
async def test_lists_counts_and_searches_show_only_what_is_in_reach(house: House, nik: str) -> None:
    client = await house.people(nik)
    mine = {path.rpartition("/")[2] for path in house.problems.values()}
    theirs = house.elsewhere.rpartition("/")[2]
    seen = (mine if nik not in OUTSIDERS else set()) | ({theirs} if nik in SEES_THEIRS else set())
    queries = {"": seen, "&q=Printer": seen, f"&q={theirs}": seen & {theirs}, f"&q=K-{theirs}": seen & {theirs}}
    queries |= {"&q=Denpasar": seen & {theirs}, "&q=Citra": seen & {theirs}, f"&after={theirs}": seen - {theirs}}
    for query, ids in queries.items():
        for htmx in (False, True):
            response = await client.get(f"/problems?year=all{query}", htmx=htmx)
            assert response.status_code == 200
            assert set(re.findall(r'id="problem-([0-9]+)"', response.text)) == ids, query
            if "after" not in query:
                counts = re.search(r"<span>Semua</span> <b>([0-9.]+)</b>", response.text)
                assert int(counts[1]) == len(ids), query
    response = await client.get("/problems?store=T02")
    assert response.status_code == (200 if nik in SEES_THEIRS else 422)


async def test_someone_elses_form_key_tells_nothing_and_changes_nothing(people: People, connection: Connection) -> None:
    """Whoever learns the key of a form can neither replay it nor learn where it led."""
    ani, citra, path = await people(ANI), await people(CITRA), await opened(people)
    fields = await ani.form("/problems/new", "/problems") | {"title": "Rahasia", "description": "Milik Ani"}
    first = await ani.post("/problems", fields)
    count = await connection.fetchval("SELECT count(*) FROM problem")
    stolen = await citra.post("/problems", fields | {"token": ""})
    assert stolen.status_code == 422 and first.headers["Location"] not in stolen.text
    again = await ani.post("/problems", fields)
    assert again.headers["Location"] == first.headers["Location"]
    other_door = await ani.post(f"{path}/comments", fields | {"comment": "x", "version": "1"})
    assert other_door.status_code == 422
    assert await connection.fetchval("SELECT count(*) FROM problem") == count
