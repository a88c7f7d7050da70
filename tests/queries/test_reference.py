"""The version of the reference data: it changes in the same commit as anything of it, and nothing waits for that."""

import asyncio

import asyncpg
import pytest
from asyncpg import Connection

from queries.reference import get_reference

VERSION = "SELECT version FROM reference_version"
CHANGES = [
    "UPDATE store SET name = 'Toko Cimahi' WHERE code = 'T01'",
    "UPDATE store SET time_zone = 'Asia/Makassar' WHERE code = 'T01'",
    "INSERT INTO store (code, name, time_zone) VALUES ('T09', 'Toko Ambon', 'Asia/Jayapura')",
    "UPDATE division SET name = 'Net' WHERE code = 'IT-NET'",
    "UPDATE division SET active = false WHERE code = 'IT-POS'",
    "INSERT INTO division (code, name, kind) VALUES ('IT-X', 'Baru', 'it')",
    "UPDATE department SET name = 'Rawat' WHERE code = 'MNT'",
    "INSERT INTO department (code, name) VALUES ('NEW', 'Baru')",
    "UPDATE category SET parent_code = 'FAS' WHERE code = 'NET-LAN'",
    "DELETE FROM category WHERE code = 'NET-LAN'",
    "UPDATE asset SET name = 'Printer' WHERE tag = 'T01-PRN-01'",
    "INSERT INTO template (code, name, division_code, purpose, text) VALUES ('AA', 'A', 'HD', 'comment', 'a')",
    "TRUNCATE template",
    "UPDATE employee SET name = 'Gita' WHERE nik = '30001'",
    "UPDATE employee SET active = false WHERE nik = '10001'",
    "UPDATE employee SET phone = '0811 1' || nik WHERE nik = '10001'",
    "UPDATE employee SET leaving_since = now() WHERE nik = '10001'",
    "INSERT INTO employee (nik, name, store_code, pin_hash) VALUES ('10055', 'Ina', 'T01', 'x')",
    "INSERT INTO division_member (nik, division_code) VALUES ('20001', 'IT-NET')",
    "INSERT INTO department_pic (nik, department_code) VALUES ('20001', 'MNT')",
    "DELETE FROM department_pic WHERE nik = '30002'",
]
REPORT = """
    INSERT INTO problem (store_code, reporter_nik, recorded_by_nik, title, description, reported_at, holder_division_code)
    VALUES ('T01', '10001', '10001', 'a', 'b', $1::text::timestamptz, 'HD')
"""


@pytest.mark.parametrize("change", CHANGES)
async def test_it_changes_with_the_commit_of_any_change(change: str, connection: Connection, other: Connection) -> None:
    before = await other.fetchval(VERSION)
    async with connection.transaction():
        await connection.execute(change)
        assert await other.fetchval(VERSION) == before
    assert await other.fetchval(VERSION) != before


@pytest.mark.parametrize(
    "other_change",
    [
        "UPDATE employee SET pin_hash = 'y', pin_changed_at = now() WHERE nik = '10001'",
        "INSERT INTO session (id_hash, nik, browser, idle, expires_at)"
        " VALUES (sha256('a'), '10001', 'x', '1 day', now() + interval '1 day')",
    ],
)
async def test_what_is_no_reference_leaves_it(other_change: str, connection: Connection) -> None:
    before = await connection.fetchval(VERSION)
    await connection.execute(other_change)
    assert await connection.fetchval(VERSION) == before


async def test_what_is_taken_back_leaves_it(connection: Connection) -> None:
    """All of it, or a part, which it is not noted with."""
    before = await connection.fetchval(VERSION)
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute(CHANGES[0])
    await transaction.rollback()
    assert await connection.fetchval(VERSION) == before
    async with connection.transaction():
        with pytest.raises(ZeroDivisionError):
            async with connection.transaction():
                await connection.execute(CHANGES[0])
                await connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
                raise ZeroDivisionError
        await connection.execute(CHANGES[3])
    assert await connection.fetchval(VERSION) != before
    assert "Toko Bandung" in [store.name for store in (await get_reference(connection)).stores]


async def test_many_changes_of_one_transaction_are_noted_once(connection: Connection) -> None:
    written = "SELECT n_tup_upd FROM pg_stat_xact_user_tables WHERE relname = 'reference_version'"
    async with connection.transaction():
        before = await connection.fetchval(written)
        await connection.execute(
            """
            INSERT INTO employee (nik, name, store_code, pin_hash)
            SELECT '7' || lpad(n::text, 6, '0'), 'A ' || n, 'T01', 'x' FROM generate_series(1, 5000) n
            """
        )
        await connection.execute("UPDATE store SET name = name || '!'")
        await connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        assert await connection.fetchval(written) == before + 1


async def test_nobody_waits_until_somebody_else_commits(connection: Connection, other: Connection) -> None:
    """The one row is not held before the end; so two can change the same two things in any order of their own."""
    await other.execute("SET lock_timeout = '1s'")
    async with connection.transaction():
        await connection.execute(CHANGES[0])
        await other.execute(CHANGES[3])
    versions = set()
    for _ in range(10):
        await asyncio.gather(*(one.execute(change) for one, change in ((connection, CHANGES[0]), (other, CHANGES[3]))))
        versions.add(await connection.fetchval(VERSION))
    assert len(versions) == 10


async def test_the_first_report_of_a_year_changes_it(connection: Connection, other: Connection) -> None:
    async def report(on: asyncpg.Connection, at: str) -> None:
        async with on.transaction():
            number = await on.fetchval(f"{REPORT} RETURNING id", at)
            await on.execute("SELECT record_change($1, '10001', 'reported', NULL, NULL)", number)

    seen = []
    for at in ("2019-06-01", "2019-07-01", "2020-12-31T18:00Z"):
        await report(connection, at)
        seen.append((await connection.fetchval(VERSION), (await get_reference(connection)).years))
    assert [years for _, years in seen] == [[2019], [2019], [2021, 2019]]
    assert seen[0][0] == seen[1][0] != seen[2][0]
    await asyncio.gather(report(connection, "2022-02-02"), report(other, "2022-03-03"))
    assert (await get_reference(connection)).years == [2022, 2021, 2019]


async def test_it_tells_what_there_is(connection: Connection) -> None:
    found = await get_reference(connection)
    assert [division.code for division in found.divisions] == ["GA", "HD", "IT-NET", "IT-POS", "LOG"]
    assert [division.code for division in found.it_divisions] == ["IT-NET", "IT-POS"]
    assert [(pic.department_code, pic.nik) for pic in found.pics] == [("MNT", "30001"), ("PRC", "30002")]
    assert found.workplaces["T03"].time_zone == "Asia/Jayapura"
    assert [store.code for store in found.stores] == list(found.workplaces) == ["HO", "T01", "T02", "T03"]
    assert (await get_reference(connection)) == found
