"""What was typed and not sent: kept by the form's key, offered when such a form is opened again, and let go."""

import logging
import re
import uuid
from html import unescape
from urllib.parse import quote

import pytest
from asyncpg import Connection

from actions.drafts import DRAFTED
from actions.registry import ACTIONS
from queries.budgets import forget_old
from tests.client import Client, forms
from tests.conftest import PIN, end_sessions
from tests.journeys import ANI, BUDI, CITRA, DESK, DESK_TOO, MANAGER, opened, problem_in, report
from tests.routes.catalogue import CHANGES
from web import draft_tokens

TEXT = "Layar kasir gelap\nsejak pukul 7."
NOTE = re.compile(r"Draf tersimpan \d+ \w+ \d{4} \d\d\.\d\d W\w+")
RESUME = re.compile(r'<a class="button primary" href="([^"]+)"[^>]*>Lanjutkan draf</a>')


async def stay_away(connection: Connection) -> None:
    """Let every session end because nobody asked for anything in it."""
    await connection.execute("UPDATE session SET last_seen_at = last_seen_at - interval '13 hours'")


async def log_everybody_out(connection: Connection) -> None:
    await connection.execute("UPDATE session SET ended_at = now()")


ENDS = {"age": end_sessions, "idle": stay_away, "logout": log_everybody_out}


def values(html: str, action: str) -> dict[str, str]:
    return forms(html)[action]


async def resume(client: Client, page: str, htmx: bool = False) -> str:
    """The page with the draft in it that is offered there."""
    html = (await client.get(page, htmx=htmx)).text
    offered = [unescape(url) for url in RESUME.findall(html)]
    assert len(offered) == 1, html
    return (await client.get(offered[0], htmx=htmx)).text


async def kept(connection: Connection) -> list[tuple]:
    return [tuple(row) for row in await connection.fetch("SELECT nik, problem_id, form FROM draft ORDER BY nik, form")]


async def test_a_report_is_restored(people, connection: Connection):
    ani = await people(ANI)
    fields = await ani.form("/problems/new", "/problems")
    assert (
        await ani.post("/drafts/report", fields | {"title": "Kasir", "description": TEXT}, htmx=True)
    ).status_code == 204
    shown = (await ani.get("/problems/new")).text
    assert NOTE.search(shown)
    assert values(shown, "/problems")["title"] == "", "another form: it is offered, not filled in"
    html = await resume(ani, "/problems/new")
    assert "dipulihkan. Lampiran tidak ikut tersimpan." in html and "Hapus draf" in html
    form = values(html, "/problems")
    assert (form["title"], form["description"], form["key"]) == ("Kasir", TEXT, fields["key"])
    assert await kept(connection) == [(ANI, None, "report")]


async def test_it_goes_when_the_report_is_recorded(people, connection: Connection):
    ani = await people(ANI)
    fields = await ani.form("/problems/new", "/problems") | {"title": "Kasir", "description": TEXT}
    await ani.post("/drafts/report", fields, htmx=True)
    assert (await ani.post("/problems", fields)).status_code == 303
    assert await kept(connection) == []
    # What was on its way when the form was sent arrives too late to count.
    assert (await ani.post("/drafts/report", fields, htmx=True)).status_code == 204
    assert await kept(connection) == []
    assert not NOTE.search((await ani.get("/problems/new")).text)


async def test_what_overtakes_its_form_does_not_count(people, connection: Connection):
    """The draft is stored in the moment in which its form is: neither sees the other."""
    ani = await people(ANI)
    fields = await ani.form("/problems/new", "/problems") | {"title": "Kasir", "description": TEXT}
    assert (await ani.post("/problems", fields)).status_code == 303
    await connection.execute(
        "INSERT INTO draft (nik, form, key, fields) VALUES ($1, 'report', $2, $3)",
        ANI,
        uuid.UUID(fields["key"]),
        {"title": "Kasir", "description": TEXT},
    )
    assert not NOTE.search((await ani.get("/problems/new")).text)


