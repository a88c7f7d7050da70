"""What is wrong with what was typed is said to the letter, beside the field; what was typed is kept, and nothing is changed."""

import re
import string

import pytest
from asyncpg import Connection

from tests.client import forms
from tests.conftest import People
from tests.journeys import ANI, DESK, IDENTIFICATION, NET, PIC, PIC_TOO, REPORT, closed, opened, problem_in
from tests.routes.catalogue import CHANGES, Example, ask, contents, envelope, faulty, is_page, message

EMPTY = "Harap isi form kosong!"
INVALID = "Harap isi form dengan benar!"

# The forms in which something can be wrong, by their path below the problem: who sends it, in which state, and the fields
# when well filled in.
FORMS: dict[str, tuple[str, str, dict[str, str]]] = {
    "comments": (ANI, "reported", {"comment": "Masih mati."}),
    "opening": (DESK, "reported", IDENTIFICATION),
    "escalation": (DESK, "open", {"kind": "it", "division": "IT-NET", "reason": "Perlu ahlinya."}),
    "escalation/pic": (DESK, "open", {"department": "MNT", "pic": PIC, "reason": "Perlu tukang."}),
    "escalation/return": (NET, "escalated to IT-NET", {"reason": "Bukan bagian kami."}),
    "closure": (DESK, "open", {"solution": "Kabelnya diganti."}),
    "reopening": (ANI, "closed", {"reason": "Mati lagi."}),
    "voiding": (DESK, "reported", {"reason": "Laporan ganda."}),
}
LENGTHS = {
    "comment": ("Komentar", 4000),
    "identification": ("Identifikasi masalah", 4000),
    "solution": ("Solusi", 4000),
    "reason": ("Alasan", 2000),
}


async def refused(
    people: People, connection: Connection, form: str, changed: dict[str, str], says: str, at_fault: set[str]
) -> str:
    """Send the form with some fields changed, plainly and by htmx: the plain answer, when both were as they must be."""
    nik, state, fields = FORMS[form]
    problem, person = await problem_in(people, state), await people(nik)
    sent = fields | changed
    before = await contents(connection)
    for htmx in (True, False):
        response = await person.post(f"{problem}/{form}", await envelope(connection, problem) | sent, htmx=htmx)
        assert response.status_code == 422, response.text
        assert is_page(response) is not htmx
        assert message(response.text) == says
        assert faulty(response.text) == at_fault
        kept = forms(response.text)[f"{problem}/{form}"]
        for name, value in sent.items():
            if name in LENGTHS:
                assert kept[name] == value.strip(f"{string.whitespace}\u3000\x00\x07"), f"{name} is not kept"
            elif name not in at_fault and name in kept:
                assert kept[name] == value, f"{name} is not kept"
        for name in at_fault:
            assert re.search(rf'aria-describedby="(\w+-)?{name}-error', response.text)
    assert await contents(connection) == before
    return response.text


