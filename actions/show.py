"""What the doors of a problem show: its page, or the form of an action."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from starlette.responses import Response

import db
from actions.action import Action
from actions.comments import NOTE
from actions.draft_files import keep_files, with_kept_files
from actions.drafts import offered
from actions.mentions import find_mentions
from actions.moulds import Fresh, fill_following, fill_form, fill_modals, is_fresh
from actions.registry import ON_PAGE, TITLES
from actions.sentences import tell
from actions.state import Request
from actions.tags import tag_problem
from actions.templates import offer_templates
from forms.form import Form
from forms.problems import read_id
from forms.waiting import WORDS
from queries.events import Event, list_events
from queries.files import list_files
from queries.note_files import list_note_files
from queries.notes import Note, list_notes
from queries.photos import list_photos
from queries.presence import Present, note_presence
from queries.problems import Problem
from queries.promises import get_promise
from web.render import page, partial, wants_partial

# What the fragments of a problem know of actions.
MORE = {"tell": tell, "titles": TITLES, "waiting_words": WORDS}


async def show(request: Request, action: Action, form: Form, status: int = 200) -> Response:
    """The form of an action where it stands: by itself, or on the page of the problem."""
    return await (show_form if action.modal else _show_on_page)(request, action, form, status)


async def _show_on_page(request: Request, action: Action, form: Form, status: int) -> Response:
    return await show_problem(request, status=status, filled_in=(action, form))


async def show_problem(
    request: Request,
    *,
    status: int = 200,
    notice: str | None = None,
    filled_in: tuple[Action, Form] | None = None,
    swap: str = "outerHTML",
) -> Response:
    """The problem with its history; `filled_in` is the form that was filled in on its page, if any, and of which action."""
    problem = request.state.problem
    form = filled_in[1] if filled_in else Form()
    context = {
        "section": "problems",
        "problem": problem,
        **await _told(request),
        "actions": ON_PAGE,
        "unfolded": _by_htmx(request, "unfolded"),
        "present": await announce_presence(request),
        "promise": await get_promise(request.state.connection, problem.id),
        "following": fill_following(request),
    }
    context |= _said_before(request, context["events"], context["notes"])
    context |= await _forms_on_page(request, filled_in, context)
    context |= MORE | await _conflict(request, form, status)
    if wants_partial(request):
        headers = {"HX-Retarget": "#problem", "HX-Reswap": swap}
        return partial(
            request, "partials/problems/detail.html", status=status, headers=headers, notice=notice, **context
        )
    response = page(request, "templates/problems/detail.html", status=status, **context)
    return response if filled_in else tag_problem(request, response, context["seen"], context["present"])


async def show_earlier(request: Request) -> Response:
    """A further part of the history or of the notes, for htmx: what came before the one that the address names."""
    context: dict[str, Any] = MORE | {"problem": request.state.problem, **await _told(request)}
    name = "partials/events/events.html" if context["before"] else "partials/notes/list.html"
    return partial(request, name, **context)


async def _told(request: Request) -> dict[str, Any]:
    """The newest part of the history, or that before the event that the address names, with its files and the report's; the
    same of the notes, for whoever reads them. `seen` says what of it is the newest, to be asked for more."""
    connection, problem, reader = request.state.connection, request.state.problem, request.state.viewer.nik
    before, notes_before = (_named(request, name) for name in ("before", "notes_before"))
    events = await list_events(connection, problem.id, before=before)
    shown = [1, *(event.seq for event in events)]
    photos = await list_photos(connection, problem.id, shown) if problem.has_photos else []
    files = await list_files(connection, problem.id, shown) if problem.has_files else []
    notes = await list_notes(connection, reader, problem.id, before=notes_before) if problem.has_notes else []
    seen = seen_of(problem, None if before else events, None if notes_before else notes)
    told = {"events": events, "photos": photos, "files": files, "before": before, "seen": seen}
    note_files = await list_note_files(connection, reader, problem.id, [note.seq for note in notes]) if notes else []
    told["mentions"] = await find_mentions(connection, problem.id, [e.note for e in events if e.cause == "commented"])
    told["note_mentions"] = await find_mentions(connection, problem.id, [note.text for note in notes], of_notes=True)
    return told | {"notes": notes, "note_files": note_files, "notes_before": notes_before}


def _named(request: Request, name: str) -> int | None:
    """The number that the address of a page names, if it does."""
    return read_id(request.query_params.get(name, "")) if request.method == "GET" else None


def seen_of(problem: Problem, events: Sequence[Event] | None, notes: Sequence[Note] | None) -> str:
    """What a page shows of a problem, to be asked what is newer: the version, the number of the newest event, and, for whoever
    reads notes, of the newest note. Where an older part is shown (None), nothing is asked."""
    parts = [problem.version, events[-1].seq if events else 0]
    if problem.shows_notes and notes is not None:
        parts.append(notes[-1].seq if notes else 0)
    return ".".join(map(str, parts))


def _said_before(request: Request, events: Sequence[Event], notes: Sequence[Note]) -> dict[str, Any]:
    """What forms of the page depend on of what was said: which of them the viewer seems to have sent before, whether there are
    notes, and whether the viewer may write some."""
    viewer = request.state.viewer
    sent = {"comment": any(event.cause == "commented" and event.actor_nik == viewer.nik for event in events)}
    sent["note"] = any(note.author == viewer.name for note in notes)
    return {
        "sent_before": [name for name, was_sent in sent.items() if was_sent],
        "is_noted": len(notes) > 0,
        "writes_notes": NOTE.right in request.state.problem.actions,
    }


async def _forms_on_page(
    request: Request, filled_in: tuple[Action, Form] | None, about: Mapping[str, Any]
) -> dict[str, Any]:
    """What can be filled in on the page: `fresh` are the sections in whose forms nothing stands, as they are on every page,
    `forms` the others, and `modals` the buttons that open one; by the names of their actions or, the buttons, by their place.

    Of forms beside the one that was sent, the keys are still good; the files of that are kept.
    """
    beside = {name: key for name, _, key in (entry.partition(":") for entry in _beside(request))}
    sent, forms = filled_in or (None, Form()), {}
    for action in ON_PAGE:
        if action is sent[0] or action.right in request.state.problem.actions:
            form = (
                sent[1]
                if action is sent[0]
                else Form(action.fields, key=beside.get(action.name, ""), stays=action.name in beside)
            )
            offer = {**form.offer, **await offer_templates(request, action)}
            forms[action.name] = replace(form, prefix=action.prefix, offer=offer)
    forms = await _with_drafts(request, forms)
    fresh = {action.name: fill_form(request, _fresh(action, forms[action.name], about))
             for action in ON_PAGE if action.name in forms and is_fresh(action, forms[action.name])}  # fmt: skip
    for name in forms.keys() - fresh.keys():
        keep = keep_files if sent[0] and name == sent[0].name else with_kept_files
        forms[name] = await keep(request, forms[name])
    as_page = not wants_partial(request)
    modals = {place: fill_modals(request, place, as_page) for place in ("side", "facts")}
    return {"fresh": fresh, "forms": forms, "modals": modals}


def _fresh(action: Action, form: Form, about: Mapping[str, Any]) -> Fresh:
    inserted = tuple((name, tuple(of.choices), of.scripted) for name, of in form.offer.get("templates", {}).items())
    return Fresh(
        action.name,
        inserted,
        sent_before=action.name in about["sent_before"],
        is_noted=about["is_noted"],
        writes_notes=about["writes_notes"],
        is_unfolded=action.name in about["unfolded"],
    )


async def _with_drafts(request: Request, forms: dict[str, Form]) -> dict[str, Form]:
    """Forms of the problem with what the viewer had typed in them before, if anything."""
    problem = request.state.problem
    return await offered(request, forms, problem.id) if problem.has_drafts else forms


def _beside(request: Request) -> list[str]:
    """`name:key` of the forms that stood beside the one that was sent by htmx."""
    return [entry for entry in _by_htmx(request, "beside") if not _was_sent(request, entry)]


def _by_htmx(request: Request, name: str) -> list[str]:
    """What a form that htmx sent says of the page around it."""
    sent = request.method == "POST" and wants_partial(request)
    return request.state.raw.getlist(name) if sent else []


def _was_sent(request: Request, entry: str) -> bool:
    return entry.partition(":")[2] == request.state.raw.get("key")


async def show_form(request: Request, action: Action, form: Form, status: int = 200) -> Response:
    """The form of an action, for a modal or as a page of its own; 409 if the problem does not admit the action now."""
    problem = request.state.problem
    if action.right not in problem.actions:
        status = 409
    form = replace(form, offer={**form.offer, **await offer_templates(request, action)})
    form = (await _with_drafts(request, {action.draft: form}))[action.draft]
    form = await keep_files(request, replace(form, prefix=action.prefix))
    present = await announce_presence(request, action.draft if status != 409 else None)
    context = {"section": "problems", "problem": problem, "form": form, "action": action, "present": present}
    context["seen"] = str(problem.version)  # comments change nothing for it
    context |= MORE | await _conflict(request, form, status)
    if wants_partial(request):
        return partial(request, "partials/actions/form.html", status=status, **context)
    return page(request, "templates/problems/action.html", status=status, **context)


async def _conflict(request: Request, form: Form, status: int) -> dict[str, Any]:
    """What a conflict says: what happened since the version that was seen, what was typed, and whether it can still be sent."""
    state = request.state
    changes = []
    if status == 409 and request.method == "POST":
        changes = await list_events(state.connection, state.problem.id, state.form_key.version)
    possible = not hasattr(state, "action") or state.action.right in state.problem.actions
    return {"conflict": status == 409, "possible": possible, "changes": changes, "typed": form.typed}


async def announce_presence(request: Request, editing: str | None = None) -> list[Present]:
    """Note that the viewer is at the problem, filling in the form `editing`, if any; who else is.

    Of people who are no handlers nothing is noted, and those who are no managers either are told nothing; nor is anybody where
    nothing can be written, and presence on a replica not even read.
    """
    state = request.state
    if db.reads_only(state.connection) or not state.viewer.oversees:
        return []
    is_seen = state.viewer.is_handler
    return await note_presence(state.connection, state.problem.id, state.viewer.nik, editing, is_seen=is_seen)
