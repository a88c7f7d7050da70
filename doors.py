"""Doors: routes that say who may pass, and the admission that every request goes through.

The order of the checks is fixed: not logged in (401, or to the login page), out of reach (404), no right to it (403); what
follows, a conflict (409) or a mistake in what was typed (422), is the endpoint's to say.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, quote, urlsplit

from anyio import to_thread
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Message, Receive, Scope, Send

import auth
import db
from drafts import keep_for_later
from forms.envelope import Envelope, open_envelope
from forms.photos import TOTAL_LIMIT, Photos, Upload, read_photos
from forms.problems import read_id
from queries.problems import get_problem
from queries.submissions import KeyReused, Submission, get_recorded
from render import asset_version, go_to, local_path, wants_partial
from screens import answer_recorded

FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")

Endpoint = Callable[[Request], Awaitable[Response]]

# Bytes of a post. The longest form is 10,000 characters, up to 12 bytes each when urlencoded; what is typed beyond that is
# still answered with the form. The doors for everybody hear no more than a NIK, a PIN and where to go.
BODY_LIMIT = 256 * 1024
PUBLIC_BODY_LIMIT = 8 * 1024
BODY_TIMEOUT = 30  # seconds for it to arrive
FIELD_LIMIT = 50

# The doors that a page knocks at by itself.
UNNOTICED = ("/drafts/{form}", "/presence")

# Twice what a form with photos may hold: a little too much is answered by the form itself, with what was typed.
PHOTO_BODY_LIMIT = 2 * TOTAL_LIMIT + BODY_LIMIT
PHOTO_BODY_TIMEOUT = 300  # seconds; five photos of a phone take that long on a slow network
PHOTOS_AT_ONCE = 2  # posts whose photos are decoded at a time: each may take a hundred megabytes


@dataclass(frozen=True)
class Policy:
    """Who may pass a door.

    `scope` is what the person has to have ("reporter" is everybody who is logged in; None asks for nobody), or else `or_scope`;
    `action` what the person has to have the right to do with the problem that the path names ("see" for all who reach it).
    `with_initial_pin`: who still has the PIN that an admin made may pass; everywhere else they are led to choose their own.
    """

    scope: str | None
    action: str | None = None
    or_scope: str | None = None
    with_initial_pin: bool = False


PUBLIC = Policy(None)
REPORTER = Policy("reporter")
HANDLER = Policy("handler")
OVERSEER = Policy("handler", or_scope="manager")  # whoever sees all problems
ADMIN = Policy("admin")
# Also for those who have to choose another PIN before anything else.
NEWCOMER = Policy("reporter", with_initial_pin=True)


def problem(action: str) -> Policy:
    """The policy of a door to one problem: `action` is one of the rights of the schema, or "see"."""
    return Policy("reporter", action)


class Door(Route):
    """A path, who may pass, what answers to GET and to POST there, and how many photos a form may bring."""

    def __init__(
        self,
        path: str,
        policy: Policy,
        *,
        get: Endpoint | None = None,
        post: Endpoint | None = None,
        files: int = 0,
    ) -> None:
        self.policy = policy
        self.files = files
        self.endpoints = {method: endpoint for method, endpoint in (("GET", get), ("POST", post)) if endpoint}
        super().__init__(path, self.admit, methods=list(self.endpoints), name=path)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Name the door for the log, and bound what may be posted. Raises 413."""
        scope["sih.door"] = self.path
        await super().handle(scope, _limited(receive, self._body_limit(Request(scope))), send)

    async def admit(self, request: Request) -> Response:
        """Let the request pass if the policy allows, with one connection for all that it does.

        `request.state.lease` is what it is held by; auth.py gives it back while a PIN is hashed.
        """
        endpoint = self.endpoints["GET" if request.method == "HEAD" else request.method]
        request.state.photos = Photos()
        if request.method == "POST":
            request.state.raw, request.state.photos = await self._read_body(request)
        if self.policy == PUBLIC:
            return await endpoint(request)
        async with AsyncExitStack() as request.state.lease:
            connection = await request.state.lease.enter_async_context(db.acquire(request.app.state.database))
            request.state.connection = connection
            viewer = request.state.viewer = await auth.get_viewer(request, connection)
            if viewer is not None and viewer.has_initial_pin and not self.policy.with_initial_pin:
                return _to("/pin", request, 403)
            if viewer is not None:
                return await _check(self.policy, request) or await endpoint(request)
        return await _to_login(request, self.path)

    def _body_limit(self, request: Request) -> int:
        """How many bytes may be posted. Only who has been logged in brings photos, though the session may have ended."""
        if self.policy == PUBLIC:
            return PUBLIC_BODY_LIMIT
        return PHOTO_BODY_LIMIT if self.files and auth.has_session_id(request) else BODY_LIMIT

    async def _read_body(self, request: Request) -> tuple[dict[str, str], Photos]:
        """The fields that were posted, and the photos; of a repeated field the last counts. Raises 400, 408, 413 or 415."""
        _check_media_type(request.headers.getlist("Content-Type"))
        length = request.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > self._body_limit(request):
            raise HTTPException(413, headers={"Connection": "close"})
        timeout = PHOTO_BODY_TIMEOUT if self.files else BODY_TIMEOUT
        try:
            async with asyncio.timeout(timeout):
                # More files than may be sent are answered by the form itself.
                form = await request.form(max_files=4 * self.files, max_fields=FIELD_LIMIT)
        except TimeoutError:
            raise HTTPException(408, headers={"Connection": "close"}) from None
        except ClientDisconnect:
            raise HTTPException(400) from None
        try:
            raw = {name: value for name, value in form.multi_items() if isinstance(value, str)}
            return raw, await _make_photos(request, form)
        finally:
            await form.close()


