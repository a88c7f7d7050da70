"""The desk screen, and the way from problem to problem."""

from typing import Any

from starlette.responses import Response

from actions.state import Request, without_connection
from actions.tags import tag_problems
from forms.problems import read_id
from forms.waiting import WORDS
from queries.desk import (
    get_next,
    get_now,
    list_due,
    list_holders,
    list_loads,
    list_reported,
    list_unanswered,
    list_waiting,
)
from queries.presence import note_presence
from web.render import Filled, fragment, page, partial, see_other, unchanged, wants_partial

TOTALS = ("reported", "open", "waiting", "escalated", "critical", "late", "due_today", "closed")
VERSION = "HX-PTag"  # what htmx sends back when it asks again, so that nothing is read or sent twice


async def show(request: Request) -> Response:
    """The queue at a glance; 304 if it is what the screen shows already."""
    version = f"{request.state.version} {request.state.reference_version}"
    if wants_partial(request) and request.headers.get(VERSION) == version:
        return unchanged()
    board = await _board(request, version)
    if wants_partial(request):
        return partial(request, "partials/desk/screen.html", headers={VERSION: version}, board=board)
    return await tag_problems(
        request, page(request, "templates/desk.html", section="desk", version=version, board=board)
    )


async def _board(request: Request, version: str) -> Filled:
    """What stands on the screen, read and made once a version: everybody who may see it sees the same of the same
    area, but for the time zone, and the button of those who are handlers."""
    viewer = request.state.viewer
    # all screens ask at once when the minute turns
    return await request.app.state.kept.get(
        ("desk", viewer.overseen, viewer.time_zone, viewer.is_handler),
        version,
        read=lambda: _make_board(request),
        waiting=lambda: without_connection(request),
    )


async def _make_board(request: Request) -> Filled:
    return fragment("partials/desk/board.html", {"viewer": request.state.viewer, **await _read_board(request)})


async def _read_board(request: Request) -> dict[str, Any]:
    connection, viewer = request.state.connection, request.state.viewer
    clock = await get_now(connection, viewer)
    seen = viewer.overseen  # of a manager of an area not the own store beside it
    holders = await list_holders(connection, seen, clock)
    return {
        "clock": clock,
        "holders": holders,
        "loads": await list_loads(connection, seen),
        "totals": {name: sum(getattr(h, name) for h in holders) for name in TOTALS},
        "due": await list_due(connection, seen, clock),
        "reported": await list_reported(connection, seen),
        "unanswered": await list_unanswered(connection, seen),
        "waiting": await list_waiting(connection, seen),
        "waiting_words": WORDS,
    }


async def show_next(request: Request) -> Response:
    """On to the next problem that waits for the viewer; to the list, if there is none."""
    after = read_id(request.query_params.get("after", "")) or 0
    problem_id = await get_next(request.state.connection, request.state.viewer, after)
    if problem_id is None:
        return see_other(request, "/problems", "Tidak ada lagi kendala yang menunggu Anda.")
    await note_presence(request.state.connection, problem_id, request.state.viewer.nik, None, again=0.0)
    notice = "Tersimpan. Ini kendala berikutnya." if "sent" in request.query_params else None
    return see_other(request, f"/problems/{problem_id}", notice)
