"""Sessions, and the master data that forms offer."""

import hashlib

import pytest
from asyncpg import Connection

from auth.clients import Client
from auth.sessions import get_viewer
from queries.assets import list_assets
from queries.categories import list_categories
from queries.divisions import list_divisions
from queries.employees import Person, get_person, list_pics
from queries.pins import get_credentials, set_pin
from queries.sessions import Lifetime, end_session, end_session_of, get_session_employee, insert_session
from queries.stores import list_stores
from tests.memberships import belong
from tests.queries.life import (
    ADMIN,
    DESK,
    GONE,
    PIC,
    PIC_TOO,
    REPORTER,
    accept_escalation,
    change,
    close,
    escalate_to_pic,
    problem_in,
    viewer,
)

ID = hashlib.sha256(b"a session").digest()
LIFETIME = Lifetime(idle=600, absolute=3600)


async def who(connection: Connection) -> str | None:
    found = await get_session_employee(connection, ID)
    return found and found.employee.nik


# Sessions --------------------------------------------------------------------------------------------------------------


async def test_a_session_is_its_employee(connection: Connection):
    await insert_session(connection, ID, PIC, LIFETIME, "")
    employee = (await get_session_employee(connection, ID)).employee
    assert (employee.nik, employee.name, employee.store_name, employee.departments) == (
        *("30001", "Gita Permata", "Kantor Pusat", ["MNT"]),
    )
    assert (employee.scopes, employee.sees_all, employee.is_handler) == ({"reporter", "handler"}, True, True)
    await belong(connection, PIC)
    assert await who(connection) is None  # another right, another session
    await insert_session(connection, hashlib.sha256(b"another").digest(), PIC, LIFETIME, "")
    employee = (await get_session_employee(connection, hashlib.sha256(b"another").digest())).employee
    assert (employee.scopes, employee.sees_all, employee.is_handler) == ({"reporter"}, False, False)


async def test_another_id_is_nobody(connection: Connection):
    await insert_session(connection, ID, REPORTER, LIFETIME, "")
    assert await get_session_employee(connection, hashlib.sha256(b"another").digest()) is None


@pytest.mark.parametrize(
    ("columns", "lives"),
    [
        ("last_seen_at = now() - interval '599 s'", True),
        ("last_seen_at = now() - interval '601 s'", False),
        ("created_at = now() - interval '3599 s', expires_at = expires_at - interval '3599 s'", True),
        ("created_at = now() - interval '3601 s', expires_at = expires_at - interval '3601 s'", False),
        ("ended_at = now()", False),
    ],
)
async def test_a_session_ends(columns: str, lives: bool, connection: Connection):
    await insert_session(connection, ID, REPORTER, LIFETIME, "")
    await connection.execute(f"UPDATE session SET {columns}")
    assert await who(connection) == (REPORTER if lives else None)


@pytest.mark.parametrize(
    ("ago", "columns", "noted"),
    [
        (59, "nik = nik", False),
        (61, "nik = nik", True),
        (601, "nik = nik", False),  # too late: being asked for does not bring it back
        (61, "ended_at = now()", False),
    ],
)
async def test_being_seen_is_noted_once_a_minute(ago: int, columns: str, noted: bool, connection: Connection):
    await insert_session(connection, ID, REPORTER, LIFETIME, "")
    await connection.execute(f"UPDATE session SET last_seen_at = now() - make_interval(secs => $1), {columns}", ago)
    await get_viewer(connection, Client("", "a session"))
    assert await connection.fetchval("SELECT last_seen_at > now() - interval '10 s' FROM session") is noted


async def test_logging_out_ends_one_session_for_good(connection: Connection):
    await insert_session(connection, ID, REPORTER, LIFETIME, "")
    await insert_session(connection, hashlib.sha256(b"another").digest(), REPORTER, LIFETIME, "")
    await end_session(connection, ID)
    ended_at = await connection.fetchval("SELECT ended_at FROM session WHERE id_hash = $1", ID)
    await end_session(connection, ID)
    assert await who(connection) is None
    assert await connection.fetchval("SELECT ended_at FROM session WHERE id_hash = $1", ID) == ended_at
    assert await connection.fetchval("SELECT count(*) FROM session WHERE ended_at IS NULL") == 1


async def test_who_is_deactivated_is_logged_out_for_good(connection: Connection):
    await insert_session(connection, ID, REPORTER, LIFETIME, "")
    await connection.execute("UPDATE employee SET active = false WHERE nik = $1", REPORTER)
    assert await who(connection) is None
    await connection.execute("UPDATE employee SET active = true WHERE nik = $1", REPORTER)
    assert await who(connection) is None


