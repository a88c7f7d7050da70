"""Every door is asked the same questions: works, needs login, wrong method. Who passes: security/test_matrix.py."""

from urllib.parse import quote, urlencode
from uuid import uuid4

import pytest
from asyncpg import Connection

from app import DOORS
from auth import sessions
from doors import PUBLIC, UNNOTICED, Door, StaticDoor
from routes.masters import PAGES
from tests.client import HTMX, Client
from tests.conftest import People
from tests.house import House
from tests.journeys import ADMIN, ANI, DESK, MANAGER, problem_in
from tests.routes.catalogue import (
    BASE,
    EXAMPLES,
    METHODS_BY_PATH,
    OF_A_PROBLEM,
    PRIVATE,
    Example,
    arrange,
    ask,
    envelope,
    is_page,
)
from web.assets import asset


def each(examples: list[Example]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("example", examples, ids=str)


def test_every_door_has_its_example() -> None:
    doors = [(method, path) for path, methods in METHODS_BY_PATH.items() for method in methods]
    examples = [(example.method, example.path) for example in EXAMPLES]
    assert sorted(examples) == sorted(doors)
    assert [door.path for door in DOORS if not isinstance(door, Door)] == ["/static"]


def test_the_public_doors_are_few() -> None:
    public = {door.path for door in DOORS if door.policy == PUBLIC}
    assert public == {"/", "/login", "/login/nik", "/health/live", "/health/ready", "/static"}
    assert public == {example.path for example in EXAMPLES if not example.who} | {"/static"}
    assert [door.path for door in DOORS if isinstance(door, StaticDoor)] == ["/static"]


def test_doors_of_a_problem_say_what_right_they_need() -> None:
    """A new door below /problems/{id} whose policy names no action would skip the check of the reach."""
    for door in DOORS:
        of_a_problem = door.path.startswith("/problems/{id}")
        assert of_a_problem == (door.policy.right is not None), door.path


# Works ------------------------------------------------------------------------------------------------------------------


@each([example for example in EXAMPLES if not example.who])
async def test_a_public_door_works(example: Example, nobody: Client) -> None:
    if example.method == "GET":
        await assert_head_is_like_get(nobody, example, "")
    response = await ask(nobody, example)
    assert response.status_code == example.status


NO_PAGE = (
    *(f"{pages.url}/options" for pages in PAGES),
    "/problems/new/reporter",
    "/stores",
    "/uploads",
    "/drafts/{key}/photos/{digest}",
    "/exports/{id}/file",
    "/admin/imports/template",
    "/admin/imports/{id}/faults",
)


@each([example for example in PRIVATE if not example.state])
async def test_a_door_works(example: Example, people: People, connection: Connection) -> None:
    person = await people(example.who)
    await arrange(example, people)
    fields = (
        await person.form(*example.form) if example.form else {"key": str(uuid4())} if example.method == "POST" else {}
    )
    if example.method == "GET":
        await assert_head_is_like_get(person, example, "")
    response = await ask(person, example, **{**fields, **example.values})
    assert response.status_code == example.status, response.text
    assert response.headers.get("Location", "") == example.leads
    assert is_page(response) is (example.status == 200 and example.path not in NO_PAGE)


PAGES_ONLY = ("/photos/{seq}", "/notes/{note}/files/{seq}")  # whose first file is a photo


@each(OF_A_PROBLEM)
async def test_a_door_of_a_problem_works(example: Example, people: People, connection: Connection) -> None:
    person = await people(example.who)
    for htmx in (False, True):
        problem = await problem_in(people, example.state)
        fields = await envelope(connection, problem) if example.method == "POST" else {}
        if example.method == "GET":
            await assert_head_is_like_get(person, example, problem)
        response = await ask(person, example, problem, htmx=htmx, **fields)
        if not example.versioned and "/following" not in example.path:  # which is answered as a change is
            assert response.status_code == example.status
            assert response.headers.get("Location", "") == example.leads.replace(BASE, problem)
            assert is_page(response) is (not htmx and example.path.endswith("/fields"))
        elif example.path.endswith(("/image", "/thumbnail", "/{size}")):
            assert (response.status_code, response.headers["Content-Type"]) == (200, "image/jpeg")
            assert response.headers["Cache-Control"].startswith("private, ")
            continue
        elif example.path.endswith("{id}/files/{seq}"):
            assert response.status_code == 200 and response.headers["Content-Disposition"].startswith("attachment; ")
        elif example.method == "POST" and not htmx:
            assert (response.status_code, response.headers["Location"]) == (303, problem)
            page = await person.get(problem)
            assert 'class="flash success"' in page.text
            assert 'class="flash success"' not in (await person.get(problem)).text, "the notice is there once"
        elif example.method == "POST":
            assert response.status_code == 200
            assert response.text.startswith('<article id="problem"')
            assert (response.headers["HX-Retarget"], response.headers["HX-Reswap"]) == ("#problem", "outerHTML")
            assert 'class="flash success"' in response.text
        else:
            assert response.status_code == 200
            fragment_only, page_only = example.path.endswith("/fields"), example.path.endswith(PAGES_ONLY)
            assert is_page(response) is (page_only or not (htmx or fragment_only))
        assert response.headers["Cache-Control"] == "no-store"


async def assert_head_is_like_get(person: Client, example: Example, problem: str) -> None:
    path = f"{example.at(problem)}?{urlencode(example.values)}"
    got, head = await person.get(path), await person.head(path)
    assert (head.status_code, head.text) == (got.status_code, "")
    # The first of the two takes the notice away.
    assert set(got.headers) - set(head.headers) <= {"vary", "content-encoding", "set-cookie"}
    assert head.headers["Content-Type"] == got.headers["Content-Type"] if got.text else True


async def test_who_asks_is_read_once(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    person, asked = await people(ANI), []
    admit = sessions.admit

    async def counting(*arguments: object) -> object:
        asked.append(arguments)
        return await admit(*arguments)

    monkeypatch.setattr(sessions, "admit", counting)
    assert (await person.get("/help")).status_code == 200
    assert len(asked) == 1


# Refusals: in a house that all of them leave as it was ----------------------------------------------------------------------


@each(PRIVATE)
async def test_whoever_is_not_logged_in_is_led_to_the_login(example: Example, house: House) -> None:
    there = house.problem_of(example), house.problems["confirmed"]
    for problem in (*there, "/problems/999", "/problems/abc") if example.state else ("",):
        path = example.at(problem)
        page = await ask(house.nobody, example, problem)
        if example.method == "GET":
            query = f"?{urlencode(example.values)}" if example.values else ""
            assert page.headers["Location"] == f"/login?next={quote(path + query)}"
        else:
            assert page.headers["Location"] == "/login?next=/problems"
        assert page.status_code == 303

        headers = HTMX | {"HX-Current-URL": "http://testserver/problems?year=2026&q=a%20b"}
        part = await house.nobody.request(example.method, path, headers=headers)
        if example.path.endswith(UNNOTICED):
            assert (part.status_code, part.text) == (204, ""), "nobody is led away by what the page does on its own"
            continue
        assert part.status_code == 401
        assert part.headers["HX-Redirect"] == "/login?next=/problems%3Fyear%3D2026%26q%3Da%2520b"


async def test_only_handlers_look_up_callers(people: People) -> None:
    for nik, status in ((ANI, 403), (MANAGER, 403), (ADMIN, 403), (DESK, 200)):
        for htmx in (False, True):
            response = await (await people(nik)).post("/problems/new/reporter", {"reporter": "10002"}, htmx=htmx)
            assert response.status_code == status
            assert ("Budi Santoso" in response.text) is (status == 200)


# Wrong method -----------------------------------------------------------------------------------------------------------


async def test_other_methods_are_not_allowed(house: House) -> None:
    methods = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "QUERY"}
    for path, own in METHODS_BY_PATH.items():
        allowed = own | ({"HEAD"} if "GET" in own else set())
        for person in (house.nobody, await house.people(DESK)):
            for method in methods - allowed:
                response = await person.request(method, Example(method, path).at(house.problems["reported"]))
                assert response.status_code == 405, f"{method} {path}"
                assert set(response.headers["Allow"].split(", ")) == allowed
                assert "Access-Control-Allow-Origin" not in response.headers
                if method != "HEAD":
                    assert "Alamat ini tidak menerima permintaan seperti itu." in response.text


async def test_static_files_are_only_read(nobody: Client) -> None:
    got, head = await nobody.get(asset("app.css")), await nobody.head(asset("app.css"))
    assert (got.status_code, head.status_code, head.text) == (200, 200, "")
    assert set(got.headers) - set(head.headers) <= {"vary", "content-encoding"}
    for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"):
        response = await nobody.request(method, "/static/app.css")
        assert response.status_code == 405, method
        assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD"}
        assert "Access-Control-Allow-Origin" not in response.headers


# No address at all ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/nothing", "/problems/", "/admin/nothing", "/problems/1/events", "/static/../app.py"]
)
async def test_an_address_that_does_not_exist(path: str, people: People, nobody: Client) -> None:
    for person in (nobody, await people(ANI)):
        page = await person.get(path)
        assert page.status_code == 404
        assert "Halaman atau kendala ini tidak ada" in page.text
        assert ("Ani Lestari" in page.text) is (person is not nobody)
        part = await person.get(path, htmx=True)
        assert part.status_code == 404
        assert not is_page(part)
