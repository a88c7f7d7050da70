"""Several problems at once: each by itself, and what could not be done is told."""

import re
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from asyncpg import Connection

from tests.client import forms
from tests.conftest import PIN

ANI, DESK, DODI, NET, MANAGER = "10001", "20001", "20002", "20003", "40001"
OPENING = {"category": "NET-WIFI", "impact": "1", "urgency": "2", "identification": "Kabel"}
PASSING_ON = {"division": "IT-NET", "reason": "Perlu ahli"}


async def report(people, count: int) -> list[int]:
    ani = await people(ANI)
    sent = [
        await ani.submit("/problems/new", "/problems", title=f"Kendala {n}", description="Mati.") for n in range(count)
    ]
    return [int(response.headers["Location"].rpartition("/")[2]) for response in sent]


def chosen(html: str) -> str:
    """The query that the checked rows of the list would send, if all were checked."""
    return "&".join(f"problem={value}" for value in re.findall(r'name="problem" value="([0-9:]+)"', html))


async def do(client, action: str, query: str, **values):
    return await client.submit(f"/problems/{action}?{query}", f"/problems/{action}", **values)


async def states(connection: Connection) -> list[str]:
    return await connection.fetchval("SELECT array_agg(status ORDER BY id) FROM problem")


async def test_rows_can_be_chosen_by_who_may(people):
    ids = await report(people, 2)
    listed = {nik: (await (await people(nik)).get("/problems")).text for nik in (ANI, DESK, NET, MANAGER)}
    assert chosen(listed[DESK]) == f"problem={ids[1]}:1&problem={ids[0]}:1"
    assert 'id="bulk"' in listed[DESK]
    for nik in (ANI, NET, MANAGER):
        assert not chosen(listed[nik]) and 'id="bulk"' not in listed[nik]


async def test_only_what_can_be_done_with_one_of_the_rows_is_offered(people, connection: Connection):
    await report(people, 2)
    desk = await people(DESK)

    async def offered() -> list[str]:
        bar = re.search(r'id="bulk".*?</form>', (await desk.get("/problems")).text, re.DOTALL)
        return re.findall(r'accesskey="\w">(\w+) yang dipilih', bar[0]) if bar else []

    assert await offered() == ["Buka", "Batalkan"]
    query = chosen((await desk.get("/problems")).text)
    await do(desk, "openings", query.rpartition("&")[0], **OPENING)
    assert await offered() == ["Buka", "Alihkan", "Ambil", "Serahkan", "Batalkan"]
    await do(desk, "takings", chosen((await desk.get("/problems?status=open")).text))
    assert "Ambil" not in await offered(), "what one has taken already"


async def test_whoever_looks_after_others_can_choose_what_they_have_rights_to(people, connection: Connection):
    """Rows are kept for all who have the same rights: what is shown is what the database says of this very person."""
    await report(people, 3)
    desk, net = await people(DESK), await people(NET)
    await do(desk, "openings", chosen((await desk.get("/problems")).text).partition("&")[0], **OPENING)
    await do(desk, "takings", chosen((await desk.get("/problems?status=open")).text))
    await net.submit("/problems/new", "/problems", title="Dari jaringan", description="Mati.")
    everybody = [NET, DODI, DESK, MANAGER, "20004", "30001"]
    for nik in everybody + everybody[::-1]:
        html = (await (await people(nik)).get("/problems")).text
        rights = await connection.fetch(
            """
            SELECT p.id, p.version, array_agg(a) AS rights
              FROM problem p, employee e, unnest(ARRAY['opening', 'escalation', 'taking', 'assignment', 'voiding']) a
             WHERE e.nik = $1 AND 'handler' = ANY (e.scopes) AND may(a, p, e) GROUP BY p.id ORDER BY p.id DESC
            """,
            nik,
        )
        assert chosen(html) == "&".join(f"problem={row['id']}:{row['version']}" for row in rights), nik
        assert ("Ambil yang dipilih" in html) == any("taking" in row["rights"] for row in rights), nik


