"""What of a problem's page is the same on thousands of others: the empty forms of its actions, and the buttons of the others."""

from functools import lru_cache
from typing import NamedTuple

from actions.action import FOLDED, Action
from actions.registry import MODALS, ON_PAGE
from actions.state import Request
from actions.templates import Insertion
from forms.form import Form
from web.draft_tokens import issue_token
from web.form_key import new_key
from web.moulds import Mould, blank
from web.render import Filled

KEPT = 500  # moulds that a process keeps: a few dozen, for each set of templates that somebody is offered
# Sections that say nothing of the problem but its number.
SECTIONS = {"partials/events/comment.html", "partials/notes/form.html", "partials/assignments/taking.html",
            "partials/waiting/resumption.html", FOLDED}  # fmt: skip

_ON_PAGE = {action.name: action for action in ON_PAGE}
_MODALS = {action.name: action for action in MODALS}


class Fresh(NamedTuple):
    """All by which the form of an action differs on the page of a problem as long as nothing stands in it.

    `inserted` is what can be put into its fields: the field, (code, name) of each, and whether htmx is there for certain.
    """

    name: str
    inserted: tuple[tuple[str, tuple[tuple[str, str], ...], bool], ...]
    sent_before: bool
    is_noted: bool
    writes_notes: bool
    is_unfolded: bool


class _Words(NamedTuple):
    """A problem, or a viewer, of which nothing is known yet."""

    id: str = blank("id")
    version: str = blank("version")
    nik: str = blank("nik")


def is_fresh(action: Action, form: Form) -> bool:
    """Whether a form is as it is on every page: nothing stands in it, is wrong with it, or is offered to be gone on with."""
    touched = form.values or form.key or form.stays or form.earlier or form.resumed or form.focus or not form.valid
    return action.section in SECTIONS and not touched


def fill_form(request: Request, fresh: Fresh) -> Filled:
    """The section of an action, with an empty form under a new key."""
    return _form_mould(fresh).fill(_words(request))


def _words(request: Request) -> dict[str, object]:
    state, key = request.state, new_key()
    token = issue_token(request.app.state.settings.secret_keys, state.viewer.nik, key)
    return {
        "id": state.problem.id,
        "version": state.problem.version,
        "nik": state.viewer.nik,
        "key": key,
        "token": token,
    }


@lru_cache(KEPT)
def _form_mould(fresh: Fresh) -> Mould:
    action, words = _ON_PAGE[fresh.name], _Words()
    inserted = {
        name: Insertion(f"{action.url(words.id)}?insert={name}", choices, is_scripted)
        for name, choices, is_scripted in fresh.inserted
    }
    offer = {"templates": inserted} if inserted else {}
    context = {
        "action": action,
        "form": Form(action.fields, key=blank("key"), prefix=action.prefix, offer=offer),
        "problem": words,
        "viewer": words,
        "token": lambda key: blank("token"),
        "sent_before": [action.name] if fresh.sent_before else [],
        "unfolded": [action.name] if fresh.is_unfolded else [],
        "is_noted": fresh.is_noted,
        "writes_notes": fresh.writes_notes,
    }
    return Mould(action.section, context)


def fill_following(request: Request) -> Filled:
    """The button that has the viewer follow the problem, or follow it no more."""
    return _following_mould(request.state.problem.is_followed).fill(_words(request))


@lru_cache(2)
def _following_mould(is_followed: bool) -> Mould:
    context = {"form": Form(key=blank("key")), "problem": _Words(), "is_followed": is_followed}
    return Mould("partials/following/button.html", context | {"token": lambda key: blank("token")})


def fill_modals(request: Request, place: str, as_page: bool) -> Filled | None:
    """What opens the forms of what can be done now that do not stand on the page, at a place of it; None if there are none."""
    problem = request.state.problem
    names = tuple(action.name for action in MODALS if action.place == place and action.right in problem.actions)
    return _modals_mould(names, as_page).fill({"id": problem.id}) if names else None


@lru_cache(KEPT)
def _modals_mould(names: tuple[str, ...], as_page: bool) -> Mould:
    context = {"modals": [_MODALS[name] for name in names], "problem": _Words(), "as_page": as_page}
    return Mould("partials/actions/modals.html", context)
