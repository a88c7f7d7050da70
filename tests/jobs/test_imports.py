"""Imports as they are taken over: all of it or nothing, whoever is killed."""

import asyncio
import os
import signal

import pytest
from asyncpg import Connection

from queries.imported_rows import RawRow, insert_rows
from queries.imports import Sent, ask_check, ask_take, count_rows, get_import, insert_import
from tests.conftest import connected
from tests.jobs.conftest import until, until_empty
from tests.journeys import ADMIN, ANI

ROWS = 300


KINDS = {
    "assets": (
        ["Nomor", "Nama", "Toko"],
        lambda n: [f"N-{n}", f"Barang {n}", "T01"],
        "LOCK TABLE asset IN SHARE MODE",
        "SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'asset'::regclass AND NOT granted)",
        "SELECT count(*) FROM asset WHERE tag LIKE 'N-%'",
        "SELECT count(*) FROM master_change WHERE cause = 'import ' || $1",
    ),
    "problems": (
        ["Nomor", "Dilaporkan", "Toko", "Pelapor", "Judul"],
        lambda n: [f"N-{n}", "24-11-2025", "T01", ANI, f"Printer {n}"],
        "LOCK TABLE custody IN SHARE MODE",
        "SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'custody'::regclass AND NOT granted)",
        "SELECT count(*) FROM problem",
        "SELECT count(*) FROM imported_problem WHERE import_id::text = $1",
    ),
}


@pytest.mark.parametrize("kind", KINDS)
async def test_a_worker_that_is_killed_leaves_nothing_and_the_next_one_takes_all(
    kind: str, connection: Connection, database_url: str, nursery
) -> None:
    headings, cells, lock, waits, written, noted = KINDS[kind]
    async with connection.transaction():
        sent = Sent(ADMIN, kind, "tabel.csv", headings, [], False)
        import_id = await insert_import(connection, sent)
        await insert_rows(connection, import_id, [RawRow(n + 2, cells(n), []) for n in range(ROWS)])
        assert await count_rows(connection, import_id) == ROWS
        await ask_check(connection, import_id)

    async def state() -> str:
        imported = await get_import(connection, ADMIN, import_id)
        assert imported is not None
        return imported.state

    async def is_writing() -> bool:
        return await connection.fetchval(waits)

    worker = int(await asyncio.to_thread(nursery().stdout.readline))
    await until_empty(connection)
    assert await state() == "checked"
    async with connected(database_url) as other, other.transaction():
        await other.execute(lock)  # nothing can be added to it
        async with connection.transaction():
            assert await ask_take(connection, import_id)
        await until(is_writing)
        assert await state() == "taking"
        assert not await ask_take(connection, import_id), "once is enough"
        os.kill(worker, signal.SIGKILL)
    assert await connection.fetchval(written) in (0, ROWS)
    await until_empty(connection)
    assert await state() == "taken"
    assert await connection.fetchval(written) == ROWS
    assert await connection.fetchval(noted, str(import_id)) == ROWS
