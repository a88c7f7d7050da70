"""What hangs on one of the master data that is deactivated goes where the form says, and never to nobody."""

import re

import pytest
from asyncpg import Connection

from queries import deactivation
from routes.masters import FIXED, PAGES
from tests.client import forms
from tests.conftest import People
from tests.jobs.conftest import until_empty
from tests.journeys import ADMIN, ANI, CITRA, DESK, LOG, NET, PIC, problem_in, stored
from tests.routes.catalogue import CODES, HEIR

HOLDER = "SELECT status, coalesce(holder_division_code, holder_pic_nik), assignee_nik FROM problem ORDER BY id"
KINDS = {pages.url: pages.master.kind for pages in (*PAGES, *FIXED)}
STATE = "SELECT state FROM master_record WHERE kind = $1 AND code = $2"


def door(path: str) -> str:
    return f"/admin/{path}/deactivation"


async def let_go(people: People, path: str, **values: str) -> str:
    """The page that is shown after."""
    admin = await people(ADMIN)
    answer = await admin.submit(door(path), door(path), **values)
    return (await admin.get(stored(answer).headers["Location"])).text


async def states(connection: Connection, *keys: tuple[str, str]) -> list[dict[str, object]]:
    return [await connection.fetchval(STATE, *key) for key in keys]


@pytest.mark.parametrize("url", [url for url in CODES if url != "/admin/employees"])
async def test_of_every_kind_one_ends_and_begins_again(people: People, connection: Connection, url: str) -> None:
    admin, path = await people(ADMIN), f"{url}/{CODES[url]}"
    before = (await admin.get(path)).text
    assert f"{path}/deactivation" in before and f"{path}/activation" not in before
    stored(await admin.submit(f"{path}/deactivation", f"{path}/deactivation", **HEIR.get(url, {})))
    after = (await admin.get(path)).text
    assert "<b>Tidak aktif</b>" in after and f"{path}/deactivation" not in after
    assert re.search(r"Aktif</dt><dd dir=\"auto\"><del>Ya</del> → <ins>Tidak</ins>", after)
    stored(await admin.submit(path, f"{path}/activation"))
    assert "<b>Tidak aktif</b>" not in (await admin.get(path)).text
    notes = await connection.fetch(
        "SELECT actor_nik, cause, after ->> 'active' FROM master_change WHERE code = $1 ORDER BY seq", CODES[url]
    )
    cause = f"deactivation {CODES[url]} {HEIR[url]['heir']}" if url in HEIR else "form"
    assert [tuple(note) for note in notes][-2:] == [(ADMIN, cause, "false"), (ADMIN, "form", "true")]
    if url in HEIR:
        assert f"penonaktifan {CODES[url]} dengan pengalihan ke {HEIR[url]['heir']}" in after


@pytest.mark.parametrize("url", CODES)
async def test_what_has_changed_since_is_asked_again(people: People, connection: Connection, url: str) -> None:
    """Ending one, and beginning again, is of what was seen."""
    admin, kind, path = await people(ADMIN), KINDS[url], f"{url}/{CODES[url]}"
    for door, page in (("deactivation", f"{path}/deactivation"), ("activation", path)):
        form = await admin.form(page, f"{path}/{door}") | HEIR.get(url, {})
        before = await connection.fetchval(STATE, kind, CODES[url])
        stored(await admin.submit(path, path, name=f"Nama sebelum {door}"))
        for htmx in (False, True):
            answer = await admin.post(f"{path}/{door}", form, htmx=htmx)
            assert answer.status_code == 409 and "sudah berubah" in answer.text
        assert (await connection.fetchval(STATE, kind, CODES[url]))["active"] == before["active"]
        again = forms(answer.text)[f"{path}/{door}"]
        stored(await admin.post(f"{path}/{door}", form | {"version": again["version"], "key": again["key"]}))
        assert (await connection.fetchval(STATE, kind, CODES[url]))["active"] != before["active"]


