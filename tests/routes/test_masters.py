"""Master data of every kind: made, changed, refused, in conflict, and in its history; with whoever may not."""

import asyncio
import re

import pytest
from asyncpg import Connection

from actions.master import Master
from forms.coded import Code, Email, Nik, Phone
from forms.fields import Number, Text
from forms.working_time import DayCode, Minutes
from jobs.registry import KINDS
from routes.jobs import WORDS
from routes.masters import FIXED, PAGES
from tests.client import forms
from tests.conftest import People
from tests.journeys import ADMIN, ADMIN_OF_THE_STORE, ANI, CITRA, DESK, NET, problem_in, stored
from tests.routes.catalogue import CODES, NEW

CHANGES = """
    SELECT version, actor_nik, cause, before, after FROM master_change WHERE kind = $1 AND code = $2 ORDER BY version
"""
MASTERS = [pages.master for pages in PAGES]
ALL = [pages.master for pages in (*PAGES, *FIXED)]


@pytest.fixture(autouse=True)
async def second_admin(connection: Connection) -> None:
    await connection.execute(
        """
        INSERT INTO employee (nik, name, store_code, is_admin, pin_hash)
        SELECT $1, 'Nina Kartika', 'T01', true, pin_hash FROM employee WHERE nik = $2
        """,
        ADMIN_OF_THE_STORE,
        ADMIN,
    )


@pytest.mark.parametrize("master", MASTERS, ids=[master.kind for master in MASTERS])
async def test_the_life_of_one_of_every_kind(people: People, connection: Connection, master: Master) -> None:
    new, url, admin = NEW[master.url], master.url, await people(ADMIN)
    one, name = f"{url}/{new['code']}", "Nama yang lain"
    form = await admin.form(f"{url}/new", url) | new

    for empty in ("code", "name"):
        answer = await admin.post(url, form | {empty: " "})
        assert answer.status_code == 422 and 'aria-invalid="true"' in answer.text
        assert all(forms(answer.text)[url][key] == value for key, value in new.items() if key != empty), (
            "what was typed is kept"
        )
    assert stored(await admin.post(url, form)).headers["Location"] == one
    assert (await admin.post(url, form)).headers["Location"] == one, "the same again is the same"
    assert (await admin.post(url, form | {"name": "X"})).status_code == 422, "the key with other content"
    answer = await admin.submit(f"{url}/new", url, **new)
    assert answer.status_code == 422 and "sudah dipakai" in answer.text

    first, second = await admin.form(one, one), await (await people(ADMIN_OF_THE_STORE)).form(one, one)
    stored(await admin.post(one, first | {"name": name}))
    for htmx in (False, True):
        answer = await (await people(ADMIN_OF_THE_STORE)).post(one, second | {"name": "Menurut saya"}, htmx=htmx)
        assert answer.status_code == 409
        text = re.sub(r"\s*<[^>]+>\s*", " ", answer.text)
        assert f"{new['name']} → {name}" in text and "Menurut saya" in text and f"({ADMIN})" in text
        again = forms(answer.text)[one]
        assert again["name"] == "Menurut saya" and again["version"] == "2"
    stored(await (await people(ADMIN_OF_THE_STORE)).post(one, again))

    history = await connection.fetch(CHANGES, master.kind, new["code"])
    assert [(row["version"], row["actor_nik"], row["cause"]) for row in history] == [
        (1, ADMIN, "form"),
        (2, ADMIN, "form"),
        (3, ADMIN_OF_THE_STORE, "form"),
    ]
    assert history[0]["before"] == {} and history[1]["before"] == {"name": new["name"]}
    assert history[2]["before"] == {"name": name} and history[2]["after"] == {"name": "Menurut saya"}
    found = (await admin.get(f"{url}?q=SAYA+menurut")).text
    assert one in found and one not in (await admin.get(f"{url}?q=saya&active=no")).text


def longest_of(master: Master) -> list[tuple[str, str]]:
    """(name of a field, the most that it takes)"""
    most = {
        Code: lambda f: "Z" * f.most,
        Nik: lambda f: "9" * 16,
        Phone: lambda f: "0" * 30,
        Minutes: lambda f: "8760 jam",
    }
    most |= {
        Email: lambda f: f"{'a' * (f.length - 6)}@ab.co",
        DayCode: lambda f: "2099-12-31",
        Number: lambda f: str(f.most),
    }
    return [
        (f.name, most[type(f)](f) if type(f) in most else "a" * f.length)
        for f in reversed(master.fields)  # no target is to be answered later than solved
        if type(f) in most or type(f) is Text
    ]


