"""Choosing another PIN."""

from starlette.responses import Response

from actions.state import Request
from actions.submit import check_key
from auth import accounts
from forms.form import INVALID, Form
from forms.login import EXPIRED, too_many
from forms.pins import FIELDS, WRONG_OLD, read_pins
from queries.pins import get_birth_date
from web.cookies import set_session
from web.render import must_wait, next_path, page, see_other

CHANGED = "PIN Anda sudah diganti. Sesi Anda di perangkat lain sudah diakhiri."


async def edit(request: Request) -> Response:
    """The form; who still has an initial PIN sees nothing else."""
    return _pin_page(request, Form(FIELDS))


async def update(request: Request) -> Response:
    """Another PIN for whoever knows the old one."""
    state, viewer = request.state, request.state.viewer
    form = check_key(request, read_pins(state.raw, viewer.nik, await get_birth_date(state.connection, viewer.nik)))
    if not form.valid:
        return _pin_page(request, form, 422)
    try:
        change = await accounts.change_pin(
            state.lease,
            viewer,
            state.client,
            request.app.state.pins,
            form.text("old_pin"),
            form.text("new_pin"),
            state.submission,
            next_path(request),
        )
    except accounts.SessionEnded:
        return see_other(request, "/login?next=/pin")
    if change.session_id is None:
        return _refuse(request, form, change)
    response = see_other(request, next_path(request), CHANGED)
    set_session(request, response, change.session_id, change.kept_for)
    return response


def _refuse(request: Request, form: Form, change: accounts.PinChange) -> Response:
    """The form again, with what is wrong with the old PIN."""
    if change.wait:
        message = too_many(change.wait)
        return must_wait(_pin_page(request, form.with_error("old_pin", message, message), 429), change.wait)
    if change.expired:
        return _pin_page(request, form.with_error("old_pin", EXPIRED, EXPIRED), 422)
    return _pin_page(request, form.with_error("old_pin", WRONG_OLD, INVALID), 422)


def _pin_page(request: Request, form: Form, status: int = 200) -> Response:
    context = {"form": form, "next": next_path(request)}
    return page(request, "templates/pins/edit.html", status=status, **context)
