"""Store heads give PINs to the people of their store who may do no more than they, and do nothing else to anybody."""

import re

import pytest
from asyncpg import Connection
from starlette.applications import Starlette

from tests.client import Client
from tests.conftest import PIN, People
from tests.journeys import ADMIN, ANI, BUDI, CITRA, DESK, HEAD, KIKI, MANAGER

URL = "/store/employees"


async def names_in(head: Client, q: str = "") -> list[str]:
    """The NIKs that the list shows, page after page."""
    found, path = [], f"{URL}?q={q}"
    while path:
        response = await head.get(path)
        assert response.status_code == 200
        found += re.findall(rf'href="{URL}/(\d+)"', response.text)
        more = re.search(r'rel="next" href="([^"]*)"', response.text)
        path = more[1].replace("&amp;", "&") if more else ""
    return found


async def test_the_list_is_of_the_own_store(people: People, connection: Connection):
    head = await people(HEAD)
    assert await names_in(head) == [ANI, BUDI, KIKI, HEAD], "by name"
    assert await names_in(head, "100") == [ANI, BUDI, KIKI, HEAD]
    assert await names_in(head, "1000 2") == [BUDI]
    assert await names_in(head, "santoso bu") == [BUDI]
    assert await names_in(head, "citra") == await names_in(head, CITRA) == await names_in(head, "%25") == []
    assert (await head.get(f"{URL}?q={'a' * 101}")).status_code == 422
    await connection.execute(
        "INSERT INTO employee (nik, name, store_code, pin_hash) SELECT 70000 + n, 'Sama Nama', 'T01', ''"
        "  FROM generate_series(1, 120) n"
    )
    assert await names_in(head, "nama sama") == [str(70000 + n) for n in range(1, 121)]


async def test_a_pin_for_a_colleague(app: Starlette, people: People, connection: Connection):
    head, ani = await people(HEAD), await people(ANI)
    assert f'{URL}"' in (await head.get("/problems")).text and f'{URL}"' not in (await ani.get("/problems")).text
    page = await head.get(f"{URL}/{ANI}")
    assert page.status_code == 200 and "Akhiri" not in page.text and "Nonaktifkan" not in page.text
    answer = await head.submit(f"{URL}/{ANI}/pin", f"{URL}/{ANI}/pin")
    pin = re.search(r'class="pin-shown">(\d{6})<', answer.text)[1]
    assert pin not in (await head.get(f"{URL}/{ANI}")).text, "never again"
    assert (await ani.get("/problems")).status_code == 303, "the session has ended"
    assert (await Client(app).post("/login", {"nik": ANI, "pin": PIN})).status_code == 422
    newcomer = Client(app)
    assert (await newcomer.post("/login", {"nik": ANI, "pin": pin})).status_code == 303
    assert (await newcomer.get("/problems")).headers["Location"].startswith("/pin"), "to choose another first"
    noted = await connection.fetch("SELECT nik, detail ->> 'by' FROM security_event WHERE kind = 'pin reset'")
    assert list(map(tuple, noted)) == [(ANI, HEAD)]
    left = await connection.fetchval("SELECT pin_initial_until - now() FROM employee WHERE nik = $1", ANI)
    assert left.days == 6


async def make_head(connection: Connection, nik: str) -> None:
    await connection.execute("UPDATE employee SET is_store_head = true WHERE nik = $1", nik)


TOO_MUCH = {
    "a manager": "UPDATE employee SET is_manager = true WHERE nik = $1",
    "an admin": "UPDATE employee SET is_admin = true WHERE nik = $1",
    "who is deactivated": "UPDATE employee SET active = false WHERE nik = $1",
    "who is leaving": "UPDATE employee SET leaving_since = now() WHERE nik = $1",
    "a handler": "INSERT INTO division_member (nik, division_code) VALUES ($1, 'GA')",
    "a PIC": "INSERT INTO department_pic (nik, department_code) VALUES ($1, 'MNT')",
}


@pytest.mark.parametrize("whom", TOO_MUCH)
async def test_none_for_who_may_do_more_or_gets_in_no_more(
    people: People, connection: Connection, while_hashing, whom: str
):
    """Not even if that becomes so while the PIN is hashed."""
    head = await people(HEAD)
    before = await connection.fetchval("SELECT pin_hash FROM employee WHERE nik = $1", BUDI)
    while_hashing(lambda: connection.execute(TOO_MUCH[whom], BUDI))
    assert (await head.press(f"{URL}/{BUDI}/pin")).status_code == 403
    page = await head.get(f"{URL}/{BUDI}")
    assert page.status_code == 200 and f"{URL}/{BUDI}/pin" not in page.text
    assert (await head.get(f"{URL}/{BUDI}/pin")).status_code == 403
    assert (await head.press(f"{URL}/{BUDI}/pin")).status_code == 403
    assert await connection.fetchval("SELECT pin_hash FROM employee WHERE nik = $1", BUDI) == before
    assert not await connection.fetchval("SELECT count(*) FROM security_event WHERE kind = 'pin reset'")


