"""What a change of calendars, holidays or targets would move is said before it is saved, and is what then happens."""

import re

import pytest
from asyncpg import Connection

from jobs.registry import KINDS
from jobs.worker import working
from queries.jobs import get_due_job
from queries.promise_renewal import enqueue_renewal
from settings import Settings
from tests.conftest import People, connected
from tests.jobs.conftest import until_empty
from tests.journeys import ADMIN, problem_in, stored

DUE = "SELECT due_at FROM problem ORDER BY id"


def effect_in(html: str) -> str:
    found = re.search(r'<p role="status">(.*?)</p>', html, re.DOTALL)
    return " ".join(found[1].split()) if found else ""


async def test_a_shorter_target_says_what_it_moves_and_moves_that(
    people: People, connection: Connection, settings: Settings
) -> None:
    for state in ("open", "open", "reported", "closed"):
        await problem_in(people, state)
    code = await connection.fetchval("SELECT 'P' || priority FROM problem WHERE status = 'open' LIMIT 1")
    admin, url = await people(ADMIN), f"/admin/targets/{code}"
    form = await admin.form(url, url) | {"response": "1 menit", "resolution": "2 menit"}
    before = [row["due_at"] for row in await connection.fetch(DUE)]
    answer = await admin.post(f"{url}/effect", form)
    assert answer.status_code == 200 and 'value="2 menit"' in answer.text, "what was typed stays"
    said = effect_in(answer.text)
    assert (
        said.startswith("Dari 3 kendala yang belum selesai: 2 lebih cepat, paling banyak")
        and "Yang sudah selesai" in said
    )
    assert [row["due_at"] for row in await connection.fetch(DUE)] == before, "nothing is saved"
    assert (
        await connection.fetchval("SELECT count(*) FROM master_change WHERE kind = 'target' AND code = $1", code) == 1
    )

    stored(await admin.post(url, form))
    async with working(settings, KINDS):
        await until_empty(connection)
    after = [row["due_at"] for row in await connection.fetch(DUE)]
    assert sum(new < old for new, old in zip(after, before, strict=True) if old) == 2


async def test_a_holiday_of_the_past_moves_nothing(people: People, connection: Connection) -> None:
    await problem_in(people, "open")
    admin = await people(ADMIN)
    form = await admin.form("/admin/holidays/new", "/admin/holidays")
    past = await admin.post(
        "/admin/holidays/new/effect", form | {"code": "2026-01-05", "name": "Libur", "kind": "national"}
    )
    assert "Target tidak bergeser: 1 kendala" in effect_in(past.text)
    to_come = await connection.fetchval("SELECT (due_at AT TIME ZONE 'Asia/Jakarta')::date::text FROM problem")
    answer = await admin.post(
        "/admin/holidays/new/effect", form | {"code": to_come, "name": "Libur", "kind": "national"}
    )
    assert "1 bergeser lebih lambat" in effect_in(answer.text)


async def test_what_is_refused_is_said_there_too(people: People, connection: Connection) -> None:
    admin, url = await people(ADMIN), "/admin/targets/P4"
    form = await admin.form(url, url)
    answer = await admin.post(f"{url}/effect", form | {"response": "50 jam"})
    assert answer.status_code == 200 and "Respons tidak boleh lebih lama" in answer.text
    assert "Lengkapi isian" in effect_in(answer.text)


async def test_who_is_told_when_has_its_history_and_its_switch(people: People, connection: Connection) -> None:
    admin, url = await people(ADMIN), "/admin/alarms/desk"
    assert "Tambah" not in (await admin.get("/admin/alarms")).text
    stored(await admin.submit(url, url, percent="120"))
    stored(await admin.submit(f"{url}/deactivation", f"{url}/deactivation"))
    step = await connection.fetchrow("SELECT percent, active FROM target_step WHERE step = 'desk'")
    assert tuple(step) == (120, False)
    noted = (
        "SELECT before, after, cause FROM master_change WHERE kind = 'target_step' AND code = 'desk' ORDER BY version"
    )
    history = [tuple(row) for row in await connection.fetch(noted)]
    assert history[0][2] == "setup" and [row[:2] for row in history[1:]] == [
        ({"percent": 100}, {"percent": 120}),
        ({"active": True}, {"active": False}),
    ]


async def test_while_problems_change_all_the_time_it_is_busy_and_nothing_is_lost(
    people: People, connection: Connection, database_url: str
) -> None:
    """An import of an old register is one long change of problems."""
    admin = await people(ADMIN)
    form = await admin.form("/admin/holidays/new", "/admin/holidays") | {
        "code": "2027-12-24",
        "name": "Libur",
        "kind": "national",
    }
    async with connected(database_url) as other, other.transaction():
        await other.execute("SELECT share_working_time()")
        assert (await admin.post("/admin/holidays/new/effect", form)).status_code == 200, "a trial waits for nobody"
        answer = await admin.post("/admin/holidays", form)
        assert answer.status_code == 503 and "Retry-After" in answer.headers
    assert stored(await admin.post("/admin/holidays", form)).headers["Location"] == "/admin/holidays/2027-12-24"


MOVES = [
    ("stores/T01", {"time_zone": "Asia/Jayapura"}),
    ("stores/T01", {"area": "TIMUR"}),
    ("areas/BARAT", {"parent": "TIMUR"}),
    ("categories/NET-WIFI", {"parent": "FAS"}),
]


@pytest.mark.parametrize(("path", "values"), MOVES, ids=[f"{path} {next(iter(values))}" for path, values in MOVES])
async def test_what_is_due_follows_what_moves(
    people: People, connection: Connection, settings: Settings, path: str, values: dict[str, str]
) -> None:
    """A store to another zone or area, an area below another one, a category below another one."""
    await connection.execute("INSERT INTO area (code, name) VALUES ('BARAT', 'Barat')")
    if path == "areas/BARAT":
        await connection.execute("UPDATE store SET area_code = 'BARAT' WHERE code = 'T01'")
    await connection.execute("INSERT INTO calendar_use (calendar_code, area_code) VALUES ('SIAGA', 'TIMUR')")
    await connection.execute(
        "INSERT INTO target (code, name, category_code, resolution) VALUES ('FAS', 'F', 'FAS', 60)"
    )
    await problem_in(people, "open")
    before, admin = await connection.fetchval(DUE), await people(ADMIN)
    stored(await admin.submit(f"/admin/{path}", f"/admin/{path}", name="Nama saja yang lain"))
    async with working(settings, KINDS):
        await until_empty(connection)
    assert await connection.fetchval(DUE) == before
    stored(await admin.submit(f"/admin/{path}", f"/admin/{path}", **values))
    async with working(settings, KINDS):
        await until_empty(connection)
    assert await connection.fetchval(DUE) != before


async def test_what_is_changed_while_a_renewal_is_to_begin_is_renewed_too(
    connection: Connection, database_url: str
) -> None:
    """It is begun after the commit of whoever leaves it at that one."""
    one = "SELECT count(*) FROM job WHERE kind = 'promises'"
    await enqueue_renewal(connection)
    async with connected(database_url) as other, other.transaction():
        await enqueue_renewal(other)
        assert await other.fetchval(one) == 1
        assert await get_due_job(connection, []) is None