@pytest.mark.parametrize("name", [name for name, form in DRAFTED.items() if form.of_a_problem])
async def test_every_form_of_a_problem(people, connection: Connection, name: str):
    action = next(action for action in ACTIONS if action.name == name)
    example = next(example for example in CHANGES if example.path == f"/problems/{{id}}/{action.path}")
    assert example.who and example.state
    path, client = await problem_in(people, example.state), await people(example.who)
    field = next(f.name for f in action.fields if f.is_text)
    number = int(path.rpartition("/")[2])
    page, door = action.page(number), action.url(number)
    fields = await client.form(page, door)
    assert (await client.post(f"{path}/drafts/{name}", fields | {field: TEXT}, htmx=True)).status_code == 204
    for htmx in (False, True):
        html = await resume(client, page, htmx)
        assert len(NOTE.findall(html)) == 1
        assert values(html, door)[field] == TEXT
    # Another person sees nothing of it.
    other = await people(MANAGER)
    assert TEXT not in (await other.get(path)).text
    assert TEXT not in (await other.get(f"{path}?draft={fields['key']}")).text
    # Let go.
    response = await client.post(f"{path}/drafts/{name}/discarding", {"draft": fields["key"]})
    assert (response.status_code, response.headers["Location"]) == (303, page)
    assert not NOTE.search((await client.get(page)).text)
    assert await kept(connection) == []
    # Recorded, with what is required beside the text.
    await client.post(f"{path}/drafts/{name}", fields | {field: TEXT}, htmx=True)
    assert (await client.post(door, fields | example.values | {field: TEXT})).status_code == 303
    assert await kept(connection) == []


async def test_two_tabs_do_not_touch_each_others(people, connection: Connection):
    """Each form has a draft of its own; sending one leaves the other, which is offered."""
    ani = await people(ANI)
    first, second = [await ani.form("/problems/new", "/problems") for _ in range(2)]
    await ani.post("/drafts/report", first | {"title": "Kasir", "description": TEXT}, htmx=True)
    await ani.post("/drafts/report", second | {"title": "AC", "description": "Panas"}, htmx=True)
    assert len(await kept(connection)) == 2
    assert (await ani.post("/problems", second | {"title": "AC", "description": "Panas"})).status_code == 303
    assert await kept(connection) == [(ANI, None, "report")]
    assert values(await resume(ani, "/problems/new"), "/problems")["title"] == "Kasir"


@pytest.mark.parametrize("name", DRAFTED)
async def test_two_tabs_of_every_form(people, connection: Connection, name: str):
    """What is let go, or emptied, in one of them stays in the other."""
    path = await report(people)
    desk = await people(DESK)
    drafts = f"{path if DRAFTED[name].of_a_problem else ''}/drafts/{name}"
    field = next(f.name for f in DRAFTED[name].fields if f.is_text and f.name != "reporter")
    keys = [str(uuid.uuid4()) for _ in range(3)]
    for key in keys:
        assert (await desk.post(drafts, {"key": key, field: f"Dari {key}"}, htmx=True)).status_code == 204
    await desk.post(f"{drafts}/discarding", {"draft": keys[0]})
    await desk.post(drafts, {"key": keys[1], field: " "}, htmx=True)
    assert await connection.fetch("SELECT key::text, fields->>$1 FROM draft", field) == [(keys[2], f"Dari {keys[2]}")]


async def test_as_many_drafts_of_a_form_as_can_be_looked_through(people, connection: Connection):
    ani = await people(ANI)
    for number in range(8):
        fields = await ani.form("/problems/new", "/problems") | {"title": f"Nomor {number}"}
        assert (await ani.post("/drafts/report", fields, htmx=True)).status_code == 204
    rows = await connection.fetch("SELECT fields FROM draft ORDER BY at")
    assert [row["fields"]["title"] for row in rows] == [f"Nomor {number}" for number in range(3, 8)]


