"""What can be done to a problem: the doors of all actions, which say which one they are for."""

from starlette.responses import Response

from actions import submit as submission
from actions.state import Request


async def show(request: Request) -> Response:
    """The form of the action."""
    return await submission.show_empty(request)


async def submit(request: Request) -> Response:
    """The action, or its form again, with what is wrong."""
    return await submission.submit(request)
