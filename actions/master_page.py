"""The page of one of the master data: its form, its history, and what can be done with it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from actions.confirmation import Confirmation
from actions.master import Master
from actions.master_change import offer_codes
from actions.masters import MASTERS
from actions.state import Request
from forms.coded import typed_of
from forms.form import NOTHING, Form
from queries.deactivation import HOLDERS, is_dissolving, list_at_or_below
from queries.masters import Master as Record
from queries.masters import list_changes_since, list_master_changes
from web.render import page

DEACTIVATION = Confirmation("Nonaktifkan", "partials/masters/deactivation.html")
CHANGES = 50  # of one, on its page


async def show_master(
    request: Request,
    master: Master,
    record: Record,
    form: Form,
    status: int = 200,
    said: Mapping[str, Any] = NOTHING,
    seen: int | None = None,
) -> Response:
    """The page of one, with its form and its history; with what was changed since version `seen`, where what was typed was not
    recorded for that. `said` stands in place of what is beside it."""
    connection, fields = request.state.connection, master.fields[1:]
    offer = await offer_codes(connection, master, form.values)
    if "parent" in offer:  # none at or below it can be above it; what was typed stays
        below = set(await list_at_or_below(connection, master.kind, record.code)) - {form.values.get("parent")}
        offer["parent"] = {code: name for code, name in offer["parent"].items() if code not in below}
    form = replace(form, fields=fields, offer=offer)
    context: dict[str, Any] = {
        "section": master.section,
        "master": master,
        "masters": MASTERS,
        "form": form,
        "record": record,
        "error": "",
        "effect": None,
        "deactivation": DEACTIVATION,
        "dissolving": master.kind in HOLDERS and await is_dissolving(connection, master.kind, record.code),
        "changes": await list_master_changes(connection, master.kind, record.code, None, CHANGES),
        "since": [] if seen is None else await list_changes_since(connection, master.kind, record.code, seen),
        **(await master.beside(request, record) if master.beside else {}),
        **said,
    }
    return page(request, master.template, status=status, **context)


def form_of(master: Master, record: Record) -> Form:
    """The form of one as it is."""
    fields = master.fields[1:]
    return Form(fields, typed_of(fields, record.state))
