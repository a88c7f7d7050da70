"""Security events: written last in their transaction, because each one locks the chain until the commit."""

import logging

from asyncpg import Connection

log = logging.getLogger("sih.security")

PAUSE = 600  # seconds between two rows about the same attack
WALK_PAUSE = 3600


async def note(
    connection: Connection, kind: str, nik: str | None = None, address: str | None = None, **detail: object
) -> None:
    """Append an event. `kind` is one of the schema's; `detail` holds no PIN, session or typed text."""
    await connection.execute("SELECT note_security_event($1, $2, $3, $4)", kind, nik, address, detail)
    log.info("security event", extra={"kind": kind})


async def note_once(
    connection: Connection,
    kind: str,
    nik: str | None = None,
    address: str | None = None,
    pause: int = PAUSE,
    **detail: object,
) -> None:
    """Append an event, unless there is one of this kind for the same NIK and address within `pause` seconds."""
    noted = await connection.fetchval(
        "SELECT note_security_event_once($1, $2, $3, $4, make_interval(secs => $5))",
        kind,
        nik,
        address,
        detail,
        float(pause),
    )
    if noted:
        log.warning("security event", extra={"kind": kind})


async def set_actor(connection: Connection, nik: str) -> None:
    """Who does what follows in this transaction, for the events that the database itself writes."""
    await connection.execute("SELECT set_config('sih.actor', $1, true)", nik)
