"""Drafts: of which forms, by what door they are sent, where they are restored, and what of them is kept."""

from collections.abc import Mapping
from dataclasses import dataclass

from forms.form import Form, clean

TEXT_LIMIT = 20_000  # characters of a field; more than any may have, so that what was typed too long is kept as well

# What somebody has typed, rather than chosen: without any of it there is nothing to keep.
TYPED = frozenset({"title", "description", "asset", "comment", "identification", "reason", "solution"})


@dataclass(frozen=True)
class DraftForm:
    """A form whose text is kept: its fields, the doors that it is sent to, and the page on which it stands."""

    fields: tuple[str, ...]
    doors: tuple[str, ...]
    page: str


# By name: that of the action, or "report".
DRAFT_FORMS = {
    "report": DraftForm(("title", "description", "asset", "reporter"), ("/problems",), "/problems/new"),
    "comment": DraftForm(("comment",), ("/problems/{id}/comments",), "/problems/{id}"),
    "opening": DraftForm(
        ("category", "impact", "urgency", "identification"), ("/problems/{id}/opening",), "/problems/{id}/opening"
    ),
    "escalation": DraftForm(
        ("kind", "division", "reason"),
        ("/problems/{id}/escalation", "/problems/{id}/escalation/pic"),
        "/problems/{id}/escalation",
    ),
    "answer": DraftForm(("reason",), ("/problems/{id}/escalation/return",), "/problems/{id}"),
    "closure": DraftForm(("solution",), ("/problems/{id}/closure",), "/problems/{id}/closure"),
    "reopening": DraftForm(("reason",), ("/problems/{id}/reopening",), "/problems/{id}"),
    "voiding": DraftForm(("reason",), ("/problems/{id}/voiding",), "/problems/{id}"),
}


def form_of_door(door: str, form_name: str | None) -> str | None:
    """The name of the form that is sent to a door, or that a door for drafts names; None if there is none."""
    if door == "/drafts":
        return "report"
    if form_name is not None:
        return form_name if form_name in DRAFT_FORMS and form_name != "report" else None
    return next((name for name, form in DRAFT_FORMS.items() if door in form.doors), None)


def page_of(name: str, problem_id: int | None) -> str:
    """The page on which a draft is restored."""
    return DRAFT_FORMS[name].page.replace("{id}", str(problem_id))


def read_draft(raw: Mapping[str, str], name: str) -> dict[str, str] | None:
    """What of a form to keep; None if nothing was typed in it."""
    values = {field: clean(raw.get(field, ""))[:TEXT_LIMIT] for field in DRAFT_FORMS[name].fields}
    return values if any(values[field] for field in values if field in TYPED) else None


def restore(form: Form, draft: Mapping[str, str] | None, saved_at: str) -> Form:
    """The form with what was kept of it, unless something stands in it already; `saved_at` is when, as it is shown."""
    if draft is None or not form.valid or any(form.values.values()):
        return form
    return Form(draft, restored=saved_at)
