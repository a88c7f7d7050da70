"""Drafts: of which forms, by what door they are sent, where they are restored, and what of them is kept."""

from collections.abc import Mapping
from dataclasses import dataclass

from forms.bulk import read_selection, selection_query
from forms.form import Form, clean

TEXT_LIMIT = 20_000  # characters of a field; more than any may have, so that what was typed too long is kept as well

# What somebody has typed, rather than chosen: without any of it there is nothing to keep.
TYPED = frozenset({"title", "description", "asset", "comment", "identification", "reason", "solution"})


@dataclass(frozen=True)
class DraftForm:
    """A form whose text is kept: its fields, the page on which it stands, and the doors that it is sent to, if not its page's."""

    fields: tuple[str, ...]
    page: str
    other_doors: tuple[str, ...] = ()

    @property
    def doors(self) -> tuple[str, ...]:
        """Where it is sent to."""
        return self.other_doors or (self.page,)

    @property
    def of_a_problem(self) -> bool:
        """Whether a draft of it is kept for each problem."""
        return "{id}" in self.page


IDENTIFICATION = ("category", "impact", "urgency", "identification")

# By name: that of the action, or, of the forms that are no single problem's, that of what they make.
DRAFT_FORMS = {
    "report": DraftForm(("title", "description", "asset", "reporter"), "/problems/new", ("/problems",)),
    "openings": DraftForm(IDENTIFICATION, "/problems/openings"),
    "escalations": DraftForm(("division", "reason"), "/problems/escalations"),
    "voidings": DraftForm(("reason",), "/problems/voidings"),
    "comment": DraftForm(("comment",), "/problems/{id}", ("/problems/{id}/comments",)),
    "opening": DraftForm(IDENTIFICATION, "/problems/{id}/opening"),
    "escalation": DraftForm(
        ("kind", "division", "reason"),
        "/problems/{id}/escalation",
        ("/problems/{id}/escalation", "/problems/{id}/escalation/pic"),
    ),
    "answer": DraftForm(("reason",), "/problems/{id}", ("/problems/{id}/escalation/return",)),
    "closure": DraftForm(("solution",), "/problems/{id}/closure"),
    "reopening": DraftForm(("reason",), "/problems/{id}", ("/problems/{id}/reopening",)),
    "voiding": DraftForm(("reason",), "/problems/{id}", ("/problems/{id}/voiding",)),
}


def form_sent_to(door: str) -> str | None:
    """The name of the form that is sent to a door; None if nothing is kept of it."""
    return next((name for name, form in DRAFT_FORMS.items() if door in form.doors), None)


def named_form(name: str, of_a_problem: bool) -> str | None:
    """`name`, if drafts are kept under it: of a problem, or of none."""
    return name if name in DRAFT_FORMS and DRAFT_FORMS[name].of_a_problem is of_a_problem else None


def page_of(name: str, problem_id: int | None, raw: Mapping[str, str]) -> str:
    """The page on which a draft is restored; of a form for several problems, with those that were posted as `raw`."""
    page = DRAFT_FORMS[name].page.replace("{id}", str(problem_id))
    query = selection_query(read_selection(raw.get("problems", "").split()), raw.get("back", ""))
    return f"{page}?{query}" if query else page


def read_draft(raw: Mapping[str, str], name: str) -> dict[str, str] | None:
    """What of a form to keep; None if nothing was typed in it."""
    values = {field: clean(raw.get(field, ""))[:TEXT_LIMIT] for field in DRAFT_FORMS[name].fields}
    return values if any(values[field] for field in values if field in TYPED) else None


def restore(form: Form, draft: Mapping[str, str] | None, saved_at: str) -> Form:
    """The form with what was kept of it, unless something stands in it already; `saved_at` is when, as it is shown."""
    if draft is None or not form.valid or any(form.values.values()):
        return form
    return Form(draft, restored=saved_at)
