"""A form that changes a problem carries the version that was seen: what has changed since is said, and nothing typed is lost."""

import asyncio
import re
from html import unescape

import pytest
from asyncpg import Connection

from tests.client import forms
from tests.conftest import People
from tests.journeys import (
    ANI,
    DESK,
    DESK_TOO,
    NET,
    Step,
    accept,
    close,
    closed,
    confirm,
    escalate,
    escalated,
    open_it,
    opened,
    problem_in,
    reopen,
    send_back,
    void,
)
from tests.routes.catalogue import CHANGES, ask, contents, envelope, is_page


async def back_and_forth(people: People, path: str) -> None:
    """Away and back: the desk holds it again, open as before, two versions later."""
    await escalate(people, path, DESK_TOO)
    await send_back(people, path)


async def once_more_closed(people: People, path: str) -> None:
    await reopen(people, path)
    await close(people, path, DESK_TOO, solution="Kabelnya diganti lagi.")


async def once_more_sent(people: People, path: str) -> None:
    await accept(people, path)
    await escalate(people, path, NET, division="IT-POS")


# What happens meanwhile so that the action is still possible; and a sentence of the history that tells it.
MEANWHILE: dict[str, tuple[str, Step, str]] = {
    "escalation": ("open", back_and_forth, "Dodi Pratama (HD) mengalihkan kendala ke IT-NET — Jaringan."),
    "escalation/pic": ("open", back_and_forth, "Eka Saputra (IT-NET) mengembalikan kendala ke HD — Meja Bantuan."),
    "closure": ("open", back_and_forth, "Dodi Pratama (HD) mengalihkan kendala ke IT-NET — Jaringan."),
    "voiding": ("reported", open_it, "Dewi Anggraini (HD) membuka kendala sebagai NET-WIFI — Wi-Fi, prioritas P2."),
    "confirmation": ("closed", once_more_closed, "Dodi Pratama (HD) menutup kendala dengan solusi:"),
    "reopening": ("closed", once_more_closed, "Dodi Pratama (HD) menutup kendala dengan solusi:"),
}


@pytest.mark.parametrize("form", MEANWHILE)
@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
async def test_a_stale_form_shows_what_changed_beside_what_was_typed_and_can_be_sent_again(
    form: str, htmx: bool, people: People, connection: Connection
) -> None:
    state, meanwhile, sentence = MEANWHILE[form]
    example = next(example for example in CHANGES if example.path == f"/problems/{{id}}/{form}")
    problem, person = await problem_in(people, state), await people(example.who)
    seen = await envelope(connection, problem)
    await meanwhile(people, problem)
    before = await contents(connection)
    text = "Ketikan saya\nbaris dua & <tiga>"
    name = next((name for name in ("reason", "solution") if name in example.values), None)

    response = await ask(person, example, problem, htmx=htmx, **seen | ({name: text} if name else {}))
    assert response.status_code == 409
    assert await contents(connection) == before
    assert is_page(response) is not htmx
    assert "Kendala ini sudah berubah" in response.text
    assert sentence in " ".join(unescape(re.sub(r"<[^>]+>", " ", response.text)).split())
    if name:
        assert "Isian Anda belum disimpan." in response.text
        assert "Ketikan saya\nbaris dua &amp; &lt;tiga&gt;</dd>" in response.text

    fresh = forms(response.text)[example.at(problem)]
    assert fresh["version"] == (await envelope(connection, problem))["version"] != seen["version"]
    if name:
        assert fresh[name] == text
    again = await person.post(example.at(problem), fresh)
    assert (again.status_code, again.headers["Location"]) == (303, problem)


# What was chosen is told in the words of the choice.
WORDS = {"it": "Divisi IT</dd>", "IT-POS": "IT-POS — Sistem Kasir</dd>", "30002": "Hadi Wijaya — "}


@pytest.mark.parametrize(
    ("state", "nik", "meanwhile", "form", "typed"),
    [
        ("open", DESK, escalate, "closure", {"solution": "Kabelnya diganti."}),
        ("open", DESK, escalate, "escalation", {"kind": "it", "division": "IT-POS", "reason": "Perlu kasir."}),
        ("open", DESK, escalate, "escalation/pic", {"pic": "30002", "reason": "Perlu tukang."}),
        ("open", DESK, escalate, "voiding", {"reason": "Laporan ganda."}),
        ("escalated to IT-NET", NET, send_back, "escalation/return", {"reason": "Bukan bagian kami."}),
        ("escalated to IT-NET", NET, send_back, "escalation/acceptance", {}),
        ("open at IT-NET", NET, once_more_sent, "closure", {"solution": "Kabelnya diganti."}),
    ],
)
async def test_a_handler_who_lost_the_problem_while_typing_is_told_not_sent_away(
    state: str, nik: str, meanwhile: Step, form: str, typed: dict[str, str], people: People, connection: Connection
) -> None:
    problem, person = await problem_in(people, state), await people(nik)
    seen = await envelope(connection, problem)
    if meanwhile is once_more_sent:
        await escalate(people, problem, NET, division="IT-POS")
    else:
        await meanwhile(people, problem)
    before = await contents(connection)
    for htmx in (False, True):
        response = await person.post(f"{problem}/{form}", seen | typed, htmx=htmx)
        assert response.status_code == 409
        assert is_page(response) is not htmx
        for text in typed.values():
            assert f'dir="auto">{WORDS.get(text, text)}' in response.text
        assert f'action="{problem}/{form}"' not in response.text, "what cannot be done now is not offered"
        now = await envelope(connection, problem)
        assert (await person.post(f"{problem}/{form}", now | typed, htmx=htmx)).status_code == 403
    assert await contents(connection) == before


