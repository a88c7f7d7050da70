"""What tells a page from the one that somebody has already (ETag), without reading any more of it."""

from collections.abc import Sequence

from starlette.responses import Response

import db
from actions.state import Request
from forms.problems import read_id
from queries.presence import Present
from queries.problem_versions import get_problem_version
from web.tags import is_taggable, minute, put_tag, tag_of


async def tag_of_problems(request: Request) -> str | None:
    """That of a page which shows problems in the viewer's reach; of a list that is searched none, since notes are found too."""
    state = request.state
    if request.query_params.get("q"):
        return None
    versions = state.version, state.reference_version, state.views_version
    return tag_of(request, state.viewer.nik, state.viewer.look, *versions)


async def tag_of_problem(request: Request) -> str | None:
    """That of a problem's page, with who else is there; None where it shows a draft, and outside of the viewer's reach. Nor where
    nothing can be written: who is there is not known on a replica."""
    state = request.state
    number = None if db.reads_only(state.connection) else read_id(request.path_params["id"])
    shown = await get_problem_version(state.connection, state.viewer, number) if number else None
    return shown and _tag_of_problem(request, shown)


async def tag_problems(request: Request, response: Response) -> Response:
    """The page of problems, with its tag."""
    return put_tag(response, await tag_of_problems(request) if is_taggable(request) else None)


def tag_problem(request: Request, response: Response, seen: str, present: Sequence[Present]) -> Response:
    """The page of the problem, with the tag that `tag_of_problem` finds as long as it shows no more than what was `seen` of the
    problem, and who is `present`."""
    if not is_taggable(request) or request.state.problem.has_drafts:
        return response
    others = (f"{other.name}:{other.editing}" if other.editing else other.name for other in present)
    followed = "followed" if request.state.problem.is_followed else ""
    return put_tag(response, _tag_of_problem(request, "\n".join((seen, followed, *others))))


def _tag_of_problem(request: Request, shown: str) -> str:
    viewer = request.state.viewer
    return tag_of(request, viewer.nik, viewer.look, shown, request.state.reference_version, minute())