async def test_a_session_of_somebody_inactive_is_nobody(connection: Connection):
    await insert_session(connection, ID, GONE, LIFETIME, "")
    assert await who(connection) is None


async def test_nobody_ends_another_person_s_session(connection: Connection):
    await insert_session(connection, ID, PIC, LIFETIME, "")
    number = await connection.fetchval("SELECT id FROM session")
    assert not await end_session_of(connection, REPORTER, number)
    assert await who(connection) == PIC
    assert await end_session_of(connection, PIC, number)


# People and master data ------------------------------------------------------------------------------------------------


async def test_a_person_by_nik(connection: Connection):
    person = Person("10001", "Ani Lestari", active=True, store_code="T01", store_name="Toko Bandung")
    assert await get_person(connection, REPORTER) == person
    assert (await get_person(connection, GONE)).active is False
    assert await get_person(connection, "99999") is None


async def test_only_who_is_active_has_a_pin(connection: Connection):
    assert "$argon2id$" in (await get_credentials(connection, REPORTER)).pin_hash
    assert await get_credentials(connection, GONE) is None
    assert await get_credentials(connection, "99999") is None


async def test_a_pin_is_changed_only_from_what_it_is(connection: Connection):
    """Whoever is gone keeps theirs."""
    hashes = dict(await connection.fetch("SELECT nik, pin_hash FROM employee"))
    assert not await set_pin(connection, REPORTER, "new", "not the old one")
    assert not await set_pin(connection, GONE, "new", hashes[GONE])
    assert dict(await connection.fetch("SELECT nik, pin_hash FROM employee")) == hashes
    assert await set_pin(connection, REPORTER, "new", hashes[REPORTER])


async def test_pics_with_what_they_have_to_do(connection: Connection):
    await connection.execute(
        "INSERT INTO employee (nik, name, store_code, pin_hash) VALUES ('30003', 'Agus', 'HO', '')"
    )
    await belong(connection, "30003", "MNT", "PRC")
    for last_step in (None, accept_escalation, close):
        problem_id = await problem_in(connection, "open")
        await escalate_to_pic(connection, await change(connection, problem_id, DESK), PIC, "Perlu tukang")
        if last_step:
            await accept_escalation(connection, await change(connection, problem_id, PIC))
        if last_step is close:
            await close(connection, await change(connection, problem_id, PIC))
    expected = [
        ("MNT", "Maintenance", "30003", "Agus", 0),
        ("MNT", "Maintenance", PIC, "Gita Permata", 2),
        ("PRC", "Procurement", "30003", "Agus", 0),
        ("PRC", "Procurement", PIC_TOO, "Hadi Wijaya", 0),
    ]
    assert await list_pics(connection) == expected
    await connection.execute("UPDATE employee SET active = false WHERE nik = '30003'")
    await connection.execute("UPDATE department SET active = false WHERE code = 'PRC'")
    assert await list_pics(connection) == expected[1:2]


async def test_stores_in_reach(connection: Connection):
    assert [code for code, _ in await list_stores(connection, await viewer(connection, DESK))] == [
        "HO",
        "T01",
        "T02",
        "T03",
    ]
    assert await list_stores(connection, await viewer(connection, REPORTER)) == [("T01", "Toko Bandung")]
    assert await list_stores(connection, await viewer(connection, ADMIN)) == [("HO", "Kantor Pusat")]


async def test_divisions_the_inactive_ones_too(connection: Connection):
    await connection.execute("UPDATE division SET active = false WHERE code = 'LOG'")
    assert [code for code, _ in await list_divisions(connection)] == ["GA", "HD", "IT-NET", "IT-POS", "LOG"]


async def test_categories_are_the_active_leaves(connection: Connection):
    await connection.execute("UPDATE category SET active = false WHERE code IN ('NET-LAN', 'KIR-TRK')")
    assert await list_categories(connection) == [
        ("Fasilitas", "FAS-AC", "Pendingin ruangan"),
        ("Pengiriman", "KIR", "Pengiriman"),
        ("Jaringan", "NET-WIFI", "Wi-Fi"),
        ("Pertanyaan umum", "UMUM", "Pertanyaan umum"),
    ]


async def test_assets_of_a_store(connection: Connection):
    assert await list_assets(connection, "T01") == [("T01-AC-01", "AC gudang"), ("T01-PRN-01", "Printer kasir 1")]
    await connection.execute("UPDATE asset SET active = false WHERE tag = 'T01-AC-01'")
    assert await list_assets(connection, "T01") == [("T01-PRN-01", "Printer kasir 1")]
    assert await list_assets(connection, "T03") == []
