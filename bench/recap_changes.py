"""What counting costs whoever changes a problem (bench/recap.py)."""

import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from asyncpg import Connection

TURN, TURNS = 200, 10  # changes of each kind one way, before as many the other way
UNCOUNTED = """
    CREATE OR REPLACE FUNCTION count_change(p problem, cause text, before jsonb) RETURNS void LANGUAGE plpgsql AS 'BEGIN END'
"""
CHANGES = (
    ("wait", "status = 'waiting', waiting_for = 'vendor'", "paused"),
    ("correct", "category_code = 'HD-2', impact = 1, urgency = 1, identification = 'Lain'", "corrected"),
    ("close", "status = 'closed', solution = 'x'", "closed"),
)
REPORT = """
    WITH p AS (
        INSERT INTO problem (reporter_nik, recorded_by_nik, store_code, title, description, holder_division_code)
        VALUES ('10005', '10005', 'T0005', 'Printer mati', 'Sejak pagi', 'HD') RETURNING id)
    SELECT id FROM p
"""


async def measure_writing(connection: Connection) -> None:
    """The same changes with and without counting, in turns: milliseconds of the database's processor."""
    source = await connection.fetchval("SELECT pg_get_functiondef('count_change'::regproc)")
    rows = await connection.fetch(
        "SELECT id FROM problem WHERE status = 'open' AND version IN (3, 4) ORDER BY id LIMIT $1", TURN * TURNS + 1
    )
    ids = [row["id"] for row in rows][:-1]  # one is left for the pages
    used: dict[tuple[str, str], list[float]] = {}
    for turn in range(TURNS):
        how = "counted" if turn % 2 else "not counted"
        await connection.execute(source if how == "counted" else UNCOUNTED)
        part = ids[turn::TURNS]
        for name, columns, cause in CHANGES:
            with _processor(connection, used.setdefault((name, how), []), len(part)):
                for problem_id in part:
                    async with connection.transaction():
                        await change(connection, problem_id, columns, cause)
        with _processor(connection, used.setdefault(("report", how), []), len(part)):
            for _ in part:
                async with connection.transaction():
                    new = await connection.fetchval(REPORT)
                    await connection.execute("SELECT recordchange($1, '10005', 'reported', '{}', NULL)", new)
    await connection.execute(source)
    for (name, how), times in sorted(used.items()):
        print(f"{name:9} {how:12} {statistics.median(times):6.2f} ms")


@contextmanager
def _processor(connection: Connection, used: list[float], changes: int) -> Iterator[None]:
    """Appends the milliseconds that the server's process used in the block for each of its changes."""
    stat = Path(f"/proc/{connection.get_server_pid()}/stat")
    before = sum(map(int, stat.read_text().split()[13:15]))
    yield
    used.append((sum(map(int, stat.read_text().split()[13:15])) - before) * 10 / changes)


async def change(connection: Connection, problem_id: int, columns: str, cause: str) -> None:
    """One change of a problem, as its verb would make it."""
    before = await connection.fetchval("SELECT facts(p) FROM problem p WHERE id = $1 FOR NO KEY UPDATE", problem_id)
    await connection.execute(f"UPDATE problem SET {columns} WHERE id = $1", problem_id)  # noqa: S608
    await connection.execute("SELECT recordchange($1, '20000', $2, $3, 'x')", problem_id, cause, before)
