"""The people of a store, as their store head sees them: who they are, whether they get in; and a PIN for who has none."""

from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.responses import Response

from actions.confirmation import Confirmation, ask
from actions.once import submission_of
from actions.state import Request
from auth import accounts
from formats.search import words_or_number
from formats.text import digits
from forms.fields import Text
from forms.form import Form, read
from forms.login import too_many
from queries.sessions import list_sessions
from queries.store_employees import StoreEmployee, get_store_employee, list_store_employees
from web.render import must_wait, page, push_url

LIMIT = 50
URL = "/store/employees"
SEARCH = Text("q", "Cari", required=False, length=100)
PIN = Confirmation("PIN baru", "partials/confirmation/pin.html")


async def index(request: Request) -> Response:
    """The people of the own store, by the beginning of a NIK and parts of a name; by name, a page at a time."""
    form, after = read(request.query_params, (SEARCH,)), digits(request.query_params.get("after", ""))[:16]
    found = []
    if form.valid:
        words = words_or_number(form.text("q"))
        connection, viewer = request.state.connection, request.state.viewer
        found = await list_store_employees(connection, viewer.nik, words, after, LIMIT + 1)
    more = f"{_url(form)}&{urlencode({'after': found[LIMIT - 1].nik})}" if len(found) > LIMIT else ""
    context = {"form": form, "employees": found[:LIMIT], "more": more, "first": _url(form) if after else ""}
    status = 200 if form.valid else 422
    response = page(request, "templates/store_employees/list.html", status=status, section="store_employees", **context)
    return push_url(request, response, _url(form))


def _url(form: Form) -> str:
    return f"{URL}?{urlencode({'q': form.text('q')})}"


async def show(request: Request) -> Response:
    """One of them, with what can be done."""
    return await _show(request, await _employee(request))


async def ask_give_pin(request: Request) -> Response:
    """Whether the PIN is to be another one."""
    employee = await _vouched_for(request)
    sessions = await list_sessions(request.state.connection, employee.nik)
    back = (f"{URL}/{employee.nik}", f"{employee.nik} {employee.name}")
    context = {"section": "store_employees", "employee": employee, "sessions": len(sessions)}
    return ask(request, PIN, back, **context)


async def give_pin(request: Request) -> Response:
    """An initial PIN, on this very page and never again: there is no address that it could be read from."""
    employee, state, pins = await _vouched_for(request), request.state, request.app.state.pins
    key, location = submission_of(request), f"{URL}/{employee.nik}"
    given = await accounts.give_pin(state.lease, state.viewer, state.client, pins, employee.nik, key, location)
    state.connection = state.lease.connection  # the one before was given back
    if given.wait:
        response = await _show(request, employee, status=429, error=too_many(given.wait))
        return must_wait(response, given.wait)
    return await _show(request, await _employee(request), pin=given.pin, until=given.until)


async def _employee(request: Request) -> StoreEmployee:
    """Raises 404 for whoever works elsewhere, as for nobody."""
    nik = request.path_params["nik"]
    is_nik = nik.isascii() and nik.isdigit()
    viewer = request.state.viewer
    employee = await get_store_employee(request.state.connection, viewer.nik, nik) if is_nik else None
    if employee is None:
        raise HTTPException(404)
    return employee


async def _vouched_for(request: Request) -> StoreEmployee:
    """Raises 403 for whom the store head does not vouch for, too."""
    employee = await _employee(request)
    if not employee.vouched_for:
        raise HTTPException(403)
    return employee


async def _show(request: Request, employee: StoreEmployee, *, status: int = 200, **said: object) -> Response:
    context = {"section": "store_employees", "employee": employee, "question": PIN, "url": f"{URL}/{employee.nik}"}
    context |= {"pin": None, "until": None, "error": "", "own": employee.nik == request.state.viewer.nik, **said}
    return page(request, "templates/store_employees/detail.html", status=status, **context)
