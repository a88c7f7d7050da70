"""Closing a problem, and what follows: confirmation or reopening by the reporter; and voiding."""

from starlette.requests import Request
from starlette.responses import Response

from forms.closures import read_closure, read_reopening, read_voiding
from forms.form import Form
from queries.closures import close_problem, confirm_problem, reopen_problem, void_problem
from screens import Screen, on_page, show_form, submit

SCREEN = Screen("partials/closures/form.html", "Tutup Kendala", {"solution": "Solusi"})


async def new(request: Request) -> Response:
    """The form, empty."""
    return await _show(request, Form(), 200)


async def create(request: Request) -> Response:
    """open → closed, saying what was done."""
    form = read_closure(request.state.raw)

    async def store(connection, change):
        await close_problem(connection, change, form.values["solution"])

    return await submit(request, form, _show, store, "closed")


async def _show(request: Request, form: Form, status: int) -> Response:
    return await show_form(request, SCREEN, form, status)


async def confirm(request: Request) -> Response:
    """The reporter says that it is solved."""
    return await submit(request, Form(), on_page("confirmation"), confirm_problem, "confirmed")


async def reopen(request: Request) -> Response:
    """closed → open: the reporter says that it is not solved, and may say why."""
    form = read_reopening(request.state.raw)

    async def store(connection, change):
        await reopen_problem(connection, change, form.values["reason"] or None)

    return await submit(request, form, on_page("reopening"), store, "reopened")


async def void(request: Request) -> Response:
    """A wrong or duplicate report is voided, with the reason."""
    form = read_voiding(request.state.raw)

    async def store(connection, change):
        await void_problem(connection, change, form.values["reason"])

    return await submit(request, form, on_page("voiding"), store, "voided")
