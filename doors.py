"""Doors: routes that say who may pass, and the admission that every request goes through.

The order of the checks is fixed: not logged in (401, or to the login page), out of reach (404), no right to it (403); what
follows, a conflict (409) or a mistake in what was typed (422), is the endpoint's to say.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from urllib.parse import SplitResult, quote

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Receive, Scope, Send

import db
from actions.action import Action
from actions.drafts import author_of, keep_for_later, named
from actions.state import Request
from actions.submit import answer_recorded
from actions.uploads import attach, receiving
from auth import sessions
from forms.files import Attached
from forms.problems import read_id
from queries.problems import get_problem
from queries.submissions import AlreadyRecorded, KeyReused, Submission, get_recorded
from web.assets import send_asset
from web.bodies import UploadKind, body_limit, bounded, posted
from web.clients import read_client
from web.form_key import FormKey, read_form_key
from web.middleware import HEALTH
from web.render import current_url, go_to, local_path, wants_partial
from web.swaps import answer_kept
from web.tags import answer_unchanged, asks_if_changed

Endpoint = Callable[[Request], Awaitable[Response]]
Tag = Callable[[Request], Awaitable[str | None]]

# The doors that a page knocks at by itself.
UNNOTICED = ("/drafts/{form}", "/presence", "/uploads")

# To whom the page was shown from which htmx asks (templates/base.html). Its head still names that person.
SHOWN_TO = "SIH-Viewer"

SESSION_ENDED = "Sesi Anda sudah berakhir. Isian Anda tersimpan, dan dipulihkan setelah Anda masuk."


@dataclass(frozen=True)
class Policy:
    """Who may pass a door.

    `scope` is what the person has to have ("reporter" is everybody who is logged in; None asks for nobody), or else `or_scope`;
    `right` is the one that the person has to have to the problem that the path names ("see" for all who reach it), `action`
    what is done there.
    `with_initial_pin`: who still has the PIN that an admin made may pass; everywhere else they are led to choose their own.
    """

    scope: str | None
    right: str | None = None
    action: Action | None = None
    or_scope: str | None = None
    with_initial_pin: bool = False


PUBLIC = Policy(None)
REPORTER = Policy("reporter")
HANDLER = Policy("handler")
OVERSEER = Policy("handler", or_scope="manager")  # whoever sees all problems
ADMIN = Policy("admin")
STORE_HEAD = Policy("store head")  # whose people are those of the own store
# Also for those who have to choose another PIN before anything else.
NEWCOMER = Policy("reporter", with_initial_pin=True)
SEE = Policy("reporter", "see")  # whoever reaches the problem


def does(action: Action) -> Policy:
    """The policy of a door to an action on one problem."""
    return Policy("reporter", action.right, action)


def does_to_several(action: Action) -> Policy:
    """The policy of a door to an action on several problems: the right to each of them is looked at when it is done."""
    return Policy("handler", action=action)


class Door(Route):
    """A path, who may pass, what answers to GET and to POST there, which files a form may bring and what its drafts are
    called; and what tells the page there from the one that somebody has already."""

    def __init__(
        self,
        path: str,
        policy: Policy,
        *,
        get: Endpoint | None = None,
        post: Endpoint | None = None,
        uploads: UploadKind | None = None,
        draft: str | None = None,
        tag: Tag | None = None,
    ) -> None:
        self.policy = policy
        self.uploads = uploads
        self.tag = tag
        self.draft = draft or _draft_of(policy)
        self.endpoints = {method: endpoint for method, endpoint in (("GET", get), ("POST", post)) if endpoint}
        super().__init__(path, self.admit, methods=list(self.endpoints), name=path)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Name the door for the log, read who knocks, bound what may be posted, and answer. Raises 405 and 413.

        Starlette's own would be ready once more for the exceptions that its middleware answers, of all doors.
        """
        scope["sih.door"] = self.path
        request = Request(scope)
        request.state.client = read_client(request)
        if scope["method"] not in (allowed := self.methods or ()):
            raise HTTPException(405, headers={"Allow": ", ".join(allowed)})
        receive = bounded(scope, receive, self._body_limit(request))
        response = await self.admit(Request(scope, receive))
        await response(scope, receive, send)

    def _body_limit(self, request: Request) -> int:
        return body_limit(request, self.uploads, self.policy == PUBLIC, request.state.client.session_id is not None)

    async def admit(self, request: Request) -> Response:
        """Let the request pass if the policy allows, with one connection for all that it does."""
        with request.app.state.fairness.one_of(request.scope, request.state.client.session_id):
            return await self._admit(request)

    async def _admit(self, request: Request) -> Response:
        if request.app.state.schema_mismatch and not self.path.startswith(HEALTH):
            raise db.SchemaMismatch(request.app.state.schema_mismatch)
        request.state.attached = Attached()
        if request.method != "POST":
            return await self._pass(request, self.endpoints["GET"])
        async with AsyncExitStack() as files:  # documents are read where they are recorded
            limit = self._body_limit(request)
            async with receiving(request, limit) as keeps_files:
                body = await files.enter_async_context(posted(request, self.uploads, limit, keeps_files))
                request.state.raw = body.texts
                if self.uploads:
                    request.state.attached = await attach(request, self.uploads, body.files)
            return await self._pass(request, self.endpoints["POST"])

    async def _pass(self, request: Request, endpoint: Endpoint) -> Response:
        if self.policy == PUBLIC:
            return await endpoint(request)
        async with db.Lease(request.app.state.database) as lease:
            request.state.lease, request.state.connection = lease, lease.connection
            admitted = await sessions.admit(lease.connection, request.state.client, _is_by_itself(request))
            if admitted is not None:
                viewer = request.state.viewer = admitted.employee
                request.state.version, request.state.views_version = admitted.version, admitted.views_version
                request.state.reference_version = admitted.reference_version
                request.app.state.fairness.note_person(request.state.client.session_id, viewer.nik)
                if viewer.has_initial_pin and not self.policy.with_initial_pin:
                    return _to("/pin", request, 403)
                return await self._answer(request, endpoint)
        return await self._to_login(request)

    async def _answer(self, request: Request, endpoint: Endpoint) -> Response:
        if self.tag and asks_if_changed(request) and (same := answer_unchanged(request, await self.tag(request))):
            return same
        try:
            return await self._check(request) or await endpoint(request)
        except AlreadyRecorded:  # by a request that came at the same moment
            return await _repeat(request) or go_to(request, "/problems")
        except KeyReused:
            raise HTTPException(422) from None

    async def _check(self, request: Request) -> Response | None:
        """None if the request may pass, or the answer to a form that was already recorded. Raises 404, 403 or 409."""
        state, policy = request.state, self.policy
        state.key_reused, form_key, foreign = False, None, False
        if policy.action:
            state.action = policy.action
        if request.method == "POST":
            form_key = state.form_key = read_form_key(state.raw, request.url.path, state.attached.digests)
            if foreign := author_of(request) not in (None, state.viewer.nik):
                await keep_for_later(request, self._draft(request))
        foreign = foreign or request.headers.get(SHOWN_TO) not in (None, f"nik-{state.viewer.nik}")
        if policy.right is not None:
            await _load_problem(request, form_key)
        # A form that was recorded is answered as it was then, even by whoever gave the problem away with it.
        if form_key and not foreign and (answer := await _repeat(request)):
            return answer
        if state.viewer.scopes.isdisjoint((policy.scope, policy.or_scope)) or not _has_right(policy, request):
            raise HTTPException(403)
        if foreign:  # shown to somebody else, who was logged in here before
            raise HTTPException(409)
        return None

    async def _to_login(self, request: Request) -> Response:
        """To the login page, and from there back to the page that is open, or to the one where what was posted is found again."""
        kept = await keep_for_later(request, self._draft(request)) if request.method == "POST" else None
        if wants_partial(request) and self.path.endswith(UNNOTICED):
            return (
                answer_kept() if kept else Response(status_code=204)
            )  # nobody is led away from what they type by what the page does on its own
        return _to("/login", request, 401, kept)

    def _draft(self, request: Request) -> str | None:
        """What drafts of the form that was posted are called."""
        if "form" in request.path_params:
            return named(request.path_params["form"], "id" in request.path_params)
        return self.draft


