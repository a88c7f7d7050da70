"""What cannot be taken back with one click asks first, saying what follows; each door that changes something is decided."""

import re
from collections.abc import Iterator

from asyncpg import Connection

from actions.registry import ACTIONS, BULK
from app import DOORS
from doors import Door
from routes import masters
from settings import ROOT
from tests.client import forms
from tests.conftest import People
from tests.journeys import ADMIN, ANI, BUDI, CITRA, DESK, NET, PIC, closed, problem_in, report
from tests.routes.catalogue import CODES, EXAMPLES, Example, arrange

# How each begins its line in docs/decisions/0059-what-asks-first.md.
ASKS = "asks:"  # on a page of its own: a GET to the same path
IN_PLACE = "asks in place:"
SAYS = "its form says:"
FORM = "its form is filled in"
BACK = "can be taken back"
NOTHING = "nothing is lost by it"
DECIDED = {
    "/login": FORM,
    "/login/nik": NOTHING,
    "/logout": BACK,
    "/pin": SAYS,
    "/sessions/ending": ASKS,
    "/sessions/{session}/ending": ASKS,
    "/problems": FORM,
    "/problems/new/reporter": NOTHING,
    "/problems/openings": SAYS,
    "/problems/escalations": SAYS,
    "/problems/assignments": SAYS,
    "/problems/takings": SAYS,
    "/problems/voidings": SAYS,
    "/problems/{id}/drafts/{form}": NOTHING,
    "/problems/{id}/drafts/{form}/discarding": IN_PLACE,
    "/problems/{id}/presence": NOTHING,
    "/problems/{id}/following": BACK,
    "/problems/{id}/following/ending": BACK,
    "/problems/{id}/escalation/fields": NOTHING,
    "/problems/{id}/escalation/acceptance": BACK,
    "/problems/{id}/resumption": BACK,
    "/problems/{id}/confirmation": SAYS,
    "/problems/{id}/voiding": SAYS,
    "/exports": NOTHING,
    "/stores": NOTHING,
    "/views": FORM,
    "/appearance": FORM,
    "/profile": FORM,
    "/profile/confirmation": NOTHING,
    "/views/{id}/deletion": ASKS,
    "/notifications/reading": NOTHING,
    "/drafts/{form}": NOTHING,
    "/drafts/{form}/discarding": IN_PLACE,
    "/store/employees/{nik}/pin": ASKS,
    "/admin/employees/{nik}/pin": ASKS,
    "/admin/employees/{nik}/sessions/ending": ASKS,
    "/admin/employees/{nik}/deactivation": ASKS,
    "/admin/employees/{nik}/activation": BACK,
    "/admin/imports": FORM,
    "/admin/imports/{id}": SAYS,
    "/admin/imports/{id}/names": FORM,
    "/admin/imports/{id}/discarding": NOTHING,
    "/admin/jobs/{id}/attempts": NOTHING,
}
ENDED = [pages.url for pages in (*masters.PAGES, *masters.FIXED) if pages.url != "/admin/employees"]  # by a question
OF_MASTERS = {
    f"{pages.url}{path}": how
    for pages in masters.PAGES
    for path, how in (("", FORM), ("/options", NOTHING), ("/{code}", FORM))
}
OF_MASTERS |= {
    f"{url}/{{code}}/{path}": how for url in ENDED for path, how in (("deactivation", ASKS), ("activation", BACK))
}
OF_MASTERS |= {f"{pages.url}/{{code}}": FORM for pages in masters.FIXED}
OF_MASTERS |= {f"{pages.url}/{{code}}/effect": NOTHING for pages in masters.PAGES if pages.master.moves_promises}
DECIDED |= OF_MASTERS
# An action on a problem that is decided no other way; one without fields has to be.
DECIDED = {f"/problems/{{id}}/{action.path}": FORM for action in ACTIONS if action.fields} | DECIDED
# Where what asks is asked.
PAGES = {
    "/sessions/ending": "/sessions",
    "/sessions/{session}/ending": "/sessions",
    "/views/{id}/deletion": "/views",
    "/store/employees/{nik}/pin": f"/store/employees/{ANI}",
    "/admin/employees/{nik}/pin": f"/admin/employees/{CITRA}",
    "/admin/employees/{nik}/sessions/ending": f"/admin/employees/{CITRA}",
    "/admin/employees/{nik}/deactivation": f"/admin/employees/{CITRA}",
    **{f"{url}/{{code}}/deactivation": f"{url}/{CODES[url]}" for url in ENDED},
}


