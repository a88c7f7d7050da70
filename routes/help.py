"""How to use SIH, and which keys do what."""

from starlette.responses import Response

from actions.registry import BULK, WITH_PRESSED
from actions.state import Request
from web.render import page


async def show(request: Request) -> Response:
    """A short guide, with what concerns the viewer."""
    return page(request, "templates/help.html", section="help", actions=WITH_PRESSED, bulk=BULK)
