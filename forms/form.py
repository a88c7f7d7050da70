"""The shape of every form: its fields, what was typed in them, what that means, and what is wrong with it (validation)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple
from uuid import UUID

from forms.fields import Choices, Field, Raw, Typed, Wrong, texts_of

EMPTY = "Harap isi form kosong!"
INVALID = "Harap isi form dengan benar!"

Offer = Mapping[str, Any]  # what can be chosen in each field, by its name, and what else a form shows
NOTHING: Offer = {}


class Draft(NamedTuple):
    """What was typed in a form with this key and not sent; `saved_at` is when, as it is shown, `page` where it
    is gone on with."""

    form: str
    key: UUID
    fields: Mapping[str, str]
    saved_at: str
    page: str


@dataclass(frozen=True)
class Form:
    """What a person sees: the values as typed, an error a field, and what is wrong on the whole; `data` is what they mean.

    `key` is the form's (idempotency key); empty for a form that is shown afresh. `earlier` is a draft of the same form that is
    offered, `resumed` the one whose values stand in it. `prefix` begins the ids of its fields where several forms share a page;
    one that `stays` is on the page already, and what stands in it there is newer than what is known here. `initial` is what
    stands in one that is shown afresh. `focus` names the field in which somebody goes on typing.
    """

    fields: Sequence[Field] = ()
    values: Mapping[str, Typed] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    message: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    offer: Offer = field(default_factory=dict)
    key: str = ""
    earlier: Draft | None = None
    resumed: Draft | None = None
    prefix: str = ""
    stays: bool = False
    initial: Mapping[str, Typed] = field(default_factory=dict)
    focus: str = ""

    @property
    def valid(self) -> bool:
        """Whether nothing is wrong with it."""
        return not self.errors and not self.message

    @property
    def untouched(self) -> bool:
        """Whether nothing stands in it but what did at first, and nothing is wrong with it."""
        return self.valid and all(value == self.initial.get(name, "") for name, value in self.values.items() if value)

    @property
    def asked(self) -> list[Field]:
        """The fields that it asks for, given what was chosen in others."""
        return [f for f in self.fields if f.is_asked(self.values)]

    @property
    def typed(self) -> list[tuple[str, str]]:
        """(label, what was typed, or the text of what was chosen) of the fields that are not empty."""
        return [(f.label, self._shown(f)) for f in self.fields if self.values.get(f.name)]

    def text(self, name: str) -> str:
        """What was typed in a field of one value."""
        value = self.values[name]
        return value if isinstance(value, str) else " ".join(value)

    def field(self, name: str) -> Field:
        """The field of that name. Raises KeyError."""
        return {f.name: f for f in self.fields}[name]

    def choices(self, name: str) -> Choices:
        """What can be chosen in a field."""
        return self.field(name).choices(self.offer.get(name))  # type: ignore[attr-defined]

    def with_error(self, name: str, error: str, message: str = INVALID) -> "Form":
        """The form with one more field at fault."""
        return replace(self, errors={**self.errors, name: error}, message=self.message or message)

    def with_message(self, message: str) -> "Form":
        """The form with something wrong that is no single field's fault."""
        return replace(self, message=message)

    def with_draft(self, draft: Draft) -> "Form":
        """The form with what was kept of it, to be gone on with."""
        return replace(self, values={**self.values, **draft.fields}, key=str(draft.key), resumed=draft)

    def _shown(self, f: Field) -> str:
        value = self.values[f.name]
        texts = texts_of(f.choices(self.offer.get(f.name))) if hasattr(f, "choices") else {}  # type: ignore[attr-defined]
        return ", ".join(texts.get(v, v) for v in ((value,) if isinstance(value, str) else value))


def read(raw: Raw, fields: Sequence[Field], message: str = "", offer: Offer = NOTHING) -> Form:
    """The form of `fields` that was posted as `raw`, given what can be chosen; what else was posted is ignored.

    `message` is what the form says when any field is at fault; without one it says whether something is empty or wrong.
    """
    values = {f.name: f.typed(raw) for f in fields}
    errors, data = {}, {}
    for f in fields:
        if not f.is_asked(values):
            continue
        try:
            data[f.name] = f.parse(values[f.name], offer.get(f.name))
        except Wrong as wrong:
            errors[f.name] = str(wrong)
    if errors and not message:
        message = EMPTY if any(not values[name] for name in errors) else INVALID
    return Form(fields, values, errors, message if errors else "", data, offer)


def typed_only(raw: Raw, fields: Sequence[Field], offer: Offer = NOTHING) -> Form:
    """What was typed so far, kept while a form changes its shape; nothing is judged yet."""
    return Form(fields, {f.name: f.typed(raw) for f in fields}, offer=offer)
