"""Texts that a division keeps ready: put into a form after what was typed, and nothing of it is lost."""

import re

import pytest
from asyncpg import Connection

from tests import images
from tests.conftest import People
from tests.journeys import ANI, DESK, NET, PIC, close, opened, problem_in

WRITE = """
    INSERT INTO template (code, name, division_code, department_code, purpose, text, active)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
TEXTS = (
    ("HD-FOTO", "Minta foto", "HD", None, "comment", "Mohon kirim foto.", True),
    ("HD-JAUH", "Dari jarak jauh", "HD", None, "solution", "Diperbaiki dari jauh.", True),
    ("HD-AHLI", "Perlu ahli", "HD", None, "reason", "Perlu ahlinya.", True),
    ("HD-SUKU", "Pesan suku cadang", "HD", None, "waiting", "Dipesan.", True),
    ("HD-LAMA", "Tidak dipakai", "HD", None, "comment", "Lama.", False),
    ("NET-FOTO", "Lampu router", "IT-NET", None, "comment", "Apa warna lampunya?", True),
    ("MNT-FOTO", "Ukuran", None, "MNT", "comment", "Berapa ukurannya?", True),
)


def focused(html: str) -> list[str]:
    """The ids of what takes the focus of a page that is loaded, of which a browser takes the first."""
    return re.findall(r'<[^>]*id="([^"]+)"[^>]* autofocus', html)


@pytest.fixture(autouse=True)
async def texts(connection: Connection) -> None:
    await connection.executemany(WRITE, TEXTS)


async def test_whose_texts_are_offered(people: People) -> None:
    path = await problem_in(people, "reported")
    offered = {DESK: "Minta foto", NET: "Lampu router", PIC: "Ukuran", ANI: None}
    for nik, name in offered.items():
        page = (await (await people(nik)).get(path)).text
        found = {other for _, other, *_ in TEXTS if f">{other}</option>" in page}
        assert found == ({name} if nik != DESK else {"Minta foto", "Perlu ahli"}) - {None}, nik
        assert (f'formaction="{path}/comments?insert=comment"' in page) is bool(name)


async def test_a_text_is_put_behind_what_was_typed_and_nothing_is_lost(people: People, connection: Connection) -> None:
    path = await opened(people)
    desk = await people(DESK)
    url = f"{path}/escalation"
    form = await desk.form(url, url) | {
        "kind": "it",
        "division": "IT-NET",
        "reason": "Kabel\nputus.",
        "template": "HD-AHLI",
    }
    events = await connection.fetchval("SELECT count(*) FROM event")
    page = await desk.post(f"{url}?insert=reason", form)
    assert page.status_code == 200 and page.text.startswith("<!doctype html>")
    assert "Kabel\nputus.\nPerlu ahlinya.</textarea>" in page.text and 'value="IT-NET" selected' in page.text
    assert 'aria-invalid="true"' not in page.text and f'value="{form["key"]}"' in page.text
    assert focused(page.text) == ["escalation-reason"], "where one goes on typing"
    part = await desk.post(f"{url}?insert=reason", form, htmx=True)
    assert (
        part.text.strip().startswith('<div class="field" id="escalation-reason-field">')
        and "Perlu ahlinya.</textarea>" in part.text
    )
    assert "autofocus" in part.text and "<form" not in part.text
    assert await connection.fetchval("SELECT fields ->> 'reason' FROM draft") == "Kabel\nputus.\nPerlu ahlinya."
    assert await connection.fetchval("SELECT count(*) FROM event") == events
    sent = await desk.post(url, form | {"reason": "Kabel\nputus.\nPerlu ahlinya."})
    assert sent.status_code == 303


@pytest.mark.parametrize("htmx", [False, True])
async def test_enter_in_another_field_sends_the_form(people: People, htmx: bool) -> None:
    path = await opened(people)
    page = (await (await people(DESK)).get(f"{path}/waiting", htmx=htmx)).text
    form = page.partition('id="waiting-form"')[2].partition("</form>")[0]
    buttons = re.findall(r"<button(.*?)>", form, re.DOTALL)
    assert any("insert=reason" in button for button in buttons)
    assert "formaction" not in next(button for button in buttons if 'type="button"' not in button)


async def test_photos_that_were_chosen_stay_without_scripting(people: People) -> None:
    path = await problem_in(people, "reported")
    desk = await people(DESK)
    form = await desk.form(path, f"{path}/comments") | {"comment": "Halo.", "template": "HD-FOTO"}
    photo = {"photo": ("a.png", images.png(8, 8), "image/png")}
    page = await desk.post(f"{path}/comments?insert=comment", form, files=photo)
    assert page.status_code == 200 and "Halo.\nMohon kirim foto.</textarea>" in page.text
    assert "Lampiran yang sudah terkirim" in page.text
    assert focused(page.text) == ["comment"]


async def test_the_text_of_an_on_page_form_stands_in_it_for_htmx(people: People) -> None:
    path = await problem_in(people, "escalated to IT-NET")
    net = await people(NET)
    form = await net.form(path, f"{path}/comments") | {"template": "NET-FOTO"}
    part = await net.post(f"{path}/comments?insert=comment", form, htmx=True)
    assert '<div class="field" id="comment-field">' in part.text and "Apa warna lampunya?</textarea>" in part.text
    assert "Dibaca juga oleh pelapor" in part.text and 'accesskey="o"' in part.text
    form = await net.form(path, f"{path}/escalation/return")
    part = await net.post(f"{path}/escalation/return?insert=reason", form, htmx=True)
    assert '<div class="field" id="return-reason-field">' in part.text and "accesskey" not in part.text


async def test_what_is_for_something_else_is_not_put_in(people: People) -> None:
    path = await problem_in(people, "reported")
    desk = await people(DESK)
    form = await desk.form(path, f"{path}/comments") | {"comment": "Halo."}
    for code in ("HD-JAUH", "NET-FOTO", "HD-LAMA", "", "x"):
        page = await desk.post(f"{path}/comments?insert=comment", form | {"template": code})
        assert page.status_code == 200 and "Halo.</textarea>" in page.text
    for name in ("photo", "x", ""):
        assert (await desk.post(f"{path}/comments?insert={name}", form)).status_code == 422
    assert (await (await people(NET)).press(f"{path}/closure?insert=solution")).status_code == 403


async def test_a_closure_takes_what_is_for_solutions(people: People) -> None:
    path = await opened(people)
    desk = await people(DESK)
    form = await desk.form(f"{path}/closure", f"{path}/closure") | {"template": "HD-JAUH"}
    assert ">Dari jarak jauh</option>" in (await desk.get(f"{path}/closure", htmx=True)).text
    part = await desk.post(f"{path}/closure?insert=solution", form, htmx=True)
    assert "Diperbaiki dari jauh.</textarea>" in part.text
    await close(people, path)