@pytest.mark.parametrize("master", ALL, ids=[master.kind for master in ALL])
async def test_what_a_form_takes_at_most_the_database_takes_and_no_more(people: People, master: Master) -> None:
    admin, one = await people(ADMIN), f"{master.url}/{CODES[master.url]}"
    for name, value in longest_of(master):
        is_code = name == master.code.name
        if is_code and master.is_fixed:
            continue
        page, url, values = (f"{master.url}/new", master.url, NEW[master.url]) if is_code else (one, one, {})
        longer = "8761 jam" if value == "8760 jam" else "2100-01-01" if value == "2099-12-31" else value + value[-1]
        answer = await admin.submit(page, url, **values | {name: longer})
        assert answer.status_code == 422 and 'aria-invalid="true"' in answer.text, (name, longer)
        stored(await admin.submit(page, url, **values | {name: value}))


async def test_two_who_make_the_same_at_once_make_one(people: People, connection: Connection) -> None:
    admins = [await people(ADMIN), await people(ADMIN_OF_THE_STORE)]
    sent = [await admin.form("/admin/stores/new", "/admin/stores") | NEW["/admin/stores"] for admin in admins]
    answers = await asyncio.gather(*(a.post("/admin/stores", form) for a, form in zip(admins, sent, strict=True)))
    assert sorted(answer.status_code for answer in answers) == [303, 422]
    assert await connection.fetchval("SELECT count(*) FROM master_change WHERE code = 'T09'") == 1


async def test_a_tree_has_no_loop(people: People, connection: Connection) -> None:
    """Also where two halves of one come at once."""
    admins = [await people(ADMIN), await people(ADMIN_OF_THE_STORE)]
    for code, parent in (("PUSAT", ""), ("BALI", "TIMUR")):
        stored(await admins[0].submit("/admin/areas/new", "/admin/areas", code=code, name=code, parent=parent))
    answer = await admins[0].submit("/admin/areas/TIMUR", "/admin/areas/TIMUR", parent="BALI")
    assert (
        answer.status_code == 422 and "di bawah dirinya sendiri" in answer.text and 'aria-invalid="true"' in answer.text
    )
    paths = ("/admin/areas/TIMUR", "/admin/areas/PUSAT")
    sent = [
        await a.form(path, path) | {"parent": p} for a, path, p in zip(admins, paths, ("PUSAT", "TIMUR"), strict=True)
    ]
    answers = await asyncio.gather(*(a.post(path, form) for a, path, form in zip(admins, paths, sent, strict=True)))
    assert sorted(answer.status_code for answer in answers) == [303, 422]
    stored(await admins[0].submit("/admin/areas/BALI", "/admin/areas/BALI", parent=""))
    assert await connection.fetchval("SELECT parent_code FROM area WHERE code = 'BALI'") is None


@pytest.mark.parametrize("url", ["/admin/areas", "/admin/categories"])
async def test_what_stands_below_one_is_not_offered_above_it(people: People, url: str) -> None:
    admin = await people(ADMIN)
    new = NEW[url]
    for code, parent in (("ATAS", ""), ("TENGAH", "ATAS"), ("BAWAH", "TENGAH"), ("LAIN", "")):
        stored(await admin.submit(f"{url}/new", url, **new | {"code": code, "name": code, "parent": parent}))

    async def offered(code: str) -> set[str]:
        text = (await admin.get(f"{url}/{code}")).text
        return {c for c in ("ATAS", "TENGAH", "BAWAH", "LAIN") if f'<option value="{c}"' in text}

    assert await offered("ATAS") == {"LAIN"}
    assert await offered("TENGAH") == {"ATAS", "LAIN"}
    assert await offered("BAWAH") == {"ATAS", "TENGAH", "LAIN"}


