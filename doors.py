"""Doors: routes that say who may pass, and the admission that every request goes through.

The order of the checks is fixed: not logged in (401, or to the login page), out of reach (404), no right to it (403); what
follows, a conflict (409) or a mistake in what was typed (422), is the endpoint's to say.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, quote, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

import auth
import db
from bodies import body_limit, bounded, read_body
from drafts import keep_for_later
from forms.envelope import Envelope, open_envelope
from forms.photos import Photos
from forms.problems import read_id
from queries.problems import get_problem
from queries.submissions import KeyReused, Submission, get_recorded
from render import asset_version, go_to, local_path, wants_partial
from screens import answer_recorded

Endpoint = Callable[[Request], Awaitable[Response]]

# The doors that a page knocks at by itself.
UNNOTICED = ("/drafts/{form}", "/presence")


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
        limit = body_limit(Request(scope), self.files, self.policy == PUBLIC)
        await super().handle(scope, bounded(receive, limit), send)

    async def admit(self, request: Request) -> Response:
        """Let the request pass if the policy allows, with one connection for all that it does.

        `request.state.lease` is what it is held by; accounts.py gives it back while a PIN is hashed.
        """
        endpoint = self.endpoints["GET" if request.method == "HEAD" else request.method]
        request.state.photos = Photos()
        if request.method == "POST":
            limit = body_limit(request, self.files, self.policy == PUBLIC)
            request.state.raw, request.state.photos = await read_body(request, self.files, limit)
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
