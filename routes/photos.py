"""The photos of a problem, for whoever sees it."""

from starlette.exceptions import HTTPException
from starlette.responses import Response

from actions.state import Request
from forms.problems import read_id
from queries.photos import get_photo, get_photo_size, get_thumbnail
from web.pictures import send_picture
from web.render import page


async def show(request: Request) -> Response:
    """The page of a photo. What a browser would make of the bare picture has styles of its own, which our policy forbids."""
    photo = await get_photo_size(request.state.connection, request.state.problem.id, _seq(request))
    if photo is None:
        raise HTTPException(404)
    context = {"section": "problems", "problem": request.state.problem, "photo": photo, "of_note": False}
    context |= {"door": f"/problems/{request.state.problem.id}/photos", "number": photo.seq, "total": photo.total}
    context |= {"before": photo.seq - 1, "after": photo.seq + 1 if photo.seq < photo.total else None}
    return page(request, "templates/photos/show.html", **context)


async def show_image(request: Request) -> Response:
    """The photo in full."""
    return send_picture(await get_photo(request.state.connection, request.state.problem.id, _seq(request)))


async def show_thumbnail(request: Request) -> Response:
    """The photo, small."""
    return send_picture(await get_thumbnail(request.state.connection, request.state.problem.id, _seq(request)))


def _seq(request: Request) -> int:
    seq = read_id(request.path_params["seq"])
    if seq is None:
        raise HTTPException(404)
    return seq
