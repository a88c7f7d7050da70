"""Every page and every part, as it was when somebody last looked at it: tests/snapshots/test_snapshots/*.html can be opened.

After a deliberate change: pytest tests/test_snapshots.py --snapshot-update, and look at the difference.
"""

from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from asyncpg import Connection
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from syrupy.location import PyTestLocation

import db
import routes.problems
from formats.text import clean
from tests import journeys
from tests.client import Client, forms
from tests.past import Past
from tests.snapshots.pages import faults, normalised, says, skeleton
from tests.told import tell_all
from web import render
from web.moulds import Mould

ANI, BUDI, CITRA, DESK, NET, GA, PIC, MANAGER = "10001", "10002", "10003", "20001", "20003", "20004", "30001", "40001"
LOGIN, STEPS = "templates/login.html", "partials/login/steps.html"
LIST, LIST_PART = "templates/problems/list.html", "partials/problems/list.html"
REPORT, CALLER = "templates/reports/new.html", "partials/reports/reporter.html"
DETAIL, DETAIL_PART = "templates/problems/detail.html", "partials/problems/detail.html"
ACTION, FORM = "templates/problems/action.html", "partials/actions/form.html"
ERROR, ERROR_PART = "templates/error.html", "partials/error.html"

IDENTIFIED = {
    "category": "NET-WIFI",
    "impact": "1",
    "urgency": "2",
    "identification": "Kabel putus di belakang lemari.",
}

Shot = Callable[[str, httpx2.Response, int, str], None]


class Html(SingleFileSnapshotExtension):
    """One .html file a snapshot."""

    file_extension = "html"
    _write_mode = WriteMode.TEXT

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:
        return str(Path(test_location.filepath).parent / "snapshots" / test_location.basename)


@pytest.fixture
def shot(snapshot: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch) -> Shot:
    """Compare an answer with the snapshot of that name, and hold its status, its template and its form to be right."""
    rendered: list[str] = []
    original = render._html

    def noting(request, name, *rest):
        rendered.append(name)
        return original(request, name, *rest)

    def noting_fill(mould, words):
        rendered.append(mould.name)
        return fill(mould, words)

    fill = Mould.fill
    monkeypatch.setattr(render, "_html", noting)
    monkeypatch.setattr(Mould, "fill", noting_fill)

    def compare(name: str, response: httpx2.Response, status: int, template: str) -> None:
        assert (response.status_code, rendered[-1]) == (status, template), response.text
        assert response.headers["Content-Type"] == "text/html; charset=utf-8"
        assert faults(response.text) == []
        assert normalised(response.text) == snapshot(name=name, extension_class=Html)

    return compare


class Office:
    """The people of the company at work on one problem after the other."""

    def __init__(self, people) -> None:
        self.people = people

    async def report(self, nik: str = ANI, **typed: str) -> str:
        typed = {"title": "Printer kasir mati", "description": "Tidak menyala sejak pagi.\nKabel sudah dicek."} | typed
        return await journeys.report(self.people, nik, **typed)

    async def send(self, nik: str, path: str, door: str, page: str | None = None, **typed: str) -> None:
        """`nik` opens the page of the form, or the problem's own, fills it in and sends it."""
        who = await self.people(nik)
        response = await who.submit(f"{path}/{page}" if page else path, f"{path}/{door}", **typed)
        assert response.status_code == 303, response.text

    async def open(self, path: str) -> None:
        await journeys.open_it(self.people, path, **IDENTIFIED)

    async def to_net(self, path: str) -> None:
        await journeys.escalate(self.people, path, reason="Perlu ahli jaringan.")

    async def close(self, path: str, nik: str = DESK) -> None:
        await journeys.close(self.people, path, nik, solution="Kabel diganti.")

    async def get(self, nik: str, path: str, **kwargs) -> httpx2.Response:
        return await (await self.people(nik)).get(path, **kwargs)


