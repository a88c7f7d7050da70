"""Exports: files that one asks for, each person's own."""

import asyncio
from collections.abc import AsyncIterator

from starlette.exceptions import HTTPException
from starlette.responses import Response

import db
from actions.exports import Source, read_source
from actions.state import Request
from actions.submit import again, check_key
from formats.indonesian import local_time
from formats.sheets import MEDIA_TYPES
from forms.exports import FIELDS, TITLES, WAIT, file_name, full_until
from forms.form import Form, read
from forms.problems import read_id
from queries.exports import (
    Export,
    TooManyKept,
    TooManyWaiting,
    Wanted,
    ask_export,
    get_export,
    get_part,
    get_progress,
    list_exports,
)
from queries.submissions import KeyReused
from web.attachments import send_attachment
from web.form_key import KEY_REUSED
from web.render import go_to, must_wait, page, partial, unchanged, wants_partial

PATIENCE = 2  # seconds in which a small file is made while its person waits for the page that shows it
LOOK_PAUSE = 0.05  # seconds between two looks at whether it is
RETRY_AFTER = 30  # seconds after which one who waits for several may try again


async def index(request: Request) -> Response:
    """The viewer's files, and those that are still to be made."""
    return await _show_all(request, None, 200)


async def create(request: Request) -> Response:
    """Have a file made of what the page shows, filtered as it is; and go to where it is found."""
    state = request.state
    form = read(state.raw, FIELDS)
    source = await read_source(request, form.text("kind"))
    form = check_key(request, form.with_message(form.message or source.fault))
    if not form.valid:
        return await _show_all(request, form, 422, source)
    wanted = Wanted(form.data["kind"], form.data["format"], source.page, source.narrowed, dict(source.filter))
    try:
        export_id = await ask_export(state.connection, state.submission, state.viewer, wanted)
    except KeyReused:
        return await _show_all(request, again(form, KEY_REUSED), 422, source)
    except TooManyWaiting:
        return must_wait(await _show_all(request, form.with_message(WAIT), 429, source), RETRY_AFTER)
    except TooManyKept as full:
        message = full_until(local_time(full.until, state.viewer.time_zone))
        return await _show_all(request, form.with_message(message), 409, source)
    await _wait_for(request, export_id)
    return go_to(request, f"/exports/{export_id}")


async def show(request: Request) -> Response:
    """How far a file is, or where it is to be had; 304 if that is what is shown."""
    export, connection = await _export(request), request.state.connection
    waits = export.state == "waiting" and not db.reads_only(connection)
    progress = await get_progress(connection, export.id) if waits else None
    version = f"{export.state}.{progress.done if progress else 0}"
    if request.query_params.get("shown") == version:
        return unchanged()
    context = {"section": export.kind, "export": export, "title": TITLES[export.kind], "progress": progress}
    context["version"] = version
    if wants_partial(request):
        return partial(request, "partials/exports/state.html", **context)
    return page(request, "templates/exports/show.html", **context)


async def show_file(request: Request) -> Response:
    """The file, once it is whole. Who fetches it slowly holds a part of it in memory, and no connection to the database."""
    export = await _export(request)
    if export.size is None:
        raise HTTPException(404)
    name = file_name(export.kind, export.format, export.narrowed, export.asked_at, export.time_zone)
    return send_attachment(request.method, name, MEDIA_TYPES[export.format], export.size, _parts(request, export.id))


async def _parts(request: Request, export_id: int) -> AsyncIterator[bytes]:
    seq, part = 0, b""
    while part is not None:
        yield part
        async with db.acquire(request.app.state.database) as connection:
            part = await get_part(connection, export_id, seq)
        seq += 1


async def _export(request: Request) -> Export:
    """The export that the path names; what is not the viewer's is not there. Raises 404."""
    export_id = read_id(request.path_params["id"])
    export = await get_export(request.state.connection, request.state.viewer.nik, export_id) if export_id else None
    if export is None:
        raise HTTPException(404)
    return export


async def _wait_for(request: Request, export_id: int) -> None:
    """Wait a little for the file to be made, without a connection of one's own."""
    async with request.state.lease.given_back():
        for _ in range(round(PATIENCE / LOOK_PAUSE)):
            await asyncio.sleep(LOOK_PAUSE)
            async with db.acquire(request.app.state.database) as connection:
                export = await get_export(connection, request.state.viewer.nik, export_id)
            if export is None or export.state != "waiting":
                return


async def _show_all(request: Request, form: Form | None, status: int, source: Source | None = None) -> Response:
    """All exports, and above them the form that something is wrong with, if there is one, for the page that was asked from."""
    exports = await list_exports(request.state.connection, request.state.viewer.nik)
    context = {"section": "problems", "form": form, "source": source, "exports": exports, "titles": TITLES}
    return page(request, "templates/exports/index.html", status=status, **context)
