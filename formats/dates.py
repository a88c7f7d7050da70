"""Dates and times as people type them, day first, and as Excel counts them: local times without a zone (date parsing). Pure."""

import re
from datetime import date, datetime, time, timedelta

from formats.tables import Cell
from formats.text import folded

FIRST_YEAR, LAST_YEAR = 1970, 2099
OFFSETS = {"wib": 7, "wita": 8, "wit": 9}  # hours ahead of UTC

# Names by their beginnings: Indonesian, English, and how either is spelt too.
_MONTHS = (
    ("januari", "january", "jan"),
    ("februari", "february", "pebruari", "feb", "peb"),
    ("maret", "march", "mar", "mrt"),
    ("april", "apr"),
    ("mei", "may"),
    ("juni", "june", "jun"),
    ("juli", "july", "jul"),
    ("agustus", "august", "agu", "agt", "ags", "agst", "agus", "aug"),
    ("september", "sept", "sep"),
    ("oktober", "october", "okt", "oct"),
    ("november", "nopember", "nov", "nop"),
    ("desember", "december", "des", "dec"),
)
_DAYS = (
    ("senin", "sen", "monday", "mon"),
    ("selasa", "sel", "tuesday", "tue", "tues"),
    ("rabu", "rab", "wednesday", "wed"),
    ("kamis", "kam", "thursday", "thu", "thur", "thurs"),
    ("jumat", "jum'at", "jum", "friday", "fri"),
    ("sabtu", "sab", "saturday", "sat"),
    ("minggu", "ahad", "min", "sunday", "sun"),
)
_DAY_NAMES = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
_MONTH_OF = {name: number for number, names in enumerate(_MONTHS, 1) for name in names}
_DAY_OF = {name: number for number, names in enumerate(_DAYS) for name in names}

_LONGEST = 80  # characters of what may be one
_BETWEEN = r" ?[-/. ] ?"
_MONTH = rf"(?:{'|'.join(sorted(_MONTH_OF, key=len, reverse=True))})"
_DATE = "|".join(
    (
        rf"(?P<y1>\d{{4}})(?P<s1>{_BETWEEN})(?P<m1>\d\d?)(?P=s1)(?P<d1>\d\d?)",
        rf"(?P<d2>\d\d?)(?P<s2>{_BETWEEN})(?P<m2>\d\d?)(?P=s2)(?P<y2>\d{{4}}|'?\d\d)",
        rf"(?P<d3>\d\d?)(?:st|nd|rd|th)?(?: of )?[-/., ]*(?P<n3>{_MONTH})[-/., ]*(?P<y3>\d{{4}}|'?\d\d)",
        rf"(?P<n4>{_MONTH})[-/., ]*(?P<d4>\d\d?)(?:st|nd|rd|th)?[-/., ]+(?P<y4>\d{{4}})",
        rf"(?P<y5>\d{{4}})[-/., ]*(?P<n5>{_MONTH})[-/., ]*(?P<d5>\d\d?)",
        r"(?P<compact>\d{8})",
    )
)
_WEEKDAY = rf"(?:(?P<weekday>{'|'.join(sorted(_DAY_OF, key=len, reverse=True))})\.?,? )?"
_CLOCK = (
    r"(?P<hour>\d\d?)(?:[.:](?P<minute>\d\d)(?:[.:](?P<second>\d\d)(?:[.,]\d+)?)?)? ?(?P<half>am|pm|a\.m\.|p\.m\.)?"
)
_SAID = r"(?P<said>(?:pukul|jam|pkl?\.?|at) ?)"
_ZONE = (
    r"(?: ?(?P<zone>wib|wita|wit)| ?(?:gmt|utc)?(?P<offset>[+-]\d\d):?(?P<offset_minutes>\d\d)?| ?(?P<utc>z|utc|gmt))?"
)
_MOMENT = re.compile(rf"{_WEEKDAY}(?:{_DATE})(?:(?:t|, ?|,? (?:[-|] )?){_SAID}?{_CLOCK}{_ZONE})?(?: ?\(.*\))?[,.]?")
_SERIAL = re.compile(r"\d{5}(?:[.,]\d+)?")
_INCOMPLETE = re.compile(rf"(?:\d\d?{_BETWEEN})?(?:\d\d?|{_MONTH})|(?:(?:\d\d?|{_MONTH}){_BETWEEN})?\d{{4}}")


class Doubtful(Exception):
    """Why it is not certain what a cell means: a sentence for whoever filled it."""


def read_time(cell: Cell, from_1904: bool = False, zone: str = "") -> datetime:
    """The local time in a cell, to the second; a day alone is its beginning. A year of two digits is one of this century.

    `from_1904`: numbers of days count from then (Head.from_1904). `zone` (WIB, WITA, WIT) is that of the result: where the cell
    names another one, or an offset, it is converted. Raises Doubtful.
    """
    if isinstance(cell, datetime):
        return _plausible(cell.replace(tzinfo=None), cell)
    if isinstance(cell, date):
        return _plausible(datetime.combine(cell, time()), cell)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _of_compact(str(cell)) or _of_serial(float(cell), from_1904, str(cell))
    if isinstance(cell, str):
        return _of_text(cell, from_1904, zone)
    raise Doubtful(
        "Sel ini hanya berisi jam, tanpa tanggal." if isinstance(cell, time | timedelta) else _unknown(str(cell))
    )


