"""Due times, breaches and the split of the time of many random lives, compared with the slow model of tests/targets:

python bench/targets.py --lives 10000
"""

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from server.migrate import migrate_database
from server.postgres.embedded import EmbeddedPostgres
from tests.conftest import connected
from tests.databases import COMPANY
from tests.targets.lives import Company

AT_ONCE = 50  # lives in one company


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lives", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1000)
    arguments = parser.parse_args()
    began, pieces = time.monotonic(), 0
    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder) / "data", durable=False) as url:
        await migrate_database(url)
        async with connected(url) as connection:
            await connection.execute(COMPANY.read_text(encoding="utf-8").replace("$1", "!"))
            for number in range(arguments.lives // AT_ONCE):
                transaction = connection.transaction()
                await transaction.start()
                company = Company(connection, arguments.seed + number, AT_ONCE)
                await company.live()
                await company.check()
                pieces += sum(len(life.pieces) for life in company.lives)
                await transaction.rollback()
    seconds = time.monotonic() - began
    print(f"{arguments.lives:,} lives, {pieces:,} promises: all agree, {seconds:.0f} s")


if __name__ == "__main__":
    asyncio.run(main())
