"""What looks the same is the same, wherever somebody types what is compared: every disguise at every place."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from asyncpg import Connection

from queries.stores import IN_A_SELECT
from tests.client import Client
from tests.conftest import People
from tests.databases import PIN
from tests.formats.test_text import DISGUISES
from tests.journeys import ADMIN, ANI, DESK, REPORT
from tests.routes.test_list import ids, report_at

Place = Callable[[Client, Connection, str], Awaitable[bool]]


async def at_the_login(ani: Client, connection: Connection, typed: str) -> bool:
    response = await ani.post("/login/nik", {"nik": typed})
    return "Ani Lestari" in response.text and response.status_code == 200


async def as_a_pin(ani: Client, connection: Connection, typed: str) -> bool:
    """And it is none of the wrong ones, of which there cannot be many."""
    response = await ani.post("/login", {"nik": ANI, "pin": typed})
    wrong = await connection.fetchval("SELECT count(*) FROM security_event WHERE kind = 'login failed'")
    return (response.status_code, wrong) == (303, 0)


async def as_a_caller(desk: Client, connection: Connection, typed: str) -> bool:
    sent = await desk.press("/problems", REPORT | {"reporter": typed})
    newest = "SELECT reporter_nik FROM problem ORDER BY id DESC LIMIT 1"
    return sent.status_code == 303 and await connection.fetchval(newest) == ANI


async def as_an_asset(ani: Client, connection: Connection, typed: str) -> bool:
    sent = await ani.press("/problems", REPORT | {"asset": typed})
    newest = "SELECT asset_tag FROM problem ORDER BY id DESC LIMIT 1"
    return sent.status_code == 303 and await connection.fetchval(newest) == "T01-PRN-01"


async def as_a_store(desk: Client, connection: Connection, typed: str) -> bool:
    chosen = await desk.get("/problems", params={"store": typed})
    offered = await desk.post("/stores", {"store": typed})
    return chosen.status_code == 200 and offered.text.count("<option") == 1 and "T02" in offered.text


async def as_an_employee(admin: Client, connection: Connection, typed: str) -> bool:
    found = await admin.get("/admin/employees", params={"q": typed})
    return found.text.count('href="/admin/employees/1') == 1 and "/admin/employees/10001" in found.text


async def as_a_saved_view(desk: Client, connection: Connection, typed: str) -> bool:
    """It replaces the one of the same name."""
    query = f"year=all&q={uuid4()}"
    saved = await desk.submit(f"/views?{query}", "/views", name=typed)
    queries = await connection.fetch("SELECT query FROM saved_view")
    return saved.status_code == 303 and [row["query"] for row in queries] == [query]


async def as_a_search(ani: Client, connection: Connection, typed: str) -> bool:
    found = ids((await ani.get("/problems", params={"q": typed})).text)
    return set(found) == set(range(1, len(DISGUISES) + 1))


# Who types what where.
PLACES: dict[str, tuple[str, str, Place]] = {
    "NIK at the login": (ANI, "1.00-0 1", at_the_login),
    "PIN": (ANI, PIN, as_a_pin),
    "NIK of a caller": (DESK, "10-001", as_a_caller),
    "asset by its tag": (ANI, "T01-PRN-01", as_an_asset),
    "asset as offered": (ANI, "T01-PRN-01 — Printer kasir 1", as_an_asset),
    "store by its code": (DESK, "T02", as_a_store),
    "store by its name": (DESK, "Jum'at Café-Baru", as_a_store),
    "store as offered": (DESK, "T02 — Jum'at Café-Baru", as_a_store),
    "store in other words": (DESK, "baru cafe jumat", as_a_store),
    "employee by NIK": (ADMIN, "10-001", as_an_employee),
    "employee by name": (ADMIN, "Ma'ruf Fiqri-Ané", as_an_employee),
    "employee in other words": (ADMIN, "fiqri ma'ruf", as_an_employee),
    "saved view": (DESK, "Wi-Fi 'file'", as_a_saved_view),
    "search": (ANI, 'Jum\'at Wi-Fi "staff" é', as_a_search),
    "search in other words": (ANI, "e staff wifi jumat", as_a_search),
}


@pytest.fixture
async def company(people: People, connection: Connection) -> None:
    """A store and a person with names that can be written in many ways, more stores than a select holds, and problems."""
    await connection.execute(
        """
        INSERT INTO store (code, name, time_zone)
        SELECT 'M' || to_char(n, 'FM0000'), 'Élok', 'Asia/Jakarta' FROM generate_series(1, $1::int) n
        """,
        IN_A_SELECT,
    )
    await connection.execute("UPDATE store SET name = 'Jum''at Café-Baru' WHERE code = 'T02'")
    await connection.execute("UPDATE employee SET name = 'Ma''ruf Fiqri-Ané' WHERE nik = $1", ANI)


@pytest.mark.usefixtures("company")
@pytest.mark.parametrize("place", PLACES)
async def test_in_every_disguise(place: str, people: People, connection: Connection) -> None:
    nik, typed, is_understood = PLACES[place]
    if is_understood is as_a_search:
        for disguise in DISGUISES.values():
            await report_at(connection, ANI, datetime.now(UTC), disguise('Jum\'at Wi-Fi "staff" é'))
        await report_at(connection, ANI, datetime.now(UTC), "AC bocor")
    person = await people(nik)
    if is_understood in (at_the_login, as_a_caller):
        await connection.execute("UPDATE employee SET name = 'Ani Lestari' WHERE nik = $1", ANI)
    for name, disguise in DISGUISES.items():
        assert await is_understood(person, connection, disguise(typed)), name