@pytest.mark.parametrize(
    ("form", "changed", "says", "at_fault"),
    [
        ("comments", {"comment": ""}, EMPTY, {"comment"}),
        ("comments", {"comment": " \n\t\u3000"}, EMPTY, {"comment"}),
        ("comments", {"comment": "\x00\x07"}, EMPTY, {"comment"}),
        ("opening", dict.fromkeys(IDENTIFICATION, ""), INVALID, set(IDENTIFICATION)),
        ("opening", {"identification": "  "}, INVALID, {"identification"}),
        ("opening", {"category": ""}, INVALID, {"category"}),
        ("opening", {"category": "SALAH", "impact": "4", "urgency": "0"}, INVALID, {"category", "impact", "urgency"}),
        ("opening", {"category": "NET"}, INVALID, {"category"}),  # a parent is not a category to choose
        ("opening", {"category": "net-wifi"}, INVALID, {"category"}),
        ("opening", {"impact": "１", "urgency": "+1"}, INVALID, {"impact", "urgency"}),
        ("escalation", {"kind": "", "division": "", "reason": ""}, EMPTY, {"kind", "reason"}),
        ("escalation", {"kind": "sekolah"}, INVALID, {"kind"}),
        ("escalation", {"division": ""}, EMPTY, {"division"}),
        ("escalation", {"division": "", "reason": " "}, EMPTY, {"division", "reason"}),
        ("escalation", {"division": "HD"}, INVALID, {"division"}),  # the desk is no IT division
        ("escalation", {"division": "GA"}, INVALID, {"division"}),
        ("escalation", {"division": "TIDAK-ADA"}, INVALID, {"division"}),
        ("escalation", {"kind": "other", "reason": ""}, EMPTY, {"reason"}),
        ("escalation", {"kind": "department", "reason": ""}, EMPTY, {"reason"}),
        ("escalation/pic", {"pic": "", "department": ""}, EMPTY, {"pic"}),
        ("escalation/pic", {"department": "PRC"}, INVALID, {"pic"}),  # the PIC is of the other department
        ("escalation/pic", {"department": "TIDAK-ADA"}, INVALID, {"department"}),
        ("escalation/pic", {"pic": NET}, INVALID, {"pic"}),  # a handler, but no PIC
        ("escalation/pic", {"pic": ANI, "department": ""}, INVALID, {"pic"}),
        ("escalation/pic", {"pic": "99999", "department": ""}, INVALID, {"pic"}),
        ("escalation/return", {"reason": "\t"}, EMPTY, {"reason"}),
        ("closure", {"solution": ""}, EMPTY, {"solution"}),
        ("closure", {"solution": "\r\n \r\n"}, EMPTY, {"solution"}),
        ("voiding", {"reason": ""}, EMPTY, {"reason"}),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
async def test_a_mistake_is_said(
    form: str, changed: dict[str, str], says: str, at_fault: set[str], people: People, connection: Connection
) -> None:
    await refused(people, connection, form, changed, says, at_fault)


@pytest.mark.parametrize(
    ("form", "name"),
    [
        (form, name)
        for form, (_, _, fields) in FORMS.items()
        for name in fields
        if name in LENGTHS and form != "escalation/pic"  # there the reason came with the first step, and is no field
    ],
)
async def test_what_is_too_long_is_kept_and_refused_what_just_fits_is_stored(
    form: str, name: str, people: People, connection: Connection
) -> None:
    label, length = LENGTHS[name]
    page = await refused(people, connection, form, {name: "😀" * (length + 1)}, INVALID, {name})
    limit, typed = f"{length:,}".replace(",", "."), f"{length + 1:,}".replace(",", ".")
    assert f"{label} paling banyak {limit} karakter; sekarang {typed}." in page

    nik, state, fields = FORMS[form]
    problem = await problem_in(people, state)
    fits = fields | {name: f"  {'😀' * length}\r\n"}
    response = await (await people(nik)).post(f"{problem}/{form}", await envelope(connection, problem) | fits)
    assert response.status_code == 303


async def test_the_second_step_judges_the_reason_of_the_first(people: People, connection: Connection) -> None:
    for reason, says in (("", EMPTY), ("x" * 2001, INVALID)):
        page = await refused(people, connection, "escalation/pic", {"reason": reason}, says, set())
        assert "Alasan" in page.partition('class="error-summary"')[2].partition("</ul>")[0]


# A report ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "says", "at_fault"),
    [
        ({"title": "", "description": ""}, EMPTY, {"title", "description"}),
        ({"title": " \t "}, EMPTY, {"title"}),
        ({"title": "x" * 121}, INVALID, {"title"}),
        ({"description": "x" * 4001}, INVALID, {"description"}),
        ({"title": "x" * 121, "description": ""}, EMPTY, {"title", "description"}),
        ({"asset": "x" * 121}, INVALID, {"asset"}),
    ],
)
async def test_a_mistake_in_a_report_is_said(
    changed: dict[str, str], says: str, at_fault: set[str], people: People, connection: Connection
) -> None:
    response = await (await people(ANI)).submit("/problems/new", "/problems", **REPORT | {"asset": "Kipas"} | changed)
    assert response.status_code == 422
    assert (message(response.text), faulty(response.text)) == (says, at_fault)
    kept = forms(response.text)["/problems"]
    for name, value in (REPORT | {"asset": "Kipas"} | changed).items():
        assert kept[name] == value.strip()
    assert await contents(connection) == []


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("99999", "NIK Belum Terdaftar!"),
        ("10009", "Maaf akun ini telah dinonaktifkan oleh admin!"),
        ("abc", "NIK terdiri dari 4 sampai 16 angka."),
        ("123", "NIK terdiri dari 4 sampai 16 angka."),
        ("１０００a", "NIK terdiri dari 4 sampai 16 angka."),
        ("1" * 17, "NIK terdiri dari 4 sampai 16 angka."),
    ],
)
async def test_a_caller_who_cannot_report(typed: str, says: str, people: People, connection: Connection) -> None:
    desk = await people(DESK)
    response = await desk.submit("/problems/new", "/problems", **REPORT, reporter=typed)
    assert response.status_code == 422
    assert faulty(response.text) == {"reporter"}
    assert says in response.text
    assert forms(response.text)["/problems"]["reporter"] == typed
    assert await contents(connection) == []

    lookup = await desk.post("/problems/new/reporter", {"reporter": typed}, htmx=True)
    assert lookup.status_code == 422
    assert says in lookup.text
    assert "Printer kasir" in (await desk.post("/problems/new/reporter", {"reporter": "10002"}, htmx=True)).text


