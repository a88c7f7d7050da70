"""Stores, as the filter of the list finds them where they are too many for a select."""

from starlette.responses import Response

from actions.state import Request
from forms.fields import Text
from forms.form import read
from queries.stores import search_stores
from web.render import partial

LIMIT = 20


async def index(request: Request) -> Response:
    """The options for what has been typed so far; none for nothing, or for too much of it."""
    form = read(request.state.raw, (Text("store", "Toko", length=100),))
    connection, viewer = request.state.connection, request.state.viewer
    stores = await search_stores(connection, viewer, form.text("store"), LIMIT) if form.valid else []
    return partial(request, "partials/stores/options.html", stores=stores)
