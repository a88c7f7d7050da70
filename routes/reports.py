"""Reporting a problem: for oneself, or, by a handler, for a caller."""

from typing import NamedTuple

from starlette.responses import Response

from actions.draft_photos import keep_photos
from actions.drafts import offered
from actions.state import Request
from actions.submit import again, check_key
from forms.form import NOTHING, Form, read, typed_only
from forms.login import DEACTIVATED, UNKNOWN, read_nik, too_many
from forms.photos import GONE, KEPT_PHOTOS, PHOTO, with_photos
from forms.problems import REPORT, REPORTER, split_asset
from queries.assets import list_assets
from queries.budgets import CALLERS, count_use
from queries.draft_photos import PhotosGone
from queries.employees import Person, get_person
from queries.problems import Report, insert_problem
from queries.security_events import WALK_PAUSE, note_once
from queries.submissions import KeyReused
from web.form_key import KEY_REUSED
from web.render import go_to, must_wait, page, partial, wants_partial

REPORTED = "Kendala sudah dicatat. Meja bantuan akan membukanya."


async def new(request: Request) -> Response:
    """The form, empty, or as it was left."""
    form = (await offered(request, {"report": typed_only(NOTHING, REPORT)}, None))["report"]
    found = await _find_reporter(request, form) if form.resumed else None
    return await _show(request, form, (found and found.person) or await _own_person(request))


async def find_reporter(request: Request) -> Response:
    """Who a caller is: name and workplace by NIK, and the assets there."""
    form = typed_only(request.state.raw, (REPORTER,))
    person, form, wait = await _find_reporter(request, form)
    assets = await list_assets(request.state.connection, person.store_code) if person else []
    context = {"form": form, "person": person, "assets": assets}
    response = partial(request, "partials/reports/reporter.html", status=_status(form, wait), **context)
    return must_wait(response, wait) if wait else response


async def create(request: Request) -> Response:
    """Record the report, once, however often it is sent."""
    form = with_photos(read(request.state.raw, REPORT), request.state.photos)
    person, form, wait = await _find_reporter(request, form)
    form = check_key(request, form)
    if person is None or not form.valid:
        response = await _show(request, form, person, _status(form, wait))
        return must_wait(response, wait) if wait else response
    connection = request.state.connection
    asset_tag, asset_text = split_asset(form.data["asset"], await list_assets(connection, person.store_code))
    report = Report(person.nik, form.data["title"], form.data["description"], asset_tag, asset_text)
    try:
        problem_id = await insert_problem(
            connection, request.state.submission, report, form.data[PHOTO.name], form.data[KEPT_PHOTOS]
        )
    except KeyReused:
        return await _show(request, again(form, KEY_REUSED), person, 422)
    except PhotosGone:
        return await _show(request, form.with_error(PHOTO.name, GONE), person, 422)
    return go_to(request, f"/problems/{problem_id}", notice=REPORTED)


class _Reporter(NamedTuple):
    """Who reports, if that is somebody; the form, with what is wrong with it; and the seconds to wait before asking again."""

    person: Person | None
    form: Form
    wait: int = 0


async def _find_reporter(request: Request, form: Form) -> _Reporter:
    """The caller whose NIK a handler typed, else whoever is logged in."""
    typed = form.text("reporter")
    if not typed or not request.state.viewer.is_handler:
        return _Reporter(await _own_person(request), form)
    found = read_nik({"reporter": typed}, "reporter")
    if not found.valid:
        return _Reporter(None, form.with_error("reporter", found.errors["reporter"]))
    if wait := await _count_caller(request):
        return _Reporter(None, form.with_error("reporter", too_many(wait), too_many(wait)), wait)
    person = await get_person(request.state.connection, found.text("reporter"))
    if person is None:
        return _Reporter(None, form.with_error("reporter", UNKNOWN))
    if not person.active:
        return _Reporter(None, form.with_error("reporter", DEACTIVATED))
    return _Reporter(person, form)


def _status(form: Form, wait: int) -> int:
    return 200 if form.valid else 429 if wait else 422


async def _count_caller(request: Request) -> int:
    """The seconds to wait for whoever has asked for more people than call in an hour."""
    connection, nik = request.state.connection, request.state.viewer.nik
    wait = await count_use(connection, CALLERS, nik)
    if wait:
        await note_once(connection, "lookup walk", nik, None, WALK_PAUSE)
    return wait


async def _own_person(request: Request) -> Person | None:
    return await get_person(request.state.connection, request.state.viewer.nik)


async def _show(request: Request, form: Form, person: Person | None, status: int = 200) -> Response:
    store_code = person.store_code if person else request.state.viewer.store_code
    assets = await list_assets(request.state.connection, store_code)
    form = await keep_photos(request, form)
    context = {"section": "new", "form": form, "person": person, "assets": assets}
    if wants_partial(request):
        return partial(request, "partials/reports/form.html", status=status, **context)
    response = page(request, "templates/reports/new.html", status=status, **context)
    # Back shows this very form again, with its key: sent a second time, it is recorded once.
    response.headers["Cache-Control"] = "private, no-cache"
    return response
