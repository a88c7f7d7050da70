"""Every door is asked the same questions: works, needs login, out of reach, too little right, wrong method, wrong state."""

from urllib.parse import quote, urlencode

import pytest
from asyncpg import Connection

import auth
from app import DOORS
from doors import PUBLIC, UNNOTICED, Door, StaticDoor
from tests.client import HTMX, Client
from tests.conftest import People
from tests.journeys import ADMIN, ANI, BUDI, CITRA, DESK, MANAGER, YOSEP, problem_in
from tests.routes.catalogue import (
    BASE,
    CHANGES,
    EXAMPLES,
    METHODS_BY_PATH,
    OF_A_PROBLEM,
    PRIVATE,
    Example,
    arrange,
    ask,
    contents,
    envelope,
    is_page,
)

NO_PROBLEM = ("0", "-1", "999999", "9" * 30, str(2**63), "abc", "1e0", "1.0", "+1", "%00", "%20", "１", "²", "K-1")


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
        assert of_a_problem == (getattr(door.policy, "action", None) is not None), door.path


# Works ------------------------------------------------------------------------------------------------------------------


@each([example for example in EXAMPLES if not example.who])
async def test_a_public_door_works(example: Example, nobody: Client) -> None:
    response = await ask(nobody, example)
    assert response.status_code == (303 if str(example) in ("GET /", "POST /login") else 200)


@each([example for example in PRIVATE if not example.state])
async def test_a_door_works(example: Example, people: People, connection: Connection) -> None:
    person = await people(example.who)
    await arrange(example, people)
    fields = await person.form(*example.form) if example.form else {}
    response = await ask(person, example, **{**fields, **example.values})
    assert response.status_code == example.status, response.text
    assert response.headers.get("Location", "") == example.leads
    assert is_page(response) is (example.status == 200 and example.path not in ("/problems/new/reporter", "/stores"))


@each(OF_A_PROBLEM)
async def test_a_door_of_a_problem_works(example: Example, people: People, connection: Connection) -> None:
    person = await people(example.who)
    for htmx in (False, True):
        problem = await problem_in(people, example.state)
        fields = await envelope(connection, problem) if example.method == "POST" else {}
        response = await ask(person, example, problem, htmx=htmx, **fields)
        if not example.versioned:
            assert response.status_code == example.status
            assert response.headers.get("Location", "") == example.leads.replace(BASE, problem)
            assert not is_page(response)
        elif example.path.endswith(("/image", "/thumbnail")):
            assert (response.status_code, response.headers["Content-Type"]) == (200, "image/jpeg")
            assert response.headers["Cache-Control"].startswith("private, ")
            continue
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
            fragment_only, page_only = example.path.endswith("/fields"), example.path.endswith("/photos/{seq}")
            assert is_page(response) is (page_only or not (htmx or fragment_only))
        assert response.headers["Cache-Control"] == "no-store"


@each([example for example in EXAMPLES if example.method == "GET"])
async def test_head_answers_like_get_without_a_body(example: Example, people: People, nobody: Client) -> None:
    person = await people(example.who) if example.who else nobody
    problem = await arrange(example, people)
    path = f"{example.at(problem)}?{urlencode(example.values)}"
    got, head = await person.get(path), await person.head(path)
    assert (head.status_code, head.text) == (got.status_code, "")
    assert head.headers["Content-Type"] == got.headers["Content-Type"] if got.text else True


