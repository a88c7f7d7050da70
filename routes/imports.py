"""Imports: tables that an admin sends, what they would change, and taking them over (bulk upload, preview, commit)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

import db
from actions.masters import IMPORTED, MASTERS
from actions.matching import NAMES, ask_names, read_names
from actions.once import once
from actions.register import Register
from actions.state import Request
from actions.submit import again, check_key
from actions.tables import in_turn, received, template_of, write_wrong_rows
from formats.documents import safe_name
from formats.sheets import MEDIA_TYPES
from formats.tables import Unreadable
from formats.uploads import Sent
from forms.form import Form, read, typed_only
from forms.imports import FILE, LIMIT, NO_FILE, ONE_FILE, OUTCOMES, TITLES, kind_field, too_large
from forms.problems import read_id
from forms.register import NAMED
from queries.imported_rows import Outcome, list_outcomes, list_rights
from queries.imports import (
    Import,
    ask_check,
    ask_take,
    discard_import,
    get_import,
    get_import_progress,
    lead_to_import,
    list_imports,
)
from queries.register import say_meanings
from web.attachments import send_attachment
from web.render import go_to, page, partial, see_other, unchanged, wants_partial
from web.writing import SheetFile, writing

LIMIT_OF_LIST = 50
PATIENCE = 2  # seconds in which a small table is looked at while its sender waits for the page that shows it
LOOK_PAUSE = 0.05
FIELDS = (kind_field(list(IMPORTED)), FILE)
RIGHTS = "rights"


async def index(request: Request) -> Response:
    """The imports of all; each is opened by its sender alone."""
    before = read_id(request.query_params.get("before", ""))
    imports = await list_imports(request.state.connection, before or None, LIMIT_OF_LIST + 1)
    more = f"/admin/imports?before={imports[LIMIT_OF_LIST - 1].id}" if len(imports) > LIMIT_OF_LIST else ""
    return _page(request, "templates/imports/index.html", imports=imports[:LIMIT_OF_LIST], more=more)


async def new(request: Request) -> Response:
    """The form that sends one."""
    return _show_new(request, typed_only({"kind": request.query_params.get("kind", "")}, FIELDS))


async def create(request: Request) -> Response:
    """Keep what was sent, have it looked at, and go to where that is shown."""
    tables = request.state.attached.tables
    form = check_key(request, _with_table(read(request.state.raw, FIELDS), tables))
    if not form.valid:
        return _show_new(request, form, 422)
    try:
        import_id = await _keep(request, form.data["kind"], tables[0])
    except Unreadable as unreadable:
        return _show_new(request, again(form, "").with_error(FILE.name, str(unreadable)), 422)
    await _wait_for(request, import_id, "checking")
    return go_to(request, f"/admin/imports/{import_id}")


async def show(request: Request) -> Response:
    """What one would change, how far it is, or what came of it; 304 if that is what is shown."""
    imported, connection = await _import(request), request.state.connection
    works = imported.state in ("checking", "taking") and not db.reads_only(connection)
    progress = await get_import_progress(connection, imported.id) if works else None
    version = f"{imported.state}.{progress.done if progress else 0}"
    if request.query_params.get("shown") == version:
        return unchanged()
    context: dict[str, Any] = {"imported": imported, "progress": progress, "version": version}
    context |= await _names(request, imported) | await _rows(request, imported)
    if wants_partial(request):
        return partial(request, "partials/imports/state.html", **_context(context))
    return _page(request, "templates/imports/show.html", **context)


async def update(request: Request) -> Response:
    """Take it over."""
    imported = await _import(request)
    url = f"/admin/imports/{imported.id}"
    async with once(request, url) as connection:
        if not await ask_take(connection, imported.id):
            raise HTTPException(409)
    await _wait_for(request, imported.id, "taking")
    return see_other(request, url)


async def match(request: Request) -> Response:
    """Keep what names mean that are unknown, and have all looked at again."""
    imported, connection = await _import(request), request.state.connection
    url = f"/admin/imports/{imported.id}"
    if not isinstance(IMPORTED[imported.kind], Register) or imported.state == "gone":
        raise HTTPException(404)
    form = check_key(request, await read_names(connection, imported, request.state.raw))
    if not form.valid:
        context = {"imported": imported, "progress": None, "version": imported.state, "names": form, "more_names": ""}
        return _page(request, "templates/imports/show.html", 422, **context, **await _rows(request, imported))
    async with once(request, url) as connection:
        if not await say_meanings(connection, imported.id, form.data["codes"]):
            raise HTTPException(409)
        await ask_check(connection, imported.id)
    await _wait_for(request, imported.id, "checking")
    return see_other(request, url)


async def discard(request: Request) -> Response:
    """Drop its rows."""
    imported = await _import(request)
    async with once(request, "/admin/imports") as connection:
        await discard_import(connection, imported.id)
    return see_other(request, "/admin/imports", "Berkas dibuang.")


async def show_faults(request: Request) -> Response:
    """The rows that are wrong, with what is wrong with them."""
    imported = await _import(request)
    if not imported.wrong or imported.state == "gone":
        raise HTTPException(404)
    name = f"{TITLES[imported.kind]} yang salah, impor {imported.id}"
    async with in_turn(request):
        return await _send(request, name, lambda file: write_wrong_rows(request.state.connection, imported, file))


async def show_template(request: Request) -> Response:
    """An empty table of a kind."""
    kind = request.query_params.get("kind", "")
    if kind not in IMPORTED:
        raise HTTPException(404)
    return await _send(request, TITLES[kind], lambda file: file.begin(template_of(kind, IMPORTED[kind])))


def _with_table(form: Form, tables: tuple[Sent, ...]) -> Form:
    """The form, with what is wrong with the file that came with it."""
    fault = ""
    if len(tables) != 1:
        fault = ONE_FILE if tables else NO_FILE
    elif tables[0].size > LIMIT:
        fault = too_large(tables[0].size)
    rest = {name: error for name, error in form.errors.items() if name != FILE.name}
    form = replace(form, errors=rest, message=form.message if rest else "")
    return form.with_error(FILE.name, fault) if fault else form


async def _keep(request: Request, kind: str, sent: Sent) -> int:
    """The id of the import that was sent. Raises Unreadable."""
    state = request.state
    async with (
        in_turn(request),
        received(sent.file, IMPORTED[kind]) as table,
        once(request, "/admin/imports") as connection,
    ):
        import_id = await table.keep(connection, state.viewer.nik, kind, sent.name)
        await ask_check(connection, import_id)
        await lead_to_import(connection, state.submission, import_id)
    return import_id


async def _names(request: Request, imported: Import) -> dict[str, Any]:
    """The form that asks for names that are unknown, if there are any, and where the next ones are asked."""
    if not isinstance(IMPORTED[imported.kind], Register) or imported.state != "checked":
        return {"names": None}
    first = min(read_id(request.query_params.get("names", "")) or 0, imported.total * len(NAMED))
    names, has_more = await ask_names(request.state.connection, imported, first)
    more = f"/admin/imports/{imported.id}?names={first + NAMES}#names-title" if has_more else ""
    return {"names": names if names.fields else None, "more_names": more}


async def _rows(request: Request, imported: Import) -> dict[str, Any]:
    """The rows that are shown: of one outcome, the first that there are unless one is asked for, or those with rights."""
    counts = {name: getattr(imported, name) or 0 for name in OUTCOMES}
    rights: list[Outcome] = []
    connection, shown = request.state.connection, request.query_params.get("show", "")
    if imported.new is None or imported.state == "gone":
        return {"counts": counts, "rows": [], "shown": "", "more": "", "rights": rights}
    if imported.kind == "employees":
        rights = await list_rights(connection, imported.id, 0, 1)
    if shown not in OUTCOMES and not (shown == RIGHTS and rights):
        shown = next((name for name in ("wrong", "changed", "new", "same") if counts[name]), "wrong")
    after = read_id(request.query_params.get("after", "")) or 0
    if shown == RIGHTS:
        rows = await list_rights(connection, imported.id, after, LIMIT_OF_LIST + 1)
    else:
        rows = await list_outcomes(connection, imported.id, shown, after, LIMIT_OF_LIST + 1)
    is_more = len(rows) > LIMIT_OF_LIST
    more = f"/admin/imports/{imported.id}?show={shown}&after={rows[LIMIT_OF_LIST - 1].number}" if is_more else ""
    return {"counts": counts, "rows": rows[:LIMIT_OF_LIST], "shown": shown, "more": more, "rights": rights}


async def _import(request: Request) -> Import:
    """The import that the path names; what somebody else sent is not there. Raises 404."""
    number = read_id(request.path_params["id"])
    imported = await get_import(request.state.connection, request.state.viewer.nik, number) if number else None
    if imported is None:
        raise HTTPException(404)
    return imported


async def _wait_for(request: Request, import_id: int, state: str) -> None:
    """Wait a little while it is in that state, without a connection of one's own."""
    async with request.state.lease.given_back():
        for _ in range(round(PATIENCE / LOOK_PAUSE)):
            await asyncio.sleep(LOOK_PAUSE)
            async with db.acquire(request.app.state.database) as connection:
                imported = await get_import(connection, request.state.viewer.nik, import_id)
            if imported is None or imported.state != state:
                return


async def _send(request: Request, name: str, write: Callable[[SheetFile], Awaitable[None]]) -> Response:
    """A spreadsheet that is written at once."""
    async with writing("xlsx") as file:
        await write(file)
        content = (await file.finish()).read()

    async def parts() -> AsyncIterator[bytes]:
        yield content

    return send_attachment(request.method, safe_name(name, "xlsx"), MEDIA_TYPES["xlsx"], len(content), parts())


def _show_new(request: Request, form: Form, status: int = 200) -> Response:
    return _page(request, "templates/imports/new.html", status, form=form)


def _page(request: Request, name: str, status: int = 200, **context: Any) -> Response:
    return page(request, name, status=status, **_context(context))


def _context(context: dict[str, Any]) -> dict[str, Any]:
    return {
        "section": "imports",
        "masters": MASTERS,
        "form": Form(),
        "titles": TITLES,
        "words": OUTCOMES,
        "imported_kinds": IMPORTED,
        **context,
    }
