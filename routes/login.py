"""Logging in, in two steps, and out."""

from starlette.requests import Request
from starlette.responses import Response

import auth
import db
from forms.form import Form
from forms.login import AGAIN, DEACTIVATED, EXPIRED, UNKNOWN, UNREADABLE, WRONG, read_login, read_nik, too_many
from render import go_to, must_wait, next_path, page, partial, see_other, wants_partial


async def home(request: Request) -> Response:
    """To the list, or to the login."""
    return see_other(request, "/problems" if await _is_logged_in(request) else "/login")


async def show(request: Request) -> Response:
    """The first step; for whoever is logged in already, the way on."""
    if await _is_logged_in(request):
        return see_other(request, next_path(request))
    return _login_page(request, Form())


async def _is_logged_in(request: Request) -> bool:
    if not auth.has_session_id(request):
        return False
    try:
        async with db.acquire(request.app.state.database) as connection:
            return await auth.get_viewer(request, connection) is not None
    except db.DatabaseUnavailable:
        return False  # the login page itself needs no database; the lookup will say that there is none


async def find(request: Request) -> Response:
    """The end of the first step: who has this NIK."""
    form = read_nik(request.state.raw)
    if not form.valid:
        return _login_page(request, form, status=422)
    try:
        async with db.acquire(request.app.state.database) as connection:
            lookup = await auth.look_up(request, connection, form.values["nik"])
    except db.DatabaseUnavailable:
        return _login_page(request, form.with_error("nik", UNREADABLE, UNREADABLE), status=503)
    if lookup.wait:
        message = too_many(lookup.wait)
        # Without the name, which is what there were too many of; the PIN can be tried all the same.
        return must_wait(
            _login_page(request, form.with_error("nik", message, message), _nameless(form), 429), lookup.wait
        )
    form = _judge(form, lookup.person)
    return _login_page(request, form, lookup.person if form.valid else None, 200 if form.valid else 422)


def _judge(form: Form, person: dict | None) -> Form:
    if person is None:
        return form.with_error("nik", UNKNOWN, UNKNOWN)
    return form if person["active"] else form.with_error("nik", DEACTIVATED, DEACTIVATED)


async def create(request: Request) -> Response:
    """The second step: a session for whoever knows the PIN."""
    form = read_login(request.state.raw)
    nik, personal = form.values["nik"], bool(form.values["personal"])
    login, person = auth.Login(), None
    try:
        if form.valid:
            login = await auth.log_in(request, nik, form.values["pin"], personal)
        if login.session_id is None and read_nik(request.state.raw).valid:
            async with db.acquire(request.app.state.database) as connection:
                person = (await auth.look_up(request, connection, nik)).person
    except db.DatabaseUnavailable:
        return _login_page(request, form.with_error("pin", AGAIN, UNREADABLE), None, 503)
    if login.session_id:
        response = go_to(request, next_path(request))
        auth.set_session(request, response, login.session_id, login.personal)
        auth.set_device(request, response, login.device_id)
        return response
    return _refusal(request, form, login, person)


def _refusal(request: Request, form: Form, login: auth.Login, person: dict | None) -> Response:
    """The second step again. Nothing but the name tells whether anybody has the NIK, and that has its own limit."""
    message = too_many(login.wait) if login.wait else EXPIRED if login.expired else WRONG
    form = Form({**form.values, "pin": ""}, {"pin": AGAIN}, message)
    if person is None or not person["active"]:
        person = _nameless(form) if read_nik(request.state.raw).valid else None
    response = _login_page(request, form, person, 429 if login.wait else 422)
    return must_wait(response, login.wait) if login.wait else response


def _nameless(form: Form) -> dict:
    return {"nik": form.values["nik"], "name": ""}


async def delete(request: Request) -> Response:
    """Out, on the server as well as in the browser."""
    await auth.log_out(request, request.state.connection)
    response = go_to(request, "/login")
    auth.forget_session(request, response)
    return response


def _login_page(request: Request, form: Form, person: dict | None = None, status: int = 200) -> Response:
    """Both steps; the second as soon as there is a person, or something wrong with a PIN."""
    context = {"form": form, "person": person, "next": next_path(request)}
    if wants_partial(request):
        return partial(request, "partials/login/steps.html", status=status, **context)
    return page(request, "templates/login.html", status=status, viewer=None, **context)
