"""What the doors of a problem answer with: its page, or the form of an action; and the way of every form that changes one."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from asyncpg import Connection, Record
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from drafts import restored
from forms.envelope import BAD_KEY, KEY_REUSED
from forms.form import Choices, Form, with_texts
from forms.photos import note_for
from queries.changes import AlreadyRecorded, Change, ProblemChanged
from queries.events import list_events
from queries.photos import list_photos
from queries.presence import list_present, note_presence
from queries.problems import get_problem
from queries.submissions import KeyReused, get_recorded
from render import go_to, page, partial, see_other, wants_partial

Show = Callable[[Request, Form, int], Awaitable[Response]]
Store = Callable[[Connection, Change], Awaitable[None]]

CHANGED = "problem-changed"  # what a change tells the page that it was made on

NO_CHOICES: Mapping[str, Choices] = {}


@dataclass(frozen=True)
class Screen:
    """The form of an action: its fragment in partials/, its title, and the labels of its fields by name."""

    partial: str
    title: str
    labels: dict[str, str]


# The forms that stand on the problem's page itself, and the labels of their fields; and which drafts are restored in them.
PAGE_FORMS = ("comment", "acceptance", "return", "voiding", "confirmation", "reopening")
PAGE_DRAFTS = {"comment": "comment", "return": "answer", "voiding": "voiding", "reopening": "reopening"}
PAGE_LABELS = {"reason": "Alasan", "comment": "Komentar"}


async def show_problem(
    request: Request, *, status: int = 200, notice: str | None = None, filled_in: str = "", form: Form | None = None
) -> Response:
    """The problem with its history; `form` is the one that was filled in on its page, if any, and `filled_in` names it."""
    problem, form = request.state.problem, form or Form()
    context = {
        "section": "problems",
        "problem": problem,
        "events": await list_events(request.state.connection, problem["id"]),
        "photos": await list_photos(request.state.connection, problem["id"]),
        "forms": await _page_forms(request, filled_in, form),
    }
    context["photo_note"] = note_for(form, request.state.photos)
    context |= await _conflict(request, form, PAGE_LABELS, status)
    if wants_partial(request):
        headers = {"HX-Retarget": "#problem", "HX-Reswap": "outerHTML"}
        return partial(
            request, "partials/problems/detail.html", status=status, headers=headers, notice=notice, **context
        )
    present = await meet(request)
    return page(request, "templates/problems/detail.html", status=status, present=present, **context)


async def meet(request: Request, editing: str | None = None) -> list[Record]:
    """Note that the viewer is at the problem, filling in the form `editing`, if any; who else is.

    Of people who are no handlers nothing is noted, and those who do not see all problems are told nothing.
    """
    state = request.state
    if state.viewer.is_handler:
        await note_presence(state.connection, state.problem["id"], state.viewer.nik, editing)
    if not state.viewer.sees_all:
        return []
    return await list_present(state.connection, state.problem["id"], state.viewer.nik)


async def _page_forms(request: Request, filled_in: str, form: Form) -> dict[str, Form]:
    forms = {name: form if name == filled_in else Form() for name in PAGE_FORMS}
    drafts = {action: forms[name] for name, action in PAGE_DRAFTS.items()}
    drafts = await restored(request, drafts, request.state.problem["id"])
    return forms | {name: drafts[action] for name, action in PAGE_DRAFTS.items()}


def on_page(name: str) -> Show:
    """How a form of PAGE_FORMS, or a button without fields, is shown again: with the whole problem."""

    async def show(request: Request, form: Form, status: int) -> Response:
        return await show_problem(request, status=status, filled_in=name, form=form)

    return show


async def show_form(
    request: Request,
    screen: Screen,
    form: Form,
    status: int = 200,
    choices: Mapping[str, Choices] = NO_CHOICES,
    **context: Any,
) -> Response:
    """The form of an action, for a modal or as a page of its own; 409 if the problem does not admit the action now.

    `choices` are those of its selects, by field.
    """
    problem = request.state.problem
    if request.state.action not in problem["actions"]:
        status = 409
    form = (await restored(request, {request.state.action: form}, problem["id"]))[request.state.action]
    context |= {"section": "problems", "problem": problem, "form": form, "labels": screen.labels, "title": screen.title}
    present = await meet(request, request.state.action if status != 409 else None)
    context |= {"action": request.state.action, "present": present}
    context |= {"choices": choices, **await _conflict(request, form, screen.labels, status, choices)}
    if wants_partial(request):
        return partial(request, screen.partial, status=status, **context)
    return page(request, "templates/problems/action.html", status=status, form_partial=screen.partial, **context)


async def _conflict(
    request: Request, form: Form, labels: dict[str, str], status: int, choices: Mapping[str, Choices] = NO_CHOICES
) -> dict[str, Any]:
    """What a conflict says: what happened since the version that was seen, what was typed, and whether it can still be sent."""
    problem = request.state.problem
    changes = []
    if status == 409 and request.method == "POST":
        changes = await list_events(request.state.connection, problem["id"], request.state.envelope.version)
    return {
        "conflict": status == 409,
        "possible": request.state.action in problem["actions"],
        "changes": changes,
        "typed": list_typed(form, labels, choices),
    }


def list_typed(form: Form, labels: Mapping[str, str], choices: Mapping[str, Choices]) -> list[tuple[str, str]]:
    """(label, what was typed, or the text of what was chosen) of the fields of a form that are not empty."""
    return [
        (label, with_texts(choices.get(name, ())).get(value, value))
        for name, label in labels.items()
        if (value := form.values.get(name))
    ]


async def submit(request: Request, form: Form, show: Show, store: Store, notice: str) -> Response:
    """The way of every form that changes a problem: refused as `refuse` says, or stored and answered.

    Whatever goes wrong, the form is shown again as it was typed. `store` raises as queries.changes.changing does.
    """
    if refusal := await refuse(request, form, show):
        return refusal
    change = Change(request.state.problem["id"], request.state.envelope.version, request.state.submission)
    try:
        await store(request.state.connection, change)
    except ProblemChanged:
        await _reload(request)
        return await show(request, form, 409)
    except KeyReused:
        return await show(request, form.with_message(KEY_REUSED), 422)
    except AlreadyRecorded:
        return await answer_changed(request, None)
    return await answer_changed(request, notice)


def check_key(request: Request, form: Form) -> Form:
    """The form, with what is wrong with its key, if anything is."""
    if request.state.submission is None:
        return form.with_message(BAD_KEY)
    return form.with_message(KEY_REUSED) if request.state.key_reused else form


async def refuse(request: Request, form: Form, show: Show) -> Response | None:
    """The form again, with 409 if the problem has changed since it was shown, or 422 if something is wrong with it; else None."""
    if request.state.envelope.version == 0 or request.state.submission is None:
        return await show(request, form.with_message(BAD_KEY), 422)
    if (_is_stale(request) or not form.valid) and await _was_recorded(request):
        return await answer_changed(request, None)
    if _is_stale(request):
        return await show(request, form, 409)
    if request.state.key_reused:
        return await show(request, form.with_message(KEY_REUSED), 422)
    return None if form.valid else await show(request, form, 422)


async def _was_recorded(request: Request) -> bool:
    """Whether this very form has been recorded since the door looked, by a request that came at the same moment."""
    try:
        return await get_recorded(request.state.connection, request.state.submission) is not None
    except KeyReused:
        return False


def _is_stale(request: Request) -> bool:
    """Whether the problem is not what was seen, or does not admit the action. A comment goes with every version."""
    action, problem = request.state.action, request.state.problem
    return action not in problem["actions"] or (
        action != "comment" and request.state.envelope.version != problem["version"]
    )


async def answer_changed(request: Request, notice: str | None) -> Response:
    """The answer to a form that was stored: the problem as it is now, or the next one, if the button said so."""
    if request.state.raw.get("then") == "next":
        return go_to(request, f"/desk/next?sent=1&after={request.state.problem['id']}")
    if not wants_partial(request):
        return see_other(request, f"/problems/{request.state.problem['id']}", notice)
    await _reload(request)
    response = await show_problem(request, notice=notice)
    response.headers["HX-Trigger"] = CHANGED
    return response


async def answer_recorded(request: Request, problem_id: int) -> Response:
    """The answer to a form that had been stored before: the same."""
    if hasattr(request.state, "problem"):
        return await answer_changed(request, None)
    return go_to(request, f"/problems/{problem_id}")


async def _reload(request: Request) -> None:
    state = request.state
    state.problem = await get_problem(state.connection, state.viewer, state.problem["id"], state.envelope.version)
    if state.problem is None:
        raise HTTPException(404)