def _of_text(typed: str, from_1904: bool, zone: str) -> datetime:
    text = folded(typed)
    text = "".join(c if c.isascii() or not c.isdecimal() else str(int(c)) for c in text)
    if _SERIAL.fullmatch(text):
        return _of_serial(float(text.replace(",", ".")), from_1904, typed)
    found = _MOMENT.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        if _INCOMPLETE.fullmatch(text):
            raise Doubtful(f"Tanggal “{_shown(typed)}” tidak lengkap: tulislah hari, bulan, dan tahun.")
        raise Doubtful(_unknown(typed))
    day = _day_in(found, typed)
    if (weekday := found["weekday"]) and _DAY_OF[weekday] != day.weekday():
        raise Doubtful(f"“{_shown(typed)}”: tanggal itu hari {_DAY_NAMES[day.weekday()]}.")
    return _converted(datetime.combine(day, _clock_in(found, typed)), found, zone, typed)


def _day_in(found: re.Match[str], typed: str) -> date:
    if found["compact"]:
        if (moment := _of_compact(found["compact"])) is None:
            raise Doubtful(_unknown(typed))
        return moment.date()
    groups = found.groupdict()
    year, day = (next(groups[f"{part}{n}"] for n in "12345" if groups.get(f"{part}{n}")) for part in "yd")
    name = found["n3"] or found["n4"] or found["n5"]
    month = _MONTH_OF[name] if name else int(found["m1"] or found["m2"])
    digits = year.lstrip("'")
    if not 1 <= month <= 12:
        raise Doubtful(
            f"Tanggal “{_shown(typed)}” tidak ada: tidak ada bulan ke-{month}. Tulislah hari, bulan, lalu tahun."
        )
    try:
        parsed = date(int(digits) + (2000 if len(digits) == 2 else 0), month, int(day))
    except ValueError:
        raise Doubtful(f"Tanggal “{_shown(typed)}” tidak ada.") from None
    return _plausible(datetime.combine(parsed, time()), typed).date()


def _clock_in(found: re.Match[str], typed: str) -> time:
    if found["hour"] is None:
        return time()
    hour, half = int(found["hour"]), (found["half"] or "")[:1]
    if found["minute"] is None and not (half or found["said"]):
        raise Doubtful(f"Jam dalam “{_shown(typed)}” tidak jelas. Tulislah seperti 14.05.")
    if half and not 1 <= hour <= 12:
        raise Doubtful(f"Jam dalam “{_shown(typed)}” tidak ada.")
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        return time(hour, int(found["minute"] or 0), int(found["second"] or 0))
    except ValueError:
        raise Doubtful(f"Jam dalam “{_shown(typed)}” tidak ada.") from None


def _converted(moment: datetime, found: re.Match[str], zone: str, typed: str) -> datetime:
    """The time in the zone that is wanted, where what was typed names one."""
    if found["zone"]:
        ahead = timedelta(hours=OFFSETS[found["zone"]])
    elif found["offset"]:
        minutes = int(found["offset_minutes"] or 0)
        ahead = timedelta(hours=int(found["offset"]), minutes=-minutes if found["offset"].startswith("-") else minutes)
    elif found["utc"]:
        ahead = timedelta()
    else:
        return moment
    if not zone:
        raise Doubtful(f"“{_shown(typed)}” menyebut zona waktu. Tulislah tanpa zona waktu.")
    return moment - ahead + timedelta(hours=OFFSETS[zone.lower()])


def _of_compact(digits: str) -> datetime | None:
    """20261124, or 24112026; never both, since no year begins with a month."""
    if not re.fullmatch(r"\d{8}", digits):
        return None
    for year, month, day in ((digits[:4], digits[4:6], digits[6:]), (digits[4:], digits[2:4], digits[:2])):
        if FIRST_YEAR <= int(year) <= LAST_YEAR:
            try:
                return datetime.combine(date(int(year), int(month), int(day)), time())
            except ValueError:
                pass
    return None


def _of_serial(days: float, from_1904: bool, shown: str) -> datetime:
    """Excel's days since the last of 1899 (its 1900 has a day too many, before all that is plausible), or since 1904."""
    begin = datetime.combine(date(1904, 1, 1) if from_1904 else date(1899, 12, 30), time())
    if not 20_000 <= days <= 80_000:
        raise Doubtful(_unknown(shown))
    return _plausible(begin + timedelta(seconds=round(days * 86_400)), shown)


def _plausible(moment: datetime, typed: object) -> datetime:
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise Doubtful(f"Tahun dalam “{_shown(str(typed))}” bukan {FIRST_YEAR} sampai {LAST_YEAR}.")
    return moment


def _unknown(typed: str) -> str:
    return f"“{_shown(typed)}” bukan tanggal yang dikenal. Tulislah seperti 24-11-2026 14.05."


def _shown(typed: str) -> str:
    return typed if len(typed) <= 40 else f"{typed[:39]}…"
