"""The documents of a problem, for whoever sees it: to be saved, never shown here; and the files of its notes."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial

from starlette.exceptions import HTTPException
from starlette.responses import Response

import db
from actions.state import Request
from formats.documents import MEDIA_TYPES
from forms.problems import read_id
from queries.files import get_file, get_part
from queries.note_files import NoteFile, get_note_part, get_note_picture, list_note_files
from web.attachments import send_attachment
from web.pictures import send_picture
from web.render import page

PART = 512 * 1024  # bytes that are read at a time


async def show(request: Request) -> Response:
    """The document, as it was sent."""
    problem_id, seq = request.state.problem.id, read_id(request.path_params["seq"])
    file = await get_file(request.state.connection, problem_id, seq) if seq else None
    if file is None:
        raise HTTPException(404)
    return _send(request, file.kind, file.name, file.size, partial(get_part, problem_id=problem_id, seq=file.seq))


async def show_of_note(request: Request) -> Response:
    """A file of a note: the page of a picture, or a document. For whoever reads no notes there is none."""
    problem, nik = request.state.problem, request.state.viewer.nik
    note, seq = _named(request)
    files = await list_note_files(request.state.connection, nik, problem.id, [note])
    file = next((file for file in files if file.seq == seq), None)
    if file is None:
        raise HTTPException(404)
    if file.name is None:
        return _show_picture(request, file, [other for other in files if other.name is None])
    read = partial(get_note_part, problem_id=problem.id, note=note, seq=seq)
    return _send(request, file.kind, file.name, file.size, read)


def _show_picture(request: Request, file: NoteFile, pictures: Sequence[NoteFile]) -> Response:
    """By itself, between those of the same note. (routes/photos.py says why it is a page.)"""
    at, problem = pictures.index(file), request.state.problem
    context = {"section": "problems", "problem": problem, "photo": file, "of_note": True}
    context |= {"door": f"/problems/{problem.id}/notes/{file.note_seq}/files", "number": at + 1, "total": len(pictures)}
    context |= {"before": pictures[at - 1].seq if at else None}
    context |= {"after": pictures[at + 1].seq if at + 1 < len(pictures) else None}
    return page(request, "templates/photos/show.html", **context)


async def show_picture_of_note(request: Request) -> Response:
    """A picture of a note, in full or small."""
    state, size = request.state, request.path_params["size"]
    if size not in ("image", "thumbnail"):
        raise HTTPException(404)
    note, seq = _named(request)
    small = size == "thumbnail"
    return send_picture(
        await get_note_picture(state.connection, state.viewer.nik, state.problem.id, note, seq, small=small)
    )


def _named(request: Request) -> tuple[int, int]:
    """The numbers of a note and of its file, as the address has them. Raises 404."""
    note, seq = (read_id(request.path_params[name]) for name in ("note", "seq"))
    if note is None or seq is None:
        raise HTTPException(404)
    return note, seq


def _send(request: Request, kind: str, name: str, size: int, read: Callable[..., Awaitable[bytes]]) -> Response:
    """As an attachment. Who fetches it slowly holds a part of it in memory, and no connection to the database."""
    return send_attachment(request.method, name, MEDIA_TYPES[kind], size, _parts(request, size, read))


async def _parts(request: Request, size: int, read: Callable[..., Awaitable[bytes]]) -> AsyncIterator[bytes]:
    for start in range(0, size, PART):
        async with db.acquire(request.app.state.database) as connection:
            part = await read(connection, start=start, length=PART)
        yield part
