"""Pictures as they are sent: JPEG, made by us, kept by the browser of the session that fetched them (private caching)."""

from starlette.exceptions import HTTPException
from starlette.responses import Response

# A photo never changes, and a phone should fetch it once. Only for the session that fetched it, though: whoever logs in next
# on a phone that is shared is asked for their own reach.
HEADERS = {"Cache-Control": "private, max-age=31536000, immutable", "Vary": "Cookie"}


def send_picture(picture: bytes | None) -> Response:
    """A JPEG. Raises 404 for None."""
    if picture is None:
        raise HTTPException(404)
    return Response(picture, media_type="image/jpeg", headers=HEADERS)
