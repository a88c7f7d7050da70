"""Fields of dates, times and lengths of time."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import ClassVar

from formats.text import folded
from forms.fields import Choices, Field, Wrong

TEN_YEARS = timedelta(days=3653)


@dataclass(frozen=True)
class Day(Field):
    """A date, as <input type=date> sends it (2026-11-24) or as it is written (24-11-2026, 24/11/2026)."""

    control: ClassVar[str] = "date"

    def value_of(self, typed: str, choices: Choices | None) -> date:
        """Raises Wrong."""
        typed = folded(typed)
        match = re.fullmatch(r"(\d{4})-(\d\d?)-(\d\d?)|(\d\d?)[-/.](\d\d?)[-/.](\d{4})", typed)
        try:
            parts = [int(part) for part in match.groups() if part] if match else []
            return date(*parts) if match and match[1] else date(*parts[::-1])
        except (TypeError, ValueError):
            raise Wrong(f"{self.label} bukan tanggal.") from None


@dataclass(frozen=True)
class Clock(Field):
    """A time of day: 14.05 or 14:05."""

    control: ClassVar[str] = "time"

    def value_of(self, typed: str, choices: Choices | None) -> time:
        """Raises Wrong."""
        typed = folded(typed)
        match = re.fullmatch(r"(\d\d?)[.:](\d\d)(?::\d\d)?", typed)
        try:
            return time(int(match[1]), int(match[2])) if match else time(99)
        except ValueError:
            raise Wrong(f"{self.label} bukan jam.") from None


@dataclass(frozen=True)
class Moment(Field):
    """A date and a time as <input type=datetime-local> sends them; in which zone is not the field's to know."""

    control: ClassVar[str] = "datetime-local"

    def value_of(self, typed: str, choices: Choices | None) -> datetime:
        """Without a zone. Raises Wrong."""
        typed = folded(typed)
        try:
            return datetime.fromisoformat(re.fullmatch(r"(\d{4}-\d\d-\d\d[t ]\d\d:\d\d)(?::\d\d(?:\.\d+)?)?", typed)[1])  # type: ignore[index]
        except (TypeError, ValueError):
            raise Wrong(f"{self.label} bukan tanggal dan jam.") from None


@dataclass(frozen=True)
class Coming(Moment):
    """The same, later than the present, which is offered in the zone in which it is typed, and in ten years at most."""

    def value_of(self, typed: str, choices: datetime) -> datetime:  # type: ignore[override]
        """In that zone. Raises Wrong."""
        moment = super().value_of(typed, None).replace(tzinfo=choices.tzinfo)
        if moment <= choices:
            raise Wrong(f"{self.label} sudah lewat.")
        if moment > choices + TEN_YEARS:
            raise Wrong(f"{self.label} lebih dari sepuluh tahun lagi.")
        return moment


@dataclass(frozen=True)
class Duration(Field):
    """Hours and minutes: 4 jam 30 menit, 1.000 jam, 4:30, or 90 (minutes)."""

    def value_of(self, typed: str, choices: Choices | None) -> timedelta:
        """Raises Wrong."""
        typed = re.sub(r"(?<=\d)\.(?=\d{3}(?!\d))", "", folded(typed))
        match = re.fullmatch(r"(?:(\d{1,5}) ?(?:jam|j))?,? ?(?:(\d{1,6}) ?(?:menit|m)?)?", typed)
        clock = re.fullmatch(r"(\d{1,5})[:.](\d\d)", typed)
        hours, minutes = (match or clock or (None, None, None))[1], (match or clock or (None, None, None))[2]
        if hours is None and minutes is None:
            raise Wrong(f"{self.label} bukan lama waktu.")
        return timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