async def test_a_store_leaves_its_people_and_things_to_another(people: People, connection: Connection) -> None:
    ani = await people(ANI)
    page = (await (await people(ADMIN)).get(door("stores/T01"))).text
    assert "<b>4</b> karyawan" in page and "<b>2</b> barang" in page and "sesi mereka berakhir" in page
    assert forms(page)[door("stores/T01")]["heir"] == "" and 'value="T01"' not in page
    await let_go(people, "stores/T01", heir="T02")
    person, asset, store = await states(connection, ("employee", ANI), ("asset", "T01-AC-01"), ("store", "T01"))
    assert (person["store"], asset["store"], store["active"]) == ("T02", "T02", False)
    assert (await ani.get("/problems")).headers["Location"].startswith("/login"), "their rights are others"


@pytest.mark.parametrize("heir", ["", "T01", "T99", "HO — Bukan", "TIMUR"])
async def test_without_an_heir_it_stays(people: People, connection: Connection, heir: str) -> None:
    admin = await people(ADMIN)
    form = await admin.form(door("stores/T01"), door("stores/T01")) | {"heir": heir}
    await connection.execute("UPDATE store SET active = false WHERE code = 'HO'")
    for htmx in (False, True):
        answer = await admin.post(door("stores/T01"), form, htmx=htmx)
        assert answer.status_code == 422 and 'aria-invalid="true"' in answer.text and "<b>4</b> karyawan" in answer.text
    assert await connection.fetchval("SELECT active FROM store WHERE code = 'T01'")


async def test_a_manager_of_an_area_never_becomes_one_of_all(people: People, connection: Connection) -> None:
    admin = await people(ADMIN)
    for code, parent in (("PUSAT", ""), ("BALI", "TIMUR"), ("KUTA", "BALI")):
        stored(await admin.submit("/admin/areas/new", "/admin/areas", code=code, name=code, parent=parent))
    await connection.execute("UPDATE store SET area_code = 'TIMUR' WHERE code = 'T02'")
    form = await admin.form(door("areas/TIMUR"), door("areas/TIMUR"))
    assert "heir" in form
    await connection.execute("UPDATE employee SET is_manager = true, area_code = 'TIMUR' WHERE nik = $1", CITRA)
    page = (await admin.get(door("areas/TIMUR"))).text
    assert re.findall(r'<option value="(\w*)"', page) == ["", "PUSAT"], "none that is below it"
    assert "<b>1</b> wilayah di bawahnya" in page and "<b>1</b> toko" in page and "<b>1</b> atasan wilayah" in page
    assert (await admin.post(door("areas/TIMUR"), form)).status_code == 422
    await let_go(people, "areas/TIMUR", heir="PUSAT")
    bali, store, manager = await states(connection, ("area", "BALI"), ("store", "T02"), ("employee", CITRA))
    assert (bali["parent"], store["area"], manager["area"]) == ("PUSAT", "PUSAT", "PUSAT")
    assert not await connection.fetchval("SELECT sees_all FROM employee WHERE nik = $1", CITRA)


async def test_what_came_to_hang_on_it_meanwhile_is_asked_about(people: People, connection: Connection) -> None:
    admin = await people(ADMIN)
    form = await admin.form(door("areas/TIMUR"), door("areas/TIMUR"))
    await connection.execute("UPDATE area SET name = 'Timur Jauh' WHERE code = 'TIMUR'")
    answer = await admin.post(door("areas/TIMUR"), form)
    assert answer.status_code == 409 and "sudah berubah" in answer.text
    again = forms(answer.text)[door("areas/TIMUR")]
    assert again["version"] > form["version"]
    stored(await admin.post(door("areas/TIMUR"), again))


async def test_a_division_leaves_all_to_another(people: People, connection: Connection) -> None:
    for state in ("open at IT-NET", "escalated to IT-NET"):
        await problem_in(people, state)
    page = (await (await people(ADMIN)).get(door("divisions/IT-NET"))).text
    assert "<b>2</b> kendala" in page and "<b>1</b> anggota" in page and "<b>3</b> kategori" in page
    assert "Printer mati" not in page and "K-1" not in page, "how much, and not which"
    await let_go(people, "divisions/IT-NET", heir="LOG")
    assert [tuple(row) for row in await connection.fetch(HOLDER)] == [("open", "LOG", None), ("escalated", "LOG", None)]
    person, category = await states(connection, ("employee", NET), ("category", "NET-WIFI"))
    assert (person["divisions"], category["division"]) == (["LOG"], "LOG")
    text = re.sub(r"<[^>]+>", "", (await (await people(DESK)).get("/problems/1")).text)
    assert "Joko Susilo memindahkan kendala ke LOG" in text


