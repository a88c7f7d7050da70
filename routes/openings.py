"""Opening a problem: the identification form."""

from starlette.requests import Request
from starlette.responses import Response

from forms.form import Choices, Form
from forms.openings import LABELS, identified, offer_identification, read_opening
from queries.masterdata import list_categories
from queries.openings import open_problem
from screens import Screen, show_form, submit

SCREEN = Screen(
    "partials/openings/form.html",
    "Buka Kendala",
    LABELS,
)


async def new(request: Request) -> Response:
    """The form, empty."""
    return await _show(request, Form(), 200)


async def create(request: Request) -> Response:
    """reported → open, identified."""
    form = read_opening(request.state.raw, await _offer(request))

    async def store(connection, change):
        await open_problem(connection, change, *identified(form.values))

    return await submit(request, form, _show, store, "opened")


async def _show(request: Request, form: Form, status: int) -> Response:
    return await show_form(request, SCREEN, form, status, await _offer(request))


async def _offer(request: Request) -> dict[str, Choices]:
    return offer_identification(await list_categories(request.state.connection))
