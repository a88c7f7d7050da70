"""Logging in, in two steps, and out."""

from contextlib import suppress
from functools import cache

from starlette.responses import Response

import db
from actions.state import Request
from auth import sessions
from auth.login import Login, log_in, log_out, look_up
from forms.fields import Raw
from forms.form import Form
from forms.login import AGAIN, DEACTIVATED, EXPIRED, FIELDS, UNKNOWN, UNREADABLE, WRONG, read_login, read_nik, too_many
from queries.employees import Person
from queries.first_admin import has_people
from web import cookies
from web.logs import note_reason
from web.moulds import Mould, blank
from web.render import filled, go_to, must_wait, next_path, page, partial, see_other, wants_partial

PAGE, STEPS = "templates/login.html", "partials/login/steps.html"


async def home(request: Request) -> Response:
    """To the list, or to the login."""
    return see_other(request, "/problems" if await _is_logged_in(request) else "/login")


async def show(request: Request) -> Response:
    """The first step; for whoever is logged in already, the way on."""
    if await _is_logged_in(request):
        return see_other(request, next_path(request))
    return _login_page(request, Form(FIELDS), is_empty=await _is_empty(request))


async def _is_empty(request: Request) -> bool:
    """Whether there is nobody yet: asked for only as long as there is not."""
    state = request.app.state
    if state.is_empty:
        with suppress(db.DatabaseUnavailable):
            async with db.acquire(state.database) as connection:
                state.is_empty = not await has_people(connection)
    return state.is_empty


async def _is_logged_in(request: Request) -> bool:
    if not request.state.client.session_id:
        return False
    try:
        async with db.acquire(request.app.state.database) as connection:
            return await sessions.get_viewer(connection, request.state.client) is not None
    except db.DatabaseUnavailable:
        return False  # the login page itself needs no database; the lookup will say that there is none


async def find(request: Request) -> Response:
    """The end of the first step: who has this NIK."""
    form = read_nik(request.state.raw)
    if not form.valid:
        return _login_page(request, form, status=422)
    try:
        async with db.acquire(request.app.state.database) as connection:
            lookup = await look_up(connection, request.state.client, form.text("nik"))
    except db.DatabaseUnavailable as error:
        note_reason(request.scope, error.reason)
        return _login_page(request, form.with_error("nik", UNREADABLE, UNREADABLE), status=503)
    if lookup.wait:
        message = too_many(lookup.wait)
        # Without the name, which is what there were too many of; the PIN can be tried all the same.
        return must_wait(
            _login_page(request, form.with_error("nik", message, message), _nameless(form), 429), lookup.wait
        )
    form = _judge(form, lookup.person)
    return (
        _second_step(request, lookup.person) if form.valid and lookup.person else _login_page(request, form, None, 422)
    )


def _judge(form: Form, person: Person | None) -> Form:
    if person is None:
        return form.with_error("nik", UNKNOWN, UNKNOWN)
    return form if person.active else form.with_error("nik", DEACTIVATED, DEACTIVATED)


def _second_step(request: Request, person: Person) -> Response:
    """What nearly everybody is shown: the name, and an empty PIN."""
    mould = _step_mould(wants_partial(request), "stepped" in request.state.raw)
    return filled(mould.fill(person._asdict() | {"next": next_path(request)}))


@cache
def _step_mould(as_part: bool, stepped: bool) -> Mould:
    nobody = Person(
        *map(blank, ("nik", "name")), active=True, store_code=blank("store_code"), store_name=blank("store_name")
    )
    context = {"form": Form(FIELDS, {"nik": blank("nik")}), "person": nobody, "next": blank("next"), "stepped": stepped}
    if as_part:
        return Mould(STEPS, context | {"as_page": False})
    return Mould(
        PAGE,
        context | {"as_page": True, "viewer": None, "flash": None, "section": "", "is_empty": False, "accounts": ()},
    )


async def create(request: Request) -> Response:
    """The second step: a session for whoever knows the PIN."""
    typed = _typed(request)
    form = read_login(typed)
    if not read_nik(typed).valid:
        return _refusal(request, form, Login(), None)
    try:
        async with db.Lease(request.app.state.database) as lease:
            login, person = await _try(request, lease, form)
    except db.DatabaseUnavailable as error:
        note_reason(request.scope, error.reason)
        return _login_page(request, form.with_error("pin", AGAIN, UNREADABLE), None, 503)
    if login.session_id and login.device_id:
        request.app.state.fairness.note_person(login.session_id, form.text("nik"))
        response = go_to(request, next_path(request))
        cookies.set_session(request, response, login.session_id, login.kept_for)
        cookies.set_device(request, response, login.device_id)
        return response
    return _refusal(request, form, login, person)


def _typed(request: Request) -> Raw:
    """NIK and PIN as they were typed, or those of the person of the demo company that was chosen."""
    raw, accounts = request.state.raw, request.app.state.accounts
    return next(({"nik": a.nik, "pin": a.pin} for a in accounts if a.nik == raw.get("account")), raw)


async def _try(request: Request, lease: db.Lease, form: Form) -> tuple[Login, Person | None]:
    """What comes of a try; if it failed, also whose NIK it is, for the name to be shown again."""
    login, client, nik = Login(), request.state.client, form.text("nik")
    if form.valid:
        pins, personal = request.app.state.pins, bool(form.values["personal"])
        login = await log_in(lease, client, pins, nik, form.text("pin"), personal)
    return login, None if login.session_id else (await look_up(lease.connection, client, nik)).person


def _refusal(request: Request, form: Form, login: Login, person: Person | None) -> Response:
    """The second step again. Nothing but the name tells whether anybody has the NIK, and that has its own limit."""
    message = too_many(login.wait) if login.wait else EXPIRED if login.expired else WRONG
    form = Form(FIELDS, {**form.values, "pin": ""}, {"pin": AGAIN}, message)
    if person is None or not person.active:
        person = _nameless(form) if read_nik({"nik": form.text("nik")}).valid else None
    response = _login_page(request, form, person, 429 if login.wait else 422)
    return must_wait(response, login.wait) if login.wait else response


def _nameless(form: Form) -> Person:
    return Person(form.text("nik"), "", active=True, store_code="", store_name="")


async def delete(request: Request) -> Response:
    """Out, on the server as well as in the browser."""
    await log_out(request.state.connection, request.state.client)
    response = go_to(request, "/login")
    cookies.forget_session(request, response)
    return response


def _login_page(
    request: Request, form: Form, person: Person | None = None, status: int = 200, *, is_empty: bool = False
) -> Response:
    """Both steps; the second as soon as there is a person, or something wrong with a PIN."""
    context = {"form": form, "person": person, "next": next_path(request), "is_empty": is_empty}
    context["accounts"] = request.app.state.accounts
    context["stepped"] = "stepped" in getattr(request.state, "raw", {})  # whether somebody went on, rather than paused
    if wants_partial(request):
        return partial(request, STEPS, status=status, **context)
    return page(request, PAGE, status=status, viewer=None, **context)
