"""Opening a problem: the identification form."""

from starlette.requests import Request
from starlette.responses import Response

from forms.form import Form
from forms.openings import LEVELS, read_opening
from queries.masterdata import list_categories
from queries.openings import open_problem
from screens import Screen, show_form, submit

SCREEN = Screen(
    "partials/openings/form.html",
    "Buka Kendala",
    {"category": "Kategori", "impact": "Dampak", "urgency": "Urgensi", "identification": "Identifikasi masalah"},
)


async def new(request: Request) -> Response:
    """The form, empty."""
    return await _show(request, Form(), 200)


async def create(request: Request) -> Response:
    """reported → open, identified."""
    categories = await list_categories(request.state.connection)
    form = read_opening(request.state.raw, [code for _, code, _ in categories])

    async def store(connection, change):
        values = form.values
        levels = int(values["impact"]), int(values["urgency"])
        await open_problem(connection, change, values["category"], *levels, values["identification"])

    return await submit(request, form, _show, store, "opened")


async def _show(request: Request, form: Form, status: int) -> Response:
    groups: dict[str, list[tuple[str, str]]] = {}
    for parent, code, name in await list_categories(request.state.connection):
        groups.setdefault(parent, []).append((code, f"{code} — {name}"))
    return await show_form(request, SCREEN, form, status, categories=list(groups.items()), levels=LEVELS)