@pytest.fixture
def office(people) -> Office:
    return Office(people)


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Call it, and the database is away from then on."""

    async def take(database):
        raise db.DatabaseUnavailable("away")

    return lambda: monkeypatch.setattr(db, "_take", take)


# Login -----------------------------------------------------------------------------------------------------------------


async def test_login(nobody: Client, shot: Shot, away):
    shot("empty", await nobody.get("/login?next=/problems/7"), 200, LOGIN)
    shot("unknown", await nobody.post("/login/nik", {"nik": "99999"}, htmx=True), 422, STEPS)
    shot("deactivated", await nobody.post("/login/nik", {"nik": "10009"}, htmx=True), 422, STEPS)
    shot("person", await nobody.post("/login/nik", {"nik": ANI}, htmx=True), 200, STEPS)
    shot("person-page", await nobody.post("/login/nik", {"nik": ANI}), 200, LOGIN)
    shot("wrong-pin", await nobody.post("/login", {"nik": ANI, "pin": "000000"}), 422, LOGIN)
    for _ in range(4):
        await nobody.post("/login", {"nik": ANI, "pin": "000000"})
    throttled = await nobody.post("/login", {"nik": ANI, "pin": "482913"})
    shot("throttled", throttled, 429, LOGIN)
    assert 1 <= int(throttled.headers["Retry-After"]) <= 30
    away()
    shot("unreadable", await nobody.post("/login/nik", {"nik": ANI}, htmx=True), 503, STEPS)


# List ------------------------------------------------------------------------------------------------------------------


async def test_list(office: Office, shot: Shot, monkeypatch: pytest.MonkeyPatch):
    paths = [await office.report(ANI), await office.report(CITRA, title="AC tidak dingin", asset="T02-PRN-01")]
    paths += [await office.report(DESK, title="Wi-Fi lambat", reporter=BUDI)]
    await office.open(paths[0])
    await office.to_net(paths[0])
    await office.open(paths[1])
    await office.close(paths[1])
    shot("rows", await office.get(MANAGER, "/problems"), 200, LIST)
    shot("part", await office.get(BUDI, "/problems?q=wi-fi&status=reported", htmx=True), 200, LIST_PART)
    shot("empty", await office.get(MANAGER, "/problems?q=kursi"), 200, LIST)
    shot("invalid", await office.get(MANAGER, "/problems?year=1999&status=lost"), 422, LIST)
    monkeypatch.setattr(routes.problems, "PAGE_SIZE", 1)
    shot("paged", await office.get(MANAGER, "/problems?after=3"), 200, LIST)


# Report ----------------------------------------------------------------------------------------------------------------


async def test_report(people, shot: Shot):
    ani, desk = await people(ANI), await people(DESK)
    shot("empty", await ani.get("/problems/new"), 200, REPORT)
    wrong = {"title": "x" * 121, "description": "", "asset": "Kursi"}
    shot("errors", await ani.submit("/problems/new", "/problems", **wrong), 422, REPORT)
    shot("handler", await desk.get("/problems/new"), 200, REPORT)
    shot("caller", await desk.post("/problems/new/reporter", {"reporter": CITRA}, htmx=True), 200, CALLER)
    shot("unknown-caller", await desk.post("/problems/new/reporter", {"reporter": "99999"}, htmx=True), 422, CALLER)
    wrong = {"reporter": "10009", "title": "Printer", "description": "Mati"}
    shot("deactivated-caller", await desk.submit("/problems/new", "/problems", **wrong), 422, REPORT)


# A problem -------------------------------------------------------------------------------------------------------------


async def test_detail(office: Office, shot: Shot):
    path = await office.report(asset="T01-PRN-01")
    desk = await office.people(DESK)
    shot("reported-reporter", await office.get(BUDI, path), 200, DETAIL)
    shot("reported-desk", await office.get(DESK, path), 200, DETAIL)
    await office.open(path)
    shot("open-desk", await desk.get(path), 200, DETAIL)
    shot("open-manager", await office.get(MANAGER, path), 200, DETAIL)
    await office.to_net(path)
    shot("escalated-receiver", await office.get(NET, path), 200, DETAIL)
    await office.send(NET, path, "escalation/acceptance")
    await office.close(path, NET)
    shot("closed-reporter", await office.get(ANI, path), 200, DETAIL)
    await office.send(ANI, path, "reopening", reason="Masih mati.")
    await office.close(path, NET)
    await office.send(ANI, path, "confirmation")
    await office.send(BUDI, path, "comments", comment="Terima kasih.\nKasir 1 jalan lagi.")
    shot("confirmed-colleague", await office.get(MANAGER, path), 200, DETAIL)


async def test_detail_of_others(office: Office, shot: Shot):
    path = await office.report(DESK, reporter=CITRA, asset="Kursi putar")
    await office.open(path)
    desk = await office.people(DESK)
    second = await desk.submit(f"{path}/escalation", f"{path}/escalation", kind="department", reason="Perlu tukang.")
    await desk.post(f"{path}/escalation/pic", forms(second.text)[f"{path}/escalation/pic"] | {"pic": PIC})
    shot("escalated-to-a-pic", await office.get(MANAGER, path), 200, DETAIL)
    gita = await office.people(PIC)
    shot("return-without-reason", await gita.submit(path, f"{path}/escalation/return"), 422, DETAIL)
    returned = await gita.submit(path, f"{path}/escalation/return", htmx=True, reason="Bukan kami.")
    shot("returned-part", returned, 200, DETAIL_PART)
    shot("void-part", await desk.submit(path, f"{path}/voiding", htmx=True, reason="Ganda."), 200, DETAIL_PART)
    shot("comment-empty", await gita.submit(path, f"{path}/comments", htmx=True), 422, DETAIL_PART)


# Forms -----------------------------------------------------------------------------------------------------------------


async def test_opening(office: Office, shot: Shot):
    path = await office.report()
    desk = await office.people(DESK)
    opening = f"{path}/opening"
    shot("part", await desk.get(opening, htmx=True), 200, FORM)
    shot("errors", await desk.submit(opening, opening, impact="2", identification=" "), 422, ACTION)


async def test_closure(office: Office, shot: Shot):
    path = await office.report()
    desk = await office.people(DESK)
    await office.open(path)
    await desk.get(path)  # the notice is read
    closure = f"{path}/closure"
    shot("page", await desk.get(closure), 200, ACTION)
    shot("errors", await desk.submit(closure, closure, htmx=True), 422, FORM)


async def test_escalation(office: Office, shot: Shot):
    path = await office.report()
    desk = await office.people(DESK)
    await office.open(path)
    await desk.get(path)  # the notice is read
    door = f"{path}/escalation"
    shot("page", await desk.get(door), 200, ACTION)
    shot("part", await desk.get(door, htmx=True), 200, FORM)
    fields = await desk.form(door, door)
    for kind in ("it", "other"):
        typed = fields | {"kind": kind, "reason": "Sebab"}
        shot(
            f"fields-{kind}",
            await desk.post(f"{door}/fields", typed, htmx=True),
            200,
            "partials/escalations/fields.html",
        )
    shot("errors", await desk.submit(door, door, htmx=True, kind="it", division="", reason="Perlu ahli."), 422, FORM)
    typed = {"kind": "department", "reason": "Perlu tukang."}
    shot("pic", await desk.submit(door, door, htmx=True, **typed), 200, FORM)
    second = await desk.submit(door, door, **typed)
    shot("pic-page", second, 200, ACTION)
    chosen = forms(second.text)[f"{door}/pic"] | {"department": "MNT"}
    narrowed = await desk.post(f"{door}/fields?step=pic", chosen, htmx=True)
    shot("pic-of-a-department", narrowed, 200, "partials/escalations/pic_fields.html")
    shot("pic-errors", await desk.post(f"{door}/pic", forms(second.text)[f"{door}/pic"], htmx=True), 422, FORM)


# Conflicts and errors --------------------------------------------------------------------------------------------------


async def test_conflict(office: Office, shot: Shot):
    path = await office.report()
    await office.open(path)
    desk = await office.people(DESK)
    closure, voiding = f"{path}/closure", f"{path}/voiding"
    form, page_form = await desk.form(closure, closure), await desk.form(path, voiding)
    await office.to_net(path)
    solution = {"solution": "Kabel diganti, sudah dicoba."}
    await desk.get(path)  # the notice is read
    shot("lost", await desk.post(closure, form | solution), 409, ACTION)
    shot("lost-part", await desk.post(closure, form | solution, htmx=True), 409, FORM)
    shot("on-the-page", await desk.post(voiding, page_form | {"reason": "Ganda."}), 409, DETAIL)
    await office.send(NET, path, "escalation/return", reason="Bukan kami.")
    stale = await desk.post(closure, form | solution)
    shot("can-be-sent-again", stale, 409, ACTION)
    again = forms(stale.text)[closure]
    assert again["solution"] == solution["solution"]
    assert (await desk.post(closure, again)).status_code == 303


async def test_error(office: Office, shot: Shot, away):
    path = await office.report()
    citra, budi = await office.people(CITRA), await office.people(BUDI)
    shot("404", await citra.get(path), 404, ERROR)
    shot("404-part", await citra.get(path, htmx=True), 404, ERROR_PART)
    shot("403", await budi.get(f"{path}/opening"), 403, ERROR)
    away()
    shot("503", await budi.get("/problems"), 503, ERROR)
    shot("503-part", await budi.get("/problems", htmx=True), 503, ERROR_PART)


# Hostile text ----------------------------------------------------------------------------------------------------------

HOSTILE = {
    "markup": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "quotes": "\"' onfocus=alert(1) autofocus x=\"'>",
    "entities": "&lt;b&gt; &amp;amp; &#x3c;",
    "template": "{{7*7}}{% raw %}{# #}${7*7}",
    "end": "</textarea></title></option></select><!-- ]]>",
    "long": "Y" * 120,
    "emoji": "🖨️👩‍🔧💥",
    "rtl": "الطابعة לא עובדת",
    "override": "abc\u202etxt.exe",
}


async def places(office: Office, connection: Connection, text: str) -> dict[str, str]:
    """Every place where a text can come to stand that somebody typed, people and master data included."""
    for table, key in (
        ("employee", "nik"),
        ("store", "code"),
        ("division", "code"),
        ("department", "code"),
        ("category", "code"),
    ):
        await connection.execute(f"UPDATE {table} SET name = $1 WHERE {key} NOT IN ('20001', '40001')", text)
    await connection.execute("UPDATE asset SET name = $1", text)
    path = await office.report(title=text, description=text, asset=text)
    desk, net = await office.people(DESK), await office.people(NET)
    opening, escalation, closure = f"{path}/opening", f"{path}/escalation", f"{path}/closure"
    pages = {"opening": await desk.submit(opening, opening, identification=text)}
    await office.send(DESK, path, "opening", "opening", **IDENTIFIED | {"identification": text})
    pages["pic"] = await desk.submit(escalation, escalation, kind="department", reason=text)
    pages["escalation"] = await desk.submit(escalation, escalation, kind="it", division="", reason=text)
    stale = await desk.form(closure, closure)
    await office.send(DESK, path, "escalation", "escalation", kind="it", division="IT-NET", reason=text)
    pages["conflict"] = await desk.post(closure, stale | {"solution": text})
    await office.send(NET, path, "escalation/return", reason=text)
    pages["stale"] = await desk.post(closure, stale | {"solution": text}, htmx=True)
    await office.send(ANI, path, "comments", comment=text)
    await office.send(DESK, path, "closure", "closure", solution=text)
    await office.send(ANI, path, "reopening", reason=text)
    pages["detail"] = await net.get(path)
    pages["voiding"] = await desk.submit(path, f"{path}/voiding", reason=text + "x" * 2000)
    manager = await office.people(MANAGER)
    pages["list"] = await manager.get("/problems", params={"q": text[:100], "year": "all", "status": "open"})
    pages["filter"] = await manager.get("/problems", params={"q": text + "x" * 100})
    pages["report"] = await desk.submit("/problems/new", "/problems", title=text, asset=text, reporter=f"{text} zq9")
    pages["caller"] = await desk.post("/problems/new/reporter", {"reporter": ANI}, htmx=True)
    pages["callers"] = await desk.post("/problems/new/reporter", {"reporter": "T01"}, htmx=True)
    pages["login"] = await desk.post("/login/nik", {"nik": text, "next": text})
    await office.send(DESK, path, "voiding", reason="Selesai")  # the next one's names will be on it too
    assert {response.status_code for response in pages.values()} == {200, 409, 422}
    return {name: response.text for name, response in pages.items()}


async def test_text_is_text(office: Office, connection: Connection):
    """No text adds, ends or changes an element; each is shown as it was typed, or as it was cleaned."""
    harmless = await places(office, connection, "Teks")
    for kind, text in HOSTILE.items():
        for name, html in (await places(office, connection, text)).items():
            assert skeleton(html) == skeleton(harmless[name]), (kind, name)
            assert any(said.count(text) or said.count(clean(text)) for said in says(html)), (kind, name)
            assert faults(html) == [], (kind, name)


async def test_hostile(office: Office, connection: Connection, shot: Shot):
    path = await office.report(
        title=HOSTILE["markup"], description="\n".join(HOSTILE.values()), asset=HOSTILE["quotes"]
    )
    await office.send(BUDI, path, "comments", comment="\n".join(HOSTILE.values()))
    shot("detail", await office.get(MANAGER, path), 200, DETAIL)
    shot("list", await office.get(MANAGER, "/problems?q=%3Cscript%3E"), 200, LIST)


async def test_notifications(office: Office, connection: Connection, shot: Shot):
    """To the desk: of a report, of being named, and of what was read."""
    first, second = await office.report(), await office.report(CITRA, title="Timbangan <b>rusak</b>")
    await office.send(ANI, first, "comments", comment=f"@{DESK} Kabelnya <putus>?")
    await tell_all(connection)
    await office.get(DESK, second)
    shot("desk", await office.get(DESK, "/notifications"), 200, "templates/notifications/index.html")


async def test_recap(past: Past, shot: Shot):
    """A month that is frozen, for it stays as it is."""
    manager = await past.people(MANAGER)
    shot("month", await manager.get("/recap/2026-03"), 200, "templates/recap/month.html")
    shot(
        "store",
        await manager.get("/recap/2026-03?by=category&division=HD&store=T01"),
        200,
        "templates/recap/month.html",
    )
    shot("errors", await manager.get("/recap/2026-03?by=region&store=T99"), 422, "templates/recap/month.html")
    shot("highlights", await manager.get("/recap/2026-03/highlights"), 200, "templates/recap/highlights.html")
    counted = await manager.get("/recap/2026-03/movements?by=holder&key=HD&number=closed")
    shot("movements", counted, 200, "templates/recap/movements.html")
