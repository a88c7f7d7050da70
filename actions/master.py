"""A kind of master data, as data: what is asked of one, where it is written, and what is said of what the database refuses."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from asyncpg import Connection

from forms.fields import Field, texts_of
from queries.masters import State

Put = Callable[[Connection, Sequence[State]], Awaitable[None]]


@dataclass(frozen=True)
class Master:
    """`kind` is what master_record calls it, `path` what the addresses do, `title` and `one` how several and one are called.

    The first of `fields` is the code. `put` writes any number of them as they are to be. `columns` are the fields that its list
    shows beside code and name. `refusals` are by constraint: the field at fault, and what is said of it.
    """

    kind: str
    path: str
    title: str
    one: str
    fields: Sequence[Field]
    put: Put
    columns: Sequence[str] = ()
    by_name: bool = False
    refusals: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def code(self) -> Field:
        """The field of its code."""
        return self.fields[0]

    @property
    def url(self) -> str:
        """Where its list is."""
        return f"/admin/{self.path}"

    def url_of(self, code: str) -> str:
        """Where one is."""
        return f"{self.url}/{code}"

    def label_of(self, name: str) -> str:
        """How a key of its state is called."""
        return next((f.label for f in self.fields if f.name == name), "Aktif" if name == "active" else name)

    def word_for(self, name: str, value: str) -> str:
        """What a value of that key is shown as: the text of the choice, or itself."""
        options = next((getattr(f, "options", ()) for f in self.fields if f.name == name), ())
        return texts_of(options).get(value, value)
