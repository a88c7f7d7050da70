"""For load balancers."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

import db


async def live(request: Request) -> Response:
    """The process answers."""
    return PlainTextResponse("ok")


async def ready(request: Request) -> Response:
    """The database answers too, and has its schema; else 503."""
    try:
        async with db.acquire(request.app.state.database) as connection:
            if await db.get_schema_version(connection) == db.SCHEMA_VERSION:
                return PlainTextResponse("ok")
    except db.DatabaseUnavailable:
        pass
    return PlainTextResponse("database unavailable", 503, headers={"Retry-After": "5"})
