"""An employee's page, as an admin sees it: beside the form who gets in, and where they are logged in."""

from typing import Any

from actions.confirmation import Confirmation
from actions.state import Request
from queries.employees import get_employee
from queries.leaving import is_leaving
from queries.masters import Master as Record
from queries.sessions import list_sessions

PIN = Confirmation("PIN baru", "partials/confirmation/pin.html")
SESSIONS = Confirmation("Akhiri semua sesi", "partials/confirmation/sessions.html")
DEACTIVATION = Confirmation("Nonaktifkan", "partials/confirmation/deactivation.html")


async def beside(request: Request, record: Record) -> dict[str, Any]:
    """The account, its sessions, and what can be done to it; a PIN that was just made, and an error, are said on top."""
    connection = request.state.connection
    employee = await get_employee(connection, record.code)
    return {
        "employee": employee,
        "own": record.code == request.state.viewer.nik,
        "sessions": await list_sessions(connection, record.code),
        "leaving": record.active and await is_leaving(connection, record.code),
        "pin": None,
        "until": None,
        "error": "",
        "questions": {"pin": PIN, "sessions": SESSIONS, "deactivation": DEACTIVATION},
    }