class StaticDoor(Mount):
    """Files for everybody, kept by browsers for ever: their addresses change with their content."""

    def __init__(self, path: str, directory: str) -> None:
        self.policy = PUBLIC
        super().__init__(path, _Immutable(directory=directory))

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["sih.door"] = self.path
        await super().handle(scope, receive, send)


def check_policies(routes: Sequence[BaseRoute]) -> None:
    """Closed by default: raise RuntimeError for a route that names no policy."""
    for route in routes:
        if not isinstance(getattr(route, "policy", None), Policy):
            raise RuntimeError(f"{route!r} names no policy: nobody may pass, so it should not be there")


def _limited(receive: Receive, limit: int) -> Receive:
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


async def _to_login(request: Request, door: str) -> Response:
    """To the login page, and from there back to the page that is open, where what was posted is found again."""
    kept = await keep_for_later(request, door) if request.method == "POST" else None
    if wants_partial(request) and door.endswith(UNNOTICED):
        return Response(status_code=204)  # nobody is led away from what they type by what the page does on its own
    return _to("/login", request, 401, kept)


def _to(page: str, request: Request, status: int, kept: str | None = None) -> Response:
    """To the login page or the like, and from there back to the page that is open; `status` is what htmx is told, `kept` where
    a draft was kept of what was posted."""
    if request.method == "GET" and not wants_partial(request):
        return go_to(request, _and_back(page, request.url.components))
    try:
        current = urlsplit(request.headers.get("HX-Current-URL", ""))
    except ValueError:
        current = urlsplit("")
    return go_to(request, _and_back(page, current, kept), status, "kept" if kept else None)


def _and_back(page: str, current: SplitResult, otherwise: str | None = None) -> str:
    here = local_path(current.path + (f"?{current.query}" if current.query else "")) or otherwise or "/problems"
    return f"{page}?next={quote(here, safe='/')}"


async def _check(policy: Policy, request: Request) -> Response | None:
    """None if the request may pass, or the answer to a form that was already recorded. Raises 404 or 403."""
    viewer = request.state.viewer
    envelope = None
    request.state.action = policy.action
    if request.method == "POST":
        envelope = open_envelope(request.state.raw, request.url.path, request.state.photos.digests)
        request.state.envelope = envelope
    if policy.action is not None:
        await _load_problem(request, envelope)
    # A form that was recorded is answered as it was then, even by whoever gave the problem away with it.
    if envelope is not None and (answer := await _repeat(request, envelope)):
        return answer
    if viewer.scopes.isdisjoint((policy.scope, policy.or_scope)) or not _has_right(policy, request):
        raise HTTPException(403)
    return None


async def _load_problem(request: Request, envelope: Envelope | None) -> None:
    number = read_id(request.path_params["id"])
    if not number:
        raise HTTPException(404)
    version_seen = envelope.version if envelope else None
    request.state.problem = await get_problem(request.state.connection, request.state.viewer, number, version_seen)
    if request.state.problem is None:
        raise HTTPException(404)


async def _repeat(request: Request, envelope: Envelope) -> Response | None:
    request.state.submission = None
    request.state.key_reused = False
    if envelope.key is None:
        return None
    request.state.submission = Submission(envelope.key, request.state.viewer.nik, envelope.digest)
    try:
        problem_id = await get_recorded(request.state.connection, request.state.submission)
    except KeyReused:
        request.state.key_reused = True
        return None
    return await answer_recorded(request, problem_id) if problem_id else None


def _has_right(policy: Policy, request: Request) -> bool:
    """Whether the person has the right to the door's action, or had it when the form was opened: that is a conflict."""
    if policy.action in (None, "see"):
        return True
    problem = request.state.problem
    return policy.action in problem["rights"] or policy.action in problem["rights_then"]


class _Immutable(StaticFiles):
    """Whole files, for ever if the address names this very content; any other is asked for again, lest one version be kept
    under the address of another."""

    def file_response(self, full_path, stat_result, scope, status_code=200):
        scope["headers"] = [header for header in scope["headers"] if header[0] != b"range"]
        response = super().file_response(full_path, stat_result, scope, status_code)
        named = scope["query_string"] == f"v={asset_version(Path(full_path))}".encode()
        response.headers["Accept-Ranges"] = "none"
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if named else "no-cache"
        return response
