"""Reporting a problem: for oneself, or, by a handler, for a caller."""

from starlette.requests import Request
from starlette.responses import Response

from forms.envelope import BAD_KEY, KEY_REUSED
from forms.form import Form
from forms.login import DEACTIVATED, UNKNOWN, read_nik
from forms.problems import read_report, split_asset
from queries.employees import get_person
from queries.masterdata import list_assets
from queries.problems import Report, insert_problem
from queries.submissions import KeyReused, get_recorded
from render import page, partial, see_other


async def new(request: Request) -> Response:
    """The empty form."""
    return await _show(request, Form(), await _own_person(request))


async def find_reporter(request: Request) -> Response:
    """Who a caller is: name and workplace by NIK, and the assets there."""
    form = Form({"reporter": request.query_params.get("reporter", "")})
    person, form = await _find_person(request, form)
    assets = await list_assets(request.state.connection, person["store_code"]) if person else []
    status = 200 if form.valid else 422
    return partial(request, "partials/reports/reporter.html", status=status, form=form, person=person, assets=assets)


async def create(request: Request) -> Response:
    """Record the report, once, however often it is sent."""
    person, form = await _find_person(request, read_report(request.state.raw))
    if request.state.submission is None or request.state.key_reused:
        form = form.with_message(KEY_REUSED if request.state.key_reused else BAD_KEY)
    if not form.valid:
        return await _show(request, form, person, 422)
    connection = request.state.connection
    asset_tag, asset_text = split_asset(form.values["asset"], await list_assets(connection, person["store_code"]))
    report = Report(person["nik"], form.values["title"], form.values["description"], asset_tag, asset_text)
    try:
        problem_id = await insert_problem(connection, request.state.submission, report)
        if problem_id is None:  # the same form, sent at the same moment, came first
            problem_id = await get_recorded(connection, request.state.submission)
    except KeyReused:
        return await _show(request, form.with_message(KEY_REUSED), person, 422)
    return see_other(request, f"/problems/{problem_id}", "reported")


async def _find_person(request: Request, form: Form) -> tuple[dict | None, Form]:
    """Who reports: the caller whose NIK a handler typed, else whoever is logged in; and the form, with what is wrong with it."""
    typed = form.values["reporter"]
    if not typed or not request.state.viewer.is_handler:
        return await _own_person(request), form
    found = read_nik(form.values, "reporter")
    if not found.valid:
        return None, form.with_error("reporter", found.errors["reporter"])
    person = await get_person(request.state.connection, found.values["reporter"])
    if person is None:
        return None, form.with_error("reporter", UNKNOWN)
    if not person["active"]:
        return None, form.with_error("reporter", DEACTIVATED)
    return person, form


async def _own_person(request: Request) -> dict | None:
    return await get_person(request.state.connection, request.state.viewer.nik)


async def _show(request: Request, form: Form, person: dict | None, status: int = 200) -> Response:
    store_code = person["store_code"] if person else request.state.viewer.store_code
    assets = await list_assets(request.state.connection, store_code)
    context = {"section": "new", "form": form, "person": person, "assets": assets}
    response = page(request, "templates/reports/new.html", status=status, **context)
    # Back shows this very form again, with its key: sent a second time, it is recorded once.
    response.headers["Cache-Control"] = "private, no-cache"
    return response