async def test_whoever_never_held_it_cannot_pretend_with_an_old_version(people: People, connection: Connection) -> None:
    problem = await problem_in(people, "open at IT-NET")
    ga = await people("20004")
    for version in ("1", "2", "3", "4", "5", "999999999"):
        fields = await envelope(connection, problem) | {"version": version, "solution": "Diganti."}
        assert (await ga.post(f"{problem}/closure", fields)).status_code == 403


async def test_a_version_of_the_future_is_a_conflict_too(people: People, connection: Connection) -> None:
    problem, desk = await opened(people), await people(DESK)
    before = await contents(connection)
    fields = await envelope(connection, problem) | {"version": "99", "solution": "Diganti."}
    assert (await desk.post(f"{problem}/closure", fields)).status_code == 409
    assert await contents(connection) == before


async def test_a_comment_goes_with_every_version_and_makes_none(people: People, connection: Connection) -> None:
    problem, ani = await problem_in(people, "reported"), await people(ANI)
    seen = await envelope(connection, problem)
    await open_it(people, problem)
    assert (await ani.post(f"{problem}/comments", seen | {"comment": "Masih mati."})).status_code == 303
    desk = await people(DESK)
    form = await desk.form(f"{problem}/closure", f"{problem}/closure")
    await ani.submit(problem, f"{problem}/comments", comment="Halo?")
    assert (await desk.post(f"{problem}/closure", form | {"solution": "Diganti."})).status_code == 303


# At once ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pair", ["closure/closure", "closure/escalation", "escalation/voiding", "voiding/closure"])
async def test_of_two_changes_at_once_one_wins_and_the_other_is_told(
    pair: str, people: People, connection: Connection
) -> None:
    values = {
        "closure": {"solution": "Kabelnya diganti."},
        "escalation": {"kind": "it", "division": "IT-NET", "reason": "Perlu ahlinya."},
        "voiding": {"reason": "Laporan ganda."},
    }
    problem = await opened(people)
    people_too = [await people(DESK), await people(DESK_TOO)]
    envelopes = [await envelope(connection, problem) for _ in range(2)]
    before = await connection.fetchval("SELECT count(*) FROM event")
    answers = await asyncio.gather(
        *(
            person.post(f"{problem}/{form}", fields | values[form])
            for person, form, fields in zip(people_too, pair.split("/"), envelopes, strict=True)
        )
    )
    assert sorted(response.status_code for response in answers) == [303, 409]
    assert await connection.fetchval("SELECT count(*) FROM event") == before + 1
    loser = next(response for response in answers if response.status_code == 409)
    assert "Kendala ini sudah berubah" in loser.text
    assert "Isian Anda" in loser.text


async def test_confirmed_and_reopened_at_once(people: People, connection: Connection) -> None:
    problem, ani = await closed(people), await people(ANI)
    envelopes = [await envelope(connection, problem) for _ in range(2)]
    answers = await asyncio.gather(
        ani.post(f"{problem}/confirmation", envelopes[0]),
        ani.post(f"{problem}/reopening", envelopes[1] | {"reason": "Masih mati."}),
    )
    assert sorted(response.status_code for response in answers) == [303, 409]


async def test_accepted_and_returned_at_once(people: People, connection: Connection) -> None:
    problem, net = await escalated(people), await people(NET)
    envelopes = [await envelope(connection, problem) for _ in range(2)]
    answers = await asyncio.gather(
        net.post(f"{problem}/escalation/acceptance", envelopes[0]),
        net.post(f"{problem}/escalation/return", envelopes[1] | {"reason": "Bukan bagian kami."}),
    )
    assert sorted(response.status_code for response in answers) == [303, 409]


async def test_an_end_is_an_end(people: People, connection: Connection) -> None:
    """After a confirmation or a voiding only a comment, a note, or the restoration of the latter is recorded."""
    for end in (confirm, void):
        problem = await (closed(people) if end is confirm else opened(people))
        await end(people, problem)
        for example in CHANGES:
            if end is void and example.when == ("void",):
                continue
            person = await people(example.who)
            response = await ask(person, example, problem, **await envelope(connection, problem))
            expected = (303,) if example.path.endswith(("/comments", "/notes")) else (403, 409)
            assert response.status_code in expected, f"{example} after {end.__name__}"
