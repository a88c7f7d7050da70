"""The numbers of the recap, slowly: from the events of each problem and nothing else, as SPEC §4 says them.

It replays what was before and after each event, and knows neither custody nor what SIH has counted.
"""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import NamedTuple
from zoneinfo import ZoneInfo

Row = tuple[str, str, str]  # holder ('' for the company), by, key


# The minutes until it is solved, by priority; working hours, of Monday to Friday.
ALLOWED = {"": 2400, "1": 240, "2": 480, "3": 960, "4": 2400, "5": 4800}
SHIFTS = ((8, 12), (13, 17))


class Served(NamedTuple):
    """That a problem was opened or closed, after so many seconds of working time; of a closure whether it was too late."""

    problem_id: int
    kind: str
    worked: int
    late: bool


class Told(NamedTuple):
    """A problem as its rows tell of it: its store, what it is identified as now, and its events (at, cause, before, after)."""

    id: int
    store: str
    zone: str
    category: str
    priority: str
    events: list[tuple[datetime, str, dict, dict]]


@dataclass
class Book:
    """What was counted: by month and row the problems of each number, and the times."""

    problems: dict[date, dict[Row, dict[str, list[int]]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    )
    times: dict[date, dict[str, list[tuple[timedelta, timedelta]]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )

    services: dict[date, dict[Row, list["Served"]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )

    def count(self, row: Row, month: date, number: str) -> int:
        return len(self.problems[month][row][number])

    def percentile(self, month: date, holder: str, share: float) -> tuple[timedelta | None, timedelta | None]:
        """Of the times held and waited: the smallest that so many of them do not exceed."""
        found = self.times[month][holder]
        place = math.ceil(share * len(found)) - 1
        return (sorted(h for h, _ in found)[place], sorted(w for _, w in found)[place]) if found else (None, None)


def months(first: date, last: date) -> Iterable[date]:
    while first <= last:
        yield first
        first = month_after(first)


def month_after(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def read(problems: Iterable[Told], last: date) -> Book:
    """Everything up to and with the month `last`."""
    book = Book()
    for told in problems:
        _Reading(book, told).read(last)
    return book


def worked_by(at: datetime, zone: str) -> Fraction:
    """The seconds of working time from a Monday long ago until a moment."""
    local = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    days = (local.date() - date(2015, 1, 5)).days
    full = days // 7 * 5 + min(days % 7, 5)
    seconds = Fraction(sum(closes - opens for opens, closes in SHIFTS) * 3600 * full)
    if days % 7 < 5:
        passed = Fraction((local - datetime.combine(local.date(), time())) // timedelta(microseconds=1), 1_000_000)
        seconds += sum(
            min(max(passed - opens * 3600, Fraction(0)), (closes - opens) * 3600) for opens, closes in SHIFTS
        )
    return seconds


class _Reading:
    """One problem, replayed."""

    def __init__(self, book: Book, told: Told) -> None:
        self._book, self._told, self._facts = book, told, {}
        self._since: datetime | None = None  # when its holder got it
        self._paused: datetime | None = None
        self._waited = timedelta()
        self._used, self._mark = (
            0,
            Fraction(0),
        )  # seconds of working time: used, and worked in all when that was counted

    def read(self, last: date) -> None:
        borders = months(self._month(self._told.events[0][0]), last)
        month = next(iter(borders))
        for at, cause, before, after in self._told.events:
            while month < self._month(at):
                self._turn(month)
                month = month_after(month)
            self._happen(at, cause, before, after)
        while month <= last:
            self._turn(month)
            month = month_after(month)

    def _month(self, at: datetime) -> date:
        return at.astimezone(ZoneInfo(self._told.zone)).date().replace(day=1)

    def _turn(self, month: date) -> None:
        """The month ends: what is unfinished is so at the beginning of the next."""
        if self._unfinished:
            self._note(month, "closing", self._holder)
            self._note(month_after(month), "opening", self._holder)

    @property
    def _unfinished(self) -> bool:
        return self._facts.get("status") in ("reported", "open", "waiting", "escalated")

    @property
    def _holder(self) -> str:
        return self._facts.get("division") or self._facts.get("department") or ""

    def _happen(self, at: datetime, cause: str, before: dict, after: dict) -> None:
        was, had, facts = self._unfinished, self._holder, self._facts
        if self._facts.get("status") == "waiting":
            self._waited += at - self._paused
        self._facts = {k: v for k, v in self._facts.items() if k not in before} | after
        self._paused = at
        was_used = self._use(at, facts)
        month, is_now, has = self._month(at), self._unfinished, self._holder
        leaves, comes = was and (not is_now or has != had), is_now and (not was or has != had)
        if cause in ("reported", "reopened", "restored"):
            self._note(month, cause, has)
        elif cause in ("opened", "returned", "closed", "voided", "confirmed", "auto-confirmed"):
            self._note(month, cause.replace("-", "_"), had)
        if leaves and is_now:
            self._note(month, "passed_on", had)
        if comes and cause != "reopened":
            self._note(month, "received", has)
        if leaves:
            time = at - self._since - self._waited, self._waited
            self._book.times[month][""].append(time)
            self._book.times[month][had].append(time)
        if cause in ("opened", "closed"):
            late = was_used >= ALLOWED[str(facts.get("priority", ""))] * 60
            self._serve(month, had, Served(self._told.id, cause, self._used, late and cause == "closed"))
        if comes:
            self._since, self._waited = at, timedelta()

    def _use(self, at: datetime, before: dict) -> Fraction:
        """Counts the working time since the event before, unless the clock stood: in whole seconds; what it was exactly, a moment
        before: what ends at the very moment when it is due is in time."""
        now, exactly = worked_by(at, self._told.zone), Fraction(self._used)
        if before.get("status") in ("reported", "open", "waiting", "escalated") and before.get("waiting_for") not in (
            "reporter",
            "vendor",
        ):
            exactly += worked_by(at - timedelta(microseconds=1), self._told.zone) - math.floor(self._mark)
            self._used += math.floor(now) - math.floor(self._mark)
        self._mark = now
        return exactly

    def _serve(self, month: date, holder: str, served: Served) -> None:
        told = self._told
        for whose in ("", holder):
            for by, key in (("", ""), ("store", told.store), ("category", told.category), ("priority", told.priority)):
                self._book.services[month][whose, by, key].append(served)
                if by in ("category", "priority"):
                    self._book.services[month][whose, f"{by} in {told.store}", key].append(served)

    def _note(self, month: date, number: str, holder: str) -> None:
        told = self._told
        for whose in ("", holder):
            for by, key in (("", ""), ("store", told.store), ("category", told.category), ("priority", told.priority)):
                self._book.problems[month][whose, by, key][number].append(told.id)
                if by in ("category", "priority"):
                    self._book.problems[month][whose, f"{by} in {told.store}", key][number].append(told.id)
