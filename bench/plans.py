#!/usr/bin/env python3
"""What PostgreSQL means to do for every statement of the application: `python bench/plans.py --problems 1000000`.

Prints those that take the longer the more problems there are, as tests/queries/test_plans.py sees them with a few thousand. What
the company has none of, as photos, files and notes, is read whole.
"""

import asyncio
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.company import empty_company, fill_company, problems_asked_for  # noqa: E402
from db import SERVING  # noqa: E402
from tests.plans import faults_of, list_partial_indexes, plan_of, walks, written_statements  # noqa: E402


async def main() -> None:
    problems = problems_asked_for(__doc__)
    async with empty_company() as connection:
        await fill_company(connection, problems)
        await connection.execute("VACUUM (ANALYZE)")
        for name, value in SERVING.items():
            await connection.execute("SELECT set_config($1, $2, false)", name, value)
        partial = await list_partial_indexes(connection)
        for statement in (*written_statements(), *walks()):
            if faults := faults_of(await plan_of(connection, statement.text), partial):
                print(f"{statement.name}: {', '.join(sorted(faults))}", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
