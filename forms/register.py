"""Rows of an old register: what stands in one as a problem, what is wrong with it, and which names are nobody's. Pure."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import cached_property
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from formats.cells import check_nik, choice
from formats.cells import typed as typed_in
from formats.dates import Doubtful, read_time
from formats.indonesian import ZONE_NAMES, local_time
from formats.tables import Cell
from formats.text import clean, digits, folded
from forms.coded import code_in
from forms.fields import Field, Level, Text, Wrong, texts_of
from forms.openings import LEVELS

NUMBER = Text("number", "Nomor", length=60)
REPORTED, CLOSED = Field("reported", "Dilaporkan"), Field("closed", "Selesai", required=False)
STORE, REPORTER = Text("store", "Toko", length=200), Text("reporter", "Pelapor", length=200)
TITLE, DESCRIPTION = Text("title", "Judul", length=120), Text("description", "Uraian", rows=4, required=False)
CATEGORY = Text("category", "Kategori", length=200, required=False)
IMPACT = Level("impact", "Dampak", required=False, options=LEVELS)
URGENCY = Level("urgency", "Urgensi", required=False, options=LEVELS)
IDENTIFICATION = Text("identification", "Identifikasi masalah", rows=4, required=False)
HOLDER = Text("holder", "Penanggung", length=200, required=False)
SOLUTION = Text("solution", "Solusi", rows=4, required=False)
FIELDS: tuple[Field, ...] = (
    *(NUMBER, REPORTED, STORE, REPORTER, TITLE, DESCRIPTION),
    *(CATEGORY, IMPACT, URGENCY, IDENTIFICATION, HOLDER, CLOSED, SOLUTION),
)
REQUIRED = [f.name for f in FIELDS if f.required]
NAMED = (STORE, REPORTER, CATEGORY, HOLDER)  # whose words name something that SIH knows
IDENTIFIED = (CATEGORY, IMPACT, URGENCY, IDENTIFICATION)

FIRST_YEAR = 2000  # before it no date of a problem is meant
END_OF_DAY = time(23, 59, 59)
SECOND = timedelta(seconds=1)
_LEVELS = {text: value for value, text in LEVELS}
_ZONED = re.compile(r"wi[bt]|wita|utc|gmt|z\b|[+-]\d\d:?\d\d$", re.IGNORECASE)
_IN_BRACKETS = re.compile(r".*[(\[]([^()\[\]]+)[)\]]")

UNKNOWN = "“{}” tidak dikenal. Pilih yang dimaksud di halaman impor, atau perbaiki berkasnya."
FUTURE = "Waktu ini belum tiba."
TOO_EARLY = f"Tahunnya sebelum {FIRST_YEAR}."
TOO_SOON = "Lebih awal daripada Dilaporkan."
PART_ONLY = (
    "Belum diisi, padahal sebagian identifikasi diisi. Isi semuanya: Kategori, Dampak, Urgensi, Identifikasi masalah."
)
NOT_IDENTIFIED = "Belum diisi, padahal kendala ini selesai."
NO_SOLUTION = "Belum diisi, padahal Selesai diisi."
NO_END = "Belum diisi, padahal Solusi diisi."
OF_A_PIC = "Kendala yang belum diidentifikasi dipegang divisi, bukan PIC."


class Held(NamedTuple):
    """Who can have held a problem: a division, or the PIC of a department."""

    division: str | None
    department: str | None = None
    pic: str | None = None

    @property
    def code(self) -> str:
        """As an import keeps it (import_match)."""
        return f"D:{self.division}" if self.division else f"P:{self.department}:{self.pic}"


@dataclass
class Known:
    """What SIH knows: the zone of each store and the names of all people by code, and for each of NAMED, by what it may be
    called, folded, its code; '' where that is not one thing alone. `matches` is what an admin said of names beside. `usual` is
    how many digits a NIK has, if all have as many."""

    zones: Mapping[str, str]
    called: Mapping[str, Mapping[str, str]]
    matches: Mapping[tuple[str, str], str] = field(default_factory=dict)
    usual: int = 0
    _found: dict[tuple[str, str], str | None] = field(default_factory=dict)

    def find(self, name: str, typed: str) -> str | None:
        """What is named by what was typed, in the field `name`: a code, a name that only one has, or both; None: not known."""
        if (name, typed) not in self._found:
            self._found[name, typed] = self._find(name, typed)
        return self._found[name, typed]

    def _find(self, name: str, typed: str) -> str | None:
        called, text = self.called[name], folded(typed)
        brackets = _IN_BRACKETS.fullmatch(text)
        for called_so in (text, folded(code_in(typed)), brackets[1] if brackets else ""):
            if found := called.get(called_so):
                return found
        nik = digits(text)
        return called.get(nik) or None if nik.isdecimal() else None


class Looked(NamedTuple):
    """What a row asks for, as an import keeps it; what is wrong, by field; the names in it that SIH does not know, by field, also
    where an admin said what they mean; and how it is known again."""

    data: dict[str, Any]
    faults: list[tuple[str, str]]
    names: list[tuple[str, str]]
    digest: bytes


class RegisterRow:
    """One row, being read. Times are those of its store, `now` is what has come; `from_1904`: see formats/dates.py."""

    def __init__(self, cells: Mapping[str, Cell], known: Known, now: datetime, from_1904: bool) -> None:
        self._cells, self._known, self._now, self._from_1904 = cells, known, now, from_1904
        self.faults: list[tuple[str, str]] = []
        self.names: list[tuple[str, str]] = []
        self._written: list[str] = []  # of each field, as it is understood by itself

    def read(self) -> Looked:
        """All of it."""
        data = {f.name: value for f in FIELDS if (value := self._value(f)) is not None}
        local = {f.name: data.pop(f.name, None) for f in (REPORTED, CLOSED)}
        zone = ZoneInfo(self._known.zones.get(data.get("store", ""), "Asia/Jakarta"))
        self._put_times(data, {name: at.replace(tzinfo=zone) if at else None for name, at in local.items()})
        self._check_state(data)
        data.setdefault("description", data.get("title"))
        digest = hashlib.sha256("\0".join(self._written).encode(errors="surrogatepass")).digest()
        at_fault = dict.fromkeys(name for name, _ in self.faults)
        faults = [next(fault for fault in self.faults if fault[0] == name) for name in at_fault]
        return Looked(data | {"digest": digest.hex()}, faults, self.names, digest)

    def _value(self, f: Field) -> Any:
        cell = self._cells.get(f.name)
        try:
            if f in (REPORTED, CLOSED):
                return self._time(f, cell)
            text = typed_in(cell, "code" if f in (NUMBER, *NAMED) else "text")
            value = f.typed({f.name: text})
            self._written.append(str(value))
            if value and isinstance(f, Level):
                return _LEVELS.get(str(value)) or choice(str(value), texts_of(f.options))
            parsed = f.parse(value)
            return self._named(f, str(parsed), cell) if parsed and f in NAMED else parsed
        except (Wrong, Doubtful) as wrong:
            self.faults.append((f.name, str(wrong)))
        return None

    def _time(self, f: Field, cell: Cell) -> datetime | None:
        """The local time, of which the zone of the store is not known yet."""
        if cell is None or (isinstance(cell, str) and not clean(cell)):
            self._written.append("")
            return f.parse("")
        try:
            at = read_time(cell, self._from_1904, self._zone)
            is_zoned = isinstance(cell, str) and _ZONED.search(cell)
            self._written.append(str(cell) if is_zoned else at.isoformat())
            return at
        except Doubtful:
            self._written.append(str(cell))
            raise

    @cached_property
    def _zone(self) -> str:
        """That of its store, by its short name; of one that is not known the first."""
        try:
            typed = STORE.typed({"store": typed_in(self._cells.get("store"), "code")})
        except Doubtful:
            typed = ""
        store = self._known.find("store", typed) or self._known.matches.get(("store", folded(typed)), "")
        return ZONE_NAMES[self._known.zones.get(store, "Asia/Jakarta")]

    def _named(self, f: Field, typed: str, cell: Cell) -> str | None:
        if (found := self._known.find(f.name, typed)) is not None:
            return found
        if f is REPORTER:
            check_nik(cell, self._known.usual)
        self.names.append((f.name, typed))
        if (said := self._known.matches.get((f.name, folded(typed)))) is not None:
            return said
        raise Wrong(UNKNOWN.format(typed if len(typed) <= 40 else f"{typed[:39]}…"))

    def _put_times(self, data: dict[str, Any], local: Mapping[str, datetime | None]) -> None:
        reported, closed = local["reported"], local["closed"]
        for f, at in ((REPORTED, reported), (CLOSED, closed)):
            if at is not None and at > self._now:
                self.faults.append((f.name, FUTURE))
            if at is not None and at.year < FIRST_YEAR:
                self.faults.append((f.name, TOO_EARLY))
        if closed is not None and closed.time() == time():  # a day alone
            closed = max(closed, min(datetime.combine(closed, END_OF_DAY, closed.tzinfo), self._now))
        if reported is not None:
            data["reported"] = reported.isoformat(timespec="seconds")
        if closed is not None:
            if reported is not None and closed < reported:
                self.faults.append((CLOSED.name, TOO_SOON))
            elif reported is not None:
                closed = max(closed, reported + SECOND)
            data["closed"] = closed.isoformat(timespec="seconds")

    def _check_state(self, data: Mapping[str, Any]) -> None:
        """Whether what is said of it is that of one state."""
        wrong = {name for name, _ in self.faults}
        missing = [f for f in IDENTIFIED if f.name not in data and f.name not in wrong]
        if missing and ("closed" in data or len(missing) < len(IDENTIFIED)):
            text = NOT_IDENTIFIED if len(missing) == len(IDENTIFIED) else PART_ONLY
            self.faults += [(f.name, text) for f in missing]
        if "closed" in data and "solution" not in data:
            self.faults.append((SOLUTION.name, NO_SOLUTION))
        if "solution" in data and "closed" not in data:
            self.faults.append((CLOSED.name, NO_END))
        if data.get("holder", "").startswith("P:") and len(missing) == len(IDENTIFIED):
            self.faults.append((HOLDER.name, OF_A_PIC))


def shown(name: str, value: str) -> str:
    """What a value that an import keeps is shown as."""
    if name in (REPORTED.name, CLOSED.name):
        at = datetime.fromisoformat(value)
        return local_time(at, {7: "Asia/Jakarta", 8: "Asia/Makassar", 9: "Asia/Jayapura"}[_hours(at)])
    if name in (IMPACT.name, URGENCY.name):
        return texts_of(LEVELS).get(value, value)
    if name == HOLDER.name:
        return ", PIC ".join(value.split(":")[1:])
    return value


def _hours(at: datetime) -> int:
    return round((at.utcoffset() or timedelta()) / timedelta(hours=1))
