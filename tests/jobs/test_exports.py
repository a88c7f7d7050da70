"""Exports as they are made: once, whoever is killed, and seen by nobody before; of what was in reach when they were asked for."""

import asyncio
import os
import signal

from asyncpg import Connection

from jobs.registry import KINDS
from jobs.worker import working
from queries.exported_problems import list_exported
from queries.exports import (
    LASTS,
    Progress,
    Wanted,
    ask_export,
    get_export,
    get_part,
    get_progress,
    is_first_of,
)
from settings import Settings
from tests.conftest import connected
from tests.jobs.conftest import enqueue, until, until_empty
from tests.queries.life import (
    COLLEAGUE,
    DESK,
    REPORTER,
    STRANGER,
    blocked,
    change,
    identify,
    report,
    submission,
    viewer,
)

LIST = Wanted("problems", "csv", "/problems", [], {"list": {}, "sort": "newest"})


async def asked(connection: Connection, nik: str = REPORTER, wanted: Wanted = LIST) -> int:
    return await ask_export(connection, submission(nik), await viewer(connection, nik), wanted)


async def content_of(connection: Connection, export_id: int) -> str:
    parts, seq = [], 0
    while part := await get_part(connection, export_id, seq):
        parts.append(part)
        seq += 1
    return b"".join(parts).decode("utf-8-sig")


async def state_of(connection: Connection, nik: str, export_id: int) -> str:
    export = await get_export(connection, nik, export_id)
    assert export is not None
    return export.state


async def numbers_in(connection: Connection, export_id: int) -> set[str]:
    return {line.partition(";")[0] for line in (await content_of(connection, export_id)).splitlines()[1:]}


async def test_a_worker_that_is_killed_leaves_nothing_and_the_next_one_makes_it(
    connection: Connection, database_url: str, nursery
) -> None:
    """How far it is, is seen by all; the file only once it is whole."""
    ids = [await report(connection) for _ in range(3)]
    export_id = await asked(connection)

    async def is_written() -> bool:
        return await get_progress(connection, export_id) == Progress(len(ids), len(ids))

    async with connected(database_url) as other, other.transaction():
        await other.execute("LOCK TABLE export_part IN SHARE MODE")  # nothing can be added to it
        worker = int(await asyncio.to_thread(nursery().stdout.readline))
        await until(is_written)
        assert await state_of(connection, REPORTER, export_id) == "waiting"
        assert await get_part(connection, export_id, 0) is None
        os.kill(worker, signal.SIGKILL)
    await until_empty(connection)
    assert await state_of(connection, REPORTER, export_id) == "ready"
    assert await numbers_in(connection, export_id) == {f"K-{number}" for number in ids}
    sizes = await connection.fetchrow(
        "SELECT sum(octet_length(p.content)), x.size FROM export x JOIN export_part p ON p.export_id = x.id GROUP BY x.id"
    )
    assert sizes[0] == sizes[1] and await connection.fetchval("SELECT count(*) FROM job") == 0


async def test_it_is_of_the_reach_when_it_was_asked_for(connection: Connection, settings: Settings) -> None:
    """Whoever moves to another store meanwhile finds nothing of it in the file; who is deactivated gets none."""
    near, far = await report(connection), await report(connection, STRANGER)
    moved, gone = await asked(connection), await asked(connection, COLLEAGUE)
    await connection.execute("UPDATE employee SET store_code = 'T02' WHERE nik = $1", REPORTER)
    await connection.execute("UPDATE employee SET active = false WHERE nik = $1", COLLEAGUE)
    async with working(settings, KINDS):
        await until_empty(connection)
    assert await numbers_in(connection, moved) == {f"K-{near}"}, far
    assert await content_of(connection, gone) == ""
    assert await state_of(connection, COLLEAGUE, gone) == "failed"


async def test_of_one_person_one_is_made_at_a_time(
    connection: Connection, database_url: str, settings: Settings
) -> None:
    """While somebody's file is being made, others' are; that person's next one comes after it."""
    await report(connection)
    own, others = await asked(connection), await asked(connection, DESK)
    first_job = await connection.fetchval("SELECT job_id FROM export WHERE id = $1", own)

    async def is_made() -> bool:
        put_off = await connection.fetchval("SELECT job_id <> $2 FROM export WHERE id = $1", own, first_job)
        return put_off and await state_of(connection, DESK, others) == "ready"

    async with connected(database_url) as other, working(settings, KINDS):
        async with other.transaction():
            assert await is_first_of(other, REPORTER)
            await until(is_made)
            assert await state_of(connection, REPORTER, own) == "waiting"
        await until_empty(connection)
    assert await state_of(connection, REPORTER, own) == "ready"


async def test_a_row_is_looked_at_by_itself(connection: Connection) -> None:
    near, far = await report(connection), await report(connection, STRANGER)
    rows = await list_exported(connection, await viewer(connection, REPORTER), [far, near], "Asia/Jakarta")
    assert [row.id for row in rows] == [near]


async def test_all_of_it_is_of_one_moment(connection: Connection, database_url: str, settings: Settings) -> None:
    """What is opened while the rows are written is still new in them, as the filter says."""
    number = await report(connection)
    new = LIST._replace(filter={"list": {"status": "reported"}, "sort": "newest"})
    async with connected(database_url) as other, working(settings, {"export": KINDS["export"]}):
        async with other.transaction():
            # Which the rows are read from, not their ids.
            await other.execute("LOCK TABLE custody IN ACCESS EXCLUSIVE MODE")
            export_id = await asked(connection, wanted=new)
            await blocked(connection)
            await identify(other, await change(other, number, DESK))
        await until_empty(connection)
    assert await numbers_in(connection, export_id) == {f"K-{number}"}
    assert ";Baru;" in await content_of(connection, export_id)


async def test_after_a_week_all_of_it_is_dropped(connection: Connection, settings: Settings) -> None:
    await report(connection)
    old, young = await asked(connection), await asked(connection)
    async with working(settings, KINDS):
        await until_empty(connection)
    await connection.execute("UPDATE export SET asked_at = asked_at - $2::interval WHERE id = $1", old, LASTS)
    assert await get_export(connection, REPORTER, old) is None
    async with working(settings, KINDS):
        await enqueue(connection, "tidying")
        await until_empty(connection)
    assert {row[0] for row in await connection.fetch("SELECT export_id FROM export_part")} == {young}
    assert await connection.fetchval("SELECT count(*) FROM export") == 1
