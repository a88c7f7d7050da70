"""Notifications: what one was told, and having read it."""

from starlette.responses import Response

from actions.notifications import address_of, tell_told
from actions.once import once
from actions.state import Request
from forms.problems import read_id
from queries.notifications import list_notifications, read_notifications
from web.render import go_to, page

LIMIT = 50


async def index(request: Request) -> Response:
    """The newest, or those before the one that the address names; a page at a time."""
    before = read_id(request.query_params.get("before", ""))
    found = await list_notifications(request.state.connection, request.state.viewer.nik, LIMIT + 1, before)
    context = {
        "section": "notifications",
        "told": found[:LIMIT],
        "last": found[0].id if found and not before else "",
        "newer": "/notifications" if before else None,
        "older": f"/notifications?before={found[LIMIT - 1].id}" if len(found) > LIMIT else None,
        "address": address_of,
        "sentence": tell_told,
    }
    return page(request, "templates/notifications/index.html", **context)


async def read(request: Request) -> Response:
    """All that was shown, and what is older, is read; what was told meanwhile is not."""
    last = read_id(request.state.raw.get("last", ""))
    async with once(request, "/notifications") as connection:
        await read_notifications(connection, request.state.viewer.nik, last)
    return go_to(request, "/notifications", notice="Semua ditandai sudah dibaca.")
