"""Two who change master data at once: nothing ends up at what is closed, nobody is let in again by mistake, and none of two waits
for what the other has."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from asyncpg import Connection

from actions.master import Master
from queries.masters import hold_kinds
from routes.masters import FIXED, PAGES
from tests.client import forms
from tests.conftest import People, connected
from tests.imports import plain, send, take
from tests.journeys import ADMIN, ADMIN_OF_THE_STORE, CITRA, NET, YOSEP, stored
from tests.memberships import belong
from tests.queries.life import blocked
from tests.routes.catalogue import CODES, NEW

ALL = [pages.master for pages in (*PAGES, *FIXED)]
# What hangs on one: where that ends, with its heir; the kind, the form, what is filled in, and where it stands afterwards.
MOVES = [
    ("stores/T01", "HO", "employee", "employees/new", NEW["/admin/employees"] | {"store": "T01"}, ("store", "T01")),
    ("stores/T01", "HO", "employee", f"employees/{CITRA}", {"store": "T01"}, ("store", "T01")),
    ("stores/T01", "HO", "asset", "assets/new", NEW["/admin/assets"], ("store", "T01")),
    ("areas/TIMUR", "BARAT", "store", "stores/T02", {"area": "TIMUR"}, ("area", "TIMUR")),
    ("areas/TIMUR", "BARAT", "area", "areas/new", {"code": "BALI", "name": "Bali", "parent": "TIMUR"}, ("parent", "TIMUR")),
    ("divisions/LOG", "HD", "employee", f"employees/{YOSEP}", {"divisions": "LOG"}, ("divisions", "LOG")),
    ("divisions/LOG", "HD", "category", "categories/UMUM", {"division": "LOG"}, ("division", "LOG")),
    ("divisions/LOG", "HD", "template", "templates/new", NEW["/admin/templates"] | {"division": "LOG"}, ("division", "LOG")),
    ("departments/PRC", "HD", "employee", f"employees/{YOSEP}", {"departments": "PRC"}, ("departments", "PRC")),
    ("categories/NET", "FAS", "category", "categories/UMUM", {"parent": "NET"}, ("parent", "NET")),
]  # fmt: skip


@pytest.fixture(autouse=True)
async def second_admin(connection: Connection) -> None:
    await connection.execute(
        """
        INSERT INTO employee (nik, name, store_code, is_admin, pin_hash)
        SELECT $1, 'Nina Kartika', 'T03', true, pin_hash FROM employee WHERE nik = $2
        """,
        ADMIN_OF_THE_STORE,
        ADMIN,
    )
    await connection.execute("INSERT INTO area (code, name) VALUES ('BARAT', 'Wilayah Barat')")
    await connection.execute("UPDATE store SET area_code = 'TIMUR' WHERE code = 'T03'")


@asynccontextmanager
async def held(database_url: str, kinds: Sequence[str] = (), niks: Sequence[str] = ()) -> AsyncIterator[Connection]:
    """Somebody else changes some of these kinds and people at this moment."""
    async with connected(database_url) as other, other.transaction():
        await hold_kinds(other, kinds)
        await other.execute("SELECT FROM employee WHERE nik = ANY ($1) FOR NO KEY UPDATE", niks)
        yield other


@pytest.mark.parametrize("ends_first", [True, False], ids=["it ends first", "it is named first"])
@pytest.mark.parametrize("move", MOVES, ids=[f"{move[0]} {move[3]}" for move in MOVES])
async def test_nothing_is_put_into_what_ends_at_that_moment(
    people: People, connection: Connection, database_url: str, move: tuple, ends_first: bool
) -> None:
    path, heir, kind, page, values, (field, code) = move
    ending, saving = f"/admin/{path}/deactivation", f"/admin/{page.removesuffix('/new')}"
    first, second = await people(ADMIN), await people(ADMIN_OF_THE_STORE)
    sent = [
        (first, ending, await first.form(ending, ending) | {"heir": heir}),
        (second, saving, await second.form(f"/admin/{page}", saving) | values),
    ]
    async with held(database_url, [kind]) as other:
        tasks = []
        for client, url, form in sent if ends_first else sent[::-1]:
            tasks.append(asyncio.create_task(client.post(url, form)))
            await blocked(other, len(tasks))
    answers = await asyncio.gather(*tasks)
    ended, saved = answers if ends_first else answers[::-1]
    assert ended.status_code in (303, 409) and saved.status_code == (
        422 if ended.status_code == 303 and ends_first else 303
    )
    if saved.status_code == 422:
        assert 'aria-invalid="true"' in saved.text and forms(saved.text)[saving]["name"], "what was typed is kept"
    is_active = await connection.fetchval("SELECT active FROM master_record WHERE code = $1", path.split("/")[1])
    assert is_active == (ended.status_code == 409)
    there = "SELECT count(*) FROM master_record WHERE kind = $1 AND (state ->> $2 = $3 OR state -> $2 @> to_jsonb($3::text))"
    assert not await connection.fetchval(there, kind, field, code) or is_active


async def test_who_is_let_go_at_that_moment_is_not_let_in_again(
    people: People, connection: Connection, database_url: str
) -> None:
    first, second, url = await people(ADMIN), await people(ADMIN_OF_THE_STORE), f"/admin/employees/{CITRA}"
    goes, form = await first.form(f"{url}/deactivation", f"{url}/deactivation"), await second.form(url, url)
    async with held(database_url, niks=[CITRA]) as other:
        leaving = asyncio.create_task(first.post(f"{url}/deactivation", goes))
        await blocked(other, 1)
        saving = asyncio.create_task(second.post(url, form | {"phone": "0361 123456"}))
        await blocked(other, 2)
    stored(await leaving)
    answer = await saving
    assert answer.status_code == 409 and "0361 123456" in answer.text
    assert not await connection.fetchval("SELECT active FROM employee WHERE nik = $1", CITRA)


@pytest.mark.parametrize("master", ALL, ids=[master.kind for master in ALL])
async def test_who_waits_for_a_kind_keeps_nobody_waiting(people: People, database_url: str, master: Master) -> None:
    """As an import does, which changes people once it has their kind."""
    admin, url = await people(ADMIN), f"{master.url}/{CODES[master.url]}"
    form = await admin.form(url, url)
    async with held(database_url, [master.kind]) as other:
        saving = asyncio.create_task(admin.post(url, form))
        await blocked(other)
        await other.execute("SET LOCAL lock_timeout = '2s'")
        await other.execute("UPDATE employee SET phone = '022 123456' WHERE nik = $1", ADMIN)
    stored(await saving)


async def test_an_heir_stays_while_a_job_hands_over_to_it(people: People, connection: Connection) -> None:
    await connection.execute(
        """
        INSERT INTO job (kind, arguments, due_at)
        VALUES ('dissolution',
                '{"kind": "division", "code": "IT-NET", "heir": "LOG", "actor": "90001"}', now() + interval '1 hour')
        """
    )
    admin, ending = await people(ADMIN), "/admin/divisions/LOG/deactivation"
    await belong(connection, NET, "IT-NET", "LOG")
    other = await admin.form("/admin/divisions/IT-POS/deactivation", "/admin/divisions/IT-POS/deactivation")
    for answer in (await admin.get(ending), await admin.post(ending, other | {"heir": "HD"})):
        assert answer.status_code == 422 and "masih menerima kendala" in answer.text
    page = (await admin.get("/admin/divisions/IT-POS/deactivation")).text
    assert 'value="LOG"' in page and 'value="IT-NET"' not in page, "what is being dissolved takes nothing more"


async def test_an_import_lets_nobody_in_again_either(people: People, connection: Connection, database_url: str) -> None:
    first, second, url = await people(ADMIN), await people(ADMIN_OF_THE_STORE), f"/admin/employees/{CITRA}"
    goes = await first.form(f"{url}/deactivation", f"{url}/deactivation")
    path = await send(second, "employees", plain([["NIK", "Telepon"], [CITRA, "0361 123456"]]), "karyawan.csv")
    async with held(database_url, niks=[CITRA]) as other:
        leaving = asyncio.create_task(first.post(f"{url}/deactivation", goes))
        await blocked(other, 1)
        taking = asyncio.create_task(take(second, path))
        await blocked(other, 2)
    stored(await leaving)
    assert "1 diubah" in await taking
    citra = await connection.fetchrow("SELECT active, phone FROM employee WHERE nik = $1", CITRA)
    assert tuple(citra) == (False, "0361 123456")
