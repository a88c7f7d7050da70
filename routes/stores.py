"""Stores, as the filter of the list finds them where they are too many for a select."""

from starlette.requests import Request
from starlette.responses import Response

from forms.form import Field, read
from queries.masterdata import search_stores
from render import partial

LIMIT = 20


async def index(request: Request) -> Response:
    """The options for what has been typed so far; none for nothing, or for too much of it."""
    form = read(request.query_params, (Field("store", "Toko", 100),))
    connection, viewer = request.state.connection, request.state.viewer
    stores = await search_stores(connection, viewer, form.values["store"], LIMIT) if form.valid else []
    return partial(request, "partials/stores/options.html", stores=stores)
