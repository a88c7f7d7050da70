"""Files of a form that is shown again: kept on the server, so that they are not chosen and sent anew."""

from dataclasses import replace
from uuid import UUID

from asyncpg import Connection

from actions.state import Request
from forms.files import COUNT, FILES, KEPT, read_kept
from forms.form import Form
from queries.draft_files import list_draft_files, save_draft_files
from web.form_key import new_key, read_key


async def keep_files(request: Request, form: Form) -> Form:
    """The form that was sent and is refused, under a key that its files are kept by, with those files."""
    state = request.state
    if state.attached.good and not form.key:
        form = replace(form, key=new_key())
    form = await with_kept_files(request, form)
    listed = {file.digest for file in form.offer.get(FILES.name, ())}
    if request.method != "POST" or not (state.attached.good or listed - set(state.attached.kept)):
        return form
    await save_files(request, state.connection, state.viewer.nik, UUID(form.key))
    return await with_kept_files(request, form)


async def save_files(request: Request, connection: Connection, nik: str, key: UUID) -> None:
    """Keep what came with the form that was posted, for this person and key."""
    kept = read_kept(request.state.raw.getlist(KEPT))
    await save_draft_files(connection, nik, key, kept, request.state.attached.good, COUNT)


async def with_kept_files(request: Request, form: Form) -> Form:
    """The form, with the files that are kept for it."""
    key = read_key({"key": form.key})
    if FILES not in form.fields or key is None:
        return form
    files = await list_draft_files(request.state.connection, request.state.viewer.nik, key)
    return replace(form, offer={**form.offer, FILES.name: files})
