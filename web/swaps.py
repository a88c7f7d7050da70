"""Whose an answer is: htmx shows none that does not name its swap (HX-Reswap), and only ours do.

A proxy's page, a captive portal's or an empty answer names none, whatever its status: to htmx (`defaultSwap` in
templates/base.html) it is a failed request, and what is on the page stays. An element says in a header how the answer is to be
swapped, in place of hx-swap, and every answer of ours repeats it.
"""

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import Message, Scope

from web.requests import Request

WANTED = "SIH-Swap"  # of a request: the style in which its element takes the answer
STYLES = frozenset({"innerHTML", "innerHTML show:top", "outerHTML", "innerMorph", "outerMorph", "none"})
EMPTY = (204, 304)  # statuses of answers that change nothing on the page
IN_VAIN = (403, 404, 409)  # statuses after which it is of no use to try again
FAILED = "htmx:error"  # the event of a request that failed


def name_swap(scope: Scope, head: Message) -> None:
    """Have the head of an answer name the swap that was asked for, if it names none of its own."""
    wanted = Headers(scope=scope).get(WANTED)
    if wanted in STYLES:
        style = "none" if head["status"] in EMPTY else wanted
        MutableHeaders(raw=head["headers"]).setdefault("HX-Reswap", style)


def answer_kept() -> Response:
    """The answer to a draft that was kept: with nothing in it, which takes the place of what said that it was not."""
    return Response(status_code=204, headers={"HX-Reswap": "innerHTML"})


def swap_of_error(request: Request, status: int) -> dict[str, str]:
    """The headers of a message that leaves all that is on the page: on top of the part that was asked for, or in the place that a
    form has for it. Who shows nothing, a draft for one, hears that the request failed.
    """
    if request.headers.get(WANTED) == "none":
        return {"HX-Reswap": "none"} | ({} if status in IN_VAIN else {"HX-Trigger": FAILED})
    place = {"HX-Push-Url": "false", "HX-Reselect": ".flash.error"}
    if request.headers.get("HX-Source", "").partition("#")[0] == "form":
        return place | {"HX-Retarget": "find .network", "HX-Reswap": "innerHTML"}
    return place | {"HX-Reswap": "afterbegin"}