# Choices that exist but are not offered ---------------------------------------------------------------------------------


async def send(people: People, connection: Connection, problem: str, form: str, nik: str = DESK, **values: str) -> str:
    response = await (await people(nik)).post(f"{problem}/{form}", await envelope(connection, problem) | values)
    assert response.status_code == 422, response.text
    return response.text


async def test_an_inactive_category_cannot_be_chosen(people: People, connection: Connection) -> None:
    problem = await problem_in(people, "reported")
    await connection.execute("UPDATE category SET active = false WHERE code = 'NET-WIFI'")
    page = await send(people, connection, problem, "opening", **IDENTIFICATION)
    assert faulty(page) == {"category"}
    assert "NET-WIFI" not in page


async def test_the_own_and_an_inactive_division_cannot_be_chosen(people: People, connection: Connection) -> None:
    problem = await problem_in(people, "open at IT-NET")
    await connection.execute("UPDATE division SET active = false WHERE code = 'IT-POS'")
    for division in ("IT-NET", "IT-POS"):
        page = await send(
            people, connection, problem, "escalation", NET, kind="it", division=division, reason="Perlu ahlinya."
        )
        assert faulty(page) == {"division"}
        assert f'value="{division}"' not in page


async def test_the_division_outside_it_is_not_asked_twice(people: People, connection: Connection) -> None:
    """Where GA holds the problem already, and would be the one to get it."""
    problem = await problem_in(people, "open at IT-NET")
    net, ga = await people(NET), await people("20004")
    action = f"{problem}/escalation"
    await net.submit(action, action, kind="other", reason="Perlu GA.")
    await ga.submit(problem, f"{action}/acceptance")
    page = await send(people, connection, problem, "escalation", "20004", kind="other", reason="Perlu GA.")
    assert "Kendala ini sudah ditangani divisi itu." in page
    assert faulty(page) == {"kind"}


async def test_an_inactive_pic_an_inactive_department_and_oneself_cannot_be_chosen(
    people: People, connection: Connection
) -> None:
    fields = {"department": "", "reason": "Perlu tukang."}
    own = await problem_in(people, "open at the PIC")
    problem = await opened(people)
    await connection.execute("UPDATE employee SET active = false WHERE nik = $1", PIC_TOO)
    assert faulty(await send(people, connection, problem, "escalation/pic", pic=PIC_TOO, **fields)) == {"pic"}
    assert faulty(await send(people, connection, own, "escalation/pic", PIC, pic=PIC, **fields)) == {"pic"}
    await connection.execute("UPDATE department SET active = false WHERE code = 'MNT'")
    assert faulty(await send(people, connection, problem, "escalation/pic", pic=PIC, **fields)) == {"pic"}


