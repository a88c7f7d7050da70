"""The demo company, loaded in one transaction.

Each problem is lived through in memory, step by step, and its rows are written from that: the same ones
whenever the database's clock says the same. The foreign keys, and the check that a history is whole, are
those of the schema; they stay in force while loading.
"""

import random
from collections.abc import Callable
from datetime import datetime

import asyncpg

from demo.accounts import ACCOUNTS
from demo.company import COLUMNS, Rows
from demo.histories import Histories

SEED = 20230102


async def load_demo(connection: asyncpg.Connection, hash_pin: Callable[[str], str]) -> bool:
    """Fill an empty database, in one transaction; if there are employees already, do nothing. Whether these are of the demo."""
    async with connection.transaction():
        await connection.execute("LOCK TABLE employee IN SHARE ROW EXCLUSIVE MODE")
        if await connection.fetchval("SELECT EXISTS (SELECT FROM employee)"):
            niks = [account.nik for account in ACCOUNTS]
            return await connection.fetchval("SELECT count(*) FROM employee WHERE nik = ANY ($1)", niks) == len(niks)
        now: datetime = await connection.fetchval("SELECT now()")
        hashes = {account.nik: hash_pin(account.pin) for account in ACCOUNTS}
        rows, events = make_demo(now.replace(microsecond=0), hashes)
        # These two insist that a problem begins now, and at its beginning; the third notes a change of rights, which begin here;
        # what the others do for one event or problem after the other is done for all at the end. All other rules stay in force.
        await connection.execute("ALTER TABLE problem DISABLE TRIGGER problem_1_insert")
        await connection.execute("ALTER TABLE event DISABLE TRIGGER event_1_number")
        await connection.execute("ALTER TABLE employee DISABLE TRIGGER employee_changed")
        await connection.execute("ALTER TABLE event DISABLE TRIGGER event_searched")
        await connection.execute("ALTER TABLE event DISABLE TRIGGER event_to_be_told")
        await connection.execute("ALTER TABLE problem DISABLE TRIGGER problem_3_promise")
        for table, columns in COLUMNS.items():
            await connection.copy_records_to_table(table, columns=columns.split(), records=rows[table])
        await _insert_events(connection, events)
        await connection.execute(_FINISH)
        return True


# Every history is checked (problem_is_whole) before the triggers are back; numbers go on after the last ones.
_FINISH = """
    DELETE FROM working_span;       -- the general calendar as if it had known of all these holidays
    SELECT renew_working_time(ARRAY(SELECT code FROM calendar));
    SELECT renew_search('problem', NULL, NULL, (SELECT max(id)::int FROM problem));
    INSERT INTO job (kind, arguments, due_at)
    SELECT 'resumption', jsonb_build_object('problem_id', p.id, 'until', p.waiting_until), p.waiting_until
      FROM problem p WHERE p.waiting_until IS NOT NULL;
    SET CONSTRAINTS ALL IMMEDIATE;
    ALTER TABLE problem ENABLE TRIGGER problem_1_insert;
    ALTER TABLE event ENABLE TRIGGER event_1_number;
    ALTER TABLE employee ENABLE TRIGGER employee_changed;
    ALTER TABLE event ENABLE TRIGGER event_searched;
    ALTER TABLE event ENABLE TRIGGER event_to_be_told;
    INSERT INTO outbox (problem_id, event_seq)      -- what of it is news
    SELECT v.problem_id, v.seq FROM event v WHERE v.at > now() - interval '3 days' ORDER BY v.at;
    SELECT count(replay_promises(p.id)) FROM problem p;
    SELECT renew_promises(0, (SELECT max(id)::int FROM problem));
    ALTER TABLE problem ENABLE TRIGGER problem_3_promise;
    SELECT setval(pg_get_serial_sequence('problem', 'id'), (SELECT max(id) FROM problem));
    SELECT setval(pg_get_serial_sequence('escalation', 'id'), (SELECT max(id) FROM escalation));
    UPDATE counting SET up_to = (SELECT max(id) FROM problem);
    SELECT count_history(max(id)::int + 1) FROM problem;
    SELECT freeze_month() FROM generate_series('2023-01-01', now(), '1 month');
    SELECT fold_problem_counts();
    ANALYZE area, area_store, store, division, department, employee, division_member, department_pic;
    ANALYZE category, asset, problem, custody, escalation, event, note, promise, movement, tally, frozen,
            problem_count;
"""


async def _insert_events(connection: asyncpg.Connection, events: list[tuple]) -> None:
    """Not copied, as other tables are: the connection's jsonb codec is one of text, and COPY is binary."""
    await connection.execute(
        """
        INSERT INTO event (problem_id, seq, at, actor_nik, cause, version, before, after, note)
        SELECT problem_id, seq, at, actor_nik, cause, version, before::jsonb, after::jsonb, note
          FROM unnest($1::bigint[], $2::int[], $3::timestamptz[], $4::text[], $5::text[], $6::int[],
                      $7::text[], $8::text[], $9::text[])
               AS t (problem_id, seq, at, actor_nik, cause, version, before, after, note)
        """,
        *zip(*events, strict=True),
    )


def make_demo(now: datetime, hashes: dict[str, str]) -> tuple[Rows, list[tuple]]:
    """The rows of the tables in COLUMNS and those of event, as they are at `now`; `hashes` are by NIK."""
    company = Histories(random.Random(SEED), now, hashes)  # noqa: S311 (made by rule, not secret)
    problems = sorted(company.problems(), key=lambda problem: problem.reported_at)
    escalations = []
    events = []
    for number, problem in enumerate(problems, 1):
        company.rows["problem"].append(problem.row(number))
        company.rows["custody"] += [
            (number, asyncpg.Range(start, end), *holder) for start, end, holder in problem.custody
        ]
        company.rows["note"] += [(number, *note) for note in problem.notes]
        escalations += [(number, *escalation) for escalation in problem.escalations]
        events += [(number, seq, *event) for seq, event in enumerate(problem.events, 1)]
    escalations.sort(key=lambda escalation: escalation[9])
    company.rows["escalation"] = [(number, *escalation) for number, escalation in enumerate(escalations, 1)]
    return company.rows, events
