"""The kinds of master data (registry), and how a form changes one: offered codes, conflict, refusal, then one transaction."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from asyncpg import Connection, IntegrityConstraintViolationError

from actions.master import Master
from actions.once import submission_of
from actions.state import Request
from auth.accounts import as_admin
from forms import areas, stores
from forms.coded import SeveralCoded, code_in, coded_fields
from forms.fields import Typed
from forms.form import Form
from queries.areas import put_areas
from queries.masters import State, find_codes, hold_master, list_codes, set_cause
from queries.stores import put_stores
from queries.submissions import record

AREA = Master(
    "area",
    "areas",
    "Wilayah",
    "wilayah",
    areas.FIELDS,
    put_areas,
    columns=("parent",),
    refusals={"tree_has_no_loop": ("parent", "Wilayah ini tidak dapat berada di bawah dirinya sendiri.")},
)
STORE = Master("store", "stores", "Toko", "toko", stores.FIELDS, put_stores, columns=("area", "time_zone", "phone"))
MASTERS = (AREA, STORE)

IN_A_SELECT = 200  # more of them are no help to who chooses, and weigh more than the rest of the page


async def offer_codes(connection: Connection, master: Master, values: Mapping[str, Typed]) -> dict[str, Any]:
    """What each field that names others offers. Where they are too many for a select, only those that stand in it; `suggested`
    are the names of such fields."""
    offer: dict[str, Any] = {"suggested": set()}
    for f in coded_fields(master.fields):
        offer[f.name] = await list_codes(connection, f.kind, IN_A_SELECT + 1)
        if len(offer[f.name]) > IN_A_SELECT:
            offer["suggested"].add(f.name)
            typed = values.get(f.name) or ()
            codes = [code_in(value) for value in ((typed,) if isinstance(typed, str) else typed)]
            offer[f.name] = await find_codes(connection, f.kind, codes)
    return offer


def state_of(master: Master, form: Form, before: State) -> State:
    """The state that a form which is valid asks for; what it does not ask for is as it was before, or active."""
    several = {f.name for f in master.fields if isinstance(f, SeveralCoded)}
    data = {name: list(value) if name in several else value for name, value in form.data.items()}
    return {"active": True} | before | data


@asynccontextmanager
async def changing(request: Request, master: Master, code: str, version: int) -> AsyncIterator[Connection]:
    """One transaction around the change of one whose `version` was seen (0: there was none), by an admin who still is one; the
    form is recorded in it. Raises NotAllowed, MasterChanged, AlreadyRecorded, KeyReused."""
    state, submission = request.state, submission_of(request)
    async with as_admin(state.connection, state.viewer, state.client) as connection:
        await record(connection, submission, master.url_of(code))
        await hold_master(connection, master.kind, code, version)
        await set_cause(connection, "form")
        yield connection


def refused(master: Master, form: Form, error: IntegrityConstraintViolationError) -> Form:
    """The form, with what the database refused of it. Raises the error, if nothing is known of it."""
    refusal = master.refusals.get(error.constraint_name or "")
    if refusal is None:
        raise error
    return form.with_error(*refusal)
