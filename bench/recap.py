#!/usr/bin/env python3
"""What a month's recap costs with many problems, and what counting costs whoever changes one, on a database of its own:

    python bench/recap.py --problems 1000000
    python bench/recap.py --lives 10000     random lives, counted late, frozen and restated, beside a slow model (tests/recap/)

Milliseconds, the median of several, beside those of `/health/live` of a server on that database in the same run.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import date
from itertools import product
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from asyncpg import Connection  # noqa: E402

from auth.pins import PinHasher  # noqa: E402
from bench.company import empty_company, fill_company  # noqa: E402
from bench.recap_changes import change, measure_writing  # noqa: E402
from queries.counting import count_history, fold_tally, freeze_month, promise_history  # noqa: E402
from queries.delays import get_delays  # noqa: E402
from queries.movements import list_movements  # noqa: E402
from queries.recap import By, Cut, get_total, list_months, list_numbers  # noqa: E402
from queries.restatements import get_difference, list_differences  # noqa: E402
from queries.service import get_service, list_service  # noqa: E402
from server.migrate import migrate_database  # noqa: E402
from server.postgres.embedded import EmbeddedPostgres  # noqa: E402
from tests.conftest import connected  # noqa: E402
from tests.databases import COMPANY, PIN  # noqa: E402
from tests.processes import Process, log_in  # noqa: E402
from tests.recap.checks import World, check_folded, check_lists, check_numbers  # noqa: E402

# The company's problems have one event and one custody each. What was worked on is opened, passed on where another holder than
# the desk has it, closed and confirmed.
HISTORIES = """
    SET session_replication_role = replica;
    DELETE FROM promise;
    CREATE TEMPORARY TABLE course AS
    SELECT p.id, p.status, p.reported_at AS t0, p.reported_at + 0.1 * d.length AS t1, p.reported_at + 0.4 * d.length AS t2,
           p.reported_at + 0.5 * d.length AS t3, p.changed_at + interval '1 second' AS t4,
           p.holder_division_code IS DISTINCT FROM 'HD' AS passed, p.category_code IS NOT NULL AS opened
      FROM problem p, LATERAL (SELECT p.changed_at - p.reported_at + interval '1 second' AS length) d;
    INSERT INTO event (problem_id, seq, version, at, actor_nik, cause, note)
    SELECT c.id, v.version, v.version, v.at, '20000', v.cause, '-'
      FROM course c, LATERAL (VALUES (2, c.t1, 'opened', c.opened), (3, c.t2, 'escalated', c.passed),
             (4, c.t3, 'accepted', c.passed AND c.status <> 'escalated'), (5, c.t4, 'closed', c.status = 'closed'),
             (5, c.t4, 'voided', c.status = 'void'),
             (6, c.t4 + interval '1 day', 'confirmed', c.status = 'closed' AND c.id % 3 > 0)) v (version, at, cause, happened)
     WHERE v.happened;
    UPDATE event e SET before = f.before::jsonb, after = f.after::jsonb
      FROM problem p, LATERAL (VALUES
             ('reported', '{}', '{"status": "reported", "division": "HD"}'),
             ('opened', '{"status": "reported"}', jsonb_strip_nulls(jsonb_build_object(
                  'status', 'open', 'category', p.category_code, 'priority', p.priority))::text),
             ('escalated', '{"status": "open", "division": "HD"}', jsonb_strip_nulls(jsonb_build_object('status', 'escalated',
                  'division', p.holder_division_code, 'department', p.holder_department_code, 'pic', p.holder_pic_nik))::text),
             ('accepted', '{"status": "escalated"}', '{"status": "open"}'),
             ('closed', '{"status": "open"}', '{"status": "closed"}'), ('voided', '{"status": "open"}', '{"status": "void"}'))
             f (cause, before, after) WHERE p.id = e.problem_id AND f.cause = e.cause;
    UPDATE custody k SET during = tstzrange(c.t2, upper(k.during)) FROM course c WHERE c.id = k.problem_id AND c.passed;
    INSERT INTO custody (problem_id, during, division_code) SELECT c.id, tstzrange(c.t0, c.t2), 'HD' FROM course c WHERE c.passed;
    UPDATE problem p SET version = 4 FROM course c WHERE c.id = p.id AND c.passed AND p.status IN ('open', 'waiting');
    RESET session_replication_role;
    UPDATE counting SET up_to = (SELECT max(id) FROM problem), unpromised = (SELECT max(id) FROM problem);