async def test_what_is_typed_beside_a_form_that_is_sent_stays(people):
    """By htmx the whole problem is shown again: the other forms of the page go on as they were."""
    path = await opened(people)
    desk = await people(DESK)
    html = (await desk.get(path)).text
    comment, voiding = values(html, f"{path}/comments"), values(html, f"{path}/voiding")
    await desk.post(f"{path}/drafts/voiding", voiding | {"reason": TEXT}, htmx=True)
    sent = comment | {"comment": "Sebentar.", "beside": [f"voiding:{voiding['key']}", f"comment:{comment['key']}"]}
    response = await desk.post(f"{path}/comments", sent, htmx=True)
    again = values(response.text, f"{path}/voiding")
    assert (again["reason"], again["key"]) == (TEXT, voiding["key"])
    fresh = values(response.text, f"{path}/comments")
    assert fresh["comment"] == "" and fresh["key"] != comment["key"]
    assert not NOTE.search(response.text)


async def test_two_people_at_the_same_form(people):
    """Each finds the own text, whoever of them is first by number."""
    path = await report(people)
    texts = {ANI: "Dari Ani", BUDI: "Dari Budi", DESK: "Dari meja"}
    for nik, text in texts.items():
        client = await people(nik)
        for page, door, draft, field in (
            (path, f"{path}/comments", f"{path}/drafts/comment", "comment"),
            ("/problems/new", "/problems", "/drafts/report", "description"),
        ):
            await client.post(draft, await client.form(page, door) | {field: text}, htmx=True)
    for nik, text in texts.items():
        client = await people(nik)
        html = await resume(client, path) + await resume(client, "/problems/new")
        assert [other for other in texts.values() if other in html] == [text]
        assert html.count(text) == 2


@pytest.mark.parametrize("how", [*ENDS, "cookie"])
@pytest.mark.parametrize("htmx", [False, True])
async def test_the_session_has_ended_when_it_is_sent(
    people, nobody: Client, connection: Connection, how: str, htmx: bool
):
    path = await report(people)
    desk = await people(DESK)
    fields = await desk.form(f"{path}/opening", f"{path}/opening")
    if how == "cookie":
        desk.cookies.clear()
    else:
        await ENDS[how](connection)
    typed = {"category": "NET-WIFI", "impact": "2", "identification": TEXT}
    headers = {"HX-Current-URL": f"http://testserver{path}"} if htmx else {}
    response = await desk.post(f"{path}/opening", fields | typed, htmx=htmx, headers=headers)
    assert response.status_code == (401 if htmx else 303)
    back = f"{path}/opening?draft={fields['key']}"
    assert response.headers["HX-Redirect" if htmx else "Location"] == f"/login?next={quote(back, safe='/')}"
    login = (await desk.get("/login", params={"next": back})).text
    assert "Isian Anda tersimpan" in login and TEXT not in login
    assert (await desk.post("/login", {"nik": DESK, "pin": PIN, "next": back})).headers["Location"] == back
    html = (await desk.get(back)).text
    assert NOTE.search(html)
    form = values(html, f"{path}/opening")
    assert (form["category"], form["impact"], form["urgency"], form["identification"]) == ("NET-WIFI", "2", "", TEXT)
    # Somebody else who logs in on the same phone gets none of it.
    desk.cookies.clear()
    await desk.post("/login", {"nik": DESK_TOO, "pin": PIN})
    assert TEXT not in (await desk.get(f"{path}/opening")).text
    assert TEXT not in (await desk.get(back)).text


async def test_a_report_without_a_session(people, connection: Connection):
    ani = await people(ANI)
    fields = await ani.form("/problems/new", "/problems")
    await end_sessions(connection)
    response = await ani.post("/problems", fields | {"title": "Kasir", "description": TEXT})
    back = f"/problems/new?draft={fields['key']}"
    assert response.headers["Location"] == f"/login?next={quote(back, safe='/')}"
    await ani.post("/login", {"nik": ANI, "pin": PIN})
    assert values((await ani.get(back)).text, "/problems")["description"] == TEXT
    assert await connection.fetchval("SELECT count(*) FROM problem") == 0


