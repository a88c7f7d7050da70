"""Templates in forms: what can be put into their texts (Sisipkan), and doing so."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from starlette.exceptions import HTTPException

from actions.action import Action
from actions.drafts import keep_text
from actions.state import Request
from forms.fields import Text
from forms.form import Form, Offer
from queries.templates import Template, list_templates
from web.render import wants_partial

CHOSEN = "template"  # the select that says which


class Insertion(NamedTuple):
    """What can be put into a field: where that is asked for, the names by their codes; and whether htmx is there for certain."""

    url: str
    choices: Sequence[tuple[str, str]]
    scripted: bool


async def offer_templates(request: Request, action: Action) -> Offer:
    """What can be put into the fields of an action's form, by their names, if anything."""
    found = {}
    for name, purpose in _purposes(action).items():
        choices = [(each.code, each.name) for each in await _templates(request) if each.purpose == purpose]
        if choices:
            url = f"{action.url(request.state.problem.id)}?insert={name}"
            found[name] = Insertion(url, choices, wants_partial(request))
    return {"templates": found} if found else {}


async def insert_template(request: Request, action: Action, form: Form, name: str) -> Form:
    """The form as it was typed, with the text that was chosen after what stands in the field; the draft of it is kept.

    Raises 422 where no template can be put.
    """
    purpose = _purposes(action).get(name)
    if purpose is None:
        raise HTTPException(422)
    chosen = [
        t.text for t in await _templates(request) if (t.code, t.purpose) == (request.state.raw.get(CHOSEN), purpose)
    ]
    text = "\n".join(filter(None, [form.text(name), *chosen]))
    form = replace(form, values={**form.values, name: text}, focus=name)
    if chosen:
        await keep_text(request, action.draft, form.values)
    return form


async def _templates(request: Request) -> list[Template]:
    state = request.state
    if not hasattr(state, "templates"):
        state.templates = await list_templates(state.connection, state.viewer.nik) if state.viewer.is_handler else []
    return state.templates


def _purposes(action: Action) -> dict[str, str]:
    return {f.name: f.purpose for f in action.fields if isinstance(f, Text) and f.purpose}
