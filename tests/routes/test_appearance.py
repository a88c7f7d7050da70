"""Colours and density: chosen by a person, for all their pages, and for nobody else's."""

import re

import pytest
from asyncpg import Connection

from tests.client import Client
from tests.conftest import People
from tests.journeys import ANI, DESK, problem_in


def look_of(html: str) -> str:
    """What the root of a page says of it."""
    return re.search(r'<html lang="id"([^>]*)>', html)[1]


async def choose(person: Client, theme: str, density: str) -> None:
    answer = await person.submit("/appearance", "/appearance", theme=theme, density=density)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/appearance")


async def test_pages_look_as_the_person_has_chosen(people: People) -> None:
    """Also the list, which is kept for many, in every session of that person; and no page of anybody else."""
    problem = await problem_in(people, "reported")
    desk, other = await people(DESK), await people(ANI)
    pages = ("/problems", problem, "/desk", "/help", "/appearance", "/no-page")
    assert {look_of((await desk.get(path)).text) for path in pages} == {""}
    await choose(desk, "dark", "compact")
    dark = ' data-theme="dark" data-density="compact"'
    for session in (desk, await people.log_in(DESK)):
        assert {look_of((await session.get(path)).text) for path in pages} == {dark}
    assert 'content="dark"' in (await desk.get("/problems")).text
    assert look_of((await other.get("/problems")).text) == ""
    await choose(desk, "auto", "roomy")
    assert {look_of((await desk.get(path)).text) for path in pages} == {""}


async def test_a_page_from_before_is_another(people: People) -> None:
    problem, desk = await problem_in(people, "reported"), await people(DESK)
    for path in ("/problems", problem, "/desk"):
        await desk.get(path)
        tag = (await desk.get(path)).headers["ETag"]
        await choose(desk, "light", "compact" if path == "/problems" else "roomy")
        await desk.get("/appearance")  # where the notice is told
        assert (await desk.get(path)).headers["ETag"] != tag
        await choose(desk, "auto", "roomy")
        await desk.get("/appearance")


@pytest.mark.parametrize("wrong", [{"theme": "blue"}, {"density": ""}, {"theme": "' OR 1=1"}])
async def test_what_cannot_be_chosen(people: People, connection: Connection, wrong: dict[str, str]) -> None:
    desk = await people(DESK)
    answer = await desk.submit("/appearance", "/appearance", **{"theme": "dark", "density": "compact"} | wrong)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert await connection.fetchval("SELECT count(*) FROM reader WHERE theme <> 'auto'") == 0
