"""Doors: routes that say who may pass, and the admission that every request goes through.

The order of the checks is fixed: not logged in (401, or to the login page), out of reach (404), no right to it (403); what
follows, a conflict (409) or a mistake in what was typed (422), is the endpoint's to say.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from anyio import to_thread
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

import auth
import db
from drafts import keep_for_later
from forms.envelope import Envelope, open_envelope
from forms.photos import TOTAL_LIMIT, Photos, Upload, read_photos
from forms.problems import read_id
from queries.problems import get_problem
from queries.submissions import KeyReused, Submission, get_recorded
from render import go_to, local_path, wants_partial
from screens import answer_recorded

Endpoint = Callable[[Request], Awaitable[Response]]

BODY_LIMIT = 256 * 1024  # bytes; the longest form is 10,000 characters, up to 12 bytes each in an urlencoded post
FIELD_LIMIT = 50

# Twice what a form with photos may hold: a little too much is answered by the form itself, with what was typed.
PHOTO_BODY_LIMIT = 2 * TOTAL_LIMIT + BODY_LIMIT
PHOTOS_AT_ONCE = 2  # posts whose photos are decoded at a time: each may take a hundred megabytes


@dataclass(frozen=True)
class Policy:
    """Who may pass a door.

    `scope` is what the person has to have ("reporter" is everybody who is logged in; None asks for nobody), or else `or_scope`;
    `action` what the person has to have the right to do with the problem that the path names ("see" for all who reach it).
    """

    scope: str | None
    action: str | None = None
    or_scope: str | None = None


PUBLIC = Policy(None)
REPORTER = Policy("reporter")
HANDLER = Policy("handler")
OVERSEER = Policy("handler", or_scope="manager")  # whoever sees all problems


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
        limit = PHOTO_BODY_LIMIT if files else BODY_LIMIT
        super().__init__(path, self.admit, methods=list(self.endpoints), name=path, max_body_size=limit)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["sih.door"] = self.path
        await super().handle(scope, receive, send)

    async def admit(self, request: Request) -> Response:
        """Let the request pass if the policy allows, with one connection for all that it does."""
        endpoint = self.endpoints["GET" if request.method == "HEAD" else request.method]
        request.state.photos = Photos()
        if request.method == "POST":
            request.state.raw, request.state.photos = await _read_body(request, self.files)
        if self.policy == PUBLIC:
            return await endpoint(request)
        async with db.acquire(request.app.state.database) as connection:
            request.state.connection = connection
            request.state.viewer = await auth.get_viewer(request, connection)
            if request.state.viewer is not None:
                return await _check(self.policy, request) or await endpoint(request)
        return await _to_login(request, self.path)


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


async def _read_body(request: Request, files: int) -> tuple[dict[str, str], Photos]:
    """The fields that were posted, and the photos. A file in place of a text counts as nothing; of a repeated field the last
    one counts."""
    async with request.form(max_files=4 * files, max_fields=FIELD_LIMIT) as form:
        raw = {name: value for name, value in form.multi_items() if isinstance(value, str)}
        # An empty choice is sent as a file without a name.
        photos = [f for f in form.getlist("photo") if isinstance(f, UploadFile) and (f.filename or f.size)]
        if not photos or not await _is_logged_in(request):
            return raw, Photos()
        uploads = [Upload(file.filename or "", await file.read()) for file in photos]
    limiter = request.app.state.photo_limiter
    return raw, await to_thread.run_sync(read_photos, uploads, limiter=limiter)


async def _is_logged_in(request: Request) -> bool:
    """Asked before photos are decoded, on a connection given back at once: decoding must keep none from others."""
    async with db.acquire(request.app.state.database) as connection:
        return await auth.get_viewer(request, connection) is not None


async def _to_login(request: Request, door: str) -> Response:
    """To the login page, and from there back to the page that is open, where what was posted is found again."""
    page = await keep_for_later(request, door) if request.method == "POST" else None
    if page and "/drafts" in door:
        return Response(status_code=204)  # kept while somebody types: nobody is led away from that
    if request.method == "GET" and not wants_partial(request):
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return go_to(request, f"/login?next={quote(here, safe='/')}")
    current = urlsplit(request.headers.get("HX-Current-URL", ""))
    here = local_path(current.path + (f"?{current.query}" if current.query else "")) or page or "/problems"
    return go_to(request, f"/login?next={quote(here, safe='/')}", 401, "kept" if page else None)


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
    def file_response(self, *args, **kwargs):
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response
