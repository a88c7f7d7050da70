"""Loading the large company by COPY: every table in a stream of its own, in bounded memory; its indexes are made afterwards."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager

import asyncpg
from asyncpg import Connection

from bench.speed.company import STORES, Company, insert_company, list_handlers
from bench.speed.indexes import make_indexes, take_indexes
from bench.speed.lives import Life, Table, list_tables, read_lives
from bench.speed.progress import Progress
from bench.speed.sums import add_up, list_months
from bench.speed.telling import tell
from db import initialise
from demo.loading import load_demo
from server.migrate import migrate, migrate_database
from tests.databases import of_database

SEED = 20261127
PORTION = 500  # problems that are sent at once
AHEAD = 4  # portions of a table that wait for the server
# Numbers that go on after the last one, and the jobs that end what waits until a time.
FINISH = """
    SELECT setval(pg_get_serial_sequence('problem', 'id'), (SELECT max(id) FROM problem));
    INSERT INTO job (kind, arguments, due_at)
    SELECT 'resumption', jsonb_build_object('problem_id', p.id, 'until', p.waiting_until), p.waiting_until
      FROM problem p WHERE p.waiting_until IS NOT NULL;
"""


async def load_company(url: str, problems: int, pin_hash: str, stores: int = STORES) -> None:
    """Fill the empty database at `url` with a company that has had so many problems; everybody has the PIN of `pin_hash`."""
    await migrate_database(url)
    async with _connected(url) as connection:
        rng = random.Random(SEED)
        apart = f"{await connection.fetchval('SELECT current_database()')}_lives"
        await connection.execute(f'CREATE DATABASE "{apart}"')
        async with _connected(of_database(url, apart)) as source:
            tables, lives = await _live(source)
            company = Company(rng, await list_handlers(source), stores)
            await insert_company(connection, source, company, pin_hash)
        await connection.execute(f'DROP DATABASE "{apart}"')
        now = await connection.fetchval("SELECT now()")
        indexes = await take_indexes(connection, tables)
        await _copy(url, tables, tell(rng, lives, company, problems, now), problems)
        await connection.execute(FINISH)
        await _complete(url, connection, indexes)
        await connection.execute("VACUUM (FREEZE, ANALYZE)")
        await connection.execute("CHECKPOINT")


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(url, server_settings={"timezone": "UTC"})
    try:
        await initialise(connection)
        yield connection
    finally:
        await connection.close()


async def _live(connection: Connection) -> tuple[list[Table], list[Life]]:
    """The lives of the demo company, which is loaded into an empty database for that, and the tables that tell of them."""
    await migrate(connection)
    await load_demo(connection, lambda pin: pin)
    tables = await list_tables(connection)
    lives = await read_lives(connection, tables)
    return [table for table in tables if any(table.name in life.texts for life in lives)], lives


async def _copy(url: str, tables: Sequence[Table], problems: Iterator[dict[str, str]], total: int) -> None:
    progress = Progress("problems", total)
    queues = {table.name: asyncio.Queue[bytes | None](AHEAD) for table in tables}
    async with asyncio.TaskGroup() as group:
        for table in tables:
            group.create_task(_receive(url, table, queues[table.name]))
        portion: dict[str, list[str]] = {table.name: [] for table in tables}
        for number, rows in enumerate(problems, 1):
            for name, text in rows.items():
                portion[name].append(text)
            if number % PORTION == 0 or number == total:
                for name, texts in portion.items():
                    await queues[name].put("".join(texts).encode())
                    texts.clear()
                progress.step(number % PORTION or PORTION)
        for queue in queues.values():
            await queue.put(None)
    progress.end()


async def _complete(url: str, connection: Connection, indexes: Sequence[str]) -> None:
    """Make the indexes, and add up what was loaded beside it; that reads the movements by theirs, which come first."""
    months = await list_months(connection)
    counted = [index for index in indexes if " public.movement " in index]
    progress = Progress("indexes and months", len(indexes) + len(months))
    await make_indexes(url, counted, progress)
    async with asyncio.TaskGroup() as group:
        group.create_task(make_indexes(url, [index for index in indexes if index not in counted], progress))
        group.create_task(add_up(connection, months, progress))
    progress.end()


async def _receive(url: str, table: Table, queue: asyncio.Queue[bytes | None]) -> None:
    """COPY what comes, without the triggers that watch over real changes; the constraints of the tables hold."""

    async def portions() -> AsyncIterator[bytes]:
        while (portion := await queue.get()) is not None:
            yield portion

    async with _connected(url) as connection:
        await connection.execute("SET session_replication_role = replica")
        await connection.copy_to_table(table.name, source=portions(), columns=table.columns)
