"""The documents of a problem, for whoever sees it: to be saved, never shown here."""

from collections.abc import AsyncIterator

from starlette.exceptions import HTTPException
from starlette.responses import Response, StreamingResponse

import db
from actions.state import Request
from formats.documents import MEDIA_TYPES, disposition
from forms.problems import read_id
from queries.files import File, get_file, get_part

PART = 512 * 1024  # bytes that are read at a time

# Should a browser show it all the same, it has no origin, and may do nothing (sandbox).
POLICY = "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


async def show(request: Request) -> Response:
    """The document, as it was sent. Who fetches it slowly holds a part of it in memory, and no connection to the database."""
    problem_id, seq = request.state.problem.id, read_id(request.path_params["seq"])
    file = await get_file(request.state.connection, problem_id, seq) if seq else None
    if file is None:
        raise HTTPException(404)
    headers = {
        "Content-Length": str(file.size),
        "Content-Disposition": disposition(file.name),
        "Content-Security-Policy": POLICY,
    }
    if request.method == "HEAD":
        return Response(headers=headers, media_type=MEDIA_TYPES[file.kind])
    return StreamingResponse(_parts(request, problem_id, file), headers=headers, media_type=MEDIA_TYPES[file.kind])


async def _parts(request: Request, problem_id: int, file: File) -> AsyncIterator[bytes]:
    for start in range(0, file.size, PART):
        async with db.acquire(request.app.state.database) as connection:
            part = await get_part(connection, problem_id, file.seq, start, PART)
        yield part
