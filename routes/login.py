"""Logging in, in two steps, and out."""

from starlette.requests import Request
from starlette.responses import Response

import auth
import db
from forms.form import Form
from forms.login import AGAIN, DEACTIVATED, UNKNOWN, UNREADABLE, WRONG, read_login, read_nik, too_many
from queries.employees import get_person
from render import go_to, local_path, page, partial, see_other, wants_partial


async def home(request: Request) -> Response:
    """To the list, or to the login."""
    return see_other(request, "/problems" if await _is_logged_in(request) else "/login")


async def show(request: Request) -> Response:
    """The first step; for whoever is logged in already, the way on."""
    if await _is_logged_in(request):
        return see_other(request, _next(request))
    return _login_page(request, Form())


async def _is_logged_in(request: Request) -> bool:
    try:
        async with db.acquire(request.app.state.database) as connection:
            return await auth.get_viewer(request, connection) is not None
    except db.DatabaseUnavailable:
        return False  # the login page itself needs no database; the lookup will say that there is none


async def find(request: Request) -> Response:
    """The end of the first step: who has this NIK."""
    form = read_nik(request.state.raw)
    person, status = None, 422
    if form.valid:
        try:
            async with db.acquire(request.app.state.database) as connection:
                person = await get_person(connection, form.values["nik"])
        except db.DatabaseUnavailable:
            form, status = form.with_error("nik", UNREADABLE, UNREADABLE), 503
        else:
            form = _judge(form, person)
    return _login_page(request, form, person if form.valid else None, 200 if form.valid else status)


def _judge(form: Form, person: dict | None) -> Form:
    if person is None:
        return form.with_error("nik", UNKNOWN, UNKNOWN)
    return form if person["active"] else form.with_error("nik", DEACTIVATED, DEACTIVATED)


async def create(request: Request) -> Response:
    """The second step: a session for whoever knows the PIN."""
    form = read_login(request.state.raw)
    nik = form.values["nik"]
    try:
        async with db.acquire(request.app.state.database) as connection:
            login = await auth.log_in(connection, nik, form.values["pin"]) if form.valid else auth.Login()
            person = await get_person(connection, nik) if form.values["nik"].isdigit() else None
    except db.DatabaseUnavailable:
        return _login_page(request, form.with_error("pin", AGAIN, UNREADABLE), None, 503)
    if login.session_id:
        response = go_to(request, _next(request))
        auth.set_session(request, response, login.session_id)
        return response
    message = too_many(login.wait) if login.wait else WRONG
    form = Form({"nik": nik}, {"pin": AGAIN}, message)
    response = _login_page(request, form, person if person and person["active"] else None, 429 if login.wait else 422)
    if login.wait:
        response.headers["Retry-After"] = str(login.wait)
    return response


async def delete(request: Request) -> Response:
    """Out, on the server as well as in the browser."""
    await auth.log_out(request, request.state.connection)
    response = go_to(request, "/login")
    auth.forget_session(request, response)
    return response


def _login_page(request: Request, form: Form, person: dict | None = None, status: int = 200) -> Response:
    """Both steps; the second as soon as there is a person, or something wrong with a PIN."""
    context = {"form": form, "person": person, "next": _next(request)}
    if wants_partial(request):
        return partial(request, "partials/login/steps.html", status=status, **context)
    return page(request, "templates/login.html", status=status, viewer=None, **context)


def _next(request: Request) -> str:
    """Where to go after the login: the page that was asked for, if it is one of ours."""
    asked = getattr(request.state, "raw", {}).get("next") or request.query_params.get("next", "")
    return local_path(asked) or "/problems"
