"""Reporting a problem: for oneself, or, by a handler, for a caller."""

from starlette.requests import Request
from starlette.responses import Response

from drafts import restored
from forms.envelope import KEY_REUSED
from forms.form import Form
from forms.login import DEACTIVATED, UNKNOWN, read_nik, too_many
from forms.photos import note_for, with_photos
from forms.problems import read_report, split_asset
from queries.budgets import CALLERS, count_use
from queries.employees import get_person
from queries.masterdata import list_assets
from queries.problems import Report, insert_problem
from queries.security_events import WALK_PAUSE, note_once
from queries.submissions import KeyReused
from render import go_to, must_wait, page, partial, wants_partial
from screens import check_key


async def new(request: Request) -> Response:
    """The form, empty, or as it was left."""
    form = (await restored(request, {"report": Form()}, None))["report"]
    person, _ = await _find_person(request, form) if form.restored else (None, form)
    return await _show(request, form, person or await _own_person(request))


async def find_reporter(request: Request) -> Response:
    """Who a caller is: name and workplace by NIK, and the assets there."""
    form = Form({"reporter": request.query_params.get("reporter", "")})
    person, form = await _find_person(request, form)
    assets = await list_assets(request.state.connection, person["store_code"]) if person else []
    context = {"form": form, "person": person, "assets": assets}
    return _wait(request, partial(request, "partials/reports/reporter.html", status=_status(request, form), **context))


async def create(request: Request) -> Response:
    """Record the report, once, however often it is sent."""
    form = with_photos(read_report(request.state.raw), request.state.photos)
    person, form = await _find_person(request, form)
    form = check_key(request, form)
    if not form.valid:
        return _wait(request, await _show(request, form, person, _status(request, form)))
    connection = request.state.connection
    asset_tag, asset_text = split_asset(form.values["asset"], await list_assets(connection, person["store_code"]))
    report = Report(person["nik"], form.values["title"], form.values["description"], asset_tag, asset_text)
    try:
        problem_id = await insert_problem(connection, request.state.submission, report, request.state.photos.pictures)
    except KeyReused:
        return await _show(request, form.with_message(KEY_REUSED), person, 422)
    return go_to(request, f"/problems/{problem_id}", notice="reported")


async def _find_person(request: Request, form: Form) -> tuple[dict | None, Form]:
    """Who reports: the caller whose NIK a handler typed, else whoever is logged in; and the form, with what is wrong with it."""
    typed = form.values["reporter"]
    if not typed or not request.state.viewer.is_handler:
        return await _own_person(request), form
    found = read_nik(form.values, "reporter")
    if not found.valid:
        return None, form.with_error("reporter", found.errors["reporter"])
    if wait := await _count_caller(request):
        request.state.wait = wait
        return None, form.with_error("reporter", too_many(wait), too_many(wait))
    person = await get_person(request.state.connection, found.values["reporter"])
    if person is None:
        return None, form.with_error("reporter", UNKNOWN)
    if not person["active"]:
        return None, form.with_error("reporter", DEACTIVATED)
    return person, form


def _status(request: Request, form: Form) -> int:
    return 200 if form.valid else 429 if hasattr(request.state, "wait") else 422


def _wait(request: Request, response: Response) -> Response:
    return must_wait(response, request.state.wait) if hasattr(request.state, "wait") else response


async def _count_caller(request: Request) -> int:
    """The seconds to wait for whoever has asked for more people than call in an hour."""
    connection, nik = request.state.connection, request.state.viewer.nik
    wait = await count_use(connection, CALLERS, nik)
    if wait:
        await note_once(connection, "lookup walk", nik, None, WALK_PAUSE)
    return wait


async def _own_person(request: Request) -> dict | None:
    return await get_person(request.state.connection, request.state.viewer.nik)


async def _show(request: Request, form: Form, person: dict | None, status: int = 200) -> Response:
    store_code = person["store_code"] if person else request.state.viewer.store_code
    assets = await list_assets(request.state.connection, store_code)
    context = {"section": "new", "form": form, "person": person, "assets": assets}
    context["photo_note"] = note_for(form, request.state.photos)
    if wants_partial(request):
        return partial(request, "partials/reports/form.html", status=status, **context)
    response = page(request, "templates/reports/new.html", status=status, **context)
    # Back shows this very form again, with its key: sent a second time, it is recorded once.
    response.headers["Cache-Control"] = "private, no-cache"
    return response
