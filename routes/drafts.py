"""Drafts (autosave): what is being typed, sent by htmx on a pause, on leaving a field, and when the network is back."""

from starlette.exceptions import HTTPException
from starlette.responses import Response

from actions.drafts import keep, named, page_of
from actions.state import Request
from forms.files import read_kept
from queries.draft_files import delete_draft_files, get_draft_thumbnail
from queries.drafts import delete_draft
from web.form_key import read_key
from web.pictures import send_picture
from web.render import see_other
from web.swaps import answer_kept


async def save(request: Request) -> Response:
    """Keep the text of a form: of a report, or of what the path names. Nothing is shown for it."""
    await keep(request, _form(request), request.state.viewer.nik)
    return answer_kept()


async def discard(request: Request) -> Response:
    """Let go of a draft, and show the form without it. A browser and htmx follow the same way."""
    name, key = _form(request), read_key(request.state.raw, "draft")
    if key is not None:
        await delete_draft(request.state.connection, request.state.viewer.nik, key)
        await delete_draft_files(request.state.connection, request.state.viewer.nik, key)
    problem_id = request.state.problem.id if hasattr(request.state, "problem") else None
    return see_other(request, page_of(name, problem_id, request.state.raw))


async def show_photo(request: Request) -> Response:
    """A photo that is kept for a form of one's own, small."""
    key, digests = read_key(request.path_params), read_kept([request.path_params["digest"]])
    if key is None or not digests:
        raise HTTPException(404)
    connection, nik = request.state.connection, request.state.viewer.nik
    return send_picture(await get_draft_thumbnail(connection, nik, key, digests[0]))


def _form(request: Request) -> str:
    name = named(request.path_params["form"], "id" in request.path_params)
    if name is None:
        raise HTTPException(404)
    return name
