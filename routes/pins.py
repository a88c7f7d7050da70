"""Choosing another PIN."""

from starlette.requests import Request
from starlette.responses import Response

import accounts
import auth
from forms.form import INVALID, Form
from forms.login import EXPIRED, too_many
from forms.pins import LABELS, WRONG_OLD, read_pins
from queries.pins import get_birth_date
from render import must_wait, next_path, page, see_other


async def edit(request: Request) -> Response:
    """The form; who still has an initial PIN sees nothing else."""
    return _pin_page(request, Form())


async def update(request: Request) -> Response:
    """Another PIN for whoever knows the old one."""
    viewer = request.state.viewer
    form = read_pins(request.state.raw, viewer.nik, await get_birth_date(request.state.connection, viewer.nik))
    if not form.valid:
        return _pin_page(request, form, 422)
    try:
        change = await accounts.change_pin(request, form.values["old_pin"], form.values["new_pin"])
    except accounts.SessionEnded:
        return see_other(request, "/login?next=/pin")
    if change.session_id:
        response = see_other(request, next_path(request), "pin-changed")
        auth.set_session(request, response, change.session_id, change.personal)
        return response
    if change.wait:
        message = too_many(change.wait)
        return must_wait(_pin_page(request, form.with_error("old_pin", message, message), 429), change.wait)
    if change.expired:
        return _pin_page(request, form.with_error("old_pin", EXPIRED, EXPIRED), 422)
    return _pin_page(request, form.with_error("old_pin", WRONG_OLD, INVALID), 422)


def _pin_page(request: Request, form: Form, status: int = 200) -> Response:
    context = {"form": form, "labels": LABELS, "next": next_path(request)}
    return page(request, "templates/pins/edit.html", status=status, **context)
