"""Reporting a problem: for oneself, or, by a handler, for a caller."""

from collections.abc import Sequence
from typing import NamedTuple

from starlette.responses import Response

from actions.draft_files import keep_files
from actions.drafts import offered
from actions.state import Request
from actions.submit import again, check_key
from formats.search import is_indexed, words_of
from forms.files import FILES, GONE, KEPT, with_files
from forms.form import NOTHING, Form, read, typed_only
from forms.login import DEACTIVATED, UNKNOWN, read_nik, too_many
from forms.problems import CALLER, NO_SUCH_NAME, REPORT, REPORTER, TOO_SHORT, WHO, split_asset
from queries.assets import list_assets
from queries.budgets import CALLERS, count_use
from queries.draft_files import FilesGone
from queries.employees import Person, get_person, list_callers
from queries.problems import Report, get_last_reported, insert_problem
from queries.security_events import WALK_PAUSE, note_once
from queries.submissions import KeyReused
from web.form_key import KEY_REUSED
from web.render import must_wait, page, partial, take_place, wants_partial

WORDS = 8  # of a name and a store that are looked for: people have no more
CALLERS_SHOWN = 8  # who may be meant by a name, to choose from
REPORTED = "Kendala sudah dicatat. Meja bantuan akan membukanya."


async def new(request: Request) -> Response:
    """The form, empty, or as it was left."""
    form = (await offered(request, {"report": typed_only(NOTHING, REPORT)}, None))["report"]
    found = await _find_reporter(request, form) if form.resumed else None
    if found is None or not (found.person or found.callers):
        found = _Reporter(_own_person(request), form)
    return await _show(request, form, found)


async def find_reporter(request: Request) -> Response:
    """Who a caller is, by NIK, or by name and store: name and workplace, or who may be meant; and the assets there."""
    found = await _find_reporter(request, typed_only(request.state.raw, (REPORTER, CALLER)))
    assets = await list_assets(request.state.connection, found.person.store_code) if found.person else []
    context = {"form": found.form, "found": found, "assets": assets}
    response = partial(request, "partials/reports/reporter.html", status=_status(found.form, found.wait), **context)
    return must_wait(response, found.wait) if found.wait else response


async def create(request: Request) -> Response:
    """Record the report, once, however often it is sent."""
    form = with_files(read(request.state.raw, REPORT), request.state.attached)
    found = await _find_reporter(request, form)
    person, form = found.person, check_key(request, found.form)
    if person is None or not form.valid:
        form = form if person or not form.valid else form.with_error("reporter", WHO)
        response = await _show(request, form, found, _status(form, found.wait))
        return must_wait(response, found.wait) if found.wait else response
    connection = request.state.connection
    assets = await list_assets(connection, person.store_code) if form.data["asset"] else []
    asset_tag, asset_text = split_asset(form.data["asset"], assets)
    report = Report(person.nik, form.data["title"], form.data["description"], asset_tag, asset_text)
    try:
        problem_id = await insert_problem(
            connection, request.state.submission, report, form.data[FILES.name], form.data[KEPT]
        )
    except KeyReused:
        return await _show(request, again(form, KEY_REUSED), found, 422)
    except FilesGone:
        return await _show(request, form.with_error(FILES.name, GONE), found, 422)
    return take_place(request, f"/problems/{problem_id}", REPORTED)


class _Reporter(NamedTuple):
    """Who reports, if that is somebody; the form, with what is wrong with it; the seconds to wait before asking again; who may
    be meant by the name that was typed, and whether there are more of them."""

    person: Person | None
    form: Form
    wait: int = 0
    callers: Sequence[Person] = ()
    more: bool = False


async def _find_reporter(request: Request, form: Form) -> _Reporter:
    """The caller whose NIK, or name and store, a handler typed, else whoever is logged in."""
    typed = form.text("reporter")
    if not typed or not request.state.viewer.is_handler:
        return _Reporter(_own_person(request), form)
    is_name = any(c.isalpha() for c in typed)
    found = read_nik({"reporter": typed}, "reporter")
    if not found.valid and not is_name:
        return _Reporter(None, form.with_error("reporter", found.errors["reporter"]))
    if is_name and not is_indexed(words_of(typed)):
        return _Reporter(None, form.with_error("reporter", TOO_SHORT))
    if wait := await _count_caller(request):
        return _Reporter(None, form.with_error("reporter", too_many(wait), too_many(wait)), wait)
    if is_name:
        return await _find_by_name(request, form, typed)
    person = await get_person(request.state.connection, found.text("reporter"))
    if person is None:
        return _Reporter(None, form.with_error("reporter", UNKNOWN))
    if not person.active:
        return _Reporter(None, form.with_error("reporter", DEACTIVATED))
    return _Reporter(person, form)


async def _find_by_name(request: Request, form: Form, typed: str) -> _Reporter:
    """The only one whom what was typed may mean, or, of several, who was chosen among them."""
    callers = await list_callers(request.state.connection, words_of(typed)[:WORDS], CALLERS_SHOWN + 1)
    if not callers:
        return _Reporter(None, form.with_error("reporter", NO_SUCH_NAME))
    if len(callers) == 1:
        return _Reporter(callers[0], form)
    shown, more = callers[:CALLERS_SHOWN], len(callers) > CALLERS_SHOWN
    chosen = next((caller for caller in shown if caller.nik == form.text("caller")), None)
    return _Reporter(chosen, form, callers=shown, more=more)


def _status(form: Form, wait: int) -> int:
    return 200 if form.valid else 429 if wait else 422


async def _count_caller(request: Request) -> int:
    """The seconds to wait for whoever has asked for more people than call in an hour."""
    connection, nik = request.state.connection, request.state.viewer.nik
    wait = await count_use(connection, CALLERS, nik)
    if wait:
        await note_once(connection, "lookup walk", nik, None, WALK_PAUSE)
    return wait


def _own_person(request: Request) -> Person:
    viewer = request.state.viewer
    return Person(viewer.nik, viewer.name, True, viewer.store_code, viewer.store_name)


async def _show(request: Request, form: Form, found: _Reporter, status: int = 200) -> Response:
    store_code = found.person.store_code if found.person else request.state.viewer.store_code
    assets = await list_assets(request.state.connection, store_code)
    form = await keep_files(request, form)
    viewer = request.state.viewer
    last = await get_last_reported(request.state.connection, viewer.nik)
    context = {"section": "new", "form": form, "found": found, "assets": assets, "last": last}
    context["sent_before"] = viewer.is_handler or last is not None
    if wants_partial(request):
        return partial(request, "partials/reports/form.html", status=status, **context)
    response = page(request, "templates/reports/new.html", status=status, **context)
    # Back shows this very form again, with its key: sent a second time, it is recorded once.
    response.headers["Cache-Control"] = "private, no-cache"
    return response