async def test_who_asks_is_read_once(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    person, asked = await people(ANI), []
    get_viewer = auth.get_viewer

    async def counting(*arguments: object) -> object:
        asked.append(arguments)
        return await get_viewer(*arguments)

    monkeypatch.setattr(auth, "get_viewer", counting)
    assert (await person.get("/help")).status_code == 200
    assert len(asked) == 1


# Not logged in ----------------------------------------------------------------------------------------------------------


@each(PRIVATE)
async def test_whoever_is_not_logged_in_is_led_to_the_login(
    example: Example, people: People, nobody: Client, connection: Connection
) -> None:
    existing = await arrange(example, people)
    before = await contents(connection)
    for problem in (existing, "/problems/999", "/problems/abc"):
        path = example.at(problem)
        page = await ask(nobody, example, problem)
        if example.method == "GET":
            query = f"?{urlencode(example.values)}" if example.values else ""
            assert page.headers["Location"] == f"/login?next={quote(path + query)}"
        else:
            assert page.headers["Location"] == "/login?next=/problems"
        assert page.status_code == 303

        headers = HTMX | {"HX-Current-URL": "http://testserver/problems?year=2026&q=a%20b"}
        part = await nobody.request(example.method, path, headers=headers)
        if example.path.endswith(UNNOTICED):
            assert (part.status_code, part.text) == (204, ""), "nobody is led away by what the page does on its own"
            continue
        assert part.status_code == 401
        assert part.headers["HX-Redirect"] == "/login?next=/problems%3Fyear%3D2026%26q%3Da%2520b"
    assert await contents(connection) == before


# Out of reach -----------------------------------------------------------------------------------------------------------


@each(OF_A_PROBLEM)
async def test_whoever_does_not_see_the_problem_finds_nothing(
    example: Example, people: People, connection: Connection
) -> None:
    """404, before anything else is looked at: also where the state is wrong and nothing is filled in."""
    problem = await problem_in(people, example.state)
    other = await problem_in(people, "void")
    before = await contents(connection)
    for nik in (CITRA, YOSEP, ADMIN):
        for path in (problem, other):
            for htmx in (False, True):
                response = await ask(await people(nik), example, path, htmx=htmx)
                assert response.status_code == 404
                assert "Printer" not in response.text
                missing = await ask(await people(nik), example, "/problems/999999", htmx=htmx)
                assert response.text == missing.text, "a problem out of reach is like one that is not there"
    assert await contents(connection) == before


@each(OF_A_PROBLEM)
async def test_a_number_that_is_none_finds_nothing(example: Example, people: People) -> None:
    await problem_in(people, "reported")
    desk = await people(DESK)
    for number in NO_PROBLEM:
        response = await ask(desk, example, f"/problems/{number}")
        assert response.status_code == 404, number
        assert is_page(response)


# Too little right -------------------------------------------------------------------------------------------------------


@each([example for example in OF_A_PROBLEM if example.refused])
async def test_whoever_sees_the_problem_but_may_not_is_refused(
    example: Example, people: People, connection: Connection
) -> None:
    """403, before anything that was filled in is looked at; and the page shows no such form."""
    await connection.execute("UPDATE employee SET store_code = 'T01' WHERE nik = $1", ADMIN)
    for state, refused in example.refused.items():
        problem = await problem_in(people, state)
        good = await envelope(connection, problem) if example.method == "POST" else {}
        before = await contents(connection)
        for nik in refused:
            person = await people(nik)
            for htmx in (False, True):
                response = await ask(person, example, problem, htmx=htmx, **good)
                assert response.status_code == 403, f"{nik} in {state}"
                assert is_page(response) is not htmx
            if example.method == "POST":
                assert (await person.post(example.at(problem))).status_code == 403, f"{nik}, nothing filled in"
            page = await person.get(problem)
            assert page.status_code == 200
            assert example.at(problem) not in page.text, f"{nik} is shown what would be refused"
        assert await contents(connection) == before


@each([example for example in PRIVATE if example.refused and not example.state])
async def test_who_may_not_pass_is_refused(example: Example, people: People, connection: Connection) -> None:
    await arrange(example, people)
    before = await contents(connection)
    for nik in example.refused[""]:
        for htmx in (False, True):
            response = await ask(await people(nik), example, htmx=htmx)
            assert response.status_code == 403, nik
            assert is_page(response) is not htmx
    assert await contents(connection) == before


async def test_only_handlers_look_up_callers(people: People) -> None:
    for nik, status in ((ANI, 403), (MANAGER, 403), (ADMIN, 403), (DESK, 200)):
        for htmx in (False, True):
            response = await (await people(nik)).get("/problems/new/reporter?reporter=10002", htmx=htmx)
            assert response.status_code == status
            assert ("Budi Santoso" in response.text) is (status == 200)


async def test_403_comes_before_409_and_404_before_403(people: People) -> None:
    problem = await problem_in(people, "closed")
    for nik, status in ((CITRA, 404), (BUDI, 403), (DESK, 409)):
        person = await people(nik)
        response = await person.post(f"{problem}/closure", {"solution": "", "key": "00" * 16, "version": "3"})
        assert response.status_code == status
        assert (await person.get(f"{problem}/closure")).status_code == status


# Wrong method -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", METHODS_BY_PATH)
async def test_other_methods_are_not_allowed(path: str, people: People, nobody: Client) -> None:
    problem = await problem_in(people, "reported")
    allowed = METHODS_BY_PATH[path] | ({"HEAD"} if "GET" in METHODS_BY_PATH[path] else set())
    methods = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"}
    for person in (nobody, await people(DESK)):
        for method in methods - allowed:
            response = await person.request(method, Example(method, path).at(problem))
            assert response.status_code == 405, method
            assert set(response.headers["Allow"].split(", ")) == allowed
            if method != "HEAD":
                assert "Alamat ini tidak menerima permintaan seperti itu." in response.text


async def test_static_files_are_only_read(nobody: Client) -> None:
    response = await nobody.post("/static/app.css")
    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD"}


# Wrong state ------------------------------------------------------------------------------------------------------------


@each([example for example in OF_A_PROBLEM if example.conflicts])
async def test_what_the_state_does_not_admit_is_a_conflict(
    example: Example, people: People, connection: Connection
) -> None:
    """409, whether well filled in or not: it comes before what was typed is judged."""
    for state, nik in example.conflicts.items():
        problem, person = await problem_in(people, state), await people(nik)
        fields = await envelope(connection, problem) if example.method == "POST" else {}
        before = await contents(connection)
        for htmx in (False, True):
            response = await ask(person, example, problem, htmx=htmx, **fields)
            assert response.status_code == 409, f"{nik} in {state}"
            assert "Tindakan ini tidak dapat dilakukan sekarang" in response.text
            assert is_page(response) is not htmx
            empty = dict.fromkeys(example.values, "")
            assert (await ask(person, example, problem, htmx=htmx, **fields | empty)).status_code == 409
        assert await contents(connection) == before


@each([example for example in CHANGES if example.conflicts])
async def test_a_conflict_shows_what_was_typed(example: Example, people: People, connection: Connection) -> None:
    state, nik = next(iter(example.conflicts.items()))
    problem = await problem_in(people, state)
    name = next((name for name in ("reason", "solution", "identification") if name in example.values), None)
    fields = await envelope(connection, problem) | ({name: "Kata saya <b>ini</b>"} if name else {})
    for htmx in (False, True):
        response = await ask(await people(nik), example, problem, htmx=htmx, **fields)
        assert response.status_code == 409
        assert ("Kata saya &lt;b&gt;ini&lt;/b&gt;" in response.text) is bool(name)


# No address at all ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/nothing", "/problems/", "/admin", "/problems/1/events", "/static/../app.py"])
async def test_an_address_that_does_not_exist(path: str, people: People, nobody: Client) -> None:
    for person in (nobody, await people(ANI)):
        page = await person.get(path)
        assert page.status_code == 404
        assert "Halaman atau kendala ini tidak ada" in page.text
        assert ("Ani Lestari" in page.text) is (person is not nobody)
        part = await person.get(path, htmx=True)
        assert part.status_code == 404
        assert not is_page(part)
