"""What an action on a problem is: everything that is known of it, as data."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from asyncpg import Connection

from forms.fields import Field
from forms.form import Form, Offer
from queries.budgets import CHANGES
from queries.bulk import Selected
from queries.changes import Change
from queries.employees import Employee
from queries.problems import Problem
from queries.submissions import Submission

Verb = Callable[[Connection, Change, Mapping[str, Any]], Awaitable[None]]
# Given who asks, the problem, and what was typed.
Offering = Callable[[Connection, Employee, Problem, Mapping[str, str]], Awaitable[Offer]]


FOLDED = "partials/actions/folded.html"  # the section of what is seldom needed: unfolded to be filled in


@dataclass(frozen=True)
class Bulk:
    """How an action is done to several problems at once, each by itself.

    `path` ends its address and names its drafts; `label` and `key` (accesskey) are those of its button under the list. `admits`
    says which problems it is for, `follows` what becomes of them, after their number and before the button. `fields` are its own
    where they differ from the action's, `data` is then added to theirs; `offer` is what they offer, given the problems' ids.
    `refuse` says what is wrong with one of the problems, given the form; empty if nothing.
    """

    path: str
    label: str
    key: str
    admits: str
    follows: str
    fields: Sequence[Field] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    offer: Callable[[Connection, Sequence[int]], Awaitable[Offer]] | None = None
    refuse: Callable[[Selected, Form], str] | None = None
    partial: str = "partials/actions/fields.html"


@dataclass(frozen=True)
class Action:
    """One thing that can be done to a problem.

    `name` is that of its form, its drafts and its presence, and ends its address unless `path` does; `right` is what SQL's
    `rights` and `admits` call it, if not so. `cause` is that of its event, `sentence` how the history tells it (after the name of
    who did it), `notice` what is said when it is done, `verb` the query that does it.

    A `modal` has a form on a page of its own, fetched into a dialog; the others stand on the problem's page, at `place` ("asked",
    "answer", "side", "wait", "bar", "history", "notes" or "end"), shown by `section`, a partial, or within that of another one.
    `partial` shows the fields.
    `offer` answers what they offer, `initial` what stands in them at first, `check` says what is wrong beside single fields,
    `message` what is said on the whole when any field is at fault. `step` names the action whose form follows this one's, in
    place of the verb; the two share a `draft`. `sends` is on its button, above which stands what `follows` from pressing it, and
    after which `then_next` offers to go on to the next problem; `key` (accesskey) opens it, `send_key` sends it.
    `pressed` is what is done in its place at one press of a button on the problem's page, or to several.
    `every_version`: nobody's form of it is out of date when the problem changes. `budget` bounds how often one person may do it.
    """

    name: str
    title: str
    cause: str
    sentence: str
    notice: str
    verb: Verb
    fields: Sequence[Field] = ()
    path: str = ""
    right: str = ""
    modal: bool = False
    primary: bool = False
    danger: bool = False
    place: str = "side"
    section: str = ""
    partial: str = "partials/actions/fields.html"
    offer: Offering | None = None
    check: Callable[[Form], Form] | None = None
    message: str = ""
    initial: Callable[[Problem], Mapping[str, str]] | None = None
    step: Callable[[Mapping[str, Any]], "Action | None"] | None = None
    draft: str = ""
    sends: str = "Simpan"
    follows: str = ""
    key: str = ""
    send_key: str = ""
    then_next: bool = False
    every_version: bool = False
    budget: str = CHANGES
    bulk: Bulk | None = None
    pressed: "Action | None" = None

    def __post_init__(self) -> None:
        for name in ("path", "right", "draft"):
            object.__setattr__(self, name, getattr(self, name) or self.name)

    @property
    def several(self) -> Bulk:
        """How it is done to several problems. Raises LookupError if it is not."""
        if self.bulk is None:
            raise LookupError(self.name)
        return self.bulk

    @property
    def drafted(self) -> bool:
        """Whether something is typed in its form, so that a draft of it is worth keeping."""
        return any(f.is_text for f in self.fields)

    @property
    def field_key(self) -> str:
        """The access key of its first field where its form stands on the problem's page; none if the key unfolds it."""
        return "" if self.modal or self.send_key or self.section == FOLDED else self.key

    @property
    def prefix(self) -> str:
        """What the ids of its fields begin with: several forms stand on the page of a problem, those of closed modals too."""
        return "" if self.name == "comment" else f"{self.name}-"

    def url(self, problem_id: int | str) -> str:
        """Where its form is sent to, and stands if it is a modal."""
        return f"/problems/{problem_id}/{self.path}"

    def page(self, problem_id: int) -> str:
        """Where its form stands."""
        return self.url(problem_id) if self.modal else f"/problems/{problem_id}"

    def change(self, problem_id: int, version: int, submission: Submission) -> Change:
        """What somebody wants who sends its form."""
        return Change(problem_id, version, submission, self.right, self.cause)
