"""How to use SIH, and which keys do what."""

from starlette.requests import Request
from starlette.responses import Response

from render import page


async def show(request: Request) -> Response:
    """A short guide, with what concerns the viewer."""
    return page(request, "templates/help.html", section="help")
