"""What is posted: how much of it, and the fields and files in it."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass

from starlette.datastructures import FormData, Headers, ImmutableMultiDict, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope

from web.requests import Request

MULTIPART = "multipart/form-data"
FORM_TYPES = ("application/x-www-form-urlencoded", MULTIPART)

# Bytes of a post. The longest form is 10,000 characters, up to 12 bytes each when urlencoded; what is typed beyond that is
# still answered with the form. The doors for everybody hear no more than a NIK, a PIN and where to go.
BODY_LIMIT = 256 * 1024
PUBLIC_BODY_LIMIT = 8 * 1024
BODY_TIMEOUT = 30  # seconds for it to arrive
FIELD_LIMIT = 50
IN_MEMORY = 64 * 1024  # bytes of a file; more of it lies on disk
ARRIVED = "sih.arrived"  # where a scope says how many bytes of the body have come so far


Posted = ImmutableMultiDict[str, str]  # the fields of a form, by name; of a repeated one `get` gives the last


@dataclass(frozen=True)
class UploadKind:
    """Files that a form may bring, as its door declares them: the field they come in, how many, and their bytes in all."""

    name: str
    most: int
    total: int
    timeout: int = 300  # seconds to arrive; five photos of a phone take that long on a slow network

    @property
    def body_limit(self) -> int:
        """Three times what the form may hold: too much is answered by the form itself, with what was typed."""
        return 3 * self.total + BODY_LIMIT

    @property
    def strangers_limit(self) -> int:
        """What a form that is accepted may bring: enough for its text to be kept, of a post whose files are read in vain."""
        return self.total + BODY_LIMIT


@dataclass(frozen=True)
class Body:
    """What was posted: fields, and the files of the kind that the door declares."""

    texts: Posted
    files: tuple[UploadFile, ...]


def body_limit(request: Request, kind: UploadKind | None, public: bool, known: bool) -> int:
    """How many bytes may be posted to a door that takes files of `kind`, and is `public` or not.

    Who is `known` names a session, though it may have ended. A small post of anybody else has no more time than text has.
    """
    if public:
        return PUBLIC_BODY_LIMIT
    if not kind or not _is_multipart(request) or (_is_small(request) and not known):
        return BODY_LIMIT
    return kind.body_limit if known else kind.strangers_limit


def _is_multipart(request: Request) -> bool:
    return request.headers.get("Content-Type", "").lower().startswith(MULTIPART)


def is_large(request: Request, limit: int) -> bool:
    """Whether more may come than a form without files has, of which `limit` bytes are taken."""
    return limit > BODY_LIMIT and not _is_small(request)


def _is_small(request: Request) -> bool:
    length = request.headers.get("Content-Length", "")
    return length.isdigit() and int(length) <= BODY_LIMIT


@asynccontextmanager
async def posted(
    request: Request, kind: UploadKind | None, limit: int, keeps_files: bool = True
) -> AsyncIterator[Body]:
    """What was posted in at most `limit` bytes; its files lie on disk until the context ends, or are dropped as they come, all
    but their names, unless it `keeps_files`. Raises 400, 408, 413 or 415.
    """
    form = await _read_form(request, kind, limit, keeps_files)
    try:
        yield Body(_texts(form), _files(form, kind))
    finally:
        await form.close()


async def _read_form(request: Request, kind: UploadKind | None, limit: int, keeps_files: bool) -> FormData:
    _check_media_type(request.headers.getlist("Content-Type"))
    length = request.headers.get("Content-Length", "0")
    if not length.isdigit() or int(length) > limit:
        raise _too_large(limit)
    try:
        async with asyncio.timeout(kind.timeout if kind and limit > BODY_LIMIT else BODY_TIMEOUT):
            if not _is_multipart(request):
                return await request.form(max_files=0, max_fields=FIELD_LIMIT, max_part_size=limit)
            # More files than may be sent are answered by the form itself.
            async with aclosing(request.stream()) as stream:
                parser = _Multipart(request.headers, stream, 10 * kind.most if kind else 0, keeps_files)
                return await parser.parse()
    except MultiPartException as error:
        raise HTTPException(400) from error
    except TimeoutError:
        raise HTTPException(408, headers={"Connection": "close"}) from None
    except ClientDisconnect:
        raise HTTPException(400) from None


class FilesTooLarge(HTTPException):
    """413 of a post that may bring files, and brings more than they may be; not of one whose text is too long."""


class _Multipart(MultiPartParser):
    """Keeps little in memory: of texts, and what stands above the parts, no more than BODY_LIMIT in all (413); files on disk."""

    spool_max_size = IN_MEMORY

    def __init__(
        self, headers: Headers, stream: AsyncGenerator[bytes, None], most_files: int, keeps_files: bool
    ) -> None:
        super().__init__(headers, stream, max_files=most_files, max_fields=FIELD_LIMIT, max_part_size=BODY_LIMIT + 1)
        self._keeps_files = keeps_files
        self._held = 0

    async def parse(self) -> FormData:
        """What was posted. A file whose part has no end is none of the form's, who would close it."""
        form = await super().parse()
        whole = [value.file for _, value in form.multi_items() if isinstance(value, UploadFile)]
        for file in self._files_to_close_on_error:
            if file not in whole:
                file.close()
        return form

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._hold(end - start)
        super().on_header_field(data, start, end)

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._hold(end - start)
        super().on_header_value(data, start, end)

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        is_file = self._current_part.file is not None
        if not is_file:
            self._hold(end - start)
        if not is_file or self._keeps_files:
            super().on_part_data(data, start, end)

    def _hold(self, size: int) -> None:
        self._held += size
        if self._held > BODY_LIMIT:
            raise HTTPException(413, headers={"Connection": "close"})


def bounded(scope: Scope, receive: Receive, limit: int) -> Receive:
    """Counts what has arrived, and raises 413 as soon as that is more than `limit` bytes. Not Starlette's own, which answers in
    English."""
    scope[ARRIVED] = 0

    async def counting() -> Message:
        message = await receive()
        scope[ARRIVED] += len(message.get("body", b""))
        if scope[ARRIVED] > limit:
            raise _too_large(limit)
        return message

    return counting


def _too_large(limit: int) -> HTTPException:
    error = FilesTooLarge if limit > BODY_LIMIT else HTTPException
    return error(413, headers={"Connection": "close"})


def _check_media_type(headers: list[str]) -> None:
    """Raise 415 for a body that is no form. Python knows encodings that take minutes or raise: a form is UTF-8."""
    if not headers:
        return  # an empty post
    media_type, *parameters = (part.strip() for part in headers[0].lower().split(";"))
    charsets = [value.strip("\"' ") for name, _, value in (p.partition("=") for p in parameters) if "charset" in name]
    if len(headers) > 1 or media_type not in FORM_TYPES or any(charset != "utf-8" for charset in charsets):
        raise HTTPException(415)


def _texts(form: FormData) -> Posted:
    """The fields that are no files."""
    return ImmutableMultiDict([(name, value) for name, value in form.multi_items() if isinstance(value, str)])


def _files(form: FormData, kind: UploadKind | None) -> tuple[UploadFile, ...]:
    """The files that were chosen: an empty choice comes as a file without a name."""
    files = form.getlist(kind.name) if kind else []
    return tuple(file for file in files if isinstance(file, UploadFile) and (file.filename or file.size))
