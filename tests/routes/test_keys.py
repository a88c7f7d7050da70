"""A form is recorded once, however often and by how many hands it is sent; and only as it was sent first."""

import asyncio
from uuid import uuid4

import httpx2
import pytest
from asyncpg import Connection
from starlette.applications import Starlette

from routes.masters import PAGES
from tests.client import Client, forms
from tests.conftest import PIN, People
from tests.journeys import ANI, BUDI, DESK, DESK_TOO, REPORT, opened, problem_in
from tests.memberships import belong
from tests.routes.catalogue import CHANGES, EXAMPLES, Example, arrange, ask, contents, envelope, is_page, message

INCOMPLETE = "Formulir ini tidak lengkap. Isian Anda masih ada: silakan kirim sekali lagi."
REUSED = "Formulir ini sudah pernah dikirim dengan isi lain. Isian Anda masih ada: silakan kirim sekali lagi."

# What would be another content, for the forms that have texts; the others differ by their version.
TEXTS = ("comment", "note", "identification", "reason", "solution")

TOLD = "SELECT (SELECT count(*) FROM event) + (SELECT count(*) FROM note)"


async def another_browser(app: Starlette, nik: str) -> Client:
    client = Client(app)
    assert (await client.post("/login", {"nik": nik, "pin": PIN})).status_code == 303
    return client


def answer(response: httpx2.Response) -> tuple[int, str]:
    return response.status_code, response.headers.get("Location", "")


def typed(example: Example) -> str | None:
    return next((name for name in TEXTS if name in example.values), None)


# Twice ------------------------------------------------------------------------------------------------------------------


async def test_a_report_sent_twice_is_one_problem(people: People, connection: Connection) -> None:
    ani = await people(ANI)
    form = await ani.form("/problems/new", "/problems") | REPORT
    assert [answer(await ani.post("/problems", form)) for _ in range(3)] == [(303, "/problems/1")] * 3
    assert await connection.fetchval("SELECT count(*) FROM problem") == 1


async def test_a_report_sent_by_two_browsers_at_once_is_one_problem(app: Starlette, connection: Connection) -> None:
    browsers = [await another_browser(app, ANI) for _ in range(4)]
    form = await browsers[0].form("/problems/new", "/problems") | REPORT
    answers = await asyncio.gather(*(browser.post("/problems", form) for browser in browsers))
    assert list(map(answer, answers)) == [(303, "/problems/1")] * 4
    assert await connection.fetchval("SELECT count(*) FROM problem") == 1


@pytest.mark.parametrize("example", CHANGES, ids=str)
async def test_a_change_sent_twice_is_one_event(
    example: Example, app: Starlette, people: People, connection: Connection
) -> None:
    """Also where the person has lost the right to it by that very form, and where two browsers send it at once."""
    for htmx in (False, True):
        problem = await problem_in(people, example.state)
        fields = await envelope(connection, problem)
        before = await connection.fetchval(TOLD)
        browsers = [await people(example.who), await another_browser(app, example.who)]
        answers = await asyncio.gather(*(ask(browser, example, problem, htmx=htmx, **fields) for browser in browsers))
        answers.append(await ask(browsers[0], example, problem, htmx=htmx, **fields))
        assert list(map(answer, answers)) == [(200, "") if htmx else (303, problem)] * 3
        if htmx:
            assert all(part.text.startswith('<article id="problem"') for part in answers)
        assert await connection.fetchval(TOLD) == before + 1


async def test_the_same_form_is_answered_the_same_after_others_went_on(people: People, connection: Connection) -> None:
    problem, desk = await opened(people), await people(DESK)
    fields = await envelope(connection, problem) | {"kind": "it", "division": "IT-NET", "reason": "Perlu ahlinya."}
    first = await desk.post(f"{problem}/escalation", fields)
    await (await people("20003")).submit(problem, f"{problem}/escalation/acceptance")
    before = await contents(connection)
    assert answer(await desk.post(f"{problem}/escalation", fields)) == answer(first) == (303, problem)
    assert await contents(connection) == before


async def test_the_same_form_is_answered_the_same_whatever_became_of_the_people(
    people: People, connection: Connection
) -> None:
    """Whoever sent it may no more, having logged in anew, and the caller for whom it was reported is gone."""
    problem, desk = await opened(people), await people(DESK)
    closure = await envelope(connection, problem) | {"solution": "Diganti."}
    report = await desk.form("/problems/new", "/problems") | REPORT | {"reporter": BUDI}
    first = [await desk.post(f"{problem}/closure", closure), await desk.post("/problems", report)]
    await belong(connection, DESK, "LOG")
    await connection.execute("UPDATE employee SET active = false WHERE nik = $1", BUDI)
    await desk.post("/login", {"nik": DESK, "pin": PIN})
    again = [await desk.post(f"{problem}/closure", closure), await desk.post("/problems", report)]
    assert list(map(answer, again)) == list(map(answer, first)) == [(303, problem), (303, "/problems/2")]


