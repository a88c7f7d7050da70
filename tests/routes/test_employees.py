"""The employees, as an admin finds them."""

import re

import pytest
from asyncpg import Connection

from tests.conftest import People

ADMIN = "90001"


async def found(people: People, q: str | None) -> list[str]:
    """The NIKs that the page lists."""
    admin = await people(ADMIN)
    response = await admin.get("/admin/employees", params={} if q is None else {"q": q})
    assert response.status_code == 200
    return re.findall(r'href="/admin/employees/(\d+)"', response.text)


@pytest.mark.parametrize(
    ("q", "niks"),
    [
        ("1000", ["10001", "10002", "10003", "10004", "10009"]),
        ("LESTARI", ["10001"]),
        ("0001", ["10001", "20001", "30001", "40001", "90001"]),
        ("%", []),
    ],
)
async def test_a_search(people: People, q: str, niks: list[str]) -> None:
    assert sorted(await found(people, q)) == niks


@pytest.mark.parametrize("q", [None, "", "  "])
async def test_without_a_search_the_first_by_name(people: People, connection: Connection, q: str | None) -> None:
    niks = await connection.fetch('SELECT nik FROM employee ORDER BY lower(name) COLLATE "C", nik LIMIT 50')
    assert await found(people, q) == [row["nik"] for row in niks]


async def test_more_than_a_page_says_so(people: People, connection: Connection) -> None:
    await connection.execute(
        """
        INSERT INTO employee (nik, name, store_code, pin_hash)
        SELECT (70000 + n)::text, 'Banyak ' || n, 'HO', '' FROM generate_series(1, 51) n
        """
    )
    admin = await people(ADMIN)
    first = (await admin.get("/admin/employees?q=banyak")).text
    assert re.findall(r'href="(/admin/employees\?[^"]*)"[^>]*>Berikutnya', first) == [
        "/admin/employees?q=banyak&amp;after=70008"
    ]
    assert "Berikutnya" not in (await admin.get("/admin/employees?q=banyak&after=70008")).text
    assert "Berikutnya" not in (await admin.get("/admin/employees?q=banyak 1")).text
    assert "Tidak ada yang cocok" in (await admin.get("/admin/employees?q=siapa")).text


async def test_who_has_no_pin_yet_is_found(people: People, connection: Connection) -> None:
    await connection.execute(
        """
        INSERT INTO employee (nik, name, store_code, pin_hash, active)
        SELECT (70000 + n)::text, 'Baru ' || n, 'HO', '!', n <= 51 FROM generate_series(1, 52) n
        """
    )
    admin = await people(ADMIN)

    async def without_pin(query: str = "") -> list[str]:
        return re.findall(r'href="/admin/employees/(\d+)"', (await admin.get(f"/admin/employees?pin=none{query}")).text)

    first = (await admin.get("/admin/employees?pin=none&active=yes")).text
    assert "Tanpa PIN" in first and "Ani Lestari" not in first
    (further,) = re.findall(r'href="/admin/employees\?([^"]*)"[^>]*>Berikutnya', first)
    found = [
        *await without_pin("&active=yes"),
        *await without_pin(f"&{further.replace('&amp;', '&')}"),
    ]
    assert sorted(found) == [str(70000 + n) for n in range(1, 52)], "a page at a time"
    assert await without_pin("&q=70007") == ["70007"] and await without_pin("&active=no") == ["70052"]
    assert (await admin.get("/admin/employees?pin=x")).status_code == 422
    await connection.execute("UPDATE employee SET pin_hash = '' WHERE nik = '70007'")
    assert await without_pin("&q=70007") == []
    assert "Tanpa PIN" not in (await admin.get("/admin/stores")).text
