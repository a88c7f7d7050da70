"""Putting right what was done: an identification corrected, an escalation recalled, a problem taken over, restored, reopened."""

import re

import pytest
from asyncpg import Connection

from forms.openings import UNCHANGED
from tests.client import Client, forms
from tests.conftest import People
from tests.journeys import (
    ANI,
    BUDI,
    DESK,
    DESK_TOO,
    IDENTIFICATION,
    NET,
    accept,
    close,
    escalate,
    open_it,
    opened,
    problem_in,
    report,
    stored,
    void,
)


async def corrected(client: Client, path: str, **values: str) -> None:
    stored(await client.submit(f"{path}/identification", f"{path}/identification", **values))


async def test_a_correction_begins_with_what_stands_there(people: People) -> None:
    path = await opened(people)
    shown = await (await people(DESK)).form(f"{path}/identification", f"{path}/identification")
    assert {name: shown[name] for name in IDENTIFICATION} == IDENTIFICATION


async def test_the_history_says_what_an_identification_was_and_became(people: People) -> None:
    path, desk = await opened(people), await people(DESK)
    await corrected(desk, path, category="FAS-AC", urgency="3", identification="AC <b>mati</b>.")
    page = (await desk.get(path)).text
    told = re.search(r'data-kind="corrected">.*?WIB(.*?)</li>', page, re.DOTALL)
    assert told and " ".join(re.sub(r"<[^>]+>", " ", told[1]).split()) == (
        "Kategori NET-WIFI — Wi-Fi → FAS-AC — Pendingin ruangan Urgensi Sedang → Rendah Prioritas P2 → P3"
        " Identifikasi Kabelnya putus. → AC &lt;b&gt;mati&lt;/b&gt;."
    )
    assert "P3" in re.search(r'<p class="detail-meta">.*?</p>', page, re.DOTALL)[0]  # type: ignore[index]


async def test_a_correction_that_changes_nothing_says_so(people: People, connection: Connection) -> None:
    path, desk = await opened(people), await people(DESK)
    response = await desk.submit(f"{path}/identification", f"{path}/identification")
    assert response.status_code == 422 and UNCHANGED in response.text
    assert await connection.fetchval("SELECT version FROM problem") == 2


async def test_a_draft_of_a_correction_is_offered_although_its_fields_are_filled(people: People) -> None:
    path, desk = await opened(people), await people(DESK)
    form = await desk.form(f"{path}/identification", f"{path}/identification")
    typed = form | {"identification": "Belum selesai diketik"}
    assert (await desk.post(f"{path}/drafts/identification", typed)).status_code == 204
    assert "Lanjutkan draf" in (await desk.get(f"{path}/identification")).text


async def test_the_desk_corrects_what_another_division_holds(people: People) -> None:
    path = await problem_in(people, "open at IT-NET")
    await corrected(await people(DESK), path, urgency="1")
    await corrected(await people(NET), path, urgency="3")


async def test_who_takes_over_while_the_receiver_answers_is_told(people: People) -> None:
    path, desk, net = await problem_in(people, "escalated to IT-NET"), await people(DESK), await people(NET)
    late = await desk.form(path, f"{path}/escalation/recall")
    stored(await net.submit(path, f"{path}/escalation/acceptance"))
    response = await desk.post(f"{path}/escalation/recall", late | {"reason": "Salah kirim"})
    assert response.status_code == 409 and "Salah kirim" in response.text
    fresh = await desk.form(path, f"{path}/takeover")
    assert (await desk.post(f"{path}/escalation/recall", fresh | {"reason": "Salah kirim"})).status_code == 403
    stored(await desk.post(f"{path}/takeover", fresh | {"reason": "Terlalu lama"}))


async def test_a_reporter_withdraws_only_what_nobody_has_opened(people: People) -> None:
    path, ani = await report(people), await people(ANI)
    late = await ani.form(path, f"{path}/voiding")
    await open_it(people, path)
    assert f"{path}/voiding" not in forms((await ani.get(path)).text)
    assert (await ani.post(f"{path}/voiding", late | {"reason": "Sudah hidup"})).status_code == 409
    now = late | {"version": "2", "reason": "Sudah hidup"}
    assert (await ani.post(f"{path}/voiding", now)).status_code == 403
    await void(people, await report(people), ANI)


@pytest.mark.parametrize(("closer", "other"), [(DESK, NET), (NET, DESK)])
async def test_who_closed_opens_again_until_it_is_confirmed(people: People, closer: str, other: str) -> None:
    path = await opened(people)
    if closer == NET:
        await escalate(people, path)
        await accept(people, path)
    await close(people, path, closer)
    door = f"{path}/reopening"
    page = (await (await people(closer)).get(path)).text
    assert door in forms(page) and "Buka Kembali" in page and "Belum beres" not in page
    assert door not in forms((await (await people(other)).get(path)).text)
    late = await (await people(closer)).form(path, door)
    stored(await (await people(BUDI)).submit(path, f"{path}/confirmation"))
    assert (await (await people(closer)).post(door, late | {"reason": "Belum"})).status_code == 409
    assert (await (await people(closer)).post(door, late | {"version": "99", "reason": "Belum"})).status_code == 403


async def test_what_is_not_solved_has_to_be_said(people: People) -> None:
    path, budi = await problem_in(people, "closed"), await people(BUDI)
    response = await budi.submit(path, f"{path}/reopening", reason=" ")
    assert response.status_code == 422 and "Harap isi form kosong!" in response.text
    stored(await budi.submit(path, f"{path}/reopening", reason="Mati lagi"))
    assert "Mati lagi" in (await budi.get(path)).text


async def test_what_was_voided_is_restored_with_its_time(people: People, connection: Connection) -> None:
    path = await opened(people)
    await void(people, path)
    stored(await (await people(DESK_TOO)).submit(path, f"{path}/restoration"))
    assert await connection.fetchval("SELECT status FROM problem") == "open"
    periods = await connection.fetch("SELECT during FROM custody ORDER BY during")
    assert len(periods) == 2 and periods[0]["during"].upper < periods[1]["during"].lower
