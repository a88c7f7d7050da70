"""People, as an admin sees them: who they are, whether they get in, and where they are logged in."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

import accounts
from forms.form import Field, read
from queries.employees import get_employee, list_employees
from queries.sessions import list_sessions
from render import page, see_other

LIMIT = 50
OWN = "Untuk akun Anda sendiri, gunakan halaman Sesi dan PIN, atau mintalah kepada admin lain."


async def index(request: Request) -> Response:
    """The search, by the beginning of a NIK or a part of a name; without one, the first by name."""
    form = read(request.query_params, (Field("q", "Cari", 100, required=False),))
    found = await list_employees(request.state.connection, form.values["q"], LIMIT + 1) if form.valid else []
    context = {"section": "employees", "form": form, "employees": found[:LIMIT], "more": len(found) > LIMIT}
    return page(request, "templates/employees/list.html", status=200 if form.valid else 422, **context)


async def show(request: Request) -> Response:
    """One employee, with what can be done."""
    return await _show(request, await _employee(request))


async def reset_pin(request: Request) -> Response:
    """An initial PIN, on this very page and never again: there is no address that it could be read from."""
    employee = await _other(request)
    if employee is None:
        return await _refuse_own(request)
    pin, until = await accounts.reset_pin(request, employee["nik"])
    return await _show(request, await _employee(request), pin=pin, until=until)


async def end_sessions(request: Request) -> Response:
    """Log an employee out everywhere."""
    employee = await _employee(request)
    await accounts.end_sessions_of(request, employee["nik"])
    return see_other(request, f"/admin/employees/{employee['nik']}", "all-sessions-ended")


async def deactivate(request: Request) -> Response:
    """Let an employee in no longer."""
    return await _set_active(request, False, "deactivated")


async def activate(request: Request) -> Response:
    """Let an employee in again."""
    return await _set_active(request, True, "activated")


async def _set_active(request: Request, active: bool, notice: str) -> Response:
    employee = await _other(request)
    if employee is None:
        return await _refuse_own(request)
    await accounts.set_active(request, employee["nik"], active)
    return see_other(request, f"/admin/employees/{employee['nik']}", notice)


async def _employee(request: Request) -> dict:
    nik = request.path_params["nik"]
    employee = await get_employee(request.state.connection, nik) if nik.isascii() and nik.isdigit() else None
    if employee is None:
        raise HTTPException(404)
    return employee


async def _other(request: Request) -> dict | None:
    """The employee; None if it is the admin: nobody locks themselves out, or takes an open session for a PIN of their own."""
    employee = await _employee(request)
    return None if employee["nik"] == request.state.viewer.nik else employee


async def _refuse_own(request: Request) -> Response:
    return await _show(request, await _employee(request), status=422, error=OWN)


async def _show(request: Request, employee: dict, *, status: int = 200, **said: object) -> Response:
    context = {
        "section": "employees",
        "employee": employee,
        "own": employee["nik"] == request.state.viewer.nik,
        "sessions": await list_sessions(request.state.connection, employee["nik"]),
        "pin": None,
        "until": None,
        "error": "",
        **said,
    }
    return page(request, "templates/employees/detail.html", status=status, **context)
