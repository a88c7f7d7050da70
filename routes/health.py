"""For load balancers."""

from starlette.responses import PlainTextResponse, Response

import db
from actions.state import Request
from web.logs import note_reason


async def live(request: Request) -> Response:
    """The process answers."""
    return PlainTextResponse("ok")


async def ready(request: Request) -> Response:
    """Nobody has told the process to stop; and the database answers too, can be written to, and has this schema, or, while others
    bring in the next one, that; else 503."""
    if request.app.state.draining:
        return _not_ready(request, "stopping", "stopping")
    said, reason = "database unavailable", "schema"
    try:
        async with db.acquire(request.app.state.database) as connection:
            version = await db.get_schema_version(connection) or 0
            if version >= db.SCHEMA_VERSION and not db.reads_only(connection):
                return PlainTextResponse("ok")
            if version >= db.SCHEMA_VERSION:
                said = reason = "read only"
    except db.SchemaMismatch:
        said = "another schema version"
    except db.DatabaseUnavailable as error:
        reason = error.reason
    return _not_ready(request, said, reason)


def _not_ready(request: Request, said: str, reason: str) -> Response:
    note_reason(request.scope, reason)
    return PlainTextResponse(said, 503, headers={"Retry-After": "5"})
