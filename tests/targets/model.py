"""Working time and promises as SPEC says them, minute by minute, in plain Python: slow, and without a look at the SQL.

All moments are whole minutes, counted from BEGIN in UTC. What is known at a minute decides about that minute, for good.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate, pairwise
from typing import NamedTuple

BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
DAYS = 100
MINUTES = DAYS * 24 * 60
AHEAD = {"Asia/Jakarta": 7, "Asia/Makassar": 8, "Asia/Jayapura": 9}  # hours; there is no summer time

KEPT = {"all": ("national", "joint"), "national": ("national",), "none": ()}  # kinds of holidays

Shift = tuple[int, int, int]  # day of the week (1: Monday), from and until which minute of it


@dataclass(frozen=True)
class Calendar:
    """When somebody works; by the clocks of `zone`, or of the store. It keeps all holidays, the national ones, or none."""

    zone: str | None
    closes_on: str
    shifts: tuple[Shift, ...]


class Target(NamedTuple):
    """What is promised, in minutes: of all, or (`part`) of one holder."""

    priority: int | None
    category: str | None
    holder: str | None
    response: int | None
    resolution: int | None


class Allowed(NamedTuple):
    """Minutes until it is answered and solved, and that its holder has."""

    response: int | None
    resolution: int | None
    part: int | None


@dataclass
class World:
    """What is known at present; the minutes that are over keep what was known in them."""

    general: str
    calendars: dict[str, Calendar]
    zones: Mapping[str, str]  # of stores
    areas: dict[str, str | None]  # of stores
    parents: Mapping[str, str | None]  # of areas
    of_division: dict[str, str] = field(default_factory=dict)
    of_store: dict[str, str] = field(default_factory=dict)
    of_area: dict[str, str] = field(default_factory=dict)
    holidays: dict[date, str] = field(default_factory=dict)
    targets: list[Target] = field(default_factory=list)
    categories: Mapping[str, str | None] = field(default_factory=dict)  # parents of categories
    marks: dict[tuple[str, str], bytearray] = field(default_factory=dict)  # 1: it is worked in that minute
    _sums: dict[tuple[str, str], list[int]] = field(default_factory=dict)

    def know(self, minute: int, codes: Iterable[str]) -> None:
        """From this minute on these calendars are as they are now."""
        self._sums.clear()
        for code in codes:
            for zone in AHEAD:
                fresh = self._mark(self.calendars[code], zone)
                old = self.marks.get((code, zone), fresh)
                self.marks[code, zone] = old[:minute] + fresh[minute:]

    def _mark(self, calendar: Calendar, zone: str) -> bytearray:
        marks = bytearray(MINUTES)
        for number in range(-1, DAYS + 1):
            midnight = BEGIN + timedelta(days=number) - timedelta(hours=AHEAD[zone])
            day = (BEGIN + timedelta(days=number)).date()
            if (
                self.holidays.get(day)
                in {"all": ("national", "joint"), "national": ("national",), "none": ()}[calendar.closes_on]
            ):
                continue
            start = int((midnight - BEGIN).total_seconds()) // 60
            for weekday, opens, closes in calendar.shifts:
                if weekday == day.isoweekday():
                    first, last = max(start + opens, 0), min(start + closes, MINUTES)
                    if first < last:
                        marks[first:last] = b"\x01" * (last - first)
        return marks

    def calendar_of(self, holder: str, store: str) -> tuple[str, str]:
        """Whose working time counts while that one has a problem of the store, and by which clocks."""
        code = self.of_division.get(holder) or self.of_store.get(store)
        area = self.areas[store]
        while code is None and area is not None:
            code, area = self.of_area.get(area), self.parents[area]
        code = code or self.general
        return code, self.calendars[code].zone or self.zones[store]

    def allowed(self, priority: int | None, category: str | None, holder: str) -> Allowed:
        """What is promised by the targets of now."""
        above = []
        while category is not None:
            above.append(category)
            category = self.categories[category]

        def best(targets: Iterable[Target], what: str) -> int | None:
            fitting = [
                t
                for t in targets
                if getattr(t, what) is not None
                and t.priority in (None, priority)
                and (t.category is None or t.category in above)
            ]
            fitting.sort(key=lambda t: (above.index(t.category) if t.category else 99, t.priority is None))
            return getattr(fitting[0], what) if fitting else None

        of_all, own = [t for t in self.targets if t.holder is None], [t for t in self.targets if t.holder == holder]
        return Allowed(best(of_all, "response"), best(of_all, "resolution"), best(own, "resolution"))

    def worked(self, key: tuple[str, str], first: int, last: int) -> int:
        """The minutes that are worked of these."""
        return sum(self.marks[key][first:last])

    def when(self, key: tuple[str, str], minute: int, left: int) -> int:
        """The minute by whose beginning so many more are worked, as far as is known now."""
        sums = self._sums.get(key)
        if sums is None:
            sums = self._sums[key] = [0, *accumulate(self.marks[key])]
        wanted = sums[minute] + left
        low, high = minute, MINUTES
        assert sums[high] >= wanted, "the world ends too soon"
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if sums[middle] < wanted else (low, middle)
        return low


@dataclass(frozen=True)
class State:
    """What of a problem decides about its promises."""

    status: str
    holder: str
    waiting_for: str | None = None
    priority: int | None = None
    category: str | None = None

    @property
    def stands(self) -> bool:
        """Whether the clock does."""
        return self.waiting_for in ("reporter", "vendor")

    @property
    def is_over(self) -> bool:
        """Whether nothing is promised."""
        return self.status in ("closed", "void")


@dataclass(frozen=True)
class Piece:
    """A time in which nothing that matters changed, and what was promised in it; minutes."""

    since: int
    until: int | None
    state: State
    key: tuple[str, str]
    allowed: Allowed
    used: int
    part_used: int
    answered: int | None
    dues: tuple[int | None, int | None, int | None]


@dataclass
class Life:
    """One problem of a store, and what was promised of it."""

    number: int
    store: str
    state: State
    pieces: list[Piece] = field(default_factory=list)

    def become(self, world: World, minute: int, state: State) -> None:
        """It is so from this minute on."""
        self.state = state
        last = self.pieces[-1] if self.pieces else None
        current = last if last and last.until is None else None
        spent = 0 if last is None or last.state.stands else world.worked(last.key, last.since, last.until or minute)
        piece = None
        if not state.is_over:
            piece = self._promise(world, minute, last, current, spent)
            if current and _alike(current, piece):
                return
        if current:
            self.pieces[-1] = replace(current, until=minute)
        if piece:
            self.pieces.append(piece)

    def _promise(self, world: World, minute: int, last: Piece | None, current: Piece | None, spent: int) -> Piece:
        state, goes_on = self.state, current is not None and current.state.holder == self.state.holder
        key = world.calendar_of(state.holder, self.store)
        allowed = world.allowed(state.priority, state.category, state.holder)
        used = last.used + spent if last else 0
        part_used = current.part_used + spent if current and goes_on else 0
        answered = last.answered if last else None
        if answered is None and state.status != "reported":
            answered = used
        before = last.dues if last else (None, None, None)
        clocks = ((allowed.response, used, 0), (allowed.resolution, used, 1), (allowed.part, part_used, 2))
        dues = []
        for minutes, spent_of, place in clocks:
            is_running = (place != 0 or answered is None) and minutes is not None
            was = before[place] if place != 2 or goes_on else None
            if not is_running:
                dues.append(None)
            elif minutes <= spent_of:
                dues.append(was if was is not None and was <= minute else minute)
            else:
                dues.append(None if state.stands else world.when(key, minute, minutes - spent_of))
        return Piece(minute, None, state, key, allowed, used, part_used, answered, tuple(dues))


def _alike(a: Piece, b: Piece) -> bool:
    of = ("holder", "waiting_for", "priority", "category")
    return (
        all(getattr(a.state, name) == getattr(b.state, name) for name in of)
        and (a.key, a.allowed, a.dues) == (b.key, b.allowed, b.dues)
        and (a.answered is None) == (b.answered is None)
    )


def split(world: World, life: Life) -> dict[tuple[str, str | None], int]:
    """The worked minutes of a life by holder and what was waited for, each minute looked at."""
    parts: dict[tuple[str, str | None], int] = {}
    for piece in life.pieces:
        if piece.until is not None:
            minutes = sum(1 for minute in range(piece.since, piece.until) if world.marks[piece.key][minute])
            whose = piece.state.holder, piece.state.waiting_for
            parts[whose] = parts.get(whose, 0) + minutes
    return parts


def missed_at(world: World, life: Life) -> int | None:
    """When all that is allowed for the solution was used up, looking at one minute after the other; None: it never was, or the
    allowance was not one and the same."""
    if len({piece.allowed.resolution for piece in life.pieces}) != 1 or life.pieces[0].allowed.resolution is None:
        return None
    left = life.pieces[0].allowed.resolution
    for piece in life.pieces:
        for minute in range(piece.since, piece.until or piece.since):
            if not piece.state.stands and world.marks[piece.key][minute]:
                left -= 1
                if left == 0:
                    return minute + 1
    return None


def adjoining(life: Life) -> bool:
    """Whether the pieces follow one another, with a break only where it was over."""
    return all(a.until is not None and a.until <= b.since for a, b in pairwise(life.pieces))
