"""What it costs to make rows of records and to render them by name: see docs/decisions/0081. Needs a DATABASE_URL."""

import asyncio
import functools
import os
import sys
import time
import timeit
from collections import namedtuple
from collections.abc import Callable
from dataclasses import make_dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
from jinja2 import Environment

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from queries.problem_list import Listed  # noqa: E402
from web.moulds import Mould, blank, poured  # noqa: E402

COLUMNS = tuple("abcdefghijklmn")
Tuple = namedtuple("Tuple", COLUMNS)
Dataclass = make_dataclass("Dataclass", COLUMNS, frozen=True)
BY_NAME = "{% for row in rows %}" + "".join(f"{{{{ row.{name} }}}}" for name in COLUMNS) + "{% endfor %}"
UNPACKED = "{% for " + ", ".join(COLUMNS) + " in rows %}" + "".join(f"{{{{ {n} }}}}" for n in COLUMNS) + "{% endfor %}"


def milliseconds(work: Callable[[], object]) -> str:
    """How long `work` takes: of a core, the best of nine times fifty."""
    return f"{min(timeit.repeat(work, timer=time.process_time, repeat=9, number=50)) * 20:.3f} ms"


def listed(number: int) -> Listed:
    """A problem as the list has it."""
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number)
    place = "Asia/Jakarta", "T01", "Toko Bandung", "Ani Lestari"
    what = "Printer kasir mati sejak pagi", "Printer", "open", 2
    held = timedelta(hours=5, minutes=number), None
    return Listed(number, 1, at, at, *place, *what, at, False, "IT-POS", "Divisi POS", None, *held, [], [])


async def main() -> None:
    """Print the times for 50 rows."""
    connection = await asyncpg.connect(os.environ["DATABASE_URL"])
    columns = ", ".join(f"n AS {name}" for name in COLUMNS)
    records = await connection.fetch("SELECT " + columns + " FROM generate_series(1, 50) n")  # noqa: S608
    await connection.close()
    environment = Environment(autoescape=True)
    by_name, unpacked = environment.from_string(BY_NAME), environment.from_string(UNPACKED)
    for kind in (Tuple, Dataclass):
        rows = [kind(*record) for record in records]
        print(kind.__name__, "made", milliseconds(lambda kind=kind: [kind(*record) for record in records]))
        print(kind.__name__, "made and checked", milliseconds(lambda kind=kind: [kind(**r) for r in records]))
        print(kind.__name__, "rendered", milliseconds(lambda rows=rows: by_name.render(rows=rows)))
    print("record rendered", milliseconds(lambda: by_name.render(rows=records)))
    print("record unpacked", milliseconds(lambda: unpacked.render(rows=records)))
    rows = [listed(number) for number in range(50)]
    about = {"time_zone": "Asia/Jakarta", "now": datetime.now(UTC), "is_selectable": True}
    about |= {word: blank(word) for word in ("age", "due", "is_late")}
    make = functools.partial(Mould, "partials/problems/row.html")
    print("rows of the list made", milliseconds(lambda: [make({"row": row, **about}) for row in rows]))
    moulds, age = (
        [make({"row": row, **about}) for row in rows],
        {"age": "3 hari 4 jam", "due": "sisa 3 jam", "is_late": ""},
    )
    print("rows that are kept filled", milliseconds(lambda: poured((mould, age) for mould in moulds)))


if __name__ == "__main__":
    asyncio.run(main())
