"""What the list of problems is narrowed to, its orders, and the places in them (keyset)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

COUNT_LIMIT = 1_000  # of what is found by its text, which has to be read: a count beyond says "more than"
UNFINISHED = "unfinished"  # stands for the statuses of what is neither closed nor void
# The orders of the list: what each goes by, and whether down. Of what has the same priority the oldest comes first. What is not
# due stands behind all that is, the newest first.
ORDERS = {
    "newest": ("id", True),
    "oldest": ("id", False),
    "priority": ("priority", False),
    "changed": ("changed", True),
    "due": ("due", False),
}
# What narrows the list, beside the status and what is searched.
NARROWING = ("year", "division", "department", "pic", "mine", "store", "priority", "reporter")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST_DAY = datetime(6000, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
LAST_RANK = 10**17  # as a moment in microseconds it is of the year 5138; by what is due, the rank of all that is not


class Match(NamedTuple):
    """A problem that was found, and where it stands in each order."""

    id: int
    status: str
    priority: int
    changed_at: datetime
    due_at: datetime | None

    def place(self, key: str) -> tuple:
        """Where it stands in an order by a key of ORDERS: its rank, if that has one, before its number."""
        if key == "due":
            return (self.due_at, self.id) if self.due_at else (LAST_DAY, -self.id)
        ranks = {"priority": (self.priority, self.id), "changed": (self.changed_at, self.id)}
        return ranks.get(key, (0, self.id))


class Found(NamedTuple):
    """What a search has found. `few` is all of it; or None, if many have it: then `newest` is how many among the newest have, and
    `least` how many of a status at the least. `named` are problems that are found whatever their text, `others` those of them
    that are not found by it."""

    few: list[Match] | None
    newest: int
    least: Mapping[str, int]
    named: list[Match]
    others: list[Match]


@dataclass(frozen=True)
class Filter:
    """What the list is narrowed to; None stands for all. `status` may be UNFINISHED. Of a PIC the department is named as well.
    `mine` are a NIK and that person's divisions: what they are to work on.

    `patterns` are LIKE patterns that must all be found, in problems of higher numbers than `since`; `noted` are problems that are
    found whatever their text. `found` is what they have found already, if that is known.
    """

    year: int | None = None
    status: str | None = None
    division: str | None = None
    department: str | None = None
    pic: str | None = None
    mine: tuple[str, list[str]] | None = None
    store: str | None = None
    priority: int | None = None
    reporter: str | None = None
    patterns: list[str] | None = None
    number: int | None = None
    noted: list[int] | None = None
    since: int | None = None
    found: Found | None = None

    def has_status(self, status: str) -> bool:
        """Whether the status of a problem is one of those that are chosen."""
        return self.status in (None, status) or (self.status == UNFINISHED and status not in ("closed", "void"))

    @property
    def is_search(self) -> bool:
        """Whether it finds problems by their text or their number."""
        return self.patterns is not None or self.number is not None

    @property
    def count_limit(self) -> int | None:
        """Beyond which nothing is counted; None: there is none."""
        return COUNT_LIMIT if self.patterns else None

    @property
    def narrowing(self) -> frozenset[str]:
        """Which of NARROWING are set."""
        return frozenset(name for name in NARROWING if getattr(self, name) is not None)

    @property
    def values(self) -> tuple:
        """All but what is searched, in the order in which the walks of the list take them."""
        held = self.division, self.department, self.pic, *(self.mine or (None, None))
        return self.year, *held, self.store, self.priority, self.reporter, self.status

    @property
    def parameters(self) -> tuple:
        """In the order in which the statements of the list name them, the status last."""
        held = self.division, self.department, self.pic, *(self.mine or (None, None))
        return (
            self.year,
            *held,
            self.store,
            self.priority,
            self.reporter,
            self.patterns,
            self.number,
            self.noted,
            self.status,
        )


class Place(NamedTuple):
    """Where in an order a problem stands: its rank in it, and its number. By change, and by what is due, the rank is in
    microseconds."""

    rank: int
    id: int

    @property
    def moment(self) -> datetime:
        """The rank as a moment. Raises OverflowError beyond the calendar."""
        return EPOCH + self.rank * MICROSECOND


# Before and after all problems, in every order but by what is due.
FIRST = Place(0, 0)
LAST = Place(LAST_RANK, 2**63 - 1)


def place_in(sort: str, number: int, priority: int | None, changed_at: datetime, due_at: datetime | None) -> Place:
    """Where in an order a problem stands; by priority, what has none comes last."""
    due = (due_at - EPOCH) // MICROSECOND if due_at else LAST_RANK
    ranks = {"priority": priority or 6, "changed": (changed_at - EPOCH) // MICROSECOND, "due": due}
    return Place(ranks.get(sort, 0), number)


def place_by_due(place: Place | None, *, back: bool) -> Place:
    """A place in the order of what is due; for None that before all, or, going back, behind all."""
    return place or (Place(LAST_RANK, 0) if back else FIRST)


def split_by_due(place: Place) -> tuple[int, int, datetime]:
    """The same as the walks take it: the number that what is not due begins beside, and the number and the moment of what is."""
    if place.rank < LAST_RANK:  # all that is not due is behind it
        return LAST.id, place.id, place.moment
    return place.id, LAST.id, LAST.moment
