"""How a form changes one of the master data: what it offers, conflict, refusal; then one transaction (optimistic lock)."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from asyncpg import Connection, IntegrityConstraintViolationError

from actions.master import Master
from actions.masters import EMPLOYEE
from actions.once import submission_of
from actions.state import Request
from auth.accounts import stay_admin
from forms.coded import Coded, SeveralCoded, code_in, coded_fields
from forms.fields import Typed, Wrong
from forms.form import Form
from queries.deactivation import MOVED, list_hanging_people
from queries.masters import Master as Record
from queries.masters import State, check_seen, find_codes, hold_kinds, list_codes, set_cause
from queries.submissions import record

OWN_RIGHT = "Hak Admin Anda sendiri hanya dapat dicabut oleh admin lain."
IN_A_SELECT = 200  # more of them are no help to who chooses, and weigh more than the rest of the page


async def offer_codes(connection: Connection, master: Master, values: Mapping[str, Typed]) -> dict[str, Any]:
    """What each field that names others offers. Where they are too many for a select, only those that stand in it; `suggested`
    are the names of such fields."""
    fields = coded_fields(master.fields)
    if not fields:
        return {}
    codes = await list_codes(connection, sorted({f.kind for f in fields}), IN_A_SELECT + 1)
    many = {kind: _typed_codes(fields, kind, values) for kind, named in codes.items() if len(named) > IN_A_SELECT}
    if many:
        codes |= await find_codes(connection, many)
    return {f.name: codes[f.kind] for f in fields} | {"suggested": {f.name for f in fields if f.kind in many}}


def _typed_codes(fields: Iterable[Coded | SeveralCoded], kind: str, values: Mapping[str, Typed]) -> list[str]:
    typed = [values.get(f.name) or () for f in fields if f.kind == kind]
    return [code_in(text) for value in typed for text in ((value,) if isinstance(value, str) else value)]


def state_of(master: Master, form: Form, before: State) -> State:
    """The state that a form which is valid asks for; what it does not ask for is as it was before, or active."""
    several = {f.name for f in master.fields if isinstance(f, SeveralCoded)}
    data = {name: list(value) if name in several else value for name, value in form.data.items()}
    return {"active": True} | before | data


class _Refused(Exception):
    """Nothing was changed: `form` says why."""

    def __init__(self, form: Form) -> None:
        self.form = form


async def save(request: Request, master: Master, form: Form, code: str, before: State, version: int) -> Form:
    """Record one as a form that is valid asks for; the form, with what was refused of it. Raises as `changing` does."""
    try:
        async with changing(request, master, code, version) as connection:
            form = await _read_codes_again(connection, form)
            if not form.valid:
                raise _Refused(form)
            await master.put(connection, [state_of(master, form, before) | {"code": code}])
    except _Refused as refusal:
        return refusal.form
    except IntegrityConstraintViolationError as error:
        return refused(master, form, error)
    return form


@asynccontextmanager
async def changing(
    request: Request, master: Master, code: str, version: int, *, ends: bool = False
) -> AsyncIterator[Connection]:
    """One transaction around the change of one whose `version` was seen (0: there was none), by an admin who still is one; the
    form is recorded in it. Nobody else changes any of the kind meanwhile, or of the kinds that may hang on one that `ends`.
    Raises NotAllowed, MasterChanged, AlreadyRecorded, KeyReused."""
    state, submission, connection = request.state, submission_of(request), request.state.connection
    async with connection.transaction():
        await hold_kinds(connection, [master.kind, *(MOVED.get(master.kind, ()) if ends else ())])
        people = await list_hanging_people(connection, master.kind, code) if ends else []
        people += [code] if master is EMPLOYEE else []  # who may be let go at this moment
        await stay_admin(connection, state.viewer, state.client, *people)
        await record(connection, submission, master.url_of(code))
        await check_seen(connection, master.kind, code, version)
        await set_cause(connection, "form")
        yield connection


async def _read_codes_again(connection: Connection, form: Form) -> Form:
    """The form, with what is wrong where it names what is active no longer: the form was read before its kind was held."""
    fields = [f for f in coded_fields(form.fields) if form.values.get(f.name)]
    if not fields:
        return form
    found = await find_codes(connection, {f.kind: _typed_codes(fields, f.kind, form.values) for f in fields})
    for field in fields:
        try:
            field.parse(form.values[field.name], found[field.kind])  # type: ignore[arg-type]
        except Wrong as wrong:
            form = form.with_error(field.name, str(wrong))
    return form


def keep_own_right(request: Request, master: Master, record: Record, form: Form) -> Form:
    """The form, with what is wrong about it where an admin takes the right of one from themselves: that is another's to do."""
    own = master is EMPLOYEE and record.code == request.state.viewer.nik
    return form.with_error("admin", OWN_RIGHT) if own and form.data.get("admin") is False else form


def refused(master: Master, form: Form, error: IntegrityConstraintViolationError) -> Form:
    """The form, with what the database refused of it. Raises the error, if nothing is known of it."""
    return form.with_error(*refusal_of(master, error))


def refusal_of(master: Master, error: IntegrityConstraintViolationError) -> tuple[str, str]:
    """The field at fault, and what is said of what the database refused. Raises the error, if nothing is known of it."""
    refusal = master.refusals.get(error.constraint_name or "")
    if refusal is None:
        raise error
    return refusal