# Characters -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("satu\r\ndua\rtiga", "satu\ndua\ntiga"),
        ("a\x00b\x1b[31mc\x7f", "ab[31mc"),
        ("tab\tdan 😀 👩‍👩‍👧 ok", "tab\tdan 😀 👩‍👩‍👧 ok"),
        ("e\u0301", "é"),
        ("<script>alert(1)</script> & 'x' \"y\" {{ 7 * 7 }}", "<script>alert(1)</script> & 'x' \"y\" {{ 7 * 7 }}"),
        ("العربية עברית 中文", "العربية עברית 中文"),
        ("  tepi  ", "tepi"),
        ("'; DROP TABLE problem; --", "'; DROP TABLE problem; --"),
    ],
)
async def test_characters_are_stored_as_typed(typed: str, stored: str, people: People, connection: Connection) -> None:
    problem = await opened(people)
    desk = await people(DESK)
    response = await desk.submit(f"{problem}/closure", f"{problem}/closure", solution=typed)
    assert response.status_code == 303
    assert await connection.fetchval("SELECT solution FROM problem") == stored
    page = await desk.get(problem)
    assert "<script>alert" not in page.text


async def test_invalid_utf_8_and_lone_surrogates_break_nothing(people: People, connection: Connection) -> None:
    desk = await people(DESK)
    for raw in (b"%FF%FE", b"%ED%A0%80", b"%C0%80", b"\xff\xfe"):
        problem = await opened(people)
        fields = await envelope(connection, problem)
        body = f"key={fields['key']}&version={fields['version']}&solution=x".encode() + raw
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        response = await desk.request("POST", f"{problem}/closure", content=body, headers=headers)
        assert response.status_code == 303
        assert (await desk.get(problem)).status_code == 200
        for path in (b"/problems?q=" + raw, b"/login?next=/" + raw):
            answer = await desk.get(path.decode("latin-1"))
            assert answer.status_code in (200, 303, 422), path


@pytest.mark.parametrize(
    ("charset", "text"), [("raw-unicode-escape", b"\\ud800"), ("utf-7", b"+2AA-"), ("there-is-none", b"x")]
)
async def test_a_charset_of_the_post_s_own_breaks_nothing(
    charset: str, text: bytes, people: People, connection: Connection
) -> None:
    """In some, text can hold what neither UTF-8 nor Postgres can: half a surrogate pair."""
    problem, desk = await opened(people), await people(DESK)
    headers = {"Content-Type": f"multipart/form-data; boundary=x; charset={charset}"}
    for path, fields in (
        (f"{problem}/closure", {"solution": "ok "}),
        ("/login", {"nik": ANI, "pin": "1"}),
        ("/problems", {"description": "Mati", "title": "Kasir "}),
    ):
        form = (await envelope(connection, problem) | fields).items()
        parts = [
            b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s' % (n.encode(), v.encode()) for n, v in form
        ]
        body = b"\r\n".join(parts) + text + b"\r\n--x--\r\n"
        response = await desk.request("POST", path, content=body, headers=headers)
        assert response.status_code == 415


# Not a form at all ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("example", CHANGES, ids=str)
async def test_a_file_in_place_of_a_text_is_no_text(example: Example, people: People, connection: Connection) -> None:
    problem, person = await problem_in(people, example.state), await people(example.who)
    before = await contents(connection)
    for name in ["key", "version", *example.values]:
        fields = await envelope(connection, problem) | dict(example.values)
        del fields[name]
        response = await person.post(example.at(problem), fields, files={name: ("isi.txt", b"teks di dalam berkas")})
        # A door for files takes them in their own field; any other counts as nothing.
        assert response.status_code == (422 if example.path.endswith(("/comments", "/notes", "/closure")) else 400), (
            name
        )
    assert await contents(connection) == before


