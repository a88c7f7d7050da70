"""Uploads: who may send files, how many at once, how far they are, and what comes of them."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from tempfile import SpooledTemporaryFile
from typing import IO, cast
from uuid import UUID

from anyio import to_thread
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

import db
from actions.action import Action
from actions.state import Request
from auth import sessions
from formats.documents import Document, read_document
from formats.picture import Picture
from formats.uploads import Sent, Upload, digest
from forms.files import (
    COUNT,
    FAULTS,
    FILES,
    GONE,
    KEPT,
    TOTAL_LIMIT,
    Attached,
    read_kept,
    wrong_amount,
    wrong_content,
    wrong_size,
)
from forms.imports import FILE as TABLE
from forms.imports import LIMIT as TABLE_LIMIT
from queries.draft_files import list_draft_files
from queries.uploads import Arrival, forget_arrival, note_arrival
from web.bodies import ARRIVED, UploadKind, is_large
from web.decoding import decode
from web.fairness import Share
from web.form_key import read_key
from web.logs import note_reason

UPLOADS = UploadKind(FILES.name, COUNT, TOTAL_LIMIT)
TABLES = UploadKind(TABLE.name, 1, TABLE_LIMIT)

OF_A_PERSON = 3  # large posts, or posts with photos to decode, that a worker takes at once from one person,
OF_NOBODY = 8  # from all whose session has ended, of which it keeps the text only, and as many from all who name none,
IN_ALL = 32  # and from everybody who is logged in: what has come of them lies on disk

KEY_HEADER = "SIH-Key"  # of a form that htmx sends: whose upload it is, before its body has come
NOTED_EVERY = 1  # seconds


class Receiving:
    """The large posts that a worker is receiving, or the posts whose photos it decodes, by whose they are."""

    def __init__(self) -> None:
        self._people, self._nobody = Share(), Share()

    @contextmanager
    def one_of(self, request: Request, nik: str | None) -> Iterator[None]:
        """One more of this person, or of nobody, while the context lasts. Raises 429 for a person, 503 for all or nobody.

        A stranger, who names no session that was begun here, takes no place of those whose session has ended.
        """
        share, whose = (self._people, nik) if nik else (self._nobody, request.state.client.session_id is not None)
        if nik and share.of(nik) >= OF_A_PERSON:
            raise HTTPException(429, headers={"Retry-After": "10"})
        if share.total >= IN_ALL if nik else share.of(whose) >= OF_NOBODY:
            note_reason(request.scope, "too many uploads")
            raise HTTPException(503, headers={"Retry-After": "10"})
        with share.one_more(whose):
            yield


def uploads_of(action: Action) -> UploadKind | None:
    """The files that the form of an action may bring."""
    return UPLOADS if FILES in action.fields else None


@asynccontextmanager
async def receiving(request: Request, limit: int) -> AsyncIterator[bool]:
    """Around the reading of a post of up to `limit` bytes: whether its files are to be kept.

    Before a large one is read it is asked whose it is, on a connection that is given back at once. Nobody's is read for its text,
    which is kept for whom the form was shown to. Raises 429, 503 and DatabaseUnavailable.
    """
    if not is_large(request, limit):
        yield request.state.client.session_id is not None
        return
    async with db.acquire(request.app.state.database) as connection:
        viewer = await sessions.get_viewer(connection, request.state.client)
    with request.app.state.receiving.one_of(request, viewer and viewer.nik):
        async with _noted(request, viewer and viewer.nik):
            yield viewer is not None


@asynccontextmanager
async def _noted(request: Request, nik: str | None) -> AsyncIterator[None]:
    """Meanwhile, note how much of the post has arrived, for the form that asks (routes/uploads.py)."""
    key = read_key({"key": request.headers.get(KEY_HEADER, "")})
    total = request.headers.get("Content-Length", "")
    if nik is None or key is None or not total.isdigit():
        yield
        return
    over = asyncio.Event()
    noting = asyncio.create_task(_note_until(over, request, nik, key, int(total)))
    try:
        yield
    finally:
        over.set()  # not cancelled: that would cost the connection that it has
        await noting


async def _note_until(over: asyncio.Event, request: Request, nik: str, key: UUID, total: int) -> None:
    """Beside the reading, which never waits for it, and on a connection a time. What cannot be noted is no fault."""
    noted = 0
    with suppress(db.DatabaseUnavailable, db.SchemaMismatch):
        while not await _happens(over, NOTED_EVERY):
            arrived = request.scope[ARRIVED]
            if arrived != noted:
                async with db.acquire(request.app.state.database) as connection:
                    await note_arrival(connection, nik, key, Arrival(arrived, total))
                noted = arrived
        if noted:
            async with db.acquire(request.app.state.database) as connection:
                await forget_arrival(connection, nik, key)


async def _happens(event: asyncio.Event, seconds: float) -> bool:
    """Whether it happens within so many seconds."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()


