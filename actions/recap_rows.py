"""The rows of a month's recap as they are shown: labelled, in their order, each number with the address of what it counts."""

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import quote

from asyncpg import Connection

from actions.recap import RecapOffers
from formats.recap import NO_AREA, NUMBERS, UNIDENTIFIED
from forms.fields import label_codes
from forms.recap import RecapForm
from queries.categories import list_tree
from queries.recap import NOTHING, Numbers
from queries.roll_up import Rolled, in_order, roll_up
from queries.stores import list_named


class Row(NamedTuple):
    """A row of a month's table: its label, where it leads, the counts by name, with what is to be added for those of now, and the
    address of what each counts, but for the name. `below` is whether what it counts is in a row before."""

    key: str
    label: str
    url: str
    counted: str
    counts: list[tuple[str, int, int]]
    numbers: Numbers
    below: bool


async def label_rows(
    connection: Connection,
    recap: RecapForm,
    offers: RecapOffers,
    numbers: Sequence[Numbers],
    differences: Mapping[str, Numbers] = MappingProxyType({}),
) -> list[Row]:
    """The rows of `numbers`, labelled. Those of an area or a category hold those below it."""
    if recap.by == "area":
        return [_of_tree(recap, offers, row, NO_AREA) for row in in_order(offers.tree, numbers, differences)]
    if recap.by == "category":
        rolled = roll_up(await list_tree(connection), numbers, differences)
        return [_of_tree(recap, offers, row, UNIDENTIFIED) for row in rolled]
    labels = dict(offers.names)
    if recap.by == "store":
        labels = dict(await list_named(connection, [row.key for row in numbers]))
    if recap.by == "priority":  # what has none comes last
        numbers = sorted(numbers, key=lambda row: row.key or "9")
    return [
        _row(recap, offers, row, _label(recap.by, row.key, labels), differences.get(row.key, NOTHING))
        for row in numbers
    ]


def row_of_all(label: str, *, total: Numbers, difference: Numbers, url: str, **others: object) -> Row:
    """The row of all together, whose numbers count what stands at `url`."""
    return Row("", label, "", url, _counts(total, difference), total, below=False)


async def label_of(connection: Connection, recap: RecapForm, offers: RecapOffers, key: str) -> str | None:
    """What the row `key` is called; None if there can be no such row."""
    names = {"": UNIDENTIFIED}
    match recap.by:
        case "holder":
            names = dict(offers.names)
        case "area":
            names = dict(offers.areas) | ({"": NO_AREA} if len(offers.areas) == len(offers.tree) else {})
        case "store":
            names = dict(await list_named(connection, [key]))
        case "category":
            names |= {node.code: node.name for node in await list_tree(connection)}
        case "priority":
            names |= {str(priority): "" for priority in range(1, 6)}
    if not key and key in names:
        return names[""]
    return _label(recap.by, key, names) if key in names else None


def _label(by: str, key: str, names: dict[str, str]) -> str:
    if not key:
        return UNIDENTIFIED
    return f"P{key}" if by == "priority" else label_codes([(key, names.get(key, key))])[0][1]


def _of_tree(recap: RecapForm, offers: RecapOffers, row: Rolled, rest: str) -> Row:
    label = _label(recap.by, row.node.code, {row.node.code: row.node.name}) if row.node else rest
    return _row(recap, offers, row.numbers, label, row.difference, below=row.above is not None)


def leaves(rows: Sequence[Row]) -> list[Row]:
    """Those of which no parts follow."""
    return [row for row, following in zip_longest(rows, rows[1:]) if row.below or not (following and following.below)]


def _row(
    recap: RecapForm,
    offers: RecapOffers,
    numbers: Numbers,
    label: str,
    difference: Numbers,
    *,
    below: bool = False,
) -> Row:
    counted = f"{recap.url('/movements')}&key={quote(numbers.key)}&number="
    way = _way_into(recap, offers, numbers.key)
    return Row(numbers.key, label, way, counted, _counts(numbers, difference), numbers, below)


def _counts(numbers: Numbers, difference: Numbers) -> list[tuple[str, int, int]]:
    return [(number.name, getattr(numbers, number.name), getattr(difference, number.name)) for number in NUMBERS]


def _way_into(recap: RecapForm, offers: RecapOffers, key: str) -> str:
    """The address of the recap of one holder by category, of the stores of one area, or of one store by holder."""
    if recap.by == "area" and key:
        return recap.url(by="store", area=key)
    if recap.by == "store":
        return recap.url(by="holder", store=key)
    if recap.by == "holder":
        field = "department" if key in dict(offers.departments) else "division"
        return recap.url(by="category", **{field: key})
    return ""