async def test_other_kinds_of_bodies_are_no_form(people: People, connection: Connection) -> None:
    problem, desk = await opened(people), await people(DESK)
    before = await contents(connection)
    for status, kind, body in (
        (415, "application/json", b'{"solution": "x", "key": "00000000-0000-4000-8000-000000000000", "version": 2}'),
        (415, "text/plain", b"solution=x&key=00000000-0000-4000-8000-000000000000&version=2"),
        (400, "multipart/form-data; boundary=x", b"--y\r\nno form"),
        (400, "multipart/form-data", b"without a boundary"),
        (400, "application/x-www-form-urlencoded", b"&".join(b"f%d=1" % n for n in range(60))),
    ):
        response = await desk.request("POST", f"{problem}/closure", content=body, headers={"Content-Type": kind})
        assert response.status_code == status, kind
    assert await contents(connection) == before


async def test_of_a_field_that_comes_twice_the_last_counts(people: People, connection: Connection) -> None:
    problem, desk = await opened(people), await people(DESK)
    fields = await envelope(connection, problem)
    body = f"solution=satu&key={fields['key']}&version={fields['version']}&solution=dua"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await desk.request("POST", f"{problem}/closure", content=body, headers=headers)).status_code == 303
    assert await connection.fetchval("SELECT solution FROM problem") == "dua"


async def test_what_was_not_asked_is_ignored(people: People, connection: Connection) -> None:
    problem, desk = await opened(people), await people(DESK)
    fields = await envelope(connection, problem) | {"status": "void", "reporter_nik": DESK, "confirmed_at": "now"}
    assert (await desk.post(f"{problem}/closure", fields | {"solution": "Diganti"})).status_code == 303
    problem_now = await connection.fetchrow("SELECT status, reporter_nik, confirmed_at FROM problem")
    assert tuple(problem_now) == ("closed", ANI, None)


# The escalation's fields ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "shown", "hidden"),
    [
        ("it", ["Divisi tujuan", "IT-NET — Jaringan", "IT-POS — Sistem Kasir"], ["GA — Umum", "HD — "]),
        ("other", ["GA — Umum"], ["Divisi tujuan", "LOG — "]),
        ("department", [], ["Divisi tujuan", "GA — Umum"]),
        ("", [], ["Divisi tujuan", "GA — Umum"]),
        ("<b>", [], ["Divisi tujuan", "<b>"]),
    ],
)
async def test_the_fields_follow_the_kind_and_keep_what_was_typed(
    kind: str, shown: list[str], hidden: list[str], people: People
) -> None:
    problem, desk = await opened(people), await people(DESK)
    typed = {"kind": kind, "reason": "Sudah <saya> ketik\nbaris dua", "division": "IT-POS"}
    typed = await desk.form(f"{problem}/escalation", f"{problem}/escalation") | typed
    part = await desk.post(f"{problem}/escalation/fields", typed, htmx=True)
    page = await desk.post(f"{problem}/escalation/fields", typed)
    for response in (part, page):
        assert response.status_code == 200
        assert "Sudah &lt;saya&gt; ketik\nbaris dua</textarea>" in response.text
        assert not faulty(response.text), "nothing is at fault before it is sent"
        fields = response.text.partition('id="escalation-fields"')[2]
        assert all(text in fields for text in shown)
        assert not any(text in fields.replace("Divisi IT", "") for text in hidden)
        if kind == "it":
            assert '<option value="IT-POS" selected>' in fields


async def test_kind_and_target_are_those_of_the_category_at_first(people: People, connection: Connection) -> None:
    """As far as there are any: not the desk, nor who has the problem already; and nothing is sent for want of a reason."""
    desk = await people(DESK)
    for category, suggested in (
        ("NET-WIFI", ("it", "IT-NET")),
        ("KIR-TRK", ("other", "")),
        ("UMUM", ("", "")),
    ):
        problem = await problem_in(people, "reported")
        await desk.submit(f"{problem}/opening", f"{problem}/opening", **IDENTIFICATION | {"category": category})
        url = f"{problem}/escalation"
        form = await desk.form(url, url)
        assert (form["kind"], form.get("division", "")) == suggested, category
        refused = await desk.post(url, form)
        assert refused.status_code == 422 and EMPTY in refused.text
    net = await people(NET)
    url = f"{await problem_in(people, 'open at IT-NET')}/escalation"
    assert (await net.form(url, url))["kind"] == ""
    await connection.execute("UPDATE division SET active = false WHERE code = 'LOG'")
    assert (await desk.form("/problems/2/escalation", "/problems/2/escalation"))["kind"] == ""


