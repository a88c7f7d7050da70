"""What telling costs: `python bench/telling.py`, on a PostgreSQL of its own. Microseconds of the processor for a report and a
comment: with the outbox, without, and with a job (and its NOTIFY) for each, in turns; then what telling takes by a desk of 40."""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from uuid import uuid4

import uvloop

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from asyncpg import Connection

import db
from queries.outbox import list_untold, tell_of
from server.migrate import migrate_database
from server.postgres.embedded import EmbeddedPostgres

TIMES, ROUNDS = 1000, 5
COMPANY = """
    INSERT INTO store (code, name, time_zone) VALUES ('HO', 'Kantor Pusat', 'Asia/Jakarta');
    INSERT INTO division (code, name, kind) VALUES ('HD', 'Meja Bantuan', 'desk');
    INSERT INTO employee (nik, name, store_code, pin_hash)
    SELECT (10000 + n)::text, 'Ani ' || n, 'HO', '1:x' FROM generate_series(1, 20000) n;
    SET CONSTRAINTS ALL IMMEDIATE;
    INSERT INTO division_member SELECT (10000 + n)::text, 'HD' FROM generate_series(1, 40) n;
    CREATE FUNCTION as_job() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO job (kind, arguments) VALUES ('telling', jsonb_build_object('problem_id', NEW.problem_id, 'seq', NEW.seq));
        RETURN NULL;
    END $$;
    CREATE TRIGGER event_as_job AFTER INSERT ON event FOR EACH ROW EXECUTE FUNCTION as_job();
"""
WAYS = {
    "outbox": "ENABLE TRIGGER event_to_be_told, DISABLE TRIGGER event_as_job",
    "nothing": "DISABLE TRIGGER event_to_be_told, DISABLE TRIGGER event_as_job",
    "job": "DISABLE TRIGGER event_to_be_told, ENABLE TRIGGER event_as_job",
}


async def report(connection: Connection, n: int) -> None:
    await connection.fetchval(
        "SELECT report_problem($1, $2, $3, $2, 'Printer mati', 'Sejak pagi', NULL, NULL, false)",
        uuid4(),
        str(15000 + n),
        bytes(32),
    )


async def comment(connection: Connection, n: int) -> None:
    await connection.fetchrow(
        "SELECT * FROM comment_on($1, '10001', $2, $3, 'Sedang dikerjakan.', false)", uuid4(), bytes(32), n + 1
    )


async def measure(connection: Connection) -> None:
    """Both kinds in each way, one way after the other."""
    took: dict[tuple[str, str], list[float]] = {}
    for _ in range(ROUNDS):
        for way, triggers in WAYS.items():
            await connection.execute(f"ALTER TABLE event {triggers}")
            for change in (report, comment):
                began = _used(connection)
                for n in range(TIMES):
                    await change(connection, n)
                took.setdefault((change.__name__, way), []).append((_used(connection) - began) / TIMES * 1e6)
    for (change, way), times in sorted(took.items()):
        print(f"{change:8} {way:8} {statistics.median(times):5.0f} µs ({min(times):.0f} to {max(times):.0f})")


def _used(connection: Connection) -> float:
    """Seconds of the processor that the server's process has used."""
    stat = Path(f"/proc/{connection.get_server_pid()}/stat").read_text(encoding="utf-8")
    return sum(map(int, stat.rpartition(")")[2].split()[11:13])) / os.sysconf("SC_CLK_TCK")


async def measure_telling(connection: Connection) -> None:
    """All that was put into the outbox meanwhile."""
    await connection.execute("DELETE FROM job")
    waiting = await list_untold(connection, 1_000_000)
    began, used = time.perf_counter(), _used(connection)
    for start in range(0, len(waiting), 50):
        async with connection.transaction():
            for untold in waiting[start : start + 50]:
                async with connection.transaction():
                    await tell_of(connection, untold)
    seconds, used = time.perf_counter() - began, _used(connection) - used
    rows = await connection.fetchval("SELECT count(*) FROM notification")
    each = used / len(waiting) * 1000
    print(f"told {len(waiting)} in {seconds:.1f} s ({each:.2f} ms of the processor each), {rows} notifications")


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder), durable=False) as url:
        await migrate_database(url)
        database = db.create_database(url, db.SERVING, bounded=False)
        await database.connect()
        async with db.Lease(database) as lease:
            await lease.connection.execute(COMPANY)
            await measure(lease.connection)
            await measure_telling(lease.connection)
        await db.disconnect(database)


if __name__ == "__main__":
    uvloop.run(main())
