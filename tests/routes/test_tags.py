"""A page that somebody has already is not sent again (ETag, 304): as long as nothing on it has changed, and no longer."""

from collections.abc import Awaitable, Callable

import httpx2
import pytest
from asyncpg import Connection

from tests.client import Client
from tests.conftest import People
from tests.journeys import ANI, CITRA, DESK, DESK_TOO, MANAGER, problem_in


@pytest.fixture(autouse=True)
def same_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actions.tags.minute", lambda: "0")


async def again(person: Client, page: httpx2.Response, **headers: str) -> httpx2.Response:
    """Ask for a page once more, that one being there already."""
    headers = {"If-None-Match": page.headers["ETag"], **headers}
    return await httpx2.AsyncClient.get(person, str(page.request.url), headers=headers)


async def tagged(person: Client, path: str) -> httpx2.Response:
    """The page, which is not sent again; looked at anew if the minute of the database's clock turns meanwhile."""
    await person.get(path)  # a notice is told by now
    for _ in range(2):
        page = await person.get(path)
        same = await again(person, page)
        if same.status_code == 304:
            assert (same.text, same.headers["ETag"]) == ("", page.headers["ETag"])
            assert same.headers["Cache-Control"] == page.headers["Cache-Control"] == "no-store"
            return page
    raise AssertionError("sent twice")


async def report(people: People, connection: Connection) -> None:
    await problem_in(people, "reported")


async def comment(people: People, connection: Connection) -> None:
    await (await people(ANI)).submit("/problems/1", "/problems/1/comments", comment="Masih mati.")


async def note(people: People, connection: Connection) -> None:
    await (await people(DESK_TOO)).submit("/problems/1", "/problems/1/notes", text="Hanya kabelnya.")


async def look(people: People, connection: Connection) -> None:
    await (await people(DESK_TOO)).get("/problems/1")


async def type_something(people: People, connection: Connection) -> None:
    person = await people(DESK)
    form = await person.form("/problems/1", "/problems/1/comments")
    answer = await person.post("/problems/1/drafts/comment", {**form, "comment": "Belum"}, htmx=True)
    assert answer.status_code < 300, answer.text


async def rename(people: People, connection: Connection) -> None:
    await connection.execute("UPDATE employee SET name = 'Ani Sekali' WHERE nik = '10001'")


async def save_a_view(people: People, connection: Connection) -> None:
    await (await people(DESK)).press("/views", {"name": "Baru", "query": "status=reported"})


Change = Callable[[People, Connection], Awaitable[None]]
ON_THE_LIST: list[Change] = [report, rename, save_a_view]
ON_THE_PAGE: list[Change] = [comment, note, look, type_something, rename]


@pytest.mark.parametrize("change", ON_THE_LIST, ids=lambda change: change.__name__)
async def test_a_list_is_sent_again_after_a_change(change: Change, people: People, connection: Connection) -> None:
    await problem_in(people, "reported")
    person = await people(DESK)
    page = await tagged(person, "/problems")
    await change(people, connection)
    assert (await again(person, page)).status_code == 200


@pytest.mark.parametrize("change", ON_THE_PAGE, ids=lambda change: change.__name__)
async def test_a_problem_is_sent_again_after_a_change(change: Change, people: People, connection: Connection) -> None:
    await problem_in(people, "open")
    person = await people(DESK)
    page = await tagged(person, "/problems/1")
    await change(people, connection)
    assert (await again(person, page)).status_code == 200


async def test_a_report_elsewhere_changes_nothing_for_a_store(people: People) -> None:
    await problem_in(people, "reported")
    person = await people(CITRA)
    page = await tagged(person, "/problems")
    await problem_in(people, "reported")
    assert (await again(person, page)).status_code == 304


@pytest.mark.parametrize("path", ["/problems", "/problems?status=reported", "/problems/1", "/desk"])
async def test_a_page_is_its_address_and_its_person(path: str, people: People) -> None:
    await problem_in(people, "reported")
    page = await tagged(await people(DESK), path)
    manager = await people(MANAGER)
    assert (await again(manager, page)).status_code == 200
    other = await httpx2.AsyncClient.get(
        await people(DESK),
        f"{path}{'&' if '?' in path else '?'}sort=oldest",
        headers={"If-None-Match": page.headers["ETag"]},
    )
    assert other.status_code == 200


async def test_what_is_told_once_is_told(people: People) -> None:
    """The page after an action says that it is done, though whoever asks may have the page."""
    path = await problem_in(people, "open")
    person = await people(DESK)
    await person.submit(path, f"{path}/comments", comment="Ya")
    page = await person.get(path)
    assert 'class="flash success"' in page.text and "ETag" not in page.headers


async def test_parts_and_searches_have_no_tag(people: People) -> None:
    await problem_in(people, "reported")
    person = await people(DESK)
    assert "ETag" not in (await person.get("/problems", htmx=True)).headers
    assert "ETag" not in (await person.get("/problems?q=printer")).headers
    page = await tagged(person, "/problems")
    assert (await again(person, page, **{"HX-Request": "true", "HX-Request-Type": "partial"})).status_code == 200


async def test_out_of_reach_is_out_of_reach(people: People) -> None:
    path = await problem_in(people, "reported")
    page = await tagged(await people(DESK), path)
    assert (await again(await people(CITRA), page)).status_code == 404
