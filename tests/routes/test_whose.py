"""A form is good only for the person it was shown to: sent while another is logged in, it is kept for its author."""

import re
from html import unescape
from uuid import uuid4

import pytest
from asyncpg import Connection
from starlette.applications import Starlette

from tests.client import HTMX, Client, forms
from tests.conftest import KEYS, PIN, People
from tests.journeys import ADMIN, ANI, BUDI, CITRA, DESK, DESK_TOO, REPORT, WITH_A_PHOTO, opened, problem_in, report
from tests.routes.catalogue import EXAMPLES, PRIVATE, Example, arrange, ask, contents, envelope
from web.draft_tokens import issue_token

OTHERS = "Formulir ini milik orang lain"
TEXT = "Layar kasir gelap sejak pukul 7."


async def switch(client: Client, nik: str) -> None:
    """Another person logs in, in the same browser."""
    client.cookies.clear()
    assert (await client.post("/login", {"nik": nik, "pin": PIN})).status_code == 303


async def found_again(client: Client, page: str) -> str:
    """The page of a form, with the draft that is offered there."""
    offered = re.findall(r'href="([^"]+)"[^>]*>Lanjutkan draf', (await client.get(page)).text)
    return (await client.get(unescape(offered[0]))).text if offered else ""


@pytest.mark.parametrize("htmx", [False, True])
async def test_a_report_is_recorded_in_nobody_elses_name(app: Starlette, connection: Connection, htmx: bool) -> None:
    browser = Client(app)
    await switch(browser, ANI)
    fields = await browser.form("/problems/new", "/problems") | REPORT | {"description": TEXT}
    await switch(browser, BUDI)
    response = await browser.post("/problems", fields, htmx=htmx)
    assert response.status_code == 409
    assert OTHERS in response.text and TEXT not in response.text
    assert await connection.fetchval("SELECT count(*) FROM problem") == 0
    assert TEXT not in (await browser.get("/problems/new")).text
    assert await found_again(browser, "/problems/new") == ""
    await switch(browser, ANI)
    page = await found_again(browser, "/problems/new")
    assert forms(page)["/problems"]["description"] == TEXT
    assert (await browser.post("/problems", forms(page)["/problems"])).status_code == 303
    assert await connection.fetchval("SELECT reporter_nik FROM problem") == ANI


async def test_what_is_typed_is_kept_for_who_typed_it(app: Starlette, connection: Connection) -> None:
    browser = Client(app)
    await switch(browser, ANI)
    fields = await browser.form("/problems/new", "/problems") | {"title": "Kasir", "description": TEXT}
    await switch(browser, BUDI)
    assert (await browser.post("/drafts/report", fields, htmx=True)).status_code == 409
    assert await connection.fetch("SELECT nik, form FROM draft") == [(ANI, "report")]


async def test_who_may_not_act_is_told_that_first(app: Starlette, people: People, connection: Connection) -> None:
    """Out of reach 404, no right 403, then 409; the text is kept all the same."""
    path = await opened(people)
    for other, status in ((CITRA, 404), (BUDI, 403), (DESK_TOO, 409)):
        browser = Client(app)
        await switch(browser, DESK)
        fields = await browser.form(f"{path}/closure", f"{path}/closure") | {"solution": f"{TEXT} {other}"}
        await switch(browser, other)
        response = await browser.post(f"{path}/closure", fields)
        assert response.status_code == status and TEXT not in response.text
        assert await connection.fetchval("SELECT nik FROM draft WHERE key = $1::text::uuid", fields["key"]) == DESK
    assert await connection.fetchval("SELECT status FROM problem") == "open"


@pytest.mark.parametrize("example", [e for e in EXAMPLES if e.method == "POST" and e.who], ids=str)
async def test_every_door_refuses_the_form_of_another(example: Example, people: People, connection: Connection) -> None:
    problem = await arrange(example, people)
    fields = await envelope(connection, problem) if problem else {"key": str(uuid4())}
    token = issue_token(KEYS, "10009", fields["key"])
    before = await contents(connection)
    for htmx in (False, True):
        response = await ask(await people(example.who), example, problem, htmx=htmx, **fields, token=token)
        assert response.status_code == 409
        assert OTHERS in response.text
    assert await contents(connection) == before


async def test_a_form_without_a_token_is_its_sender_s(people: People) -> None:
    ani = await people(ANI)
    for token in ("", "x", "10002.x.y"):
        fields = await ani.form("/problems/new", "/problems") | REPORT | {"token": token}
        assert (await ani.post("/problems", fields)).status_code == 303


async def test_an_old_form_is_still_its_author_s(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long ago it was opened: a session may last for a month."""
    ani, budi = await people(ANI), await people(BUDI)
    fields = await ani.form("/problems/new", "/problems") | REPORT
    monkeypatch.setattr("web.draft_tokens.VALID", -1000)
    assert (await budi.post("/problems", fields)).status_code == 409
    assert (await ani.post("/problems", fields)).status_code == 303


async def test_every_form_says_whose_it_is(people: People) -> None:
    path = await report(people)
    desk = await people(DESK)
    closed = await problem_in(people, "closed")
    for person, pages in (
        (desk, (path, f"{path}/opening", "/problems/new", "/views", "/problems/voidings?problem=1:1", "/sessions")),
        (await people(ANI), (closed, "/pin")),
        (await people(ADMIN), (f"/admin/employees/{CITRA}",)),
    ):
        for page in pages:
            for action, form in forms((await person.get(page)).text).items():
                assert action == "/logout" or form["token"].split(".")[0] in (DESK, ANI, ADMIN), (page, action)


async def test_what_the_page_of_another_asks_for_is_refused(people: People, connection: Connection) -> None:
    """Its head still names who it was shown to: no form, no list and no presence comes into it from somebody else's session."""
    problem = await problem_in(people, WITH_A_PHOTO)
    before = await contents(connection)
    presence = await connection.fetchval("SELECT count(*) FROM presence")
    for example in PRIVATE:
        values = {"params" if example.method == "GET" else "data": dict(example.values)}
        headers = HTMX | {"SIH-Swap": "innerHTML", "SIH-Viewer": "nik-10009"}
        response = await (await people(example.who)).request(
            example.method, example.at(problem), headers=headers, **values
        )
        assert response.status_code in (403, 404, 409), example
    assert await contents(connection) == before
    assert await connection.fetchval("SELECT count(*) FROM presence") == presence
    for nik, status in (("nik-10001", 200), ("nik-10009", 409)):
        response = await (await people(ANI)).request("GET", "/problems", headers=HTMX | {"SIH-Viewer": nik})
        assert response.status_code == status
