"""Drafts: what is being typed, sent by htmx on a pause."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from drafts import form_named, keep
from forms.drafts import page_of
from queries.drafts import delete_draft
from render import see_other


async def save(request: Request) -> Response:
    """Keep the text of a form: of a report, or of what the path names. Nothing is shown for it."""
    await keep(request, _form(request))
    return Response(status_code=204)


async def discard(request: Request) -> Response:
    """Let go of a draft, and show the form without it. A browser and htmx follow the same way."""
    name = _form(request)
    problem_id = request.state.problem["id"] if hasattr(request.state, "problem") else None
    await delete_draft(request.state.connection, request.state.viewer.nik, problem_id, name)
    return see_other(request, page_of(name, problem_id, request.state.raw))


def _form(request: Request) -> str:
    name = form_named(request)
    if name is None:
        raise HTTPException(404)
    return name
