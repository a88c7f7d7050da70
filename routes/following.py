"""Following a problem: being told of what comes of it."""

from starlette.responses import Response

from actions.once import once
from actions.state import Request
from actions.submit import answer_changed
from queries.following import follow, stop_following


async def create(request: Request) -> Response:
    """The viewer follows it from now on."""
    return await _put(request, is_followed=True, notice="Anda mengikuti kendala ini.")


async def delete(request: Request) -> Response:
    """The viewer follows it no more."""
    return await _put(request, is_followed=False, notice="Anda tidak lagi mengikuti kendala ini.")


async def _put(request: Request, *, is_followed: bool, notice: str) -> Response:
    problem_id, nik = request.state.problem.id, request.state.viewer.nik
    async with once(request, f"/problems/{problem_id}") as connection:
        await (follow if is_followed else stop_following)(connection, problem_id, nik)
    return await answer_changed(request, notice)
