"""A month's recap as sheets: its numbers by holder, area, store, category and priority, as on its page; in CSV in one table."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple, get_args

from asyncpg import Connection

from formats.recap import HELD, KEPT, MISSED, NO_AREA, NUMBERS, RESOLUTION, RESPONSE, UNIDENTIFIED, WAITED
from formats.sheets import Cell, Column, Sheet
from forms.fields import label_codes
from forms.recap import BY_WORDS
from queries.areas import list_areas
from queries.categories import list_tree
from queries.departments import list_departments
from queries.divisions import list_divisions
from queries.exports import Order
from queries.recap import NOTHING, TIMES, By, Cut, Numbers, get_total, list_numbers
from queries.recap_standing import get_freeze
from queries.restatements import get_difference, list_differences
from queries.roll_up import Rolled, in_order, roll_up, with_restated
from queries.service import UNKNOWN, Service, get_service, get_service_month, list_service
from queries.stores import list_named
from web.writing import SheetFile

NOW, FROZEN, SINCE = "Saat ini", "Dibekukan", "Selisih sejak dibekukan"
# What the columns beside the numbers say.
WORDS = (
    (
        "Angka",
        f"{NOW}: yang dihitung ketika diekspor. {FROZEN}: seperti saat bulan itu dibekukan, tidak berubah lagi."
        f" {SINCE}: yang ditambahkan untuk angka sekarang.",
    ),
    ("Kategori induk", "Kategori di atasnya, yang angkanya sudah memuat angka kategori di bawahnya."),
    ("Wilayah induk", "Wilayah di atasnya, yang angkanya sudah memuat angka wilayah di bawahnya."),
)
PARENTS = {"area": "Wilayah induk", "category": "Kategori induk"}  # of the rows of a tree
COUNTS = tuple(Column(number.label, "number", 15) for number in NUMBERS)
SERVICE = (
    *(
        Column(f"{number.label} ({which})", "duration", 24)
        for number in (RESPONSE, RESOLUTION)
        for which in ("median", "p90")
    ),
    *(Column(label, "number", 15) for label in (f"{KEPT.label} (%)", f"{KEPT.label} (kendala)", MISSED.label)),
)
LENGTHS = tuple(
    Column(f"{number.label} ({which})", "duration", 24) for number in (HELD, WAITED) for which in ("median", "p90")
)


class _Line(NamedTuple):
    """A row before it is written: by what, its label, the category or area above it, which numbers they are, and these."""

    by: str
    label: str
    parent: str | None
    which: str
    numbers: Numbers
    service: Service = UNKNOWN


async def write_recap(connection: Connection, order: Order, file: SheetFile) -> int:
    """Write the month; how many rows it has, those of all counted once, though they stand in each sheet."""
    lines = {by: await _list_lines(connection, order, by) for by in get_args(By)}
    all_of_it = [line for line in lines["holder"] if not line.by]
    every = all_of_it + [line for of_by in lines.values() for line in of_by if line.by]
    if order.format == "csv":
        await _write(file, order, "Rekap", "", every)
    else:
        for by, of_by in lines.items():
            await _write(file, order, f"Rekap per {BY_WORDS[by].lower()}", by, of_by)
    return len(every)


async def _write(file: SheetFile, order: Order, title: str, by: str, lines: Sequence[_Line]) -> None:
    """A sheet by one thing, or by all that there is: there each row says its month, so that several can be put together."""
    above = [Column(BY_WORDS[by], width=40)] if by else [*map(Column, ("Bulan", "Menurut")), Column("Baris", width=40)]
    parents, has_times = [tree for tree in PARENTS if by in ("", tree)], by in ("", "holder")
    columns = [
        *above,
        *(Column(PARENTS[tree], width=30) for tree in parents),
        Column("Angka", width=22),
        *COUNTS,
        *SERVICE,
    ]
    await file.begin(Sheet(title, [*columns, *(LENGTHS if has_times else ())]))
    month = None if by else order.filter["month"][:7]
    await file.write(_cells(line, month, parents=parents, has_times=has_times) for line in lines)


def _cells(line: _Line, month: str | None, *, parents: Sequence[str], has_times: bool) -> list[Cell]:
    return [
        *([month, BY_WORDS.get(line.by, "Semua")] if month else []),
        line.label,
        *(line.parent if line.by == tree else None for tree in parents),
        line.which,
        *(getattr(line.numbers, number.name) for number in NUMBERS),
        *(line.service[:4]),
        line.service.share,
        *(line.service[4:] if line.which != SINCE else (None, None)),
        *((getattr(line.numbers, name) for name in TIMES) if has_times else ()),
    ]


async def _list_lines(connection: Connection, order: Order, by: By) -> list[_Line]:
    """The row of all, and those by something; of a frozen month, after a number what is to be added for that of now."""
    cut = _cut_of(order, by)
    which = FROZEN if await get_freeze(connection, cut.month) else NOW
    is_kept = await get_service_month(connection, cut.month) is not None
    service = await get_service(connection, cut, kept=is_kept)
    total = _Line("", order.filter["title"], None, which, await get_total(connection, cut), service)
    lines = [(total, await get_difference(connection, cut))]
    differences = await list_differences(connection, cut)
    numbers = with_restated(await list_numbers(connection, cut), differences)
    if by == "category":
        rolled = roll_up(await list_tree(connection), numbers, differences)
        lines += [_of_tree(by, row, which, UNIDENTIFIED) for row in rolled]
    elif by == "area":
        lines += [
            _of_tree(by, row, which, NO_AREA) for row in in_order(await list_areas(connection), numbers, differences)
        ]
    else:
        labels = await _labels(connection, by, [row.key for row in numbers])
        numbers = sorted(numbers, key=lambda row: row.key or "9") if by == "priority" else numbers
        lines += [
            (_Line(by, labels.get(row.key, UNIDENTIFIED), None, which, row), differences.get(row.key, NOTHING))
            for row in numbers
        ]
    services = await list_service(connection, cut, kept=is_kept)
    lines[1:] = [(line._replace(service=services.get(line.numbers.key, UNKNOWN)), change) for line, change in lines[1:]]
    return [line for pair in lines for line in _with_difference(*pair)]


def _cut_of(order: Order, by: By) -> Cut:
    month, holders, store = (order.filter[name] for name in ("month", "holders", "store"))
    area = order.filter.get("area")  # exports that were asked for by the version before name none
    return Cut(date.fromisoformat(month), by, None if holders is None else tuple(holders), store, area)


def _with_difference(line: _Line, difference: Numbers) -> list[_Line]:
    return [line, line._replace(which=SINCE, numbers=difference, service=UNKNOWN)] if any(difference[1:14]) else [line]


async def _labels(connection: Connection, by: By, keys: Sequence[str]) -> dict[str, str]:
    """What the rows are called, by their keys."""
    if by == "priority":
        return {key: f"P{key}" for key in keys if key}
    if by == "store":
        return {store[0]: label for store in await list_named(connection, [*keys]) for _, label in label_codes([store])}
    holders = [*await list_divisions(connection), *await list_departments(connection)]
    return dict(label_codes((holder[0], holder[1]) for holder in holders))


def _of_tree(by: By, row: Rolled, which: str, rest: str) -> tuple[_Line, Numbers]:
    names = [label_codes([(node.code, node.name)])[0][1] if node else None for node in (row.node, row.above)]
    return _Line(by, names[0] or rest, names[1], which, row.numbers), row.difference
