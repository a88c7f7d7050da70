"""What a lease of a connection and a statement on it cost the process: python bench/leases.py. Microseconds of CPU, the best of
five; on a PostgreSQL of its own. Then what a change of 50,000 employees in one transaction costs, and how much of that is the
version of the reference data."""

import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import uvloop

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import db
from server.migrate import migrate_database
from server.postgres.embedded import EmbeddedPostgres

TIMES = 2_000
UNHURRIED = {"statement_timeout": "0"}
EMPLOYEES = """
    INSERT INTO store (code, name, time_zone) VALUES ('HO', 'Kantor Pusat', 'Asia/Jakarta');
    INSERT INTO employee (nik, name, store_code, pin_hash)
    SELECT (100000 + n)::text, 'Ani ' || n, 'HO', '1:x' FROM generate_series(1, 50000) n;
"""


async def measure(name: str, work: Callable[[], Awaitable[object]]) -> None:
    """Print the best of five rounds of it."""
    took = []
    for _ in range(5):
        began = time.process_time()
        for _ in range(TIMES):
            await work()
        took.append(time.process_time() - began)
    print(f"{name}: {min(took) / TIMES * 1e6:.0f} µs")


async def measure_leases(database: db.Database) -> None:
    """A lease without a statement, and a statement."""

    async def lease() -> None:
        async with db.Lease(database):
            pass

    await measure("lease", lease)
    async with db.Lease(database) as held:
        await measure("statement", lambda: held.connection.fetchval("SELECT 1"))


async def measure_reference(database: db.Database) -> None:
    """A change of all employees."""
    async with db.Lease(database) as held:
        await held.connection.execute(EMPLOYEES)
        async with held.connection.transaction():
            began = time.perf_counter()
            await held.connection.execute("UPDATE employee SET phone = '0811 ' || nik")
            changed = time.perf_counter()
            await held.connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
            print(
                f"50,000 employees: {changed - began:.2f} s, and {time.perf_counter() - changed:.2f} s for the version"
            )


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder), durable=False) as url:
        await migrate_database(url)
        for settings, measure_on in ((db.SERVING, measure_leases), (db.SERVING | UNHURRIED, measure_reference)):
            database = db.create_database(url, settings, bounded=measure_on is measure_leases)
            await database.connect()
            await measure_on(database)
            await db.disconnect(database)


if __name__ == "__main__":
    uvloop.run(main())