MORE = {"admin": "yes", "manager": "yes", "divisions": "GA", "departments": "MNT"}


@pytest.mark.parametrize("right", MORE)
async def test_the_pin_ends_with_the_right_to_more(app: Starlette, people: People, connection: Connection, right: str):
    """Also where another was chosen since: it may have been the store head who did."""
    head, admin, one = await people(HEAD), await people(ADMIN), f"/admin/employees/{ANI}"
    answer = await head.submit(f"{URL}/{ANI}/pin", f"{URL}/{ANI}/pin")
    pin = re.search(r'class="pin-shown">(\d{6})<', answer.text)[1]
    newcomer, chosen = Client(app), "839174"
    await newcomer.post("/login", {"nik": ANI, "pin": pin})
    await newcomer.submit("/pin", "/pin", old_pin=pin, new_pin=chosen, repeat_pin=chosen)
    assert (await newcomer.get("/problems")).status_code == 200
    assert (await admin.submit(one, one, **{right: MORE[right]})).status_code == 303
    assert (await newcomer.get("/problems")).status_code == 303
    for known in (pin, chosen):
        assert (await Client(app).post("/login", {"nik": ANI, "pin": known})).status_code == 422
    assert "Belum ada" in (await admin.get(one)).text
    answer = await admin.submit(f"{one}/pin", f"{one}/pin")
    given = re.search(r'class="pin-shown">(\d{6})<', answer.text)[1]
    assert (await Client(app).post("/login", {"nik": ANI, "pin": given})).status_code == 303


async def test_who_works_elsewhere_is_nobody(people: People, connection: Connection):
    await make_head(connection, CITRA)
    await make_head(connection, DESK)
    for nik in (CITRA, DESK):
        head = await people(nik)
        for path in ("", "/pin"):
            unknown = await head.get(f"{URL}/99999{path}")
            found = await head.get(f"{URL}/{ANI}{path}")
            assert (found.status_code, found.text) == (404, unknown.text), "as one whom nobody knows"
        assert (await head.press(f"{URL}/{ANI}/pin")).status_code == 404
    for nik in ("0", "abc", "１０００１", "9" * 40):
        assert (await head.get(f"{URL}/{nik}")).status_code == 404
    for nik in (BUDI, MANAGER):  # a colleague; somebody who sees all
        assert (await (await people(nik)).press(f"{URL}/{ANI}/pin")).status_code == 403


NO_LONGER = {
    "no store head": "UPDATE employee SET is_store_head = false WHERE nik = $1",
    "of another store": "UPDATE employee SET store_code = 'T02' WHERE nik = $1",
    "logged out": "UPDATE session SET ended_at = now() WHERE nik = $1",
}


@pytest.mark.parametrize("meanwhile", NO_LONGER)
async def test_who_is_it_no_longer_gives_none(people: People, connection: Connection, while_hashing, meanwhile: str):
    head = await people(HEAD)
    while_hashing(lambda: connection.execute(NO_LONGER[meanwhile], HEAD))
    answer = await head.press(f"{URL}/{ANI}/pin")
    assert answer.status_code == 403 and "pin-shown" not in answer.text
    assert not await connection.fetchval("SELECT count(*) FROM security_event WHERE kind = 'pin reset'")


async def test_nobody_gives_oneself_one_and_another_head_can(people: People, connection: Connection):
    await make_head(connection, BUDI)
    head, budi = await people(HEAD), await people(BUDI)
    assert (await head.press(f"{URL}/{HEAD}/pin")).status_code == 403
    assert f"{URL}/{HEAD}/pin" not in (await head.get(f"{URL}/{HEAD}")).text
    assert (await budi.press(f"{URL}/{HEAD}/pin")).status_code == 200


async def test_it_is_bounded(people: People, connection: Connection):
    head = await people(HEAD)
    answers = [await head.press(f"{URL}/{ANI}/pin") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert "Terlalu banyak percobaan" in answers[-1].text and 0 < int(answers[-1].headers["Retry-After"]) <= 3600
    assert (await head.press(f"{URL}/{BUDI}/pin")).status_code == 200, "that was of one person"
    await connection.execute("UPDATE budget_rule SET capacity = 6 WHERE kind = 'initial pins'")
    assert (await head.press(f"{URL}/{BUDI}/pin")).status_code == 429, "and this of one store head"
