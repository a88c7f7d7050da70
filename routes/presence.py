"""Presence: a page that is open says so, and is told who else is there."""

from starlette.requests import Request
from starlette.responses import Response

from queries.presence import FORMS
from render import partial
from screens import meet


async def beat(request: Request) -> Response:
    """The viewer is still at the problem, and which form is open; who else is."""
    doing = request.state.raw.get("doing")
    present = await meet(request, doing if doing in FORMS else None)
    return partial(request, "partials/presence/people.html", present=present)