"""
KEY = "k" * 32  # of the server
PORTION = 1000
PROMISED = 200
UNFOLDED = (500, 5000)  # changes of the current month that are not added up


async def milliseconds(ask: Callable[[], Awaitable[object]], times: int = 9) -> float:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        await ask()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


async def prepare(connection: Connection, problems: int) -> None:
    """Fill the company, count its history and freeze its months, and say how long that takes."""
    began = time.monotonic()
    await fill_company(connection, problems)
    await connection.execute(HISTORIES)
    await connection.execute("VACUUM (ANALYZE)")
    print(f"filled in {time.monotonic() - began:.0f} s", flush=True)
    await promise(connection)
    portions = []
    while True:
        began = time.monotonic()
        is_left = await count_history(connection, PORTION)
        portions.append(time.monotonic() - began)
        if not is_left:
            break
    print(f"history: {len(portions)} portions, {sum(portions):.0f} s; one {statistics.median(portions):.2f}, at most "
          f"{max(portions):.2f} s", flush=True)  # fmt: skip
    await connection.execute("VACUUM (ANALYZE) movement, tally")
    months = []
    while True:
        began = time.monotonic()
        if not await freeze_month(connection):
            break
        months.append(time.monotonic() - began)
    print(f"frozen: {len(months)} months; one {statistics.median(months):.2f}, at most {max(months):.2f} s", flush=True)
    await connection.execute("VACUUM (ANALYZE) tally, frozen, uncounted")


async def promise(connection: Connection) -> None:
    """Make the promises of the history, and say how long that takes."""
    portions, is_left = [], True
    while is_left:
        began = time.monotonic()
        is_left = await promise_history(connection, PROMISED)
        portions.append(time.monotonic() - began)
    print(f"promised: {len(portions)} portions, {sum(portions):.0f} s; one {statistics.median(portions):.2f}, at most "
          f"{max(portions):.2f} s", flush=True)  # fmt: skip
    await connection.execute("VACUUM (ANALYZE) promise")


async def measure_service(connection: Connection, current: date, frozen: date) -> None:
    """What is read of targets: of all and the rows, of the present month, and of a frozen one as it was and as it is."""
    bys: tuple[By, ...] = ("holder", "area", "store", "category", "priority")
    for by in bys:
        cells = []
        for month, kept in ((current, False), (frozen, True), (frozen, False)):
            cut = Cut(month, by)
            total = await milliseconds(lambda cut=cut, kept=kept: get_service(connection, cut, kept=kept))
            rows = await milliseconds(lambda cut=cut, kept=kept: list_service(connection, cut, kept=kept))
            cells.append(f"{total:6.1f} +{rows:6.1f}")
        print(f"service by {by:9} {'   '.join(cells)}", flush=True)
    for month in (current, frozen):
        print(f"why late: {await milliseconds(lambda m=month: get_delays(connection, Cut(m))):.1f}", flush=True)


async def measure_reading(connection: Connection) -> None:
    current = await connection.fetchval("SELECT max(month) FROM tally")
    frozen = await connection.fetchval("SELECT max(month) FROM recap_month")
    print(f"months: {await milliseconds(lambda: list_months(connection, None)):.1f}")
    print(f"{'':34}{'current':>9}{'frozen':>9}")
    bys: tuple[By, ...] = ("holder", "store", "category", "priority")
    narrowed = ((None, None), (("IT-NET",), None), (None, "T0005"))
    for by, (holders, store) in product(bys, narrowed):
        cells = []
        for month in (current, frozen):
            cut = Cut(month, by, holders, store)
            total = await milliseconds(lambda cut=cut: get_total(connection, cut))
            cells.append(total + await milliseconds(lambda cut=cut: list_numbers(connection, cut)))
        print(f"{by:9} {(holders or ('',))[0]:12} {store or '':10} {cells[0]:9.1f}{cells[1]:9.1f}", flush=True)
    cut = Cut(frozen, "category")
    print(f"differences: {await milliseconds(lambda: get_difference(connection, cut)):.1f} "
          f"{await milliseconds(lambda: list_differences(connection, cut)):.1f}")  # fmt: skip
    await measure_lists(connection, current, frozen)
    await measure_service(connection, current, frozen)


async def measure_unfolded(connection: Connection) -> None:
    """The current month while that many changes are not added up."""
    month = await connection.fetchval("SELECT max(month) FROM tally")
    for rows in (0, *UNFOLDED):
        await connection.execute(
            """
            INSERT INTO uncounted SELECT $1, m.kind, m.holder, m.store_code, m.category_code, m.priority, 1
              FROM movement m ORDER BY hashint8(m.problem_id) LIMIT $2
            """,
            month,
            rows,
        )
        await connection.execute("ANALYZE uncounted")
        cells = []
        for by in ("holder", "store", "category"):
            cut = Cut(month, by)
            total = await milliseconds(lambda cut=cut: get_total(connection, cut))
            cells.append(total + await milliseconds(lambda cut=cut: list_numbers(connection, cut)))
        print(f"{rows:6} not added up: {' '.join(f'{cell:7.1f}' for cell in cells)}", flush=True)
        await connection.execute("DELETE FROM uncounted")


async def measure_lists(connection: Connection, current: date, frozen: date) -> None:
    for key in (None, "LOG"):
        for number in ("opening", "reported", "received", "closed", "closing"):
            cells = [
                await milliseconds(lambda m=month: list_movements(connection, Cut(m), key, number), 5)  # noqa: B023
                for month in (current, frozen)
            ]
            print(f"list of {number:9} {key or '':15} {cells[0]:9.1f}{cells[1]:9.1f}", flush=True)


async def measure_pages(connection: Connection, url: str) -> None:
    """Pages for a manager through a server, when something has changed since they were asked for, and again."""
    await connection.execute("UPDATE employee SET pin_hash = $1 WHERE nik = '40000'", PinHasher([KEY]).hash(PIN))
    months = [
        f"{await connection.fetchval(query):%Y-%m}"
        for query in ("SELECT max(month) FROM live_tally", "SELECT max(month) FROM recap_month")
    ]
    problem = await connection.fetchval("SELECT max(id) FROM problem WHERE status = 'open' AND version IN (3, 4)")
    with tempfile.TemporaryDirectory() as folder:
        process = Process(Path(folder), DATABASE_URL=url, secret_key=KEY)
        await asyncio.to_thread(process.serving)
        with process.browser() as browser:
            log_in(browser, "40000", PIN)

            async def get(path: str) -> None:
                (await asyncio.to_thread(browser.get, path)).raise_for_status()

            bys = ("holder", "store", "category", "priority")
            print(f"{'':28} live  after a change   again")
            for path in ("/recap", *(f"/recap/{month}?by={by}" for month in months for by in bys)):
                live, first, again = [], [], []
                for n in range(15):  # in turns, for the machine may be busy now and then
                    async with connection.transaction():
                        columns = f"category_code = 'HD-{1 + n % 8}', impact = 1, urgency = 1, identification = 'Lain'"
                        await change(connection, problem, columns, "corrected")
                    live.append(await milliseconds(lambda: get("/health/live"), 1))
                    first.append(await milliseconds(lambda p=path: get(p), 1))
                    again.append(await milliseconds(lambda p=path: get(p), 1))
                base, *times = map(statistics.median, (live, first, again))
                print(f"{path:28} {base:4.1f}", *(f"{ms:7.1f} ({ms / base:.0f} x)" for ms in times), flush=True)
        process.kill()


async def measure_lives(number: int) -> None:
    """Random lives: every number beside the slow model's, what stands behind some, and what is counted from scratch."""
    async with empty_company() as connection:
        await connection.execute(COMPANY.read_text(encoding="utf-8").replace("$1", "-"))
        world = World(connection, 7, number)
        for what, work in (("made", world.make()), ("numbers", check_numbers(world)), ("lists", check_lists(world, 0.01)),
                           ("from scratch", check_folded(world))):  # fmt: skip
            began = time.monotonic()
            await work
            print(f"{what}: {time.monotonic() - began:.0f} s", flush=True)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--problems", type=int, default=1_000_000)
    parser.add_argument("--lives", type=int)
    arguments = parser.parse_args()
    if arguments.lives:
        await measure_lives(arguments.lives)
        return
    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder) / "data", durable=False) as url:
        await migrate_database(url)
        async with connected(url) as connection:
            await prepare(connection, arguments.problems)
            await measure_reading(connection)
            await measure_unfolded(connection)
            await measure_writing(connection)
            print(f"adding up: {await milliseconds(lambda: fold_tally(connection), 1):.0f} ms")
            await connection.execute("VACUUM uncounted")  # as autovacuum does within a minute, which is off here
            await measure_pages(connection, url)


if __name__ == "__main__":
    asyncio.run(main())
