"""Deactivating one of the master data: what hangs on it, where that goes, and doing it (offboarding of reference data)."""

from collections.abc import Mapping
from dataclasses import replace

from asyncpg import Connection, IntegrityConstraintViolationError
from starlette.responses import Response

from actions.confirmation import ask
from actions.master import Master
from actions.master_change import changing, offer_codes, refusal_of
from actions.master_page import DEACTIVATION, form_of, show_master
from actions.masters import MASTERS
from actions.state import Request
from forms.coded import Coded
from forms.fields import Field, Typed, label_codes
from forms.form import Form, Offer, read
from forms.heirs import HEIRS
from queries.deactivation import (
    HOLDERS,
    Hanging,
    is_dissolving,
    is_inheriting,
    list_at_or_below,
    list_hanging,
    pass_on,
)
from queries.leaving import list_heirs
from queries.masters import Master as Record
from queries.masters import MasterChanged, find_codes, get_present_state
from web.render import see_other

ACTIVATED = "Diaktifkan."
DEACTIVATED = "Dinonaktifkan."
GOES_ON = "Kendalanya sedang dialihkan; dinonaktifkan begitu itu selesai."
CHANGED = "Data ini sudah berubah sejak halaman ini dibuka. Periksa lagi, lalu kirim bila masih sesuai."
DESK = "Meja bantuan menampung kendala yang tidak dipegang siapa pun, dan tidak dapat dinonaktifkan."
GENERAL = "Divisi umum tidak dapat dinonaktifkan. Jadikan dahulu divisi lain yang umum."
GENERAL_CALENDAR = "Kalender umum tidak dapat dinonaktifkan. Jadikan dahulu kalender lain yang umum."
INHERITS = "Divisi ini masih menerima kendala dari yang sedang dinonaktifkan. Nonaktifkan begitu itu selesai."
NO_HEIR = "Belum ada tujuan lain yang aktif untuk yang bergantung padanya. Tambahkan dahulu."


async def ask_deactivate(
    request: Request, master: Master, record: Record, form: Form | None = None, status: int = 200
) -> Response:
    """Whether it is to be active no longer, with how much hangs on it and where that is to go."""
    connection = request.state.connection
    hanging = await list_hanging(connection, master.kind, record.code)
    refusal = _refusal(record)
    if not refusal and master.kind == "division" and await is_inheriting(connection, record.code):
        refusal = INHERITS
    if refusal:
        return await _refuse(request, master, record, refusal)
    fields = _fields(master, hanging)
    form = form or Form(fields, {"heir": ""})
    offer = await _offer(request, master, record, fields, form.values)
    if fields and not offer["heir"] and not offer.get("suggested"):
        return await _refuse(request, master, record, NO_HEIR)
    context = {"section": master.section, "master": master, "masters": MASTERS, "record": record, "hanging": hanging}
    form = replace(form, fields=fields, offer=offer)
    back = (master.url_of(record.code), f"{record.code} {record.name}")
    return ask(request, DEACTIVATION, back, status, form=form, fields={"version": record.version}, **context)


async def deactivate(request: Request, master: Master, record: Record, seen: int) -> Response:
    """Do that, in one transaction; or ask again, where something was wrong or has changed."""
    connection, location = request.state.connection, master.url_of(record.code)
    if refusal := _refusal(record):
        return await _refuse(request, master, record, refusal)
    if await is_dissolving(connection, master.kind, record.code):
        return see_other(request, location, GOES_ON)
    hanging = await list_hanging(connection, master.kind, record.code)
    fields = _fields(master, hanging)
    typed = {f.name: f.typed(request.state.raw) for f in fields}
    form = read(request.state.raw, fields, offer=await _offer(request, master, record, fields, typed))
    if not form.valid:
        return await ask_deactivate(request, master, record, form, 422)
    try:
        done = await _deactivate(request, master, record, seen, form)
    except MasterChanged:
        return await ask_deactivate(request, master, record, form.with_message(CHANGED), 409)
    except IntegrityConstraintViolationError as error:
        form = form.with_error("heir", refusal_of(master, error)[1])  # of the only field there is
        return await ask_deactivate(request, master, record, form, 422)
    return see_other(request, location, DEACTIVATED if done else GOES_ON)


async def activate(request: Request, master: Master, record: Record, seen: int) -> Response:
    """Make one active again, as it is; or say why it cannot be, or what has changed."""
    try:
        async with changing(request, master, record.code, seen) as connection:
            await master.put(connection, [record.state | {"code": record.code, "active": True}])
    except MasterChanged:
        return await _refuse(request, master, record, CHANGED, 409)
    except IntegrityConstraintViolationError as error:
        return await _refuse(request, master, record, refusal_of(master, error)[1])
    return see_other(request, master.url_of(record.code), ACTIVATED)


async def _deactivate(request: Request, master: Master, record: Record, seen: int, form: Form) -> bool:
    async with changing(request, master, record.code, seen, ends=True) as connection:
        heir = form.data.get("heir") or ""
        if not heir and await list_hanging(connection, master.kind, record.code):
            raise MasterChanged  # something hangs on it by now, and nobody has said where it goes
        if await _cannot_go(connection, master, record.code, heir):
            raise MasterChanged
        done = await pass_on(connection, master.kind, record.code, heir, request.state.viewer.nik)
        if done:
            present = await get_present_state(connection, master.kind, record.code)
            await master.put(connection, [present | {"active": False}])
    return done


async def _cannot_go(connection: Connection, master: Master, code: str, heir: str) -> bool:
    """Whether the heir is active no longer, or will not be, or this one is such an heir itself, by now."""
    if heir:
        kind = "division" if master.kind in HOLDERS else master.kind
        if not (await find_codes(connection, {kind: [heir]}))[kind] or await is_dissolving(connection, kind, heir):
            return True
    return master.kind == "division" and await is_inheriting(connection, code)


def _fields(master: Master, hanging: list[Hanging]) -> tuple[Field, ...]:
    return (HEIRS[master.kind],) if hanging else ()


async def _offer(
    request: Request, master: Master, record: Record, fields: tuple[Field, ...], values: Mapping[str, Typed]
) -> Offer:
    """What can be the heir: others of its kind, active and not below it; of what holds problems a division that has members."""
    connection = request.state.connection
    if not fields:
        return {}
    if not isinstance(fields[0], Coded):
        heirs = await list_heirs(connection, "")
        return {"heir": [choice for choice in label_codes(heirs) if choice[0] != record.code]}
    offer = await offer_codes(connection, replace(master, fields=fields), values)
    is_tree = master.kind in ("area", "category")
    without = await list_at_or_below(connection, master.kind, record.code) if is_tree else [record.code]
    return offer | {"heir": {code: name for code, name in offer["heir"].items() if code not in without}}


def _refusal(record: Record) -> str:
    if record.state.get("kind") == "desk":
        return DESK
    general = GENERAL_CALENDAR if "shifts" in record.state else GENERAL
    return general if record.state.get("general") else ""


async def _refuse(request: Request, master: Master, record: Record, error: str, status: int = 422) -> Response:
    return await show_master(request, master, record, form_of(master, record), status, {"error": error})
