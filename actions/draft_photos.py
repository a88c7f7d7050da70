"""Photos of a form that is shown again: kept on the server, so that they are not chosen and sent anew."""

from dataclasses import replace
from uuid import UUID

from asyncpg import Connection

from actions.state import Request
from forms.form import Form
from forms.photos import COUNT, KEPT_PHOTOS, PHOTO, read_kept
from queries.draft_photos import list_draft_photos, save_draft_photos
from web.form_key import new_key, read_key


async def keep_photos(request: Request, form: Form) -> Form:
    """The form that was sent and is refused, under a key that its photos are kept by, with those photos."""
    state = request.state
    if state.photos.good and not form.key:
        form = replace(form, key=new_key())
    form = await with_kept_photos(request, form)
    listed = {photo.digest for photo in form.offer.get(PHOTO.name, ())}
    if request.method != "POST" or not (state.photos.good or listed - set(state.photos.kept)):
        return form
    await save_photos(request, state.connection, state.viewer.nik, UUID(form.key))
    return await with_kept_photos(request, form)


async def save_photos(request: Request, connection: Connection, nik: str, key: UUID) -> None:
    """Keep what came with the form that was posted, for this person and key."""
    kept = read_kept(request.state.raw.getlist(KEPT_PHOTOS))
    await save_draft_photos(connection, nik, key, kept, request.state.photos.good, COUNT)


async def with_kept_photos(request: Request, form: Form) -> Form:
    """The form, with the photos that are kept for it."""
    key = read_key({"key": form.key})
    if PHOTO not in form.fields or key is None:
        return form
    photos = await list_draft_photos(request.state.connection, request.state.viewer.nik, key)
    return replace(form, offer={**form.offer, PHOTO.name: photos})
