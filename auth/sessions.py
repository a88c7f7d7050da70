"""Sessions: how long they last, and who is logged in."""

import logging

from asyncpg import Connection, PostgresError

import db
from auth.clients import Client
from queries.employees import Employee
from queries.readers import note_visit
from queries.sessions import Lifetime, LoggedIn, get_session_employee, note_session_seen

log = logging.getLogger("sih.auth")

# The choice at login (docs/decisions/0022). On a store's computer the next person must not find the last one logged in; NIST SP
# 800-63B asks for at most an hour without activity and a day in all at its second level, and for 30 days at its first.
SHARED = Lifetime(idle=30 * 60, absolute=12 * 3600)
PERSONAL = Lifetime(idle=7 * 24 * 3600, absolute=30 * 24 * 3600)


async def get_viewer(connection: Connection, client: Client) -> Employee | None:
    """Who is logged in, as `admit` says, or None. Not to be called in a transaction."""
    admitted = await admit(connection, client)
    return admitted and admitted.employee


async def admit(connection: Connection, client: Client, by_itself: bool = False) -> LoggedIn | None:
    """Who is logged in, and the version of the reference data; None if nobody. Notes that the session was seen, if that can be
    noted.

    What a page asks for `by_itself` keeps nobody logged in who sees but one store: its computer is used by many.

    Not to be called in a transaction.
    """
    if not client.session_hash or not (found := await get_session_employee(connection, client.session_hash)):
        return None
    if (found.unnoted or found.unvisited) and not db.reads_only(connection):
        try:
            await _note_seen(connection, client.session_hash, found, by_itself)
        except PostgresError as error:  # the disk is full, say: whoever reads need not know
            log.warning("session not noted as seen", extra={"error": type(error).__name__})
    return found


async def _note_seen(connection: Connection, session_hash: bytes, found: LoggedIn, by_itself: bool) -> None:
    """That the session is not idle, and the person here; a page that is left open is no visit."""
    if found.unnoted and (found.employee.oversees or not by_itself):
        await note_session_seen(connection, session_hash)
    if found.unvisited and not by_itself:
        await note_visit(connection, found.employee.nik)


def kept_for(personal: bool) -> int | None:
    """The seconds that a client keeps the id of a session; None: until it is closed, as on a shared computer."""
    return PERSONAL.absolute if personal else None