async def test_opened_passed_on_voided(people, connection: Connection):
    await report(people, 3)
    desk = await people(DESK)
    query = chosen((await desk.get("/problems")).text) + "&back=/problems%3Fyear%3D2026"
    response = await do(desk, "openings", query, **OPENING)
    assert (response.status_code, response.headers["Location"]) == (303, "/problems?year=2026")
    assert await states(connection) == ["open"] * 3
    query = chosen((await desk.get("/problems")).text)
    response = await do(desk, "escalations", query.rpartition("&")[0], **PASSING_ON)
    assert response.status_code == 303, response.text
    assert await states(connection) == ["open", "escalated", "escalated"]
    query = chosen((await desk.get("/problems")).text)
    assert (await do(desk, "voidings", query, reason="Laporan ganda")).status_code == 303
    assert await states(connection) == ["void", "escalated", "escalated"]
    causes = await connection.fetch("SELECT cause, note FROM event WHERE problem_id = 1 ORDER BY seq")
    assert [tuple(row) for row in causes] == [("reported", None), ("opened", None), ("voided", "Laporan ganda")]


async def test_who_came_first_is_told_and_the_others_succeed(people, connection: Connection):
    first, second, third = await report(people, 3)
    desk, dodi = await people(DESK), await people(DODI)
    query = chosen((await desk.get("/problems")).text)
    fields = await desk.form(f"/problems/voidings?{query}", "/problems/voidings") | {"reason": "Laporan ganda"}
    path = f"/problems/{second}"
    await dodi.submit(f"{path}/opening", f"{path}/opening", **OPENING)
    response = await desk.post("/problems/voidings", fields)
    assert response.status_code == 409
    assert "2 kendala sudah tersimpan" in response.text and "Laporan ganda" in response.text
    assert "Dodi Pratama" in response.text and f'id="line-{second}"' in response.text
    assert f'id="line-{first}"' not in response.text and f'id="line-{third}"' not in response.text
    assert await states(connection) == ["void", "open", "void"]
    assert "kirim lagi bila masih sesuai" in response.text

    repeated = await desk.post("/problems/voidings", fields)
    assert repeated.status_code == 409 and "2 kendala sudah tersimpan" in repeated.text
    again = forms(response.text)["/problems/voidings"]
    assert again["problems"] == f"{second}:2" and again["reason"] == "Laporan ganda"
    assert (await desk.post("/problems/voidings", again)).status_code == 303
    assert await states(connection) == ["void"] * 3


async def test_what_was_typed_stays_where_nothing_is_left_to_do(people, connection: Connection):
    (only,) = await report(people, 1)
    desk, dodi = await people(DESK), await people(DODI)
    fields = await desk.form(f"/problems/openings?problem={only}:1", "/problems/openings") | OPENING
    path = f"/problems/{only}"
    await dodi.submit(path, f"{path}/voiding", reason="Ganda")
    response = await desk.post("/problems/openings", fields)
    assert response.status_code == 409 and "Ganda" in response.text and "Dodi Pratama" in response.text
    assert "Identifikasi masalah</dt>" in response.text and ">Kabel</dd>" in response.text
    assert ">NET-WIFI — Wi-Fi</dd>" in response.text and ">Tinggi</dd>" in response.text
    assert await states(connection) == ["void"]


async def test_sent_twice_is_done_once(people, connection: Connection):
    await report(people, 2)
    desk = await people(DESK)
    query = chosen((await desk.get("/problems")).text)
    fields = await desk.form(f"/problems/openings?{query}", "/problems/openings") | OPENING
    assert [(await desk.post("/problems/openings", fields)).status_code for _ in range(2)] == [303, 303]
    assert await connection.fetchval("SELECT count(*) FROM event WHERE cause = 'opened'") == 2
    changed = fields | {"identification": "Lain"}
    assert (await desk.post("/problems/openings", changed)).status_code == 422
    assert await connection.fetchval("SELECT count(*) FROM event WHERE cause = 'opened'") == 2


@pytest.mark.parametrize(
    ("action", "message"),
    [
        ("openings", "Harap isi form dengan benar!"),
        ("escalations", "Harap isi form kosong!"),
        ("voidings", "Harap isi form kosong!"),
    ],
)
async def test_an_empty_form_changes_nothing(people, connection: Connection, action, message):
    await report(people, 1)
    desk = await people(DESK)
    if action == "escalations":
        await do(desk, "openings", chosen((await desk.get("/problems")).text), **OPENING)
    before = await states(connection)
    response = await do(desk, action, chosen((await desk.get("/problems")).text))
    assert response.status_code == 422 and message in response.text and 'aria-invalid="true"' in response.text
    assert await states(connection) == before


