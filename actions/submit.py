"""The way of every form that changes a problem: conflict, mistake, idempotency key, then the change and its answer."""

from collections.abc import Mapping
from dataclasses import replace

from starlette.exceptions import HTTPException
from starlette.responses import Response

from actions.action import Action
from actions.comments import NOTE
from actions.show import show, show_problem
from actions.state import Request
from actions.templates import insert_template, offer_templates
from forms.files import FILES, GONE, with_files
from forms.form import NOTHING, Form, read, typed_only
from forms.login import too_many
from queries.budgets import count_use_of
from queries.changes import ProblemChanged
from queries.draft_files import FilesGone
from queries.problems import get_problem
from queries.submissions import AlreadyRecorded, KeyReused, get_recorded
from web.form_key import BAD_KEY, KEY_REUSED
from web.render import go_to, must_wait, partial, see_other, take_place, wants_partial

CHANGED = "problem-changed"  # what a change tells the page that it was made on


async def show_empty(request: Request) -> Response:
    """The form of the door's action, as it is shown first."""
    return await show(request, request.state.action, await form_of(request, request.state.action))


async def submit(request: Request) -> Response:
    """Do what the door's action says with what was posted; or show its form again, as it was typed, with what is wrong."""
    state, action = request.state, _meant(request)
    if "insert" in request.query_params:
        return await _insert(request, request.query_params["insert"])
    form = await _read(request, action)
    if refusal := await _refuse(request, form):
        return refusal
    if action.step and (following := action.step(form.data)):
        return await show(request, following, await form_of(request, following))
    if refusal := await _bounded(request, form):
        return refusal
    change = action.change(state.problem.id, state.form_key.version, state.submission)
    try:
        await action.verb(state.connection, change, form.data)
    except ProblemChanged:
        await _reload(request)
        return await show(request, action, form, 409)
    except KeyReused:
        return await show(request, action, again(form, KEY_REUSED), 422)
    except FilesGone:
        return await show(request, action, form.with_error(FILES.name, GONE), 422)
    except AlreadyRecorded:
        return await answer_changed(request, None)
    return await answer_changed(request, action.notice)


def _meant(request: Request) -> Action:
    """The door's action, or what is done in its place by the button that was pressed; from here on that is the door's. Raises
    403 where that takes a right of its own."""
    state, pressed = request.state, request.state.action.pressed
    if pressed and state.raw.get("pressed") == pressed.name:
        if pressed.right not in (*state.problem.rights, *state.problem.rights_then):
            raise HTTPException(403)
        state.action = pressed
    return state.action


async def _insert(request: Request, name: str) -> Response:
    """The form with a template put into a field; or, for htmx, that field."""
    action = request.state.action
    form = await insert_template(request, action, await form_of(request, action), name)
    if not wants_partial(request):
        return await show(request, action, form)
    context = {"form": form, "field_name": name, "action": action, "problem": request.state.problem}
    context["writes_notes"] = NOTE.right in request.state.problem.actions
    return partial(request, "partials/form/inserted.html", **context)


async def form_of(request: Request, action: Action) -> Form:
    """The form of an action with what was typed so far, if anything was posted, and judged not."""
    offer = {**await offer_templates(request, action), **await _offer(request, action)}
    initial = _initial(request, action)
    posted = request.method == "POST"
    form = typed_only(request.state.raw if posted else initial, action.fields, offer)
    form = replace(form, initial=initial, prefix=action.prefix)
    return _keyed(request, form) if posted else form


async def _read(request: Request, action: Action) -> Form:
    form = read(request.state.raw, action.fields, action.message, await _offer(request, action))
    form = replace(with_files(form, request.state.attached), initial=_initial(request, action))
    return _keyed(request, action.check(form) if action.check else form)


def _initial(request: Request, action: Action) -> Mapping[str, str]:
    return action.initial(request.state.problem) if action.initial else {}


async def _offer(request: Request, action: Action) -> dict:
    if action.offer is None:
        return {}
    raw = request.state.raw if request.method == "POST" else NOTHING
    return dict(await action.offer(request.state.connection, request.state.viewer, request.state.problem, raw))


def _keyed(request: Request, form: Form) -> Form:
    """The form under the key that it was sent with, unless that has been used up."""
    state = request.state
    return form if state.key_reused or state.form_key.key is None else replace(form, key=str(state.form_key.key))


def again(form: Form, message: str) -> Form:
    """The form under a new key, saying why it has to be sent once more."""
    return replace(form, key="").with_message(message)


def check_key(request: Request, form: Form) -> Form:
    """The form, with what is wrong with its key, if anything is."""
    if not hasattr(request.state, "submission"):
        return again(form, BAD_KEY)
    return again(form, KEY_REUSED) if request.state.key_reused else _keyed(request, form)


async def _refuse(request: Request, form: Form) -> Response | None:
    """The form again, with 409 if the problem has changed since it was shown, or 422 if something is wrong with it; else None."""
    state, action = request.state, request.state.action
    if state.form_key.version == 0 or not hasattr(state, "submission"):
        return await show(request, action, again(form, BAD_KEY), 422)
    if (_is_stale(request) or not form.valid) and await _was_recorded(request):
        return await answer_changed(request, None)
    if _is_stale(request):
        return await show(request, action, form, 409)
    if state.key_reused:
        return await show(request, action, again(form, KEY_REUSED), 422)
    return None if form.valid else await show(request, action, form, 422)


async def _bounded(request: Request, form: Form) -> Response | None:
    """The form again, with 429, for whoever has done this too often."""
    state = request.state
    wait = await count_use_of(state.connection, state.action.budget, state.viewer.nik, state.problem.id)
    if not wait:
        return None
    return must_wait(await show(request, request.state.action, form.with_message(too_many(wait)), 429), wait)


async def _was_recorded(request: Request) -> bool:
    """Whether this very form has been recorded since the door looked, by a request that came at the same moment."""
    try:
        return await get_recorded(request.state.connection, request.state.submission) is not None
    except KeyReused:
        return False


def _is_stale(request: Request) -> bool:
    """Whether the problem is not what was seen, or does not admit the action."""
    action, problem = request.state.action, request.state.problem
    changed = not action.every_version and request.state.form_key.version != problem.version
    return changed or action.right not in problem.actions


async def answer_changed(request: Request, notice: str | None) -> Response:
    """The answer to a form that was stored: the problem as it is now, or the next one, if the button said so."""
    if request.state.raw.get("then") == "next":
        return go_to(request, f"/desk/next?sent=1&after={request.state.problem.id}")
    if not wants_partial(request):
        return see_other(request, f"/problems/{request.state.problem.id}", notice)
    await _reload(request)
    response = await show_problem(request, notice=notice)
    response.headers["HX-Trigger"] = CHANGED
    return response


async def answer_recorded(request: Request, location: str) -> Response:
    """The answer to a form that had been stored before: the same."""
    if hasattr(request.state, "action") and hasattr(request.state, "problem"):
        return await answer_changed(request, None)
    return take_place(request, location)


async def _reload(request: Request) -> None:
    state = request.state
    problem = await get_problem(state.connection, state.viewer, state.problem.id, state.form_key.version)
    if problem is None:
        raise HTTPException(404)
    state.problem = problem