def said(html: str) -> str:
    """What a page says before the button that does it."""
    found = re.search(r'class="follows".*?>(.*?)<(?:/p>\s*)?(?:div|/div)\b', html, re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", "", found[1]).split()) if found else ""


def example_of(method: str, path: str) -> Example:
    return next(example for example in EXAMPLES if (example.method, example.path) == (method, path))


def test_every_door_that_changes_something_is_decided() -> None:
    assert {door.path for door in DOORS if isinstance(door, Door) and "POST" in door.endpoints} == set(DECIDED)
    written = dict(rows_of_the_decision())
    alike = {path for path, how in DECIDED.items() if how in (FORM, NOTHING) or path in OF_MASTERS} - set(written)
    assert alike <= {f"/problems/{{id}}/{action.path}" for action in ACTIONS if action.fields} | OF_MASTERS.keys()
    assert set(written) == set(DECIDED) - alike
    assert [path for path, how in written.items() if not how.startswith(DECIDED[path])] == []


def rows_of_the_decision() -> Iterator[tuple[str, str]]:
    """Each path that the table names, and what is decided of it."""
    decision = (ROOT / "docs/decisions/0059-what-asks-first.md").read_text(encoding="utf-8")
    for doors, how in re.findall(r"^\| (`/.*?) \| (.*) \|$", decision, re.MULTILINE):
        for path in re.findall(r"`(/[^`]*)`", doors):
            yield path, how


async def test_what_asks_has_a_question_and_no_form_on_the_page_before(people: People) -> None:
    assert [path for path, how in DECIDED.items() if how == ASKS] == list(PAGES)
    await people.elsewhere(ANI)
    for path in PAGES:
        example = example_of("GET", path)
        await arrange(example, people)
        person, door = await people(example.who), example.at("")
        for htmx in (False, True):
            response = await person.get(door, htmx=htmx)
            assert response.status_code == 200 and list(forms(response.text)) == ["/logout", door][htmx:], path
            assert len(said(response.text)) > 20, path
            assert "Tidak jadi" in response.text, path
        page = await person.get(PAGES[path])
        assert page.status_code == 200 and door in page.text and door not in forms(page.text), path


async def test_a_question_changes_nothing(people: People, connection: Connection) -> None:
    admin, ani = await people(ADMIN), await people(ANI)
    before = await connection.fetchrow("SELECT active, pin_hash FROM employee WHERE nik = $1", ANI)
    for act in ("pin", "sessions/ending", "deactivation"):
        assert (await admin.get(f"/admin/employees/{ANI}/{act}")).status_code == 200
    assert await connection.fetchrow("SELECT active, pin_hash FROM employee WHERE nik = $1", ANI) == before
    assert (await ani.get("/sessions")).status_code == 200


async def test_a_question_is_asked_of_whom_the_act_is_open_to(people: People, connection: Connection) -> None:
    """Whoever may not act is refused as by the act; nobody is asked about what is not there, or about themselves."""
    admin, desk = await people(ADMIN), await people(DESK)
    for act in ("pin", "sessions/ending", "deactivation"):
        assert (await desk.get(f"/admin/employees/{ANI}/{act}")).status_code == 403
        assert (await admin.get(f"/admin/employees/99999/{act}")).status_code == 404
    for act in ("pin", "deactivation"):
        assert (await admin.get(f"/admin/employees/{ADMIN}/{act}")).status_code == 422
    await people(ANI)
    await (await people(ANI)).submit("/views?status=open", "/views", name="Dibuka")
    mine = await connection.fetchval("SELECT id FROM session WHERE nik = $1", ANI)
    for path in (f"/sessions/{mine}/ending", "/sessions/x/ending", "/views/1/deletion", "/views/x/deletion"):
        assert (await desk.get(path)).status_code == 404, path


async def test_a_deactivation_says_what_is_left_without_anybody(people: People) -> None:
    await problem_in(people, "open at the PIC")
    await problem_in(people, "open at IT-NET")
    await report(people)
    admin = await people(ADMIN)
    text = said((await admin.get(f"/admin/employees/{PIC}/deactivation")).text)
    assert f"(NIK {PIC}) tidak dapat masuk lagi, dan 1 sesinya berakhir." in text
    assert "1 kendala yang ditanganinya sebagai PIC" in text and "anggota aktif terakhir" not in text
    text = said((await admin.get(f"/admin/employees/{NET}/deactivation")).text)
    assert "anggota aktif terakhir divisi IT-NET — Jaringan: 1 kendala yang ditangani divisi itu dialihkan" in text
    for nik in (DESK, BUDI):  # another member of the desk goes on; a reporter holds nothing
        text = said((await admin.get(f"/admin/employees/{nik}/deactivation")).text)
        assert "tidak dapat masuk lagi" in text and "kendala" not in text, nik


async def test_a_form_says_what_follows_before_its_button(people: People) -> None:
    path = await report(people)
    assert "hanya Meja Bantuan yang dapat memulihkannya" in said((await (await people(DESK)).get(path)).text)
    path = await closed(people)
    assert "tidak dapat dibuka kembali" in said((await (await people(ANI)).get(path)).text)
    assert "mengakhiri sesi Anda di perangkat lain" in said((await (await people(ANI)).get("/pin")).text)


async def test_a_form_for_several_says_how_many(people: People) -> None:
    first, second = [(await report(people)).rpartition("/")[2] for _ in range(2)]
    desk = await people(DESK)
    for action in BULK:
        bulk = action.several
        page = (await desk.get(f"/problems/{bulk.path}?problem={first}:1&problem={second}:1")).text
        # What is not possible has no form.
        possible = action.name in ("opening", "voiding")
        assert said(page) == (f"2 kendala {bulk.follows}" if possible else ""), action.name
