"""What a table that was sent would do to the master data, and doing it (bulk import, upsert). Knows no request."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager

from anyio import to_thread
from asyncpg import Connection, IntegrityConstraintViolationError

from actions.imported_trees import without_orphans
from actions.master import Master
from actions.register import Register, look_at_register, write_register
from formats.headings import Columns, recognise
from formats.tables import Cell, cell_of
from forms import employees
from forms.coded import Coded, coded_fields
from forms.fields import Field, Flag, Wrong
from forms.imports import REFUSED, TWICE, USED, RowForm
from queries.deactivation import MOVED, list_hanging
from queries.imported_rows import (
    Faults,
    Outcome,
    RawRow,
    list_outcomes,
    list_raw_rows,
    lock_changed_employees,
    note_outcomes,
)
from queries.imports import Import, settle
from queries.masters import State, get_usual_length, hold_kinds, list_codes, list_parents, list_states

PORTION = 200  # rows that are read, and written, at a time
EVERYTHING = 1_000_000  # codes of a kind
ACTIVE = Flag("active", "Aktif")

Offer = Mapping[str, Mapping[str, str]]  # by field, what can be named: names by code
Done = Callable[[int], None]  # told of so many more rows that are done


class Refused(Exception):
    """Nothing was taken over. The text says why."""


def fields_of(master: Master | Register) -> list[Field]:
    """The columns of a table of that kind."""
    return list(master.fields) if isinstance(master, Register) else [*master.fields, ACTIVE]


def columns_of(master: Master | Register, headings: Iterable[str]) -> Columns:
    """Which column is which field. Raises Unreadable."""
    if isinstance(master, Register):
        return master.columns_of(headings)
    fields = fields_of(master)
    return recognise(list(headings), {f.label: f.name for f in fields}, [master.code.name])


class Looking:
    """Looks at the rows of a table, one portion after the other, as things are now."""

    def __init__(self, master: Master, imported: Import, offer: Offer, usual: int = 0) -> None:
        self.master, self._sender = master, imported.nik
        self._places = columns_of(master, imported.headings).places
        self._form = RowForm(fields_of(master), offer, usual)
        self._seen: dict[str, int] = {}

    async def look(self, connection: Connection, rows: list[RawRow]) -> list[Outcome]:
        """What comes of these rows."""
        keyed = [(row, *self._key(row)) for row in rows]
        states = await list_states(connection, self.master.kind, [code for _, code, _ in keyed if code])
        return [self._outcome(row, code, faults, states.get(code or "")) for row, code, faults in keyed]

    def code_of(self, row: RawRow) -> str | None:
        """The code of a row; None if it has none that can be read."""
        return self._key(row)[0]

    def _key(self, row: RawRow) -> tuple[str | None, Faults]:
        """The code of a row, and what is wrong with that."""
        try:
            code = self._form.read_code(self._cells(row))
        except Wrong as wrong:
            return None, [[self.place_of(self.master.code.name), str(wrong)]]
        first = self._seen.setdefault(code, row.number)
        return code, [] if first == row.number else [[self.place_of(self.master.code.name), TWICE.format(first)]]

    def _outcome(self, row: RawRow, code: str | None, faults: Faults, before: State | None) -> Outcome:
        read = self._form.read(self._cells(row), before)
        wrong = read.faults or self._wrong_together(code, (before or {}) | read.data)
        faults = [*row.misread, *faults, *([self.place_of(name), text] for name, text in wrong)]
        if code is None or faults:
            return Outcome(row.number, "wrong", code, {}, {}, _each_once(faults))
        if before is None:
            active = read.data["active"] if "active" in self._places and row.cells[self._places["active"]] else True
            return Outcome(row.number, "new", code, {}, read.data | {"active": active}, [])
        after = {name: value for name, value in read.data.items() if before[name] != value}
        return Outcome(
            row.number, "changed" if after else "same", code, {name: before[name] for name in after}, after, []
        )

    def _wrong_together(self, code: str | None, state: State) -> list[tuple[str, str]]:
        """What no field has wrong by itself."""
        if self.master.kind != "employee":
            return []
        return employees.wrong_together(state, is_sender=code == self._sender)

    def _cells(self, row: RawRow) -> dict[str, Cell]:
        return {name: cell_of(row.cells[place]) for name, place in self._places.items()}

    def place_of(self, name: str) -> int | None:
        """The column of a field; None if it has none."""
        return self._places.get(name)


async def check(connection: Connection, master: Master | Register, imported: Import, done: Done) -> None:
    """Note what comes of each row of an import."""
    if isinstance(master, Register):
        await look_at_register(connection, imported, done)
        return
    coded = coded_fields(master.fields)
    codes = await list_codes(connection, sorted({f.kind for f in coded}), EVERYTHING) if coded else {}
    offer = {f.name: codes[f.kind] for f in coded}
    parent = next((f for f in coded if f.kind == master.kind and isinstance(f, Coded)), None)
    usual = await get_usual_length(connection, master.kind) or 0
    if parent is None:
        looking = Looking(master, imported, offer, usual)
        async for rows in _portions(connection, imported):
            outcomes = await looking.look(connection, rows)
            await note_outcomes(connection, imported.id, await _without_used(connection, looking, outcomes))
            done(len(rows))
        return
    # One row of a tree may name another: which rows there are is known before the first is looked at.
    rows = [row async for rows in _portions(connection, imported) for row in rows]
    naming = Looking(master, imported, offer)
    named = {code: "" for row in rows if (code := naming.code_of(row))}
    looking = Looking(master, imported, offer | {parent.name: named | dict(offer[parent.name])})
    outcomes: list[Outcome] = []
    for at in range(0, len(rows), PORTION):
        outcomes += await looking.look(connection, portion := rows[at : at + PORTION])
        done(len(portion))
    parents = await list_parents(connection, master.kind)
    outcomes = await to_thread.run_sync(without_orphans, outcomes, parents, parent, looking.place_of(parent.name))
    for at in range(0, len(outcomes), PORTION):
        noted = await _without_used(connection, looking, outcomes[at : at + PORTION])
        await note_outcomes(connection, imported.id, noted)


async def _without_used(connection: Connection, looking: Looking, outcomes: list[Outcome]) -> list[Outcome]:
    """What something hangs on is not deactivated by a table: where that goes is asked on its page."""
    used, kind = [], looking.master.kind
    for outcome in outcomes:
        ends = outcome.outcome == "changed" and outcome.after.get("active") is False and kind != "employee"
        if ends and await list_hanging(connection, kind, outcome.code or ""):
            fault = [looking.place_of("active"), USED]
            outcome = outcome._replace(outcome="wrong", before={}, after={}, faults=[fault])
        used.append(outcome)
    return used


@asynccontextmanager
async def as_a_whole(connection: Connection, master: Master | Register) -> AsyncIterator[None]:
    """All that is written meanwhile, or nothing; whoever changes others of the kind, or of those that may hang on it, waits until
    the transaction of the connection ends. Raises Refused, and nothing is written."""
    try:
        async with connection.transaction():
            await hold_kinds(connection, [master.kind, *MOVED.get(master.kind, ())])
            yield
            await settle(connection)
    except IntegrityConstraintViolationError as error:
        name, text = master.refusals.get(error.constraint_name or "", ("", ""))
        if not name:
            raise
        raise Refused(REFUSED.format(text)) from error


async def take(connection: Connection, master: Master | Register, imported: Import, done: Done) -> None:
    """Look at the rows once more, as things are now, and write those that are right."""
    await check(connection, master, imported, done)
    if isinstance(master, Register):
        await write_register(connection, imported, done)
    else:
        await _write(connection, master, imported, done)


async def _write(connection: Connection, master: Master, imported: Import, done: Done) -> None:
    if master.kind == "employee":  # who may be let go at this moment, and before a problem of anybody's is locked
        await lock_changed_employees(connection, imported.id)
    portions = [_written(connection, imported, outcome) for outcome in ("new", "changed")]
    has_tree = any(f.kind == master.kind for f in coded_fields(master.fields))
    together: list[State] = []
    for portion in portions:
        async for outcomes in portion:
            states = await list_states(connection, master.kind, [o.code for o in outcomes if o.code])
            rows = [states.get(o.code or "", {}) | o.after | {"code": o.code} for o in outcomes]
            if has_tree:
                together += rows
            else:
                await master.put(connection, rows)
                done(len(rows))
    if together:
        await master.put(connection, together)
        done(len(together))


async def _written(connection: Connection, imported: Import, outcome: str) -> AsyncIterator[list[Outcome]]:
    after = 0
    while outcomes := await list_outcomes(connection, imported.id, outcome, after, PORTION):
        after = outcomes[-1].number
        yield outcomes


async def _portions(connection: Connection, imported: Import) -> AsyncIterator[list[RawRow]]:
    after = 0
    while rows := await list_raw_rows(connection, imported.id, after, PORTION):
        after = rows[-1].number
        yield rows


def _each_once(faults: Faults) -> Faults:
    return [list(fault) for fault in dict.fromkeys(map(tuple, faults))]
