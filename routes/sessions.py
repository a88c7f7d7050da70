"""One's own sessions: where one is logged in."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

import accounts
import auth
from forms.problems import read_id
from queries.employees import get_time_zone
from queries.sessions import list_sessions
from render import page, see_other


async def index(request: Request) -> Response:
    """All of them, and which one this is."""
    connection, viewer = request.state.connection, request.state.viewer
    sessions = await list_sessions(connection, viewer.nik, auth.session_hash(request))
    time_zone = await get_time_zone(connection, viewer.store_code)
    return page(request, "templates/sessions/list.html", sessions=sessions, time_zone=time_zone)


async def end(request: Request) -> Response:
    """End one, by its number. Somebody else's is not there."""
    number = read_id(request.path_params["session"])
    if number is None or not await accounts.end_own_session(request, number):
        raise HTTPException(404)
    return see_other(request, "/sessions", "session-ended")


async def end_others(request: Request) -> Response:
    """End all but this one."""
    await accounts.end_other_sessions(request)
    return see_other(request, "/sessions", "sessions-ended")
