#!/usr/bin/env python3
"""What it costs to let go who alone holds very much: `python bench/leaving.py --problems 50000`, on a database of its own.

So many problems are a division's of one member, as many others are there beside. Seconds in all, and of the longest transaction.
"""

import asyncio
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from asyncpg import Connection  # noqa: E402

from bench.company import empty_company, fill_company, problems_asked_for  # noqa: E402
from queries.leaving import PORTION, let_go  # noqa: E402

MEMBER, ADMIN = "20004", "40000"
GIVE = """
    SET session_replication_role = replica;
    DELETE FROM division_member WHERE division_code = 'GA' AND nik <> '20004';
    UPDATE problem SET status = 'open', solution = NULL, holder_division_code = 'GA', holder_department_code = NULL,
                       holder_pic_nik = NULL, assignee_nik = NULL, waiting_for = NULL,
                       category_code = coalesce(category_code, 'GA-1'), impact = coalesce(impact, 1),
                       urgency = coalesce(urgency, 1), identification = coalesce(identification, 'Aus')
     WHERE id % 2 = 0;
    DELETE FROM custody WHERE problem_id % 2 = 0;
    INSERT INTO custody (problem_id, during, division_code)
    SELECT id, tstzrange(reported_at, NULL), 'GA' FROM problem WHERE id % 2 = 0;
    DELETE FROM escalation WHERE problem_id % 2 = 0;
    SET session_replication_role = origin;
"""


async def give_all_to_one(connection: Connection) -> int:
    """Have every other problem held by the division of one member; how many that are."""
    await connection.execute(GIVE)
    await connection.execute("VACUUM (ANALYZE)")
    return await connection.fetchval(
        "SELECT count(*) FROM problem WHERE holder_division_code = 'GA' AND status = 'open'"
    )


async def main() -> None:
    problems = problems_asked_for(__doc__)
    async with empty_company() as connection:
        await fill_company(connection, 2 * problems)
        held = await give_all_to_one(connection)
        took, done = [], False
        while not done:
            began = time.perf_counter()
            async with connection.transaction():
                done = await let_go(connection, MEMBER, "LOG", ADMIN)
            took.append(time.perf_counter() - began)
        left = await connection.fetchval("SELECT count(*) FROM unattended_problems()")
    print(
        f"{held} problems by {PORTION}: {sum(took):.1f} s in all, at most {max(took):.2f} s a transaction; {left} without anybody"
    )


if __name__ == "__main__":
    asyncio.run(main())