async def test_a_blank_more_or_another_line_end_is_the_same_content(people: People, connection: Connection) -> None:
    problem, desk = await opened(people), await people(DESK)
    fields = await envelope(connection, problem)
    for solution in ("satu\ndua", " satu\r\ndua  "):
        assert answer(await desk.post(f"{problem}/closure", fields | {"solution": solution})) == (303, problem)


async def test_a_comment_may_be_made_twice_with_two_forms(people: People, connection: Connection) -> None:
    problem, ani = await problem_in(people, "reported"), await people(ANI)
    for _ in range(2):
        await ani.submit(problem, f"{problem}/comments", comment="Masih mati.")
    assert await connection.fetchval("SELECT count(*) FROM event WHERE cause = 'commented'") == 2


# Other content ----------------------------------------------------------------------------------------------------------


async def test_the_key_of_a_report_takes_no_other_content(people: People, connection: Connection) -> None:
    ani = await people(ANI)
    form = await ani.form("/problems/new", "/problems") | REPORT
    await ani.post("/problems", form)
    again = await ani.post("/problems", form | {"title": "Kasir mati"})
    assert (again.status_code, message(again.text)) == (422, REUSED)
    assert await connection.fetchval("SELECT count(*) FROM problem") == 1

    fresh = forms(again.text)["/problems"]
    assert fresh["key"] != form["key"]
    assert {name: fresh[name] for name in REPORT} == REPORT | {"title": "Kasir mati"}
    assert answer(await ani.post("/problems", fresh)) == (303, "/problems/2")


@pytest.mark.parametrize("example", [example for example in CHANGES if typed(example)], ids=str)
async def test_the_key_of_a_change_takes_no_other_content(
    example: Example, people: People, connection: Connection
) -> None:
    """Used for another problem before; so this one is as it was seen, and only the key is at fault."""
    person, other = await people(example.who), await problem_in(people, example.state)
    fields = await envelope(connection, other)
    assert (await ask(person, example, other, **fields)).status_code == 303
    problem = await problem_in(people, example.state)
    fields |= await envelope(connection, problem) | {"key": fields["key"]}
    before = await contents(connection)
    for htmx in (False, True):
        response = await ask(person, example, problem, htmx=htmx, **fields | {typed(example): "Isi yang lain."})
        assert (response.status_code, message(response.text)) == (422, REUSED)
        assert is_page(response) is not htmx
        fresh = forms(response.text)[example.at(problem)]
        assert fresh["key"] != fields["key"]
        assert fresh[typed(example)] == "Isi yang lain."
    assert await contents(connection) == before
    assert answer(await person.post(example.at(problem), fresh)) == (303, problem)


async def test_somebody_elses_key_is_not_taken(people: People, connection: Connection) -> None:
    ani, budi = await people(ANI), await people(BUDI)
    form = await ani.form("/problems/new", "/problems") | REPORT
    await ani.post("/problems", form)
    report = await budi.post("/problems", form | {"token": ""})  # of hers he would be told that the form is not his
    assert (report.status_code, message(report.text)) == (422, REUSED)

    comment = await envelope(connection, "/problems/1") | {"comment": "Masih mati."}
    await ani.post("/problems/1/comments", comment)
    assert message((await budi.post("/problems/1/comments", comment)).text) == REUSED
    assert await connection.fetchval(TOLD) == 2


async def test_of_two_contents_with_one_key_at_once_one_is_recorded(
    app: Starlette, people: People, connection: Connection
) -> None:
    problem = await opened(people)
    fields = await envelope(connection, problem)
    browsers = [await another_browser(app, DESK) for _ in range(2)]
    answers = await asyncio.gather(
        *(
            browser.post(f"{problem}/comments", fields | {"comment": f"Komentar {number}"})
            for number, browser in enumerate(browsers)
        )
    )
    assert sorted(map(answer, answers)) == [(303, problem), (422, "")]
    assert await connection.fetchval("SELECT count(*) FROM event WHERE cause = 'commented'") == 1


