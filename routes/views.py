"""Saved views of the list: each person's own."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from forms.envelope import KEY_REUSED
from forms.form import Form
from forms.problems import ListForm, read_id
from forms.views import BAD_FILTERS, FULL, read_view, split_query, view_query
from listing import read_listing
from queries.submissions import KeyReused
from queries.views import delete_view, list_views, save_view
from render import go_to, page
from screens import check_key


async def index(request: Request) -> Response:
    """The viewer's views, and the form that saves the filters in the URL."""
    return await _show(request, Form({"query": request.url.query}), 200)


async def create(request: Request) -> Response:
    """Save the filters under a name, and go back to the list that they make."""
    raw, state = request.state.raw, request.state
    form = read_view(raw)
    form = Form({**form.values, "query": raw.get("query", "")}, form.errors, form.message)
    listing, query = await _read_filters(request, form)
    if not listing.form.valid:
        form = form.with_message(BAD_FILTERS)
    form = check_key(request, form)
    if form.valid:
        try:
            if not await save_view(state.connection, state.submission, form.values["name"], query):
                form = form.with_message(FULL)
        except KeyReused:
            form = form.with_message(KEY_REUSED)
    if not form.valid:
        return await _show(request, form, 422)
    return go_to(request, f"/problems?{query}", notice="view_saved")


async def delete(request: Request) -> Response:
    """Forget a view; what is not the viewer's is not there."""
    view_id = read_id(request.path_params["id"])
    if view_id is None or not await delete_view(request.state.connection, request.state.viewer.nik, view_id):
        raise HTTPException(404)
    return go_to(request, "/views", notice="view_deleted")


async def _show(request: Request, form: Form, status: int) -> Response:
    listing, _ = await _read_filters(request, form)
    views = await list_views(request.state.connection, request.state.viewer.nik)
    context = {"section": "problems", "form": form, "listing": listing, "views": views}
    return page(request, "templates/views/index.html", status=status, **context)


async def _read_filters(request: Request, form: Form) -> tuple[ListForm, str]:
    """The filters that are to be saved, and how they are kept."""
    listing, offers = await read_listing(request, split_query(form.values["query"]))
    return listing, view_query(listing, offers.years)
