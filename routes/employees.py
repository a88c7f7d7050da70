"""People, as an admin sees them: who they are, whether they get in, and where they are logged in."""

from collections.abc import Awaitable, Callable
from functools import wraps

from starlette.exceptions import HTTPException
from starlette.responses import Response

from actions.confirmation import Confirmation, ask
from actions.deactivation import CHANGED
from actions.employees import DEACTIVATION, PIN, SESSIONS
from actions.master_page import form_of, show_master
from actions.masters import EMPLOYEE
from actions.once import once, submission_of
from actions.state import Request
from auth import accounts
from forms import leaving
from forms.fields import label_codes
from forms.form import Form, read
from queries.employees import Account, get_employee
from queries.leaving import LastOfDesk, list_heirs, list_left
from queries.masters import Master, MasterChanged, get_master
from queries.sessions import list_sessions
from web.render import see_other

LAST_OF_DESK = "Ia anggota aktif terakhir meja bantuan, yang tidak boleh kosong. Aktifkan dahulu anggota lain."
DEACTIVATED = "Karyawan dinonaktifkan. Semua sesinya diakhiri."
LEAVING = "Semua sesinya diakhiri. Kendalanya sedang dialihkan; karyawan dinonaktifkan begitu itu selesai."
OWN = "Untuk akun Anda sendiri, gunakan halaman Sesi dan PIN, atau mintalah kepada admin lain."


def _of_another(answer: Callable[[Request, Account], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """What is done to somebody else: nobody locks themselves out, or takes an open session for a PIN of their own."""

    @wraps(answer)
    async def answer_or_refuse(request: Request) -> Response:
        employee = await _employee(request)
        if employee.nik == request.state.viewer.nik:
            return await _show(request, employee, status=422, error=OWN)
        return await answer(request, employee)

    return answer_or_refuse


@_of_another
async def ask_reset_pin(request: Request, employee: Account) -> Response:
    """Whether the PIN is to be another one."""
    return await _ask(request, PIN, employee)


@_of_another
async def reset_pin(request: Request, employee: Account) -> Response:
    """An initial PIN, on this very page and never again: there is no address that it could be read from."""
    state, pins = request.state, request.app.state.pins
    key = submission_of(request)
    pin, until = await accounts.reset_pin(state.lease, state.viewer, state.client, pins, employee.nik, key)
    state.connection = state.lease.connection  # the one before was given back
    return await _show(request, await _employee(request), pin=pin, until=until)


async def ask_end_sessions(request: Request) -> Response:
    """Whether all sessions are to end."""
    return await _ask(request, SESSIONS, await _employee(request))


async def end_sessions(request: Request) -> Response:
    """Log an employee out everywhere."""
    employee = await _employee(request)
    state, page_of_employee = request.state, f"/admin/employees/{employee.nik}"
    async with once(request, page_of_employee) as connection:
        await accounts.end_sessions_of(connection, state.viewer, state.client, employee.nik)
    return see_other(request, page_of_employee, "Semua sesi karyawan ini diakhiri.")


@_of_another
async def ask_deactivate(request: Request, employee: Account) -> Response:
    """Whether the employee is to get in no longer, with what is left without anybody then, and where it is to go."""
    heirs = await list_heirs(request.state.connection, employee.nik)
    first = {"heir": heirs[0].code if heirs else ""}
    form = Form(leaving.FIELDS, first, offer={"heir": label_codes(heirs)})
    return await _ask_deactivate(request, employee, form)


@_of_another
async def deactivate(request: Request, employee: Account) -> Response:
    """Let an employee in no longer; what they leave goes where it was said."""
    state = request.state
    heirs = await list_heirs(state.connection, employee.nik)
    typed = (
        state.raw if state.raw.get("heir") or not heirs else {"heir": heirs[0].code}
    )  # unasked where nothing is left
    form = read(typed, leaving.FIELDS if heirs else (), offer={"heir": label_codes(heirs)})
    if not form.valid:
        return await _ask_deactivate(request, employee, form, 422)
    try:
        async with once(request, f"/admin/employees/{employee.nik}") as connection:
            heir = form.data.get("heir", "")
            seen = state.form_key.version
            done = await accounts.deactivate(connection, state.viewer, state.client, employee.nik, seen, heir)
    except MasterChanged:
        return await _ask_deactivate(request, employee, form, 409, CHANGED)
    except LastOfDesk:
        return await _show(request, employee, status=422, error=LAST_OF_DESK)
    return see_other(request, f"/admin/employees/{employee.nik}", DEACTIVATED if done else LEAVING)


async def _ask_deactivate(
    request: Request, employee: Account, form: Form, status: int = 200, message: str = ""
) -> Response:
    left = await list_left(request.state.connection, employee.nik)
    if any(each.is_desk for each in left):
        return await _show(request, employee, status=422, error=LAST_OF_DESK)
    to_choose: dict[str, object] = {"message": message} if message else {}
    if any(each.problems for each in left):
        to_choose = {"form": form.with_message(message) if message else form}
    fields = {"version": (await _record(request, employee)).version}
    return await _ask(request, DEACTIVATION, employee, status=status, left=left, fields=fields, **to_choose)


@_of_another
async def activate(request: Request, employee: Account) -> Response:
    """Let an employee in again."""
    state, page_of_employee = request.state, f"/admin/employees/{employee.nik}"
    try:
        async with once(request, page_of_employee) as connection:
            await accounts.activate(connection, state.viewer, state.client, employee.nik, state.form_key.version)
    except MasterChanged:
        return await _show(request, employee, status=409, error=CHANGED)
    return see_other(request, page_of_employee, "Karyawan diaktifkan.")


async def _ask(
    request: Request, confirmation: Confirmation, employee: Account, *, status: int = 200, **context: object
) -> Response:
    sessions = await list_sessions(request.state.connection, employee.nik, request.state.client.session_hash)
    count = sum(not session.current for session in sessions)
    context |= {"section": "employees", "employee": employee, "own": employee.nik == request.state.viewer.nik}
    back = (f"/admin/employees/{employee.nik}", f"{employee.nik} {employee.name}")
    return ask(request, confirmation, back, status, sessions=count, **context)


async def _employee(request: Request) -> Account:
    nik = request.path_params["nik"]
    employee = await get_employee(request.state.connection, nik) if nik.isascii() and nik.isdigit() else None
    if employee is None:
        raise HTTPException(404)
    return employee


async def _show(request: Request, employee: Account, *, status: int = 200, **said: object) -> Response:
    record = await _record(request, employee)
    return await show_master(request, EMPLOYEE, record, form_of(EMPLOYEE, record), status, said)


async def _record(request: Request, employee: Account) -> Master:
    record = await get_master(request.state.connection, EMPLOYEE.kind, employee.nik)
    if record is None:
        raise HTTPException(404)
    return record
