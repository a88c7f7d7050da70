"""Imports as they are taken over: all of it or nothing, whoever is killed."""

import asyncio
import os
import signal

from asyncpg import Connection

from queries.imported_rows import RawRow, insert_rows
from queries.imports import Sent, ask_check, ask_take, count_rows, get_import, insert_import
from tests.conftest import connected
from tests.jobs.conftest import until, until_empty
from tests.journeys import ADMIN

ROWS = 300


async def test_a_worker_that_is_killed_leaves_nothing_and_the_next_one_takes_all(
    connection: Connection, database_url: str, nursery
) -> None:
    async with connection.transaction():
        sent = Sent(ADMIN, "assets", "barang.csv", ["Nomor", "Nama", "Toko"], [], False)
        import_id = await insert_import(connection, sent)
        rows = [RawRow(n + 2, [f"N-{n}", f"Barang {n}", "T01"], []) for n in range(ROWS)]
        await insert_rows(connection, import_id, rows)
        assert await count_rows(connection, import_id) == ROWS
        await ask_check(connection, import_id)

    async def state() -> str:
        imported = await get_import(connection, ADMIN, import_id)
        assert imported is not None
        return imported.state

    async def is_writing() -> bool:
        waits = "SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'asset'::regclass AND NOT granted)"
        return await connection.fetchval(waits)

    worker = int(await asyncio.to_thread(nursery().stdout.readline))
    await until_empty(connection)
    assert await state() == "checked"
    async with connected(database_url) as other, other.transaction():
        await other.execute("LOCK TABLE asset IN SHARE MODE")  # nothing can be added to it
        assert await ask_take(connection, import_id)
        await until(is_writing)
        assert await state() == "taking"
        assert not await ask_take(connection, import_id), "once is enough"
        os.kill(worker, signal.SIGKILL)
    assert await connection.fetchval("SELECT count(*) FROM asset WHERE tag LIKE 'N-%'") in (0, ROWS)
    await until_empty(connection)
    assert await state() == "taken"
    assert await connection.fetchval("SELECT count(*) FROM asset WHERE tag LIKE 'N-%'") == ROWS
    assert (
        await connection.fetchval("SELECT count(*) FROM master_change WHERE cause = $1", f"import {import_id}") == ROWS
    )
