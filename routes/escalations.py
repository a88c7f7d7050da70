"""Escalation (Penyelesaian): the modal whose form follows the kind, its second step for a PIC, and the receiver's answer."""

from starlette.requests import Request
from starlette.responses import Response

from forms.escalations import HELD, KINDS, read_escalation, read_fields, read_pic, read_return
from forms.form import Choices, Form, label_codes
from queries.employees import list_pics
from queries.escalations import (
    accept_escalation,
    escalate_to_division,
    escalate_to_pic,
    get_other_division,
    list_it_divisions,
    return_escalation,
)
from render import partial
from screens import Screen, on_page, refuse, show_form, submit

SCREEN = Screen(
    "partials/escalations/form.html",
    "Penyelesaian",
    {"kind": "Jenis penyelesaian", "division": "Divisi tujuan", "reason": "Alasan"},
)
PIC_SCREEN = Screen(
    "partials/escalations/pic.html", "Pilih PIC", {"department": "Departemen", "pic": "PIC", "reason": "Alasan"}
)


async def new(request: Request) -> Response:
    """The first step; the kind and what was typed may stand in the URL."""
    return await _show(request, read_fields(request.query_params), 200)


async def fields(request: Request) -> Response:
    """The fields of a kind, or, once there is a department, of the second step; with what was typed."""
    form = read_fields(request.query_params)
    problem = {"problem": request.state.problem}
    if "department" in request.query_params:
        choices = await _offer_pics(request, form)
        return partial(request, "partials/escalations/pic_fields.html", form=form, choices=choices, **problem)
    return partial(request, "partials/escalations/fields.html", form=form, **problem, **await _targets(request))


async def create(request: Request) -> Response:
    """open → escalated, to a division; or, for a department, on to the choice of the PIC, with nothing changed yet."""
    targets = await _targets(request)
    form = read_escalation(request.state.raw, targets["choices"])
    kind = form.values["kind"]
    if kind == "other" and form.valid and targets["other_division"]["held"]:
        form = form.with_error("kind", HELD)
    if kind == "department":
        return await refuse(request, form, _show) or await _show_pic(request, form, 200)

    async def store(connection, change):
        division = form.values["division"] if kind == "it" else targets["other_division"]["code"]
        await escalate_to_division(connection, change, kind, division, form.values["reason"])

    return await submit(request, form, _show, store, "escalated")


async def choose_pic(request: Request) -> Response:
    """open → escalated, to a PIC: the second step."""
    form = read_pic(request.state.raw, {nik: department for department, _, nik, _, _ in await _list_pics(request)})

    async def store(connection, change):
        await escalate_to_pic(connection, change, form.values["pic"], form.values["reason"])

    return await submit(request, form, _show_pic, store, "escalated")


async def accept(request: Request) -> Response:
    """escalated → open: the receiver takes it."""
    return await submit(request, Form(), on_page("acceptance"), accept_escalation, "accepted")


async def send_back(request: Request) -> Response:
    """escalated → open, back to the sender, with the reason."""
    form = read_return(request.state.raw)

    async def store(connection, change):
        await return_escalation(connection, change, form.values["reason"])

    return await submit(request, form, on_page("return"), store, "returned")


async def _show(request: Request, form: Form, status: int) -> Response:
    return await show_form(request, SCREEN, form, status, **await _targets(request))


async def _show_pic(request: Request, form: Form, status: int) -> Response:
    return await show_form(request, PIC_SCREEN, form, status, await _offer_pics(request, form))


async def _targets(request: Request) -> dict:
    """Where an escalation to a division can go, as the first step shows it."""
    connection, problem = request.state.connection, request.state.problem
    return {
        "choices": {"kind": KINDS, "division": label_codes(await list_it_divisions(connection, problem["id"]))},
        "other_division": await get_other_division(connection, problem["id"]),
    }


async def _offer_pics(request: Request, form: Form) -> dict[str, Choices]:
    """The PICs to choose from, by department, each with the present load; of the chosen department, if there is one."""
    pics = await _list_pics(request)
    departments = {code: f"{code} — {name}" for code, name, *_ in pics}
    chosen = form.values.get("department", "")
    groups = {label: [] for code, label in departments.items() if chosen not in departments or chosen == code}
    for code, _, nik, name, load in pics:
        if departments[code] in groups:
            groups[departments[code]].append((nik, f"{name} — {load} kendala"))
    return {"department": list(departments.items()), "pic": list(groups.items())}


async def _list_pics(request: Request) -> list[tuple]:
    """All PICs but the one who holds the problem."""
    pics = await list_pics(request.state.connection)
    return [pic for pic in pics if pic[2] != request.state.problem["holder_pic_nik"]]
