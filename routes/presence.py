"""Presence: a page that is open says so, and is told who else is there and what has changed (polling)."""

import re

from starlette.responses import Response

from actions.registry import MODALS, SENTENCES, TITLES
from actions.sentences import tell
from actions.show import announce_presence, seen_of, show_problem
from actions.state import Request
from queries.drafts import list_drafts
from queries.events import get_last_event, list_events
from queries.notes import get_last_note, list_notes
from queries.presence import Present
from web.render import partial, unchanged

_SEEN = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,9})(?:\.([0-9]{1,9}))?)?")  # as seen_of makes it, or a version only


async def beat(request: Request) -> Response:
    """The viewer is still at the problem, and which form is open; who else is. Where the problem has changed since it was seen,
    it is shown as it is now; or, where somebody types or reads what is older, that it has.
    """
    doing = request.state.raw.get("doing")
    editing = doing if doing in [action.name for action in MODALS] else None
    present = await announce_presence(request, editing)
    seen = _SEEN.fullmatch(request.state.raw.get("seen", ""))
    if seen and await _has_changed(request, seen):
        if seen[2] and not await _is_busy(request, editing):
            return await show_problem(request, swap="outerMorph")
        return await _tell(request, seen, editing, present)
    if seen and not request.state.viewer.oversees:  # who is told of nobody else
        return unchanged()
    return partial(request, "partials/presence/people.html", present=present, titles=TITLES)


async def _has_changed(request: Request, seen: re.Match[str]) -> bool:
    connection, problem = request.state.connection, request.state.problem
    if int(seen[1]) != problem.version:
        return True
    if int(seen[2] or 0) and int(seen[2]) != await get_last_event(connection, problem.id):
        return True
    return seen[3] is not None and int(seen[3]) != await get_last_note(connection, request.state.viewer.nik, problem.id)


async def _is_busy(request: Request, editing: str | None) -> bool:
    """Whether a dialog is open, something typed is not sent yet, or an older part of the history is shown."""
    raw, state = request.state.raw, request.state
    if editing or "earlier" in raw:
        return True
    beside = {entry.partition(":")[2] for entry in raw.getlist("beside")}
    drafts = await list_drafts(state.connection, state.viewer.nik, state.problem.id)
    return any(str(draft.key) in beside for draft in drafts)


async def _tell(request: Request, seen: re.Match[str], editing: str | None, present: list[Present]) -> Response:
    """That the problem has changed: in the dialog that is open, or over the page."""
    connection, problem = request.state.connection, request.state.problem
    events, notes = await list_events(connection, problem.id), []
    if int(seen[2] or 0):
        changes = [event for event in events if event.seq > int(seen[2])]
        notes = await list_notes(connection, request.state.viewer.nik, problem.id) if seen[3] else []
        now = seen_of(problem, events, notes if seen[3] else None)
        notes = [note for note in notes if note.seq > int(seen[3])]
    else:
        changes, now = await list_events(connection, problem.id, int(seen[1])), str(problem.version)
    context = {
        "problem": problem,
        "present": present,
        "titles": TITLES,
        "tell": tell,
        "noted": SENTENCES["noted"],
        "notes": notes,
    }
    context |= {"changes": changes, "seen": now, "place": f"#{editing}-content" if editing and seen[2] else "#news"}
    return partial(request, "partials/presence/changed.html", **context)
