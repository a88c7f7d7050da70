"""How fast SIH is with many problems, beside the paper's design and the floors: `make bench`, or

    python -m bench.speed --sizes 10000 --seconds 2 --rounds 1      what takes a minute or two
    python -m bench.speed --only year,problem --keep DIR            some screens, on a database that is kept for the next time

Each size is a database of its own, loaded by COPY.
"""

import argparse
import asyncio
import random
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from auth.pins import PinHasher
from bench.speed import servers
from bench.speed.loading import load_company
from bench.speed.machine import OTHERS, pinned
from bench.speed.measuring import measure
from bench.speed.people import SECRET, log_all_in
from bench.speed.screens import SCREENS, World
from server.postgres.embedded import EmbeddedPostgres
from tests.conftest import connected
from tests.databases import PIN


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="1000000", help="numbers of problems, divided by commas")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5, help="of a screen in a round")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="where the databases are kept, or were")
    parser.add_argument("--only", default="", help=f"some of {','.join(screen.name for screen in SCREENS)}")
    return parser.parse_args()


async def measure_size(folder: Path, problems: int, arguments: argparse.Namespace) -> None:
    """Load so many problems into the folder, unless they are there, and measure."""
    data = folder / str(problems)
    if not (data / "loaded").exists():
        with EmbeddedPostgres(data, durable=False) as url:
            await load_company(url, problems, PinHasher([SECRET]).hash(PIN))
        (data / "loaded").touch()
    only = set(filter(None, arguments.only.split(",")))
    with ExitStack() as stack:
        with pinned(OTHERS):
            url = stack.enter_context(EmbeddedPostgres(data))
        postmaster = int((data / "cluster" / "postmaster.pid").read_text().split()[0])
        app = stack.enter_context(servers.app(folder, url))
        async with connected(url) as connection:
            year = await connection.fetchval("SELECT max(year) FROM problem")
            month = await connection.fetchval("SELECT to_char(max(reported_at), 'YYYY-MM') FROM problem")
            world = World(connection, await log_all_in(connection), app.port, year, month, random.Random(7))
            lines = [(app, screen) for screen in SCREENS if not only or screen.name in only]
            measured = await measure(world, postmaster, lines, arguments.rounds, arguments.seconds)
        print(f"{problems:,} problems; SIH occupies {app.resident_bytes / 2**20:.0f} MB")
    for (server, screen), one in measured.items():
        print(
            f"{server:10}{screen:14}{one.rate:9.1f}/s {one.server:8.2f} + {one.postgres:7.2f} ms, p50 {one.p50:7.1f}, "
            f"p99 {one.p99:7.1f} ms, {one.bytes:8.0f} B, refused {one.refused:.1%}"
        )


def main() -> None:
    arguments = read_arguments()
    with ExitStack() as stack:
        folder = arguments.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        for size in arguments.sizes.split(","):
            asyncio.run(measure_size(folder, int(size), arguments))


if __name__ == "__main__":
    sys.exit(main())