async def test_what_cannot_be_chosen(people):
    (only,) = await report(people, 1)
    desk = await people(DESK)
    for query in ("", "problem=", "problem=1", "problem=x:1", "problem=" + "9" * 30 + ":1"):
        response = await desk.get(f"/problems/openings?{query}")
        assert response.status_code == 422 and "Pilih dahulu" in response.text
    many = "&".join(f"problem={n}:1" for n in range(1, 52))
    assert "Paling banyak 50" in (await desk.get(f"/problems/openings?{many}")).text
    assert "K-99 tidak ditemukan" in (await desk.get(f"/problems/openings?problem=99:1&problem={only}:1")).text
    for action, others in (("escalations", "dibuka atau menunggu yang dapat dialihkan"), ("openings", None)):
        text = (await desk.get(f"/problems/{action}?problem={only}:1")).text
        assert (others in text) if others else ("Hanya kendala" not in text)
    net = await people(NET)
    refused = (await net.get(f"/problems/voidings?problem={only}:1")).text.partition("<ul")[2]
    assert "/problems/voidings" not in refused and "Ditangani HD; hanya penanggungnya" in refused


async def test_of_far_too_many_no_more_is_read_than_it_takes_to_see_that(people):
    desk = await people(DESK)
    (only,) = await report(people, 1)
    fields = await desk.form(f"/problems/voidings?problem={only}:1", "/problems/voidings")
    response = await desk.post("/problems/voidings", fields | {"problems": " ".join(f"{n}:1" for n in range(1, 5000))})
    assert response.status_code == 422 and "Paling banyak 50" in response.text
    assert response.text.count('id="line-') <= 51


async def test_a_division_that_has_it_already_is_told(people, connection: Connection):
    await report(people, 2)
    desk, net = await people(DESK), await people(NET)
    await do(desk, "openings", chosen((await desk.get("/problems")).text), **OPENING)
    await do(desk, "escalations", chosen((await desk.get("/problems")).text), **PASSING_ON)
    for n in (1, 2):
        await net.submit(f"/problems/{n}", f"/problems/{n}/escalation/acceptance")
    query = chosen((await net.get("/problems")).text)
    response = await do(net, "escalations", query, **PASSING_ON)
    assert response.status_code == 409 and response.text.count("Sudah ditangani IT-NET") == 2
    assert await states(connection) == ["open", "open"]


@pytest.mark.parametrize("action", ["openings", "escalations", "voidings"])
async def test_only_handlers_pass(people, nobody, action):
    for nik in (ANI, MANAGER):
        client = await people(nik)
        assert (await client.get(f"/problems/{action}?problem=1:1")).status_code == 403
        assert (await client.post(f"/problems/{action}", {"problems": "1:1"})).status_code == 403
    assert (await nobody.get(f"/problems/{action}")).status_code == 303


async def test_what_was_typed_outlives_the_session(people, connection: Connection):
    await report(people, 2)
    desk = await people(DESK)
    page = f"/problems/openings?{chosen((await desk.get('/problems')).text)}&back={quote('/problems?status=reported')}"
    fields = await desk.form(page, "/problems/openings") | OPENING | {"identification": "Kabel di dinding"}
    await connection.execute("UPDATE session SET ended_at = now()")
    response = await desk.post("/problems/openings", fields)
    login = urlsplit(response.headers["Location"])
    assert (response.status_code, login.path) == (303, "/login")
    assert await states(connection) == ["reported"] * 2

    await desk.post("/login", {"nik": DESK, "pin": PIN})
    (page,) = parse_qs(login.query)["next"]
    html = (await desk.get(page)).text
    restored = forms(html)
    assert "dipulihkan" in html and restored["/problems/openings"]["identification"] == "Kabel di dinding"
    assert restored["/problems/openings"]["problems"] == fields["problems"]
    assert restored["/problems/openings"]["back"] == "/problems?status=reported"
    discarded = await desk.post("/drafts/openings/discarding", restored["/drafts/openings/discarding"])
    assert "dipulihkan" not in (await desk.get(discarded.headers["Location"])).text

    saved = restored["/problems/openings"] | {"identification": "Kabel di lantai"}
    assert (await desk.post("/drafts/openings", saved, htmx=True)).status_code == 204
    assert "Kabel di lantai" in (await desk.get(page)).text
    assert (await desk.post("/problems/openings", saved)).status_code == 303
    assert "dipulihkan" not in (await desk.get("/problems/openings?problem=1:2")).text, "it was sent"
    assert "dipulihkan" not in (await desk.get("/problems/voidings?problem=1:2")).text
