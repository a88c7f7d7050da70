"""Escalation (Penyelesaian): its form follows the kind, and the second step the department."""

from starlette.responses import Response

from actions.registry import ESCALATION, PIC
from actions.show import show
from actions.state import Request
from actions.submit import form_of
from web.render import partial, wants_partial


async def fields(request: Request) -> Response:
    """The fields of what was chosen so far, with what was typed; the whole form without htmx, for
    another `step`, or to say that it cannot be sent any more."""
    step = request.query_params.get("step")
    action = PIC if step == PIC.name else ESCALATION
    form = await form_of(request, action)
    possible = action.right in request.state.problem.actions
    if step == ESCALATION.name or not wants_partial(request) or not possible:
        return await show(request, action, form)
    return partial(request, action.partial, form=form, action=action, problem=request.state.problem)