async def test_typing_goes_on_without_a_session(people, connection: Connection):
    """Nobody is led away from what they are typing; it is kept all the same."""
    ani = await people(ANI)
    fields = await ani.form("/problems/new", "/problems")
    await end_sessions(connection)
    response = await ani.post("/drafts/report", fields | {"description": TEXT}, htmx=True)
    assert response.status_code == 204 and "HX-Redirect" not in response.headers
    assert await kept(connection) == [(ANI, None, "report")]


@pytest.mark.parametrize("door", ["/drafts/report", "/drafts/report/discarding", "/problems/1/drafts/comment"])
async def test_without_a_ticket_nothing_is_kept(people, nobody: Client, connection: Connection, door: str):
    await report(people)
    response = await nobody.post(door, {"key": str(uuid.uuid4()), "comment": TEXT, "description": TEXT}, htmx=True)
    assert response.status_code == (401 if door.endswith("discarding") else 204)
    assert await kept(connection) == []


async def test_a_ticket_is_for_one_form_of_one_person(people, nobody: Client, connection: Connection):
    path = await report(people)
    fields = await (await people(ANI)).form("/problems/new", "/problems") | {"description": TEXT}
    forged = [
        fields | {"key": str(uuid.uuid4())},
        fields | {"token": fields["token"].replace(ANI, BUDI)},
        fields | {"token": ""},
        fields | {"token": draft_tokens.issue_token(("another key",), ANI, fields["key"])},
    ]
    for attempt in forged:
        assert (await nobody.post("/drafts/report", attempt, htmx=True)).status_code == 204
    # Neither beyond the reach of the person, nor of one who is deactivated.
    key = fields["key"]
    citra = fields | {"token": draft_tokens.issue_token(("a key for tests",), CITRA, key), "comment": TEXT}
    assert (await nobody.post(f"{path}/drafts/comment", citra, htmx=True)).status_code == 204
    gone = fields | {"token": draft_tokens.issue_token(("a key for tests",), "10009", key)}
    assert (await nobody.post("/drafts/report", gone, htmx=True)).status_code == 204
    assert await kept(connection) == []


async def test_a_ticket_grows_old(people, nobody: Client, connection: Connection, monkeypatch):
    fields = await (await people(ANI)).form("/problems/new", "/problems") | {"description": TEXT}
    monkeypatch.setattr(draft_tokens, "VALID", -1)
    assert (await nobody.post("/drafts/report", fields, htmx=True)).status_code == 204
    assert await kept(connection) == []


async def test_a_ticket_opens_nothing(nobody: Client, people):
    fields = await (await people(ANI)).form("/problems/new", "/problems") | {"title": "Kasir", "description": TEXT}
    assert (await nobody.post("/problems", fields)).headers["Location"].startswith("/login")
    assert (await nobody.get("/problems/new")).headers["Location"].startswith("/login")


async def test_reach(people, connection: Connection):
    path = await report(people)
    citra = await people(CITRA)
    fields = {"key": str(uuid.uuid4()), "comment": TEXT}
    for door in (f"{path}/drafts/comment", f"{path}/drafts/comment/discarding", "/problems/999/drafts/comment"):
        assert (await citra.post(door, fields, htmx=True)).status_code == 404
    ani = await people(ANI)
    for door in (f"{path}/drafts/report", f"{path}/drafts/nothing", f"{path}/drafts/x/discarding"):
        assert (await ani.post(door, fields, htmx=True)).status_code == 404
    assert (await ani.get(f"{path}/drafts/comment")).status_code == 405
    assert await kept(connection) == []


