"""A kind of master data, as data: what is asked of one, where it is written, and what is said of what the database refuses."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from asyncpg import Connection

from actions.state import Request
from forms.fields import Choice, Field, texts_of
from forms.imports import TITLES as IMPORTS
from queries.masters import Master as Record
from queries.masters import State

# What else the page of one shows, by name.
Beside = Callable[[Request, Record], Awaitable[dict[str, Any]]]
Put = Callable[[Connection, Sequence[State]], Awaitable[None]]


@dataclass(frozen=True)
class Master:
    """`kind` is what master_record calls it, `path` what the addresses do, `title` and `one` how several and one are called.

    The first of `fields` is the code. `put` writes any number of them as they are to be. `columns` are the fields that its
    list shows beside code and name; `filters` narrow it further than activity and search do. `refusals` are by constraint: the
    field at fault, and what is said of it. `template` is its page, which shows what is `beside` its form as well. What
    `moves_promises` says what it will move before it is saved. Of what `is_fixed` none can be added.
    """

    kind: str
    path: str
    title: str
    one: str
    fields: Sequence[Field]
    put: Put
    columns: Sequence[str] = ()
    by_name: bool = False
    filters: Sequence[Choice] = ()
    refusals: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    template: str = "templates/masters/show.html"
    beside: Beside | None = None
    moves_promises: bool = False
    is_fixed: bool = False

    @property
    def code(self) -> Field:
        """The field of its code."""
        return self.fields[0]

    @property
    def is_imported(self) -> bool:
        """Whether tables of them are taken."""
        return self.path in IMPORTS

    @property
    def url(self) -> str:
        """Where its list is."""
        return f"/admin/{self.path}"

    def url_of(self, code: str) -> str:
        """Where one is."""
        return f"{self.url}/{code}"

    @property
    def section(self) -> str:
        """Which entry of the navigation leads to it."""
        return "employees" if self.kind == "employee" else "masters"

    def label_of(self, name: str) -> str:
        """How a key of its state is called."""
        return next((f.label for f in self.fields if f.name == name), "Aktif" if name == "active" else name)

    def in_order(self, state: State) -> list[tuple[str, Any]]:
        """The keys and values of a state, or of a part of one, in the order in which the form has them."""
        names = [f.name for f in self.fields]
        return sorted(state.items(), key=lambda item: names.index(item[0]) if item[0] in names else len(names))

    def word_for(self, name: str, value: Any) -> str:
        """What a value of that key is shown as: as its field says, the text of the choice, or itself."""
        of = next((f for f in self.fields if f.name == name), None)
        if shown := getattr(of, "shown", None):
            return shown(value)
        if isinstance(value, list):
            return ", ".join(value)
        return texts_of(getattr(of, "options", ())).get(str(value), str(value))
