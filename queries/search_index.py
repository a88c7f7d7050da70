"""The index by which problems are found by text: what it is asked for, and the ways along it (GIN of trigrams and of keys)."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from asyncpg import Connection, Record

from queries.employees import Reach
from queries.problem_filter import (
    EPOCH,
    LAST_DAY,
    LAST_RANK,
    ORDERS,
    UNFINISHED,
    Filter,
    Match,
    Place,
    place_by_due,
)
from queries.search_statements import (
    Shape,
    count_each_for,
    count_for,
    count_from_newest_for,
    read_for,
    read_from_newest_for,
    walk_for,
)

STATUSES = ("reported", "open", "waiting", "escalated", "closed", "void")
PATTERNS = 3  # that the index looks for; by the others only what it finds for these is compared
LAST = 2**62  # beyond the numbers of problems


class Asked(NamedTuple):
    """Patterns that must all be found; keys of `search_keys` (schema.sql) that a problem must all have; and sets of keys, of each
    of which it must have one. The store, NIK and area of a manager of an area, of which there are no keys."""

    patterns: Sequence[str]
    keys: Sequence[str]
    either: Sequence[Sequence[str]]
    within: tuple[str, str, str] | None = None

    def shape(self, by_block: bool = False) -> Shape:
        """What its statements are made for: there are as many as shapes, each planned once."""
        return Shape(
            patterns=len(self.patterns[:PATTERNS]),
            compares=len(self.patterns) > PATTERNS,
            has_keys=bool(self.keys) or by_block,
            sets=len(self.either),
            by_block=by_block,
            in_area=self.within is not None,
        )

    def parameters(self, shape: Shape) -> list[Any]:
        """Those of a statement of its shape."""
        compared = [self.patterns[PATTERNS:]] if shape.compares else []
        return [
            *self.patterns[:PATTERNS],
            *compared,
            *([self.keys] if shape.has_keys else []),
            *self.either,
            *(self.within or ()),
        ]


def ask(viewer: Reach, filter: Filter, status: str | None) -> Asked:
    """What the index is asked for: what the filter finds by its text in the viewer's reach, of a status that is named apart."""
    codes = {
        "s": None if status == UNFINISHED else status,
        "y": filter.year,
        "d": filter.division,
        "m": filter.department,
        "i": filter.pic,
        "t": filter.store,
        "p": filter.priority,
        "r": filter.reporter,
    }
    keys = [f"{letter}{code}" for letter, code in codes.items() if code is not None]
    either = [[f"s{one}" for one in STATUSES if filter.has_status(one)]] if status == UNFINISHED else []
    if filter.mine:
        nik, divisions = filter.mine
        either.append([f"e{nik}", f"i{nik}", *(f"u{division}" for division in divisions)])
    if viewer.sees_all:
        return Asked(filter.patterns or (), keys, either)
    if viewer.area_code is not None:
        return Asked(filter.patterns or (), keys, either, (viewer.store_code, viewer.nik, viewer.area_code))
    return Asked(filter.patterns or (), keys, [*either, [f"t{viewer.store_code}", f"r{viewer.nik}"]])


def start_of(sort: str, place: Place | None, back: bool) -> tuple:
    """A place of an order of ORDERS, as matches have theirs; without one, that from which a walk finds all."""
    key, down = ORDERS[sort]
    if key == "due":
        place = place_by_due(place, back=back)
        return (place.moment, place.id) if place.rank < LAST_RANK else (LAST_DAY, -place.id)
    if place is not None:
        return (place.moment if key == "changed" else place.rank, place.id)
    first, last = {"id": (0, 0), "priority": (1, 6), "changed": (EPOCH, LAST_DAY)}[key]
    return (last, LAST) if down != back else (first, 0)


async def walk(connection: Connection, asked: Asked, key: str, down: bool, start: tuple, limit: int) -> list[Match]:
    """The first matches that follow a place in an order, up or down: block by block (LATERAL takes them in their order), and no
    more of them than it takes to find so many."""
    shape = asked.shape(by_block=True)
    statement = walk_for(shape, key, down)
    return matches_of(await connection.fetch(statement, *asked.parameters(shape), *start, limit))


async def read_up_to(connection: Connection, asked: Asked, limit: int) -> list[Match]:
    """What the index finds, in no order, up to a limit."""
    shape = asked.shape()
    return matches_of(await connection.fetch(read_for(shape), *asked.parameters(shape), limit))


async def read_from_newest(connection: Connection, asked: Asked, limit: int) -> list[Match]:
    """The same, block by block, where it may be much more: so many are soon found among the newest."""
    shape = asked.shape(by_block=True)
    return matches_of(await connection.fetch(read_from_newest_for(shape), *asked.parameters(shape), limit))


async def count_up_to(connection: Connection, asked: Asked, limit: int) -> int:
    """How many the index finds, up to a limit."""
    shape = asked.shape()
    return await connection.fetchval(count_for(shape), *asked.parameters(shape), limit)


async def count_each(connection: Connection, asked: Asked, statuses: Sequence[str], limit: int) -> dict[str, int]:
    """The same in each of `statuses`."""
    shape = asked.shape(by_block=True)
    rows = await connection.fetch(count_each_for(shape), *asked.parameters(shape), statuses, limit)
    return {row["status"]: row["number"] for row in rows}


async def count_from_newest(connection: Connection, asked: Asked, top: int, limit: int) -> int:
    """How many it finds of numbers below `top`, where what is found is everywhere: so many are soon found among the newest."""
    shape = asked.shape(by_block=True)
    return await connection.fetchval(count_from_newest_for(shape), *asked.parameters(shape), top, limit)


def matches_of(rows: Iterable[Record]) -> list[Match]:
    """Rows of MATCH of queries/search_statements.py."""
    return [Match(row["id"], row["status"], row["priority"], row["changed_at"], row["due_at"]) for row in rows]