async def test_out_of_reach_nothing_is_kept_for_later(people, connection: Connection):
    """A post without a session is for whom its token names, but to no problem that they do not reach."""
    path = await report(people)
    for nik, there in ((CITRA, []), (BUDI, [(BUDI, int(path.rpartition("/")[2]), "comment")])):
        client = await people(nik)
        fields = await client.form("/problems/new", "/problems")
        await end_sessions(connection)
        assert (await client.post(f"{path}/comments", fields | {"comment": TEXT})).status_code == 303
        assert await kept(connection) == there


async def test_an_emptied_form_is_no_draft(people, connection: Connection):
    ani = await people(ANI)
    fields = await ani.form("/problems/new", "/problems")
    await ani.post("/drafts/report", fields | {"title": "Kasir"}, htmx=True)
    await ani.post("/drafts/report", fields | {"title": "  ", "reporter": "10002"}, htmx=True)
    assert await kept(connection) == []


async def test_what_is_typed_stays_above_what_was_kept(people):
    """A form that comes back with a mistake shows what was sent, not an older draft."""
    ani = await people(ANI)
    fields = await ani.form("/problems/new", "/problems")
    await ani.post("/drafts/report", fields | {"title": "Lama", "description": TEXT}, htmx=True)
    for sent in ({"title": "Baru", "description": ""}, {"title": "", "description": ""}):
        response = await ani.post("/problems", fields | sent)
        assert response.status_code == 422 and not NOTE.search(response.text)
        assert values(response.text, "/problems")["title"] == sent["title"]


async def test_a_text_too_long_is_kept_too(people):
    ani = await people(ANI)
    fields = await ani.form("/problems/new", "/problems")
    await ani.post("/drafts/report", fields | {"description": "é" * 5000 + "\x00'\"<b>"}, htmx=True)
    assert values(await resume(ani, "/problems/new"), "/problems")["description"] == "é" * 5000 + "'\"<b>"


async def test_as_much_as_can_be_kept_of_what_takes_the_most_room(people):
    ani = await people(ANI)
    quotes = dict.fromkeys(("title", "description", "asset"), '"' * 20_000)
    fields = await ani.form("/problems/new", "/problems") | quotes
    assert (await ani.post("/drafts/report", fields, htmx=True)).status_code == 204
    assert values(await resume(ani, "/problems/new"), "/problems")["description"] == quotes["description"]


async def test_after_a_month_it_goes(people, connection: Connection):
    ani, budi = await people(ANI), await people(BUDI)
    fields = await ani.form("/problems/new", "/problems") | {"title": "Kasir"}
    await ani.post("/drafts/report", fields, htmx=True)
    await connection.execute("UPDATE draft SET at = now() - interval '31 days'")
    assert not NOTE.search((await ani.get("/problems/new")).text)
    await budi.post("/drafts/report", await budi.form("/problems/new", "/problems") | {"title": "Lain"}, htmx=True)
    await forget_old(connection)
    assert await kept(connection) == [(BUDI, None, "report")]


async def test_sent_again_with_another_ticket_it_is_the_same_form(people, connection: Connection):
    ani = await people(ANI)
    fields = await ani.form("/problems/new", "/problems") | {"title": "Kasir", "description": TEXT}
    first = await ani.post("/problems", fields)
    again = await ani.post("/problems", fields | {"token": "x"})
    assert again.headers["Location"] == first.headers["Location"]


async def test_the_log_holds_no_text(people, connection: Connection, caplog):
    caplog.set_level(logging.DEBUG, "sih")
    ani = await people(ANI)
    fields = await ani.form("/problems/new", "/problems") | {"title": "Kasir", "description": TEXT}
    await ani.post("/drafts/report", fields, htmx=True)
    await end_sessions(connection)
    await ani.post("/problems", fields)
    said = "".join(str(vars(record)) for record in caplog.records if record.name.startswith("sih"))
    assert "/drafts/{form}" in said
    assert "Layar" not in said and "Kasir" not in said and fields["token"] not in said
