"""Fields of working time: the shifts of a week, and lengths of it in minutes (business hours)."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar, NamedTuple

from formats.indonesian import working_time
from formats.text import clean, folded
from forms.fields import Choices, Field, Raw, Wrong
from forms.times import Day, Duration

DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
SPANS = (("1-7", "Setiap hari"), ("1-6", "Senin–Sabtu"), ("1-5", "Senin–Jumat"))
WEEK = (*SPANS, *((str(number), day) for number, day in enumerate(DAYS, 1)))
MIDNIGHT = 24 * 60
ROWS = 84  # of one form at most
YEAR = 365 * MIDNIGHT

Shift = tuple[int, int, int]  # day of the week (1: Monday), from and until which minute of it


class Row(NamedTuple):
    """A row of the field, as typed."""

    day: str = ""
    opens: str = ""
    closes: str = ""


@dataclass(frozen=True)
class Shifts(Field):
    """When somebody works in a week: rows of a day, or of several, from when, and until when. What goes on over midnight is two
    shifts. A value is all shifts in their order, as lists of three numbers."""

    control: ClassVar[str] = "shifts"

    choices_of_day: ClassVar[Sequence[tuple[str, str]]] = WEEK

    def typed(self, raw: Raw) -> tuple[str, ...]:
        """The rows in which something stands."""
        rows = (
            [clean(raw.get(f"{self.name}-{number}-{part}", "")).replace("|", " ") for part in Row._fields]
            for number in range(ROWS)
        )
        return tuple("|".join(row) for row in rows if any(row))

    def value_of(self, typed: Sequence[str], choices: Choices | None) -> list[list[int]]:
        """Raises Wrong."""
        shifts = sorted(shift for number, row in enumerate(typed, 1) for shift in _shifts(number, Row(*row.split("|"))))
        for before, after in pairwise(shifts):
            if before[0] == after[0] and after[1] < before[2]:
                raise Wrong(f"{DAYS[after[0] - 1]}: {_span(before)} dan {_span(after)} bertumpuk.")
        return [list(shift) for shift in shifts]

    def rows(self, typed: Sequence[str]) -> list[Row]:
        """The rows that are shown: those in which something stands, and some more."""
        filled = [Row(*row.split("|")) for row in typed]
        return filled + [Row()] * min(max(3, 6 - len(filled)), ROWS - len(filled))

    def again(self, value: Iterable[Sequence[int]]) -> tuple[str, ...]:
        """What would have been typed for a value, in as few rows as there may be."""
        days: dict[tuple[int, int], set[int]] = {}
        for day, opens, closes in value:
            days.setdefault((opens, closes), set()).add(day)
        rows = [(min(of), opens, closes, of) for (opens, closes), all_days in days.items() for of in _split(all_days)]
        return tuple(
            f"{_code(of)}|{_clock(opens)}|{_clock(closes)}" for _, opens, closes, of in sorted(rows, key=_place)
        )

    def shown(self, value: Iterable[Sequence[int]]) -> str:
        """The value as a person reads it."""
        words = dict(WEEK)
        rows = (row.split("|") for row in self.again(value))
        return "; ".join(f"{words[day]} {opens}–{closes}" for day, opens, closes in rows)


@dataclass(frozen=True)
class Minutes(Duration):
    """A length of working time; a value is whole minutes."""

    def value_of(self, typed: str, choices: Choices | None) -> int:  # type: ignore[override]
        """Raises Wrong."""
        minutes = int(super().value_of(typed, choices).total_seconds()) // 60
        if not 1 <= minutes <= YEAR:
            raise Wrong(f"{self.label} paling sedikit 1 menit, dan paling lama 365 hari.")
        return minutes

    def again(self, value: Any) -> str:
        """What would have been typed for it."""
        return self.shown(value) if value else ""

    def shown(self, value: int) -> str:
        """As a person reads it."""
        return working_time(value * 60)


@dataclass(frozen=True)
class DayCode(Day):
    """A date by which something is known: 2026-08-17."""

    def value_of(self, typed: str, choices: Choices | None) -> str:  # type: ignore[override]
        """Raises Wrong."""
        day = super().value_of(typed, choices)
        if not 2000 <= day.year < 2100:
            raise Wrong(f"{self.label} dari tahun 2000 sampai 2099.")
        return day.isoformat()


def _shifts(number: int, row: Row) -> list[Shift]:
    where = f"Baris {number}"
    if row.day not in dict(WEEK):
        raise Wrong(f"{where}: Hari belum dipilih.")
    first, _, last = row.day.partition("-")
    opens, closes = _minute(row.opens, f"{where}: Dari"), _minute(row.closes, f"{where}: Sampai")
    if opens == MIDNIGHT:
        raise Wrong(f"{where}: Dari paling akhir 23.59.")
    if opens == closes:
        raise Wrong(f"{where}: Dari dan Sampai tidak boleh sama.")
    days = range(int(first), int(last or first) + 1)
    if opens < closes:
        return [(day, opens, closes) for day in days]
    over = [(day % 7 + 1, 0, closes) for day in days] if closes else []
    return [*((day, opens, MIDNIGHT) for day in days), *over]


def _minute(typed: str, what: str) -> int:
    found = re.fullmatch(r"(\d\d?)(?:[.:](\d\d))?", folded(typed))
    minute = int(found[1]) * 60 + int(found[2] or 0) if found else MIDNIGHT + 1
    if found is None or minute > MIDNIGHT or int(found[2] or 0) > 59:
        raise Wrong(f"{what} ditulis seperti 08.00, paling akhir 24.00.")
    return minute


def _split(days: set[int]) -> list[set[int]]:
    """The days in as few rows as there may be."""
    for span, _ in SPANS:
        if (spanned := set(range(1, int(span[2]) + 1))) <= days:
            return [spanned, *({day} for day in sorted(days - spanned))]
    return [{day} for day in sorted(days)]


def _place(row: tuple[int, int, int, set[int]]) -> tuple[int, int, int]:
    """Several days come before one that begins with them."""
    return row[0], -len(row[3]), row[1]


def _code(days: set[int]) -> str:
    return f"1-{max(days)}" if len(days) > 1 else str(min(days))


def _clock(minute: int) -> str:
    return f"{minute // 60:02}.{minute % 60:02}"


def _span(shift: Sequence[int]) -> str:
    return f"{_clock(shift[1])}–{_clock(shift[2])}"
