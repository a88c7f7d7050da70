"""The old register: what a table of it would bring, and bringing it. Knows no request."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from asyncpg import Connection

from formats.headings import Columns, recognise
from formats.tables import Cell, cell_of
from formats.text import folded
from forms import register
from forms.fields import Field
from forms.imports import TWICE
from forms.register import Held, Known, Looked, RegisterRow
from queries.imported_rows import Outcome, RawRow, list_raw_rows, note_outcomes
from queries.imports import Import
from queries.masters import State, get_usual_length
from queries.register import (
    Called,
    Handler,
    KnownNumber,
    end_import,
    get_now,
    list_called,
    list_handlers,
    list_known_numbers,
    list_meanings,
    list_places,
    note_names,
    write_problems,
)

PORTION = 500  # rows that are looked at, and written, at a time
LONGEST = 400  # characters of a name, folded, that is asked (import_match)
OTHERWISE = (
    "Nomor ini sudah diimpor sebagai K-{} dengan isi lain. Riwayat tidak ditulis ulang: ubah di halaman kendalanya."
)
Done = Callable[[int], None]


@dataclass(frozen=True)
class Register:
    """The kind of table that an old register is, beside those of the master data (actions/master.py)."""

    kind: str = "problem"
    path: str = "problems"
    fields: Sequence[Field] = register.FIELDS
    refusals: Mapping[str, tuple[str, str]] = field(
        default_factory=lambda: {"imported_problem_once": ("number", "Nomor yang sama baru saja diimpor.")}
    )

    @property
    def code(self) -> Field:
        """The field by which a row is known again."""
        return register.NUMBER

    def columns_of(self, headings: Iterable[str]) -> Columns:
        """Which column is which field. Raises Unreadable."""
        return recognise(list(headings), {f.label: f.name for f in self.fields}, register.REQUIRED)

    def label_of(self, name: str) -> str:
        """How a field is called."""
        return next((f.label for f in self.fields if f.name == name), name)

    def in_order(self, state: State) -> list[tuple[str, Any]]:
        """The fields that something stands in, in their order."""
        return [(f.name, state[f.name]) for f in self.fields if f.name in state]

    def word_for(self, name: str, value: str) -> str:
        """What a value of a field is shown as."""
        return register.shown(name, value)


REGISTER = Register()


async def what_is_known(connection: Connection, import_id: int) -> Known:
    """All that may be named in a table, with what was said of other names in it."""
    places, called = await list_places(connection), await list_called(connection)
    names = {
        "store": _by_what_they_are_called((place.code, place.code, place.name) for place in places),
        "holder": _holders(called, await list_handlers(connection)),
    }
    for kind in ("reporter", "category"):
        names[kind] = _by_what_they_are_called((c.code, c.code, c.name) for c in called if c.kind == kind)
    usual = await get_usual_length(connection, "employee") or 0
    zones = {place.code: place.time_zone for place in places}
    return Known(zones, names, await list_meanings(connection, import_id), usual)


def _by_what_they_are_called(all_of_them: Iterable[tuple[str, str, str]]) -> dict[str, str]:
    """What each (what it stands for, code, name) is found by: its code, or its name, if only one has it; else nothing ('')."""
    codes: dict[str, str] = {}
    names: dict[str, str] = {}
    for meant, code, name in all_of_them:
        codes[folded(code)] = meant
        called = folded(name)
        names[called] = meant if names.get(called, meant) == meant else ""
    return names | codes


def _holders(called: Sequence[Called], handlers: Sequence[Handler]) -> dict[str, str]:
    """Divisions; departments of one PIC; and people who are of one of these alone."""
    divisions = [(Held(c.code).code, c.code, c.name) for c in called if c.kind == "division"]
    people, exactly, pics = [], [], {}
    for each in handlers:
        for department in each.departments:
            pics.setdefault(department, []).append(Held(None, department, each.nik))
        held = [Held(code) for code in each.divisions] + [Held(None, code, each.nik) for code in each.departments]
        exactly += [(each.code, each.code, register.shown("holder", each.code)) for each in held if each.pic]
        if len(held) == 1:
            people.append((held[0].code, each.nik, each.name))
    departments = [
        (pics[c.code][0].code, c.code, c.name)
        for c in called
        if len(pics.get(c.code, ())) == 1 and c.kind == "department"
    ]
    return _by_what_they_are_called([*exactly, *people, *departments, *divisions])


class LookingAtRegister:
    """Looks at the rows of a table, one portion after the other. `names` are those that are unknown: how each was written first,
    and in how many rows."""

    def __init__(self, imported: Import, known: Known, now: datetime) -> None:
        self._places = REGISTER.columns_of(imported.headings).places
        self._known, self._now, self._from_1904 = known, now, imported.from_1904
        self._seen: dict[str, int] = {}
        self.names: dict[tuple[str, str], tuple[str, int]] = {}

    async def look(self, connection: Connection, rows: Sequence[RawRow]) -> list[Outcome]:
        """What comes of these rows."""
        looked = [RegisterRow(self._cells(row), self._known, self._now, self._from_1904).read() for row in rows]
        codes = [folded(each.data.get("number", "")) for each in looked]
        known = await list_known_numbers(connection, list(filter(None, codes)))
        return [self._outcome(*each, known) for each in zip(rows, looked, codes, strict=True)]

    def _outcome(self, row: RawRow, looked: Looked, code: str, known: Mapping[str, KnownNumber]) -> Outcome:
        faults = [*row.misread, *([self._places.get(name), text] for name, text in looked.faults)]
        first = self._seen.setdefault(code, row.number) if code else row.number
        if first != row.number:
            faults.append([self._places["number"], TWICE.format(first)])
        elif code in known and known[code].digest == looked.digest and not row.misread:
            return Outcome(row.number, "same", code, {}, {}, [])
        elif code in known:
            faults.append([self._places["number"], OTHERWISE.format(known[code].problem_id)])
        for name, typed in looked.names:
            key = (name, folded(typed))
            if 0 < len(key[1]) <= LONGEST:
                shown, times = self.names.get(key, (typed, 0))
                self.names[key] = (shown, times + 1)
        if faults:
            return Outcome(
                row.number, "wrong", code or None, {}, {}, [list(f) for f in dict.fromkeys(map(tuple, faults))]
            )
        return Outcome(row.number, "new", code, {}, looked.data, [])

    def _cells(self, row: RawRow) -> dict[str, Cell]:
        return {name: cell_of(row.cells[place]) for name, place in self._places.items()}


async def look_at_register(connection: Connection, imported: Import, done: Done) -> None:
    """Note what comes of each row of an import, and which names in it are unknown."""
    known = await what_is_known(connection, imported.id)
    looking, after = LookingAtRegister(imported, known, await get_now(connection)), 0
    while rows := await list_raw_rows(connection, imported.id, after, PORTION):
        await note_outcomes(connection, imported.id, await looking.look(connection, rows))
        after = rows[-1].number
        done(len(rows))
    await note_names(connection, imported.id, looking.names)


async def write_register(connection: Connection, imported: Import, done: Done) -> None:
    """Write the problems that are new of it."""
    last, written = await write_problems(connection, imported.id, imported.nik, 0, PORTION)
    while last is not None:
        done(written)
        last, written = await write_problems(connection, imported.id, imported.nik, last, PORTION)
    await end_import(connection)