async def test_an_admin_keeps_the_own_right(people: People, connection: Connection) -> None:
    admin, path = await people(ADMIN), f"/admin/employees/{ADMIN}"
    form = await admin.form(path, path)
    del form["admin"]
    answer = await admin.post(path, form)
    assert answer.status_code == 422 and "oleh admin lain" in answer.text
    other, path = await people(ADMIN_OF_THE_STORE), f"/admin/employees/{ADMIN_OF_THE_STORE}"
    form = await admin.form(path, path)
    del form["admin"]
    stored(await admin.post(path, form))
    assert (await other.get("/admin/stores")).headers["Location"].startswith("/login"), (
        "a change of rights ends sessions"
    )
    assert not await connection.fetchval("SELECT is_admin FROM employee WHERE nik = $1", ADMIN_OF_THE_STORE)


async def test_an_employee_is_of_what_was_ticked(people: People, connection: Connection) -> None:
    admin, path = await people(ADMIN), f"/admin/employees/{CITRA}"
    form = await admin.form(path, path)
    stored(await admin.post(path, form | {"divisions": ["LOG", "IT-NET"], "departments": ["MNT"]}))
    row = await connection.fetchrow("SELECT divisions, departments FROM employee WHERE nik = $1", CITRA)
    assert tuple(row) == (["IT-NET", "LOG"], ["MNT"])
    answer = await admin.post(path, await admin.form(path, path) | {"divisions": ["LOG", "SIAPA"]})
    assert answer.status_code == 422 and 'aria-invalid="true"' in answer.text and "SIAPA" in answer.text


async def test_a_category_says_how_many_problems_it_has(people: People) -> None:
    """How many, and not which; with those of the categories below it."""
    admin = await people(ADMIN)
    assert "<b>0 kendala</b>" in (await admin.get("/admin/categories/NET")).text
    for _ in range(2):
        await problem_in(people, "open at IT-NET")
    for code in ("NET", "NET-WIFI"):
        page = (await admin.get(f"/admin/categories/{code}")).text
        assert "<b>2 kendala</b>" in page and "Printer mati" not in page and "/problems/1" not in page


async def test_the_history_of_all_is_searched(people: People) -> None:
    admin = await people(ADMIN)
    stored(await admin.submit("/admin/stores/T01", "/admin/stores/T01", name="Toko Lembang"))
    stored(await admin.submit("/admin/areas/TIMUR", "/admin/areas/TIMUR", name="Timur Jauh"))

    async def found(query: str) -> list[str]:
        page = (await admin.get(f"/admin/history?{query}")).text
        return re.findall(r'<li class="event">.*?href="/admin/(\w+/[\w-]+)"', page, flags=re.DOTALL)

    assert (await found(""))[:2] == ["areas/TIMUR", "stores/T01"]
    assert await found(f"by={ADMIN}") == ["areas/TIMUR", "stores/T01"]
    assert set(await found("kind=store&q=t01")) == {"stores/T01"} and await found("q=T99") == []
    assert (await admin.get("/admin/history?kind=x")).status_code == 422
    page = re.sub(r"<[^>]+>", "", (await admin.get("/admin/history?q=T01")).text)
    assert "Toko Bandung → Toko Lembang" in page and "Joko Susilo" in page
    assert "before=" in (await admin.get("/admin/history")).text or len(await found("")) < 50


async def test_a_job_that_was_given_up_begins_anew(people: People, connection: Connection) -> None:
    admin = await people(ADMIN)
    number = await connection.fetchval(
        """
        INSERT INTO job (kind, attempts, error, parked_at) VALUES ('unheard_of', 8, 'UnknownKind: K-1 Printer mati', now())
        RETURNING id
        """
    )
    page = (await admin.get("/admin/jobs")).text
    assert "tidak dikenal versi ini" in page and "percobaan 8" in page and "Printer" not in page
    stored(await admin.submit("/admin/jobs", f"/admin/jobs/{number}/attempts"))
    assert await connection.fetchval("SELECT parked_at IS NULL OR attempts < 8 FROM job WHERE id = $1", number)


async def test_every_kind_of_job_is_called_something() -> None:
    assert set(KINDS) - {"unheard_of"} <= set(WORDS)


async def test_an_admin_sees_no_more_problems(people: People) -> None:
    path = await problem_in(people, "open at IT-NET")
    assert (await (await people(ADMIN)).get(path)).status_code == 404
    for nik in (ANI, DESK, NET):
        client = await people(nik)
        for url in CODES:
            assert (await client.get(f"{url}/{CODES[url]}")).status_code == 403
