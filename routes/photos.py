"""The photos of a problem, for whoever sees it."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from forms.problems import read_id
from queries.photos import get_photo, get_thumbnail, list_photos
from render import page

# A photo never changes, and a phone should fetch it once. Only for the session that fetched it, though: whoever logs in next
# on a phone that is shared is asked for their own reach.
HEADERS = {"Cache-Control": "private, max-age=31536000, immutable", "Vary": "Cookie"}


async def show(request: Request) -> Response:
    """The page of a photo. What a browser would make of the bare picture has styles of its own, which our policy forbids."""
    seq, photos = _seq(request), await list_photos(request.state.connection, request.state.problem["id"])
    if not 0 < seq <= len(photos):
        raise HTTPException(404)
    context = {"section": "problems", "problem": request.state.problem, "photo": photos[seq - 1], "photos": photos}
    return page(request, "templates/photos/show.html", **context)


async def show_image(request: Request) -> Response:
    """The photo in full."""
    return _answer(await get_photo(request.state.connection, request.state.problem["id"], _seq(request)))


async def show_thumbnail(request: Request) -> Response:
    """The photo, small."""
    return _answer(await get_thumbnail(request.state.connection, request.state.problem["id"], _seq(request)))


def _seq(request: Request) -> int:
    seq = read_id(request.path_params["seq"])
    if seq is None:
        raise HTTPException(404)
    return seq


def _answer(picture: bytes | None) -> Response:
    if picture is None:
        raise HTTPException(404)
    return Response(picture, media_type="image/jpeg", headers=HEADERS)