async def test_what_was_suggested_can_be_sent_and_another_chosen(people: People, connection: Connection) -> None:
    desk = await people(DESK)
    for chosen, holder in (({}, "IT-NET"), ({"division": "IT-POS"}, "IT-POS"), ({"kind": "other"}, "GA")):
        url = f"{await opened(people)}/escalation"
        assert (await desk.submit(url, url, reason="Perlu ahlinya.", **chosen)).status_code == 303
        assert await connection.fetchval("SELECT holder_division_code FROM problem ORDER BY id DESC LIMIT 1") == holder


async def test_the_division_outside_it_is_the_category_s(people: People) -> None:
    for category, division in (("KIR-TRK", "LOG — Logistik"), ("FAS-AC", "GA — Umum"), ("UMUM", "GA — Umum")):
        problem, desk = await problem_in(people, "reported"), await people(DESK)
        await desk.submit(f"{problem}/opening", f"{problem}/opening", **IDENTIFICATION | {"category": category})
        part = await desk.post(f"{problem}/escalation/fields", {"kind": "other"}, htmx=True)
        assert division in part.text


async def test_the_second_step_keeps_the_reason_and_shows_the_loads(people: People) -> None:
    await problem_in(people, "open at the PIC")
    await closed(people)
    problem, desk = await opened(people), await people(DESK)
    action = f"{problem}/escalation"
    for htmx in (False, True):
        step = await desk.submit(action, action, htmx=htmx, kind="department", reason="Satu\nDua & tiga")
        assert step.status_code == 200
        assert forms(step.text)[f"{action}/pic"]["reason"] == "Satu\nDua & tiga"
        assert "Gita Permata — 1 kendala" in step.text
        assert "Hadi Wijaya — 0 kendala" in step.text
    part = await desk.post(f"{action}/fields?step=pic", {"department": "PRC", "pic": "30002"}, htmx=True)
    assert "Gita" not in part.text
    assert re.search('<option [^>]*value="30002" selected>', part.text)


async def test_blanks_around_a_choice_do_not_count(people: People, connection: Connection) -> None:
    problem, desk = await opened(people), await people(DESK)
    values = {"kind": " it ", "division": " IT-POS\n", "reason": "Perlu kasir."}
    response = await desk.post(f"{problem}/escalation", await envelope(connection, problem) | values)
    assert response.status_code == 303
    assert await connection.fetchval("SELECT holder_division_code FROM problem") == "IT-POS"


async def test_nothing_happens_before_the_second_step(people: People, connection: Connection) -> None:
    problem, desk = await opened(people), await people(DESK)
    before = await contents(connection)
    await desk.submit(f"{problem}/escalation", f"{problem}/escalation", kind="department", reason="Perlu tukang.")
    assert await contents(connection) == before


@pytest.mark.parametrize("example", [example for example in CHANGES if example.values], ids=str)
async def test_a_form_says_what_is_wrong_only_after_it_was_sent(example: Example, people: People) -> None:
    problem, person = await problem_in(people, example.state), await people(example.who)
    for path in (problem, example.at(problem)):
        page = await person.get(path)
        assert not faulty(page.text)
        assert not message(page.text)


async def test_a_required_field_says_so_and_never_by_the_browser(people: People) -> None:
    problem, desk = await opened(people), await people(DESK)
    page = await desk.get(f"{problem}/closure")
    assert 'aria-required="true"' in page.text
    assert " required" not in page.text
    assert page.text.count("<form") - page.text.count("/logout") == page.text.count(" novalidate")
    assert (await ask(desk, next(e for e in CHANGES if e.path.endswith("closure")), problem)).status_code == 422
