"""How fast SIH is with many problems, beside the paper's design and the floors: `make bench`, or, after `bin/setup bench`,

    python -m bench.speed --sizes 10000 --seconds 2 --rounds 1      what takes a minute or two
    python -m bench.speed --only year,problem --keep DIR            some screens, on databases that are kept for the next time
    python -m bench.speed --keep DIR --write                        what was measured there goes to docs/performance.md, too

Each size is a database of its own, loaded by COPY. The server that is measured has a core of its own; PostgreSQL and wrk, which
keeps 32 connections busy, have another one. Screens and servers are measured in turns; of each figure the median of the rounds is
shown.
"""

import argparse
import asyncio
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from bench.speed import report
from bench.speed.bench import Bench
from bench.speed.run import Run
from bench.speed.screens import SCREENS

COMPARED = 1_000_000  # problems, up to which the paper's design is measured beside SIH, at the largest of the sizes


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="10000,100000,1000000", help="numbers of problems, divided by commas")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4, help="of a screen in a round")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="where databases and figures are kept, or were")
    parser.add_argument("--only", default="", help=f"some of {','.join(screen.name for screen in SCREENS)}")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md and docs/growth.svg")
    return parser.parse_args()


async def measure(folder: Path, size: int, beside: bool, arguments: argparse.Namespace) -> Run:
    only = set(filter(None, arguments.only.split(",")))
    async with Bench(folder, size, arguments.seconds) as bench:
        return await bench.measure(only, arguments.rounds, beside)


def main() -> None:
    arguments = read_arguments()
    sizes = sorted(int(size) for size in arguments.sizes.split(",") if size)
    compared = max((size for size in sizes if size <= COMPARED), default=0)
    with ExitStack() as stack:
        folder = arguments.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        for size in sizes:
            asyncio.run(measure(folder, size, size == compared, arguments)).save(folder)
        runs = sorted(map(Run.load, folder.glob("*.json")), key=lambda run: run.problems)
        print(report.describe(runs))
        if arguments.write:
            report.write(runs)


if __name__ == "__main__":
    sys.exit(main())