@pytest.mark.parametrize(("code", "says"), [("HD", "Meja bantuan"), ("GA", "Divisi umum")])
async def test_two_divisions_stay(people: People, connection: Connection, code: str, says: str) -> None:
    admin = await people(ADMIN)
    form = await admin.form(door("divisions/LOG"), door("divisions/LOG"))
    for answer in (
        await admin.get(door(f"divisions/{code}")),
        await admin.post(door(f"divisions/{code}"), form | {"heir": "LOG"}),
    ):
        assert answer.status_code == 422 and says in answer.text
    assert await connection.fetchval("SELECT active FROM division WHERE code = $1", code)


async def test_a_department_leaves_its_problems_to_a_division(people: People, connection: Connection) -> None:
    await problem_in(people, "open at the PIC")
    page = (await (await people(ADMIN)).get(door("departments/MNT"))).text
    assert "<b>1</b> kendala" in page and "bukan PIC-nya lagi" in page and "HD — Meja Bantuan" in page
    await let_go(people, "departments/MNT", heir="GA")
    assert [tuple(row) for row in await connection.fetch(HOLDER)] == [("open", "GA", None)]
    (person,) = await states(connection, ("employee", PIC))
    assert person["departments"] == []


async def test_what_is_below_a_category_goes_below_another(people: People, connection: Connection) -> None:
    await let_go(people, "categories/NET", heir="FAS")
    assert [c["parent"] for c in await states(connection, ("category", "NET-WIFI"), ("category", "NET-LAN"))] == [
        "FAS"
    ] * 2


async def test_who_used_a_calendar_uses_another(people: People, connection: Connection) -> None:
    admin = await people(ADMIN)
    uses = {"divisions": "IT-NET", "areas": "TIMUR", "stores": "T01"}
    stored(await admin.submit("/admin/calendars/SIAGA", "/admin/calendars/SIAGA", **uses))
    assert "<b>3</b> divisi, wilayah, dan toko" in (await admin.get(door("calendars/SIAGA"))).text
    await let_go(people, "calendars/SIAGA", heir="UMUM")
    ended, heir = await states(connection, ("calendar", "SIAGA"), ("calendar", "UMUM"))
    assert ended["active"] is False and ended["divisions"] == ended["areas"] == ended["stores"] == []
    assert {name: heir[name] for name in uses} == {name: [code] for name, code in uses.items()}


async def test_what_cannot_be_active_again_says_why(people: People, connection: Connection) -> None:
    """In its place there is another by now."""
    await let_go(people, "targets/P4")
    admin, new = await people(ADMIN), {"code": "P4-BARU", "name": "Baru", "priority": "4", "resolution": "5 jam"}
    stored(await admin.submit("/admin/targets/new", "/admin/targets", **new))
    answer = await admin.submit("/admin/targets/P4", "/admin/targets/P4/activation")
    assert answer.status_code == 422 and "Sudah ada target aktif" in answer.text
    assert not await connection.fetchval("SELECT active FROM target WHERE code = 'P4'")


async def test_much_goes_by_and_by(people: People, connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deactivation, "PORTION", 1)
    for _ in range(2):
        await problem_in(people, "open at IT-NET")
    assert "dinonaktifkan begitu itu selesai" in await let_go(people, "divisions/IT-NET", heir="LOG")
    await until_empty(connection)
    assert [tuple(row)[:2] for row in await connection.fetch(HOLDER)] == [("open", "LOG")] * 2
    (division,) = await states(connection, ("division", "IT-NET"))
    assert division["active"] is False
    history = (await (await people(ADMIN)).get(f"/admin/employees/{NET}")).text
    assert "penonaktifan IT-NET dengan pengalihan ke LOG" in history, "whom it concerned has it in the own history too"
    assert await connection.fetchval(
        "SELECT array_agg(nik ORDER BY nik) FROM division_member WHERE division_code = 'LOG'"
    ) == [NET, LOG]
