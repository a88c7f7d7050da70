"""Uploads: how far one's own is, asked by the form that is being sent (polling); a browser tells htmx nothing of it."""

from starlette.responses import Response

import db
from actions.state import Request
from queries.uploads import get_arrival
from web.form_key import read_key
from web.render import partial


async def show(request: Request) -> Response:
    """How much has arrived, where that is known. What cannot be written cannot be noted, nor read on a replica."""
    key, connection = read_key(request.query_params), request.state.connection
    arrival = None
    if key is not None and not db.reads_only(connection):
        arrival = await get_arrival(connection, request.state.viewer.nik, key)
    return partial(request, "partials/form/arrival.html", arrival=arrival)