async def attach(request: Request, kind: UploadKind, files: Sequence[UploadFile]) -> Attached:
    """What came of the files of that kind that were sent. Raises as make_files does."""
    if kind is not TABLES:
        return await make_files(request, files)
    digests = [await to_thread.run_sync(digest, file.file) for file in files]
    tables = tuple(Sent(file.filename or "", file.size or 0, cast(IO[bytes], file.file)) for file in files)
    return Attached(digests=tuple(digest.hex() for digest in digests), tables=tables)


async def make_files(request: Request, files: Sequence[UploadFile]) -> Attached:
    """What came of the files that were sent, beside those that are kept for the form and still to go with it; of nobody's
    nothing.

    Who asks is found out on a connection that is given back at once: decoding must keep none from others. Until their turn comes,
    the files lie on disk. A small file may be large once it is decoded, so that few posts of one person wait, whatever their
    size. Raises 429, 503 and DatabaseUnavailable.
    """
    kept = read_kept(request.state.raw.getlist(KEPT))
    if not files and not kept:
        return Attached()
    async with db.acquire(request.app.state.database) as connection:
        viewer = await sessions.get_viewer(connection, request.state.client)
        key = read_key(request.state.raw)
        known = await list_draft_files(connection, viewer.nik, key) if viewer and key and kept else []
    if viewer is None:
        return Attached()
    known = [file for file in known if file.digest in kept]
    errors = () if len(known) == len(kept) else (GONE,)
    attached = Attached(kept=tuple(file.digest for file in known), errors=errors)
    sizes = [file.size for file in known]
    if not files:
        return replace(attached, errors=(*errors, *wrong_amount([], sizes)[1]))
    with request.app.state.decoding_posts.one_of(request, viewer.nik):
        return await _with_made(request, viewer.nik, files, attached, sizes)


async def _with_made(
    request: Request, nik: str, files: Sequence[UploadFile], attached: Attached, sizes: Sequence[int]
) -> Attached:
    """`attached` and what came of the files, of which one that is there twice, or is kept already, counts once."""
    digests = [await to_thread.run_sync(digest, file.file) for file in files]
    new = [(at, file) for at, file in enumerate(files) if digests[at] not in (*attached.kept, *digests[:at])]
    fitting, said = wrong_amount([file.size or 0 for _, file in new], sizes)
    good, errors = [], [*attached.errors, *said]
    for taken, (position, file) in enumerate(new):
        if error := wrong_size(position, file.filename or "", file.size or 0):
            errors.append(error)
        elif taken in fitting:
            try:
                good.append(Upload(digests[position], file.size or 0, await _made(request, nik, file)))
            except FAULTS as fault:
                errors.append(wrong_content(position, file.filename or "", fault))
    sent = tuple(digest.hex() for digest in digests)
    return replace(attached, good=tuple(good), digests=sent, errors=tuple(errors))


async def _made(request: Request, nik: str, file: UploadFile) -> Document | Picture:
    """The document that a file is, which stays on disk; else the picture that is made of it. Raises FAULTS."""
    if document := await to_thread.run_sync(read_document, cast(IO[bytes], file.file), file.filename or ""):
        return document
    async with request.app.state.decoding.turn(nik):
        return await decode(cast(SpooledTemporaryFile, file.file))
