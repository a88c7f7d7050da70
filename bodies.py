"""What is posted: how much of it, and the fields and photos in it."""

import asyncio

from anyio import to_thread
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive

import auth
import db
from forms.photos import TOTAL_LIMIT, Photos, Upload, read_photos

MULTIPART = "multipart/form-data"
FORM_TYPES = ("application/x-www-form-urlencoded", MULTIPART)

# Bytes of a post. The longest form is 10,000 characters, up to 12 bytes each when urlencoded; what is typed beyond that is
# still answered with the form. The doors for everybody hear no more than a NIK, a PIN and where to go.
BODY_LIMIT = 256 * 1024
PUBLIC_BODY_LIMIT = 8 * 1024
BODY_TIMEOUT = 30  # seconds for it to arrive
FIELD_LIMIT = 50

# Twice what a form with photos may hold: a little too much is answered by the form itself, with what was typed.
PHOTO_BODY_LIMIT = 2 * TOTAL_LIMIT + BODY_LIMIT
PHOTO_BODY_TIMEOUT = 300  # seconds; five photos of a phone take that long on a slow network
PHOTOS_AT_ONCE = 2  # posts whose photos are decoded at a time: each may take a hundred megabytes


def body_limit(request: Request, files: int, public: bool) -> int:
    """How many bytes may be posted to a door that takes so many files, and is for everybody or not.

    Only who has been logged in brings photos, though the session may have ended.
    """
    if public:
        return PUBLIC_BODY_LIMIT
    brings_photos = request.headers.get("Content-Type", "").lower().startswith(MULTIPART)
    return PHOTO_BODY_LIMIT if files and brings_photos and auth.has_session_id(request) else BODY_LIMIT


async def read_body(request: Request, files: int, limit: int) -> tuple[dict[str, str], Photos]:
    """The fields that were posted, and at most `files` photos, in at most `limit` bytes. Raises 400, 408, 413 or 415."""
    _check_media_type(request.headers.getlist("Content-Type"))
    length = request.headers.get("Content-Length", "0")
    if not length.isdigit() or int(length) > limit:
        raise HTTPException(413, headers={"Connection": "close"})
    timeout = PHOTO_BODY_TIMEOUT if files else BODY_TIMEOUT
    try:
        async with asyncio.timeout(timeout):
            # More files than may be sent are answered by the form itself.
            form = await request.form(max_files=4 * files, max_fields=FIELD_LIMIT, max_part_size=limit)
    except TimeoutError:
        raise HTTPException(408, headers={"Connection": "close"}) from None
    except ClientDisconnect:
        raise HTTPException(400) from None
    try:
        return _texts(form), await _make_photos(request, form)
    finally:
        await form.close()


def bounded(receive: Receive, limit: int) -> Receive:
    """Raises 413 as soon as more than `limit` bytes have arrived. Not Starlette's own, which answers in English."""
    size = 0

    async def counting() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > limit:
            raise HTTPException(413, headers={"Connection": "close"})
        return message

    return counting


def _check_media_type(headers: list[str]) -> None:
    """Raise 415 for a body that is no form. Python knows encodings that take minutes or raise: a form is UTF-8."""
    if not headers:
        return  # an empty post
    media_type, *parameters = (part.strip() for part in headers[0].lower().split(";"))
    charsets = [value.strip("\"' ") for name, _, value in (p.partition("=") for p in parameters) if "charset" in name]
    if len(headers) > 1 or media_type not in FORM_TYPES or any(charset != "utf-8" for charset in charsets):
        raise HTTPException(415)


def _texts(form: FormData) -> dict[str, str]:
    """The fields that are no files; of a repeated one the last counts. Raises 413, however much room there is for photos."""
    texts = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    if sum(len(name.encode()) + len(value.encode()) for name, value in texts) > BODY_LIMIT:
        raise HTTPException(413)
    return dict(texts)


async def _make_photos(request: Request, form: FormData) -> Photos:
    """What came of the photos that were sent; of nobody's nothing. Who asks is found out on a connection that is given back at
    once: decoding must keep none from others. Until their turn comes, the files lie on disk."""
    # An empty choice comes as a file without a name.
    files = [file for file in form.getlist("photo") if isinstance(file, UploadFile) and (file.filename or file.size)]
    if not files:
        return Photos()
    async with db.acquire(request.app.state.database) as connection:
        if await auth.get_viewer(request, connection) is None:
            return Photos()
    async with request.app.state.photo_limiter:
        uploads = [Upload(file.filename or "", await file.read()) for file in files]
        return await to_thread.run_sync(read_photos, uploads)