# No key, no version -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [None, "", "abc", "1" * 400, "\x00", "00000000-0000-4000-8000-00000000000g"])
async def test_a_report_without_a_key_is_kept_and_sent_again(
    key: str | None, people: People, connection: Connection
) -> None:
    ani = await people(ANI)
    response = await ani.post("/problems", REPORT if key is None else REPORT | {"key": key})
    assert (response.status_code, message(response.text)) == (422, INCOMPLETE)
    assert await contents(connection) == []
    fresh = forms(response.text)["/problems"]
    assert {name: fresh[name] for name in REPORT} == REPORT
    assert answer(await ani.post("/problems", fresh)) == (303, "/problems/1")


@pytest.mark.parametrize("example", CHANGES, ids=str)
async def test_a_change_without_key_or_version_is_kept_and_sent_again(
    example: Example, people: People, connection: Connection
) -> None:
    problem, person = await problem_in(people, example.state), await people(example.who)
    good, name = await envelope(connection, problem), typed(example)
    before = await contents(connection)
    for broken in (
        {"key": "", "version": good["version"]},
        {"key": "bukan kunci", "version": good["version"]},
        *({"key": str(uuid4()), "version": version} for version in ("", "0", "-1", "abc", "1.0", "9" * 30, "１")),
    ):
        for htmx in (False, True):
            response = await ask(person, example, problem, htmx=htmx, **broken)
            assert response.status_code == 422, broken
            fresh = forms(response.text)[example.at(problem)]
            if name:
                assert message(response.text) == INCOMPLETE
                assert fresh[name] == example.values[name]
    assert await contents(connection) == before
    assert answer(await ask(person, example, problem, **{n: fresh[n] for n in ("key", "version")})) == (303, problem)


@pytest.mark.parametrize("example", [example for example in CHANGES if not typed(example)], ids=str)
async def test_a_button_without_key_says_so(example: Example, people: People, connection: Connection) -> None:
    problem, person = await problem_in(people, example.state), await people(example.who)
    for htmx in (False, True):
        response = await ask(person, example, problem, htmx=htmx)
        assert response.status_code == 422
        assert INCOMPLETE in response.text


async def test_every_form_has_a_key_of_its_own(people: People) -> None:
    problem, desk = await problem_in(people, "reported"), await people(DESK_TOO)
    keys = [
        form["key"]
        for _ in range(2)
        for page in (problem, f"{problem}/opening", "/problems/new")
        for action, form in forms((await desk.get(page)).text).items()
        if action != "/logout"
    ]
    assert len(keys) == len(set(keys)) == 12


# Every door ------------------------------------------------------------------------------------------------------------

# Doors that carry no key, because sending to them twice is no more than sending once.
UNKEYED = {
    "/login": "it opens a session, and says so each time",
    "/login/nik": "it asks",
    "/stores": "it asks",
    **{f"{pages.url}/options": "it asks" for pages in PAGES},
    **{f"{pages.url}/{{code}}/effect": "it shows" for pages in PAGES if pages.master.moves_promises},
    "/problems/new/reporter": "it asks",
    "/logout": "there is nothing left to end",
    "/problems/{id}/presence": "it says again that somebody is there",
    "/problems/{id}/escalation/fields": "it shows",
    "/problems/{id}/drafts/{form}": "the same text takes the place of the same text",
    "/drafts/{form}": "the same text takes the place of the same text",
    "/problems/{id}/drafts/{form}/discarding": "what is gone is gone",
    "/drafts/{form}/discarding": "what is gone is gone",
}
KEYED = [e for e in EXAMPLES if e.method == "POST" and e.path not in UNKEYED]


async def sent(example: Example, people: People, connection: Connection) -> tuple[str, dict[str, str]]:
    """The path of the example's problem, if it has one, and what its form sends."""
    problem = await arrange(example, people)
    if problem:
        return problem, await envelope(connection, problem)
    person = await people(example.who)
    form = await person.form(*example.form) if example.form else {"key": str(uuid4())}
    return problem, form


@pytest.mark.parametrize("example", KEYED, ids=str)
async def test_every_form_that_changes_something_is_recorded_once(
    example: Example, people: People, connection: Connection
) -> None:
    problem, form = await sent(example, people, connection)
    person = await people(example.who)
    answers = [await ask(person, example, problem, **{**form, **example.values}) for _ in range(2)]
    assert [response.status_code for response in answers] in ([303, 303], [200, 303])
    if answers[0].status_code == 303:
        assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert await connection.fetchval("SELECT count(*) FROM submission WHERE key = $1::text::uuid", form["key"]) == 1


@pytest.mark.parametrize("example", KEYED, ids=str)
async def test_without_a_key_nothing_is_changed(example: Example, people: People, connection: Connection) -> None:
    problem, form = await sent(example, people, connection)
    before = await contents(connection)
    response = await ask(await people(example.who), example, problem, **{**form, **example.values, "key": ""})
    assert response.status_code == 422
    assert await contents(connection) == before
