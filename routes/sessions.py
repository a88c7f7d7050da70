"""One's own sessions: where one is logged in."""

from starlette.exceptions import HTTPException
from starlette.responses import Response

from actions.confirmation import Confirmation, ask
from actions.once import once
from actions.state import Request
from auth import accounts
from forms.problems import read_id
from queries.sessions import Session, list_sessions
from web.render import page, see_other

ONE = Confirmation("Akhiri sesi", "partials/confirmation/session.html", "Akhiri")
OTHERS = Confirmation("Akhiri semua sesi lain", "partials/confirmation/other_sessions.html")
BACK = ("/sessions", "Sesi dan PIN")


async def index(request: Request) -> Response:
    """All of them, and which one this is."""
    questions = {"one": ONE, "others": OTHERS}
    return page(request, "templates/sessions/list.html", sessions=await _own(request), questions=questions)


async def ask_end(request: Request) -> Response:
    """Whether one is to end, by its number. Somebody else's is not there."""
    return ask(request, ONE, BACK, session=await _session(request))


async def end(request: Request) -> Response:
    """End one, by its number. Somebody else's is not there."""
    session, state = await _session(request), request.state
    async with once(request, "/sessions") as connection:
        await accounts.end_own_session(connection, state.viewer, state.client, session.id)
    return see_other(request, "/sessions", "Sesi diakhiri.")


async def ask_end_others(request: Request) -> Response:
    """Whether all but this one are to end."""
    return ask(request, OTHERS, BACK, sessions=sum(not session.current for session in await _own(request)))


async def end_others(request: Request) -> Response:
    """End all but this one."""
    async with once(request, "/sessions") as connection:
        await accounts.end_other_sessions(connection, request.state.viewer, request.state.client)
    return see_other(request, "/sessions", "Semua sesi lain diakhiri.")


async def _own(request: Request) -> list[Session]:
    return await list_sessions(request.state.connection, request.state.viewer.nik, request.state.client.session_hash)


async def _session(request: Request) -> Session:
    number = read_id(request.path_params["session"])
    found = next((session for session in await _own(request) if session.id == number), None)
    if found is None:
        raise HTTPException(404)
    return found
