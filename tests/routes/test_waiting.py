"""Waiting and assignment by the forms of the pages: what is typed, what is shown, who finds what."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from asyncpg import Connection

from actions.registry import ASSIGNMENT, WAITING
from formats.indonesian import ZONE_NAMES
from tests.client import forms
from tests.conftest import People
from tests.jobs.conftest import until_empty
from tests.journeys import (
    ANI,
    BUDI,
    DESK,
    DESK_TOO,
    FOR_VENDOR,
    MANAGER,
    NET,
    PIC,
    do,
    opened,
    problem_in,
    report,
)
from tests.routes.catalogue import faulty, message

TASKS = "/problems?year=all&holder=me&status=unfinished"


def listed(html: str) -> set[str]:
    return set(re.findall(r'<tr role="row" id="problem-(\d+)"', html))


def local(zone: str, **later: float) -> str:
    """A moment, as a browser sends it that is typed in by the clocks of a zone."""
    return (datetime.now(ZoneInfo(zone)) + timedelta(**later)).isoformat(timespec="minutes")[:16]


@pytest.mark.parametrize(
    ("values", "fault", "said"),
    [
        ({}, {"waiting_for", "reason"}, "Harap isi form kosong!"),
        ({"waiting_for": "godot"}, {"waiting_for"}, "Harap isi form dengan benar!"),
        ({"until": "besok"}, {"until"}, "Harap isi form dengan benar!"),
        ({"until": "2026-02-30T09:00"}, {"until"}, "Harap isi form dengan benar!"),
        ({"until": "2020-01-01T09:00"}, {"until"}, "Harap isi form dengan benar!"),
        ({"until": "9999-12-31T23:59"}, {"until"}, "Harap isi form dengan benar!"),
        ({"reason": "x" * 2001}, {"reason"}, "Harap isi form dengan benar!"),
    ],
)
async def test_what_is_wrong_with_a_wait(people: People, connection: Connection, values, fault, said) -> None:
    path, desk = await opened(people), await people(DESK)
    response = await desk.submit(f"{path}/waiting", f"{path}/waiting", **(FOR_VENDOR | values if values else {}))
    assert (response.status_code, faulty(response.text), message(response.text)) == (422, fault, said)
    assert all(typed in response.text for name, typed in values.items() if name != "waiting_for")
    assert await connection.fetchval("SELECT status FROM problem") == "open"


@pytest.mark.parametrize(
    ("store", "zone"), [("HO", "Asia/Jakarta"), ("T02", "Asia/Makassar"), ("T03", "Asia/Jayapura")]
)
async def test_until_when_is_by_the_clocks_of_who_types_it(
    people: People, connection: Connection, store: str, zone: str
) -> None:
    await connection.execute("UPDATE employee SET store_code = $2 WHERE nik = $1", DESK, store)
    path, desk = await opened(people), await people(DESK)
    form = (await desk.get(f"{path}/waiting")).text
    assert f"Waktu {ZONE_NAMES[zone]}." in form
    typed = local(zone, minutes=30)
    response = await desk.submit(f"{path}/waiting", f"{path}/waiting", **FOR_VENDOR | {"until": typed})
    assert response.status_code == 303, response.text
    until = await connection.fetchval("SELECT waiting_until FROM problem")
    assert until == datetime.fromisoformat(typed).replace(tzinfo=ZoneInfo(zone))
    assert await connection.fetchval("SELECT due_at FROM job WHERE kind = 'resumption'") == until


async def test_everybody_who_sees_it_reads_for_what_it_waits_and_until_when(people: People) -> None:
    path = await opened(people)
    await do(people, path, DESK, WAITING, FOR_VENDOR | {"until": "2036-01-01T09:00"})
    for nik in (ANI, DESK, MANAGER):
        page = (await (await people(nik)).get(path)).text
        assert "Menunggu: Vendor" in page and "1 Januari 2036 09.00 WIB" in page and "Teknisi datang besok." in page
        assert "menunggu vendor sampai 1 Januari 2036 09.00 WIB:" in page
        assert (f"{path}/resumption" in forms(page)) is (nik == DESK)
    listed_page = (await (await people(DESK)).get("/problems?year=all&status=waiting")).text
    assert listed(listed_page) == {path.rpartition("/")[2]} and "Menunggu" in listed_page


async def test_the_store_is_told_that_its_answer_goes_on(people: People) -> None:
    path = await opened(people)
    await do(people, path, DESK, WAITING, FOR_VENDOR | {"waiting_for": "reporter"})
    budi = await people(BUDI)
    assert "menjawab dengan komentar" in (await budi.get(path)).text
    assert (await budi.submit(path, f"{path}/comments", comment="Sudah kami coba.")).status_code == 303
    page = (await budi.get(path)).text
    assert "menjawab; kendala ini dilanjutkan." in page and "menjawab dengan komentar" not in page


async def test_what_happened_by_itself_was_nobody(people: People, connection: Connection) -> None:
    path = await opened(people)
    await do(people, path, DESK, WAITING, FOR_VENDOR | {"until": local("Asia/Jakarta", minutes=2)})
    await connection.execute("UPDATE job SET due_at = now() WHERE kind = 'resumption'")
    await connection.execute("NOTIFY job")
    await until_empty(connection)
    page = (await (await people(ANI)).get(path)).text
    assert "<bdi>Otomatis</bdi></b> melanjutkan kendala ini: waktu tunggunya habis." in page


async def test_one_press_makes_oneself_the_assignee(people: People, connection: Connection) -> None:
    path, desk = await opened(people), await people(DESK)
    response = await desk.submit(path, f"{path}/assignment")
    assert (response.status_code, response.headers["Location"]) == (303, path)
    assert await connection.fetchval("SELECT assignee_nik FROM problem") == DESK
    page = (await desk.get(path)).text
    assert "Dewi Anggraini</bdi></b> (HD) mengambil kendala ini." in page and ">Ambil<" not in page
    assert "Dewi Anggraini (20001)" in page
    dodi = await people(DESK_TOO)
    assert (await dodi.submit(path, f"{path}/assignment")).status_code == 303, "also from a colleague"
    assert await connection.fetchval("SELECT assignee_nik FROM problem") == DESK_TOO


@pytest.mark.parametrize("htmx", [False, True])
async def test_who_pressed_too_late_is_told_where_the_button_was(people: People, htmx: bool) -> None:
    path, desk, dodi = await opened(people), await people(DESK), await people(DESK_TOO)
    late = await desk.form(path, f"{path}/assignment")
    await dodi.submit(path, f"{path}/assignment")
    response = await desk.post(f"{path}/assignment", late, htmx=htmx)
    assert response.status_code == 409 and "mengambil kendala ini" in response.text
    assert 'id="problem"' in response.text, "the page of the problem, and not the form of a modal"
    assert "pressed" in forms(response.text)[f"{path}/assignment"], "to be pressed again"


async def test_nobody_takes_what_another_division_holds(people: People, connection: Connection) -> None:
    path, desk = await problem_in(people, "open at IT-NET"), await people(DESK)
    assigning = await desk.form(f"{path}/assignment", f"{path}/assignment")
    response = await desk.post(f"{path}/assignment", assigning | {"pressed": "taking", "assignee": DESK})
    assert response.status_code == 403
    assert await connection.fetchval("SELECT assignee_nik FROM problem") is None


async def test_handing_on_shows_the_load_of_each_and_says_from_whom_to_whom(people: People) -> None:
    path, other, desk = await opened(people), await opened(people), await people(DESK)
    await desk.submit(other, f"{other}/assignment")
    form = (await desk.get(f"{path}/assignment")).text
    assert "Dewi Anggraini — 1 kendala" in form and "Dodi Pratama — 0 kendala" in form and "Eka" not in form
    await do(people, path, DESK, ASSIGNMENT, {"assignee": DESK, "reason": ""})
    assert "Dewi Anggraini —" not in (await desk.get(f"{path}/assignment")).text, "who has it already"
    await do(people, path, DESK, ASSIGNMENT, {"assignee": DESK_TOO, "reason": "Saya cuti."})
    page = (await desk.get(path)).text
    assert "menyerahkan kendala ini kepada Dodi Pratama" in page and "Saya cuti." in page


async def test_the_desk_assigns_within_the_division_that_holds_it(people: People, connection: Connection) -> None:
    path, desk = await problem_in(people, "open at IT-NET"), await people(DESK)
    form = (await desk.get(f"{path}/assignment")).text
    assert "Eka Saputra — 0 kendala" in form and "Dodi" not in form
    response = await desk.submit(f"{path}/assignment", f"{path}/assignment", assignee=DESK_TOO)
    assert (response.status_code, faulty(response.text)) == (422, {"assignee"})
    await do(people, path, DESK, ASSIGNMENT, {"assignee": NET, "reason": ""})
    assert await connection.fetchval("SELECT assignee_nik FROM problem") == NET


async def test_what_is_mine_is_assigned_to_me_or_to_nobody_of_mine(people: People) -> None:
    numbers = {}
    for nik in (DESK, DESK_TOO, ""):
        path = await opened(people)
        numbers[nik] = path.rpartition("/")[2]
        if nik:
            await do(people, path, DESK, ASSIGNMENT, {"assignee": nik, "reason": ""})
    new = (await report(people)).rpartition("/")[2]
    held = (await problem_in(people, "open at the PIC")).rpartition("/")[2]
    assert listed((await (await people(DESK)).get(TASKS)).text) == {numbers[DESK], numbers[""], new}
    assert listed((await (await people(DESK_TOO)).get(TASKS)).text) == {numbers[DESK_TOO], numbers[""], new}
    assert listed((await (await people(PIC)).get(TASKS)).text) == {held}
    assert listed((await (await people(NET)).get(TASKS)).text) == set()


async def test_the_assignee_stands_in_the_list_and_is_found(people: People) -> None:
    path, desk = await opened(people), await people(DESK)
    await do(people, path, DESK, ASSIGNMENT, {"assignee": DESK_TOO, "reason": ""})
    for words in ("Dodi Pratama", DESK_TOO):
        page = (await desk.get(f"/problems?year=all&q={words}")).text
        assert listed(page) == {path.rpartition("/")[2]}
        assert re.search(
            r'class="holder">HD — Meja Bantuan <span class="assignee" title="Petugas: Dodi Pratama">', page
        )
        assert '<span class="assignee-name">Dodi Pratama</span>' in page
    board = (await desk.get("/desk")).text
    assert "tanpa petugas 0, Dodi Pratama 1" in board


async def test_several_are_taken_and_handed_on_each_by_itself(people: People, connection: Connection) -> None:
    desk = await people(DESK)
    mine, elsewhere, at_pic = [
        (await problem_in(people, state)).rpartition("/")[2] for state in ("open", "open at IT-NET", "open at the PIC")
    ]
    query = f"problem={mine}:2&problem={elsewhere}:4&problem={at_pic}:4"
    page = (await desk.get(f"/problems/takings?{query}")).text
    assert forms(page)["/problems/takings"]["problems"] == f"{mine}:2"
    assert "Ditangani IT-NET; hanya penanggungnya" in page and "di suatu divisi yang dapat diambil" in page
    assert (await desk.submit(f"/problems/takings?{query}", "/problems/takings")).status_code == 303
    assert await connection.fetchval("SELECT assignee_nik FROM problem WHERE id = $1", int(mine)) == DESK
    assert "Anda sudah petugasnya." in (await desk.get(f"/problems/takings?problem={mine}:3")).text
    query = f"problem={mine}:3&problem={elsewhere}:4"
    response = await desk.submit(f"/problems/assignments?{query}", "/problems/assignments", assignee=NET)
    assert response.status_code == 409 and "Ditangani HD; petugas itu bukan anggotanya." in response.text
    assert await connection.fetchval("SELECT assignee_nik FROM problem WHERE id = $1", int(elsewhere)) == NET
    response = await desk.submit(f"/problems/assignments?problem={mine}:3", "/problems/assignments", assignee=DESK)
    assert response.status_code == 409 and "Petugas itu sudah menanganinya." in response.text


async def test_on_to_the_next_once_it_waits(people: People) -> None:
    path, desk = await opened(people), await people(DESK)
    form = await desk.form(f"{path}/waiting", f"{path}/waiting")
    response = await desk.post(f"{path}/waiting", form | FOR_VENDOR | {"then": "next"})
    assert response.headers["Location"].startswith("/desk/next?sent=1")


async def test_one_person_does_not_fill_history_and_queue_with_waits(people: People, connection: Connection) -> None:
    await connection.execute("UPDATE budget_rule SET capacity = 2 WHERE kind = 'comments of a problem'")
    path, desk = await opened(people), await people(DESK)
    wait = FOR_VENDOR | {"until": local("Asia/Jakarta", days=1)}
    for _ in range(2):
        assert (await desk.submit(f"{path}/waiting", f"{path}/waiting", **wait)).status_code == 303
        assert (await desk.submit(path, f"{path}/resumption")).status_code == 303
    answer = await desk.submit(f"{path}/waiting", f"{path}/waiting", **wait)
    assert (answer.status_code, wait["reason"] in answer.text) == (429, True)
    assert await connection.fetchval("SELECT count(*) FROM job WHERE kind = 'resumption'") == 0, (
        "each went with its wait"
    )
