"""How a form changes one of the master data: what it offers, conflict, refusal; then one transaction (optimistic lock)."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from asyncpg import Connection, IntegrityConstraintViolationError

from actions.master import Master
from actions.masters import EMPLOYEE
from actions.once import submission_of
from actions.state import Request
from auth.accounts import as_admin
from forms.coded import Coded, SeveralCoded, code_in, coded_fields
from forms.fields import Typed
from forms.form import Form
from queries.masters import Master as Record
from queries.masters import State, find_codes, hold_master, list_codes, set_cause
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


@asynccontextmanager
async def changing(
    request: Request, master: Master, code: str, version: int, niks: Iterable[str] = ()
) -> AsyncIterator[Connection]:
    """One transaction around the change of one whose `version` was seen (0: there was none), by an admin who still is one; the
    form is recorded in it, and the people `niks` are changed only by it. Raises NotAllowed, MasterChanged, AlreadyRecorded,
    KeyReused."""
    state, submission = request.state, submission_of(request)
    async with as_admin(state.connection, state.viewer, state.client, *niks) as connection:
        await record(connection, submission, master.url_of(code))
        await hold_master(connection, master.kind, code, version)
        await set_cause(connection, "form")
        yield connection


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
