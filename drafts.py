"""What was typed and not sent: kept, also after the session has ended, and restored in the form."""

from starlette.requests import Request

import db
from forms.drafts import form_sent_to, named_form, page_of, read_draft, restore
from forms.envelope import open_envelope
from forms.form import Form
from forms.problems import read_id
from indonesian import local_time
from queries.drafts import delete_draft, list_drafts, save_draft
from tickets import read_ticket


async def restored(request: Request, forms: dict[str, Form], problem_id: int | None) -> dict[str, Form]:
    """Forms by their names in DRAFT_FORMS, those in which nothing stands yet with what the viewer had typed in them."""
    drafts = await list_drafts(request.state.connection, request.state.viewer.nik, problem_id)
    return {name: _restored(form, drafts.get(name)) for name, form in forms.items()}


def _restored(form: Form, draft) -> Form:
    return restore(form, draft["fields"], local_time(draft["at"], draft["time_zone"])) if draft else form


async def keep(request: Request, name: str) -> None:
    """Keep what the viewer has typed in a form; an emptied form is no draft."""
    key, problem_id = request.state.envelope.key, _problem_id(request)
    fields = read_draft(request.state.raw, name)
    if fields is None:
        await delete_draft(request.state.connection, request.state.viewer.nik, problem_id, name)
    elif key is not None:
        await save_draft(request.state.connection, request.state.viewer.nik, problem_id, name, key, fields)


async def keep_for_later(request: Request, door: str) -> str | None:
    """Keep what was posted without a session, for whom the form was shown to; the page on which it will be restored.

    None if it could not be kept: it is no form whose text is kept, nothing was typed, or its ticket is not good.
    """
    raw = request.state.raw
    name = form_named(request) if "form" in request.path_params else form_sent_to(door)
    nik = read_ticket(request.app.state.settings.secret_keys, raw.get("ticket", ""), raw.get("key", ""))
    key = open_envelope(raw, door).key
    if name is None or nik is None or key is None or (fields := read_draft(raw, name)) is None:
        return None
    problem_id = _problem_id(request)
    async with db.acquire(request.app.state.database) as connection:
        saved = await save_draft(connection, nik, problem_id, name, key, fields)
    return page_of(name, problem_id, raw) if saved else None


def form_named(request: Request) -> str | None:
    """The form that a door for drafts names; None if there is none of that name there."""
    return named_form(request.path_params["form"], "id" in request.path_params)


def _problem_id(request: Request) -> int | None:
    """The problem that the path names; None where it names none. A door to a problem has seen to it that it is a number."""
    typed = request.path_params.get("id")
    return None if typed is None else read_id(typed) or 0
