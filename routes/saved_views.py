"""Saved views of the list: each person's own."""

from dataclasses import replace

from starlette.exceptions import HTTPException
from starlette.responses import Response

from actions.confirmation import Confirmation, ask
from actions.listing import read_listing
from actions.once import once
from actions.state import Request
from actions.submit import again, check_key
from forms.form import Form, read
from forms.listing import ListForm
from forms.problems import read_id
from forms.saved_views import BAD_FILTERS, FULL, NAME, split_query, view_query
from queries.saved_views import SavedView, delete_view, list_views, save_view
from queries.submissions import KeyReused
from web.form_key import KEY_REUSED
from web.render import go_to, page

DELETION = Confirmation("Hapus tampilan", "partials/confirmation/view.html", "Hapus")


async def index(request: Request) -> Response:
    """The viewer's views, and the form that saves the filters in the URL."""
    return await _show(request, Form((NAME,), {"query": request.url.query}), 200)


async def create(request: Request) -> Response:
    """Save the filters under a name, and go back to the list that they make."""
    raw, state = request.state.raw, request.state
    form = read(raw, (NAME,))
    form = replace(form, values={**form.values, "query": raw.get("query", "")})
    listing, query = await _read_filters(request, form)
    if not listing.form.valid:
        form = form.with_message(BAD_FILTERS)
    form = check_key(request, form)
    if form.valid:
        try:
            if not await save_view(state.connection, state.submission, form.data["name"], query):
                form = form.with_message(FULL)
        except KeyReused:
            form = again(form, KEY_REUSED)
    if not form.valid:
        return await _show(request, form, 422)
    return go_to(request, f"/problems?{query}", notice="Tampilan disimpan.")


async def ask_delete(request: Request) -> Response:
    """Whether a view is to be forgotten; what is not the viewer's is not there."""
    return ask(request, DELETION, ("/views", "Tampilan saya"), section="problems", view=await _view(request))


async def delete(request: Request) -> Response:
    """Forget a view; what is not the viewer's is not there."""
    view = await _view(request)
    async with once(request, "/views") as connection:
        await delete_view(connection, request.state.viewer.nik, view.id)
    return go_to(request, "/views", notice="Tampilan dihapus.")


async def _view(request: Request) -> SavedView:
    view_id = read_id(request.path_params["id"])
    views = await list_views(request.state.connection, request.state.viewer.nik)
    found = next((view for view in views if view.id == view_id), None)
    if found is None:
        raise HTTPException(404)
    return found


async def _show(request: Request, form: Form, status: int) -> Response:
    listing, _ = await _read_filters(request, form)
    views = await list_views(request.state.connection, request.state.viewer.nik)
    context = {"section": "problems", "form": form, "listing": listing, "views": views, "deletion": DELETION}
    return page(request, "templates/saved_views/index.html", status=status, **context)


async def _read_filters(request: Request, form: Form) -> tuple[ListForm, str]:
    """The filters that are to be saved, and how they are kept."""
    listing, offers = await read_listing(request, split_query(form.text("query")))
    return listing, view_query(listing, offers.years)