class StaticDoor(Mount):
    """The files of static/, for everybody."""

    def __init__(self, path: str) -> None:
        self.policy = PUBLIC
        super().__init__(path, Route("/{name:path}", send_asset))

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["sih.door"] = self.path
        await super().handle(scope, receive, send)


def check_policies(routes: Sequence[BaseRoute]) -> None:
    """Closed by default: raise RuntimeError for a route that names no policy."""
    for route in routes:
        if not isinstance(getattr(route, "policy", None), Policy):
            raise RuntimeError(f"{route!r} names no policy: nobody may pass, so it should not be there")


def _to(page: str, request: Request, status: int, kept: str | None = None) -> Response:
    """To the login page or the like, and from there back; `status` is what htmx is told, `kept` where what was posted is gone on
    with."""
    if request.method == "GET" and not wants_partial(request):
        return go_to(request, _and_back(page, request.url.components))
    if kept:
        return go_to(request, f"{page}?next={quote(kept, safe='/')}", status, SESSION_ENDED)
    return go_to(request, _and_back(page, current_url(request)), status)


def _and_back(page: str, current: SplitResult) -> str:
    here = local_path(current.path + (f"?{current.query}" if current.query else "")) or "/problems"
    return f"{page}?next={quote(here, safe='/')}"


async def _load_problem(request: Request, form_key: FormKey | None) -> None:
    number = read_id(request.path_params["id"])
    if not number:
        raise HTTPException(404)
    version_seen = form_key.version if form_key else None
    problem = await get_problem(request.state.connection, request.state.viewer, number, version_seen)
    if problem is None:
        raise HTTPException(404)
    request.state.problem = problem


async def _repeat(request: Request) -> Response | None:
    """The answer to a form that was recorded before."""
    state = request.state
    if state.form_key.key is None:
        return None
    state.submission = Submission(state.form_key.key, state.viewer.nik, state.form_key.digest)
    try:
        location = await get_recorded(state.connection, state.submission)
    except KeyReused:
        state.key_reused = True
        return None
    return await answer_recorded(request, location) if location else None


def _has_right(policy: Policy, request: Request) -> bool:
    """Whether the person has the right to the door's action, or had it when the form was opened: that is a conflict."""
    if policy.right in (None, "see"):
        return True
    problem = request.state.problem
    return policy.right in problem.rights or policy.right in problem.rights_then


def _is_by_itself(request: Request) -> bool:
    """Whether a page that is left open asks, not its person."""
    return request.scope["sih.door"].endswith(("/presence", "/uploads")) or "shown" in request.query_params


def _draft_of(policy: Policy) -> str | None:
    """What drafts of the form are called that a door with this policy takes; None if nothing of it is kept."""
    action = policy.action
    if action is None:
        return None
    return action.draft if policy.right else action.bulk and action.bulk.path
