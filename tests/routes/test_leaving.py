"""Whoever is deactivated leaves nothing to nobody: the form asks where it goes."""

import re

import pytest
from asyncpg import Connection

from queries import leaving
from tests.client import Client, forms
from tests.conftest import PIN, People
from tests.jobs.conftest import until_empty
from tests.journeys import ADMIN, DESK, DESK_TOO, GA, NET, PIC, problem_in, stored
from tests.memberships import belong

HOLDER = "SELECT status, coalesce(holder_division_code, holder_pic_nik) FROM problem ORDER BY id"


def door(nik: str) -> str:
    return f"/admin/employees/{nik}/deactivation"


@pytest.mark.parametrize("htmx", [False, True])
async def test_the_form_offers_who_can_get_it_the_desk_first(people: People, htmx: bool) -> None:
    await problem_in(people, "open at IT-NET")
    admin = await people(ADMIN)
    stored(await admin.submit(door("20006"), door("20006")))
    page = (await admin.get(door(NET), htmx=htmx)).text
    offered = re.findall(r'<option value="(.*?)"', page)
    assert offered == ["HD", "GA", "LOG"], "neither the one that is emptied nor one without members"
    assert forms(page)[door(NET)]["heir"] == "HD"
    page = (await admin.get(door(GA), htmx=htmx)).text
    assert "Dialihkan ke" not in page, "where nothing is left nothing is asked"


@pytest.mark.parametrize(("heir", "holder"), [("", "HD"), ("HD", "HD"), ("GA", "GA")])
async def test_it_goes_where_it_was_said(people: People, connection: Connection, heir: str, holder: str) -> None:
    paths = [await problem_in(people, state) for state in ("open at IT-NET", "escalated to the PIC")]
    await belong(connection, PIC, "MNT", "IT-NET")
    await belong(connection, NET)
    admin = await people(ADMIN)
    stored(await admin.submit(door(PIC), door(PIC), heir=heir))
    answers = {"HD": "open", "GA": "escalated"}
    assert [tuple(row) for row in await connection.fetch(HOLDER)] == [("open", holder), (answers[holder], holder)]
    desk = await people(DESK)
    whys = ("tidak ada lagi anggota aktif di IT-NET", "PIC Gita Permata (MNT) tidak bertugas lagi")
    for path, why in zip(paths, whys, strict=True):
        page = re.sub(r"<[^>]+>", "", (await desk.get(path)).text)
        assert f"Joko Susilo memindahkan kendala ke {holder} — " in page and why in page


@pytest.mark.parametrize("heir", ["IT-NET", "IT-POS", "MNT", "X"])
async def test_who_cannot_get_it_is_an_error(people: People, connection: Connection, heir: str) -> None:
    await problem_in(people, "open at IT-NET")
    admin = await people(ADMIN)
    stored(await admin.submit(door("20006"), door("20006")))
    form = await admin.form(door(NET), door(NET)) | {"heir": heir}
    for htmx in (False, True):
        answer = await admin.post(door(NET), form, htmx=htmx)
        assert answer.status_code == 422 and 'aria-invalid="true"' in answer.text
        assert "anggota aktif terakhir divisi IT-NET" in answer.text
    assert await connection.fetchval("SELECT active FROM employee WHERE nik = $1", NET)


async def test_an_admin_learns_how_much_and_not_which(people: People) -> None:
    path = await problem_in(people, "open at IT-NET")
    page = (await (await people(ADMIN)).get(door(NET))).text
    assert "1 kendala" in page and "Printer mati" not in page and path not in page


async def test_the_last_of_the_desk_stays(people: People, connection: Connection) -> None:
    admin = await people(ADMIN)
    form = forms((await admin.get(door(DESK))).text)[door(DESK)]
    stored(await admin.submit(door(DESK_TOO), door(DESK_TOO)))
    for answer in (await admin.get(door(DESK)), await admin.post(door(DESK), form)):
        assert answer.status_code == 422 and "anggota aktif terakhir meja bantuan" in answer.text
    assert await connection.fetchval("SELECT active FROM employee WHERE nik = $1", DESK)


async def test_it_is_said_while_it_is_under_way(people: People, connection: Connection) -> None:
    admin, page = await people(ADMIN), f"/admin/employees/{NET}"
    assert door(NET) in (await admin.get(page)).text
    await connection.execute(
        "INSERT INTO job (kind, arguments, due_at) VALUES ('departure', $1, now() + interval '1 day')", {"nik": NET}
    )
    text = (await admin.get(page)).text
    assert "Sedang dinonaktifkan" in text and door(NET) not in text and "/activation" not in text
    assert "Sedang dinonaktifkan" not in (await admin.get(f"/admin/employees/{GA}")).text


async def test_much_goes_by_and_by(people: People, connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaving, "PORTION", 1)
    for _ in range(2):
        await problem_in(people, "open at IT-NET")
    admin = await people(ADMIN)
    answer = await admin.submit(door(NET), door(NET), heir="GA")
    assert "dinonaktifkan begitu itu selesai" in (await admin.get(answer.headers["Location"])).text
    await until_empty(connection)
    assert [tuple(row) for row in await connection.fetch(HOLDER)] == [("open", "GA")] * 2
    assert "<dd>Dinonaktifkan</dd>" in (await admin.get(f"/admin/employees/{NET}")).text


async def test_who_is_leaving_gets_in_no_more(
    people: People, nobody: Client, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the first portion on; whoever is deactivated twice stays with the first heir; and a job that is parked is no end."""
    monkeypatch.setattr(leaving, "PORTION", 1)
    monkeypatch.setattr(leaving, "DEPARTURE", "held_up")  # nobody does the next portion
    for _ in range(3):
        await problem_in(people, "open at IT-NET")
    net, admin = await people(NET), await people(ADMIN)
    assert (await net.get("/problems")).status_code == 200
    for heir in ("GA", "LOG"):
        stored(await admin.submit(door(NET), door(NET), heir=heir))
        assert (await net.get("/problems")).headers["Location"].startswith("/login")
        assert (await nobody.post("/login", {"nik": NET, "pin": PIN})).status_code == 422
        assert "telah dinonaktifkan" in (await nobody.post("/login/nik", {"nik": NET})).text
        assert await connection.fetchval("SELECT string_agg(arguments ->> 'heir', ' ') FROM job") == "GA"
    assert [row[1] for row in await connection.fetch(HOLDER)] == ["GA", "IT-NET", "IT-NET"]
    await connection.execute("UPDATE job SET parked_at = now(), error = 'x'")
    page = (await admin.get(f"/admin/employees/{NET}")).text
    assert "Penonaktifan terhenti" in page and door(NET) in page
    stored(await admin.submit(f"/admin/employees/{NET}", f"/admin/employees/{NET}/activation"))
    assert (await nobody.post("/login", {"nik": NET, "pin": PIN})).status_code == 303
    assert await connection.fetchval("SELECT count(*) FROM job") == 0
