"""The national holidays and days of joint leave of Indonesia (libur nasional, cuti bersama), year by year. Pure."""

from datetime import date
from typing import NamedTuple

ESTIMATED = " (perkiraan)"
FIXED = {(1, 1), (5, 1), (6, 1), (8, 17), (12, 25)}  # month and day of what no moon and no decree moves


class NationalHoliday(NamedTuple):
    """A day off, by its Indonesian name; of `kind` national or joint. What is `estimated` is not decreed yet."""

    date: date
    name: str
    kind: str
    estimated: bool


def national_holidays(year: int) -> list[NationalHoliday]:
    """Those of a year, by date. It is decreed when its joint leave is known; before that what the moon decides is estimated."""
    # Half a second, for which nobody else waits.
    from holidays.countries.indonesia import Indonesia

    found = {
        kind: dict(Indonesia(years=year, categories=(category,), language="id"))
        for category, kind in (("public", "national"), ("government", "joint"))
    }
    decreed = bool(found["joint"])
    return sorted(
        NationalHoliday(
            day,
            name.replace(ESTIMATED, ""),
            kind,
            ESTIMATED in name or not (decreed or (day.month, day.day) in FIXED),
        )
        for kind, days in found.items()
        for day, name in days.items()
        if kind == "national" or day not in found["national"]
    )
