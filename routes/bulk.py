"""Several problems at once: the doors of what can be done to them."""

from starlette.responses import Response

from actions import bulk
from actions.state import Request


async def show(request: Request) -> Response:
    """The form, for the problems that were chosen."""
    return await bulk.show_empty(request)


async def submit(request: Request) -> Response:
    """The action on each of them, or its form again, with what is wrong."""
    return await bulk.submit(request)
