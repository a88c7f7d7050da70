"""Numbers, dates and durations as Indonesians write them. Pure."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

# The zones' legal names (Keppres 41/1987), whatever a locale database calls them.
ZONE_NAMES = {"Asia/Jakarta": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}

_MONTH_NAMES = (
    *("Januari", "Februari", "Maret", "April", "Mei", "Juni"),
    *("Juli", "Agustus", "September", "Oktober", "November", "Desember"),
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des")
_SEPARATORS = str.maketrans(",.", ".,")
_UNITS = (("hari", 24 * 60), ("jam", 60), ("menit", 1))


@lru_cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def local_time(at: datetime, time_zone: str) -> str:
    """`24 November 2026 14.05 WIB`: a moment in a store's zone, which is one of ZONE_NAMES."""
    local = at.astimezone(_zone(time_zone))
    return f"{local.day} {_MONTH_NAMES[local.month - 1]} {local.year} {local:%H.%M} {ZONE_NAMES[time_zone]}"


def with_store_time(at: datetime, time_zone: str, store_zone: str) -> str:
    """`24 November 2026 15.05 WITA (14.05 WIB di toko)`: a moment in somebody's zone, and in the store's if another."""
    here = local_time(at, time_zone)
    if time_zone == store_zone:
        return here
    there, at_store = at.astimezone(_zone(store_zone)), local_time(at, store_zone)
    same_day = there.date() == at.astimezone(_zone(time_zone)).date()
    return f"{here} ({f'{there:%H.%M} {ZONE_NAMES[store_zone]}' if same_day else at_store} di toko)"


def short_time(at: datetime, time_zone: str, now: datetime) -> str:
    """`24 Nov 14.05`, with the year if it is not that of `now`: a moment in somebody's zone, for dense lists."""
    local = at.astimezone(_zone(time_zone))
    year = f" {local.year}" if local.year != now.astimezone(_zone(time_zone)).year else ""
    return f"{local.day} {_MONTHS[local.month - 1]}{year} {local:%H.%M}"


def month_name(month: date) -> str:
    """`November 2026`"""
    return f"{_MONTH_NAMES[month.month - 1]} {month.year}"


def short_month(month: date) -> str:
    """`Nov 2026`"""
    return f"{_MONTHS[month.month - 1]} {month.year}"


def month_code(month: date) -> str:
    """`2026-11`: a month in an address."""
    return f"{month:%Y-%m}"


def machine_time(at: datetime, time_zone: str) -> str:
    """`2026-11-24T14:05:00+07:00`: the same moment and zone for `<time datetime>`, so that it names the store's year."""
    return at.astimezone(_zone(time_zone)).isoformat(timespec="seconds")


def file_time(at: datetime, time_zone: str) -> str:
    """`2026-11-24 14.05`: the same in the name of a file, which sorts by it and has no colon."""
    return f"{at.astimezone(_zone(time_zone)):%Y-%m-%d %H.%M}"


def zone_name(at: datetime) -> str:
    """`WITA`: what the zone of a moment in a store's zone is called."""
    return ZONE_NAMES[str(at.tzinfo)]


def number(value: int | float | Decimal) -> str:
    """`1.234.567,5`, with up to three decimals."""
    text = f"{value:,}" if isinstance(value, int) else f"{value:,.3f}".rstrip("0").rstrip(".")
    return text.translate(_SEPARATORS)


def file_size(size: int) -> str:
    """`1,2 MB`, `34 KB`: a number of bytes, never less than it is."""
    if size < 100_000:
        return f"{number(-(-size // 1024))} KB"
    return f"{number(-(-size * 10 // (1024 * 1024)) / 10)} MB"


def duration(length: timedelta | None, units: int = 2) -> str:
    """`3 hari 4 jam`: the largest units of a length of time, rounded down; `–` where none is known, `0 menit` for nothing."""
    if length is None:
        return "–"
    if not length:
        return "0 menit"
    return _minutes(int(length.total_seconds()) // 60, units)


def distance(due: datetime, now: datetime, units: int = 2) -> str:
    """`sisa 3 jam`, `terlambat 2 jam 10 menit`: how far it is to what is due, or since then."""
    if now > due:
        return f"terlambat {duration(now - due, units)}"
    return f"sisa {duration(due - now, units)}"


def working_time(seconds: int) -> str:
    """`40 jam`, `9 jam 20 menit`: whole minutes of working time, which has no days."""
    hours, minutes = divmod(seconds // 60, 60)
    texts = [f"{number(hours)} jam"] if hours else []
    return " ".join([*texts, f"{minutes} menit"] if minutes or not hours else texts)


def worked(length: timedelta | None) -> str:
    """The same of a length of working time; `–` where none is known."""
    return "–" if length is None else working_time(int(length.total_seconds()))


def hours_until(opens: datetime, closes: datetime, time_zone: str) -> str:
    """`08.00–12.00`: from one moment to another of a day, in a zone; midnight is its end."""
    first, last = (at.astimezone(_zone(time_zone)) for at in (opens, closes))
    return f"{first:%H.%M}–{'24.00' if f'{last:%H.%M}' == '00.00' else f'{last:%H.%M}'}"


def day_name(day: date) -> str:
    """`25 Des 2026`"""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


@lru_cache(10_000)
def _minutes(minutes: int, units: int) -> str:
    parts = []
    for unit, size in _UNITS:
        count, minutes = divmod(max(minutes, 0), size)
        if count:
            parts.append(f"{number(count)} {unit}")
        elif parts:
            break
    return " ".join(parts[:units]) or "kurang dari semenit"
