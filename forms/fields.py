"""The fields of forms: label, rules, and what becomes of what was typed in them (parsing, validation)."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from formats.indonesian import number
from formats.text import clean, folded

# What a select offers: (value, text), or (group, [(value, text), …]) for a group.
Choices = Sequence[tuple[str, "str | Choices"]]
Typed = str | tuple[str, ...]
Raw = Mapping[str, str]


class Wrong(Exception):
    """What is wrong with a field, as its person is told."""


@dataclass(frozen=True)
class Field:
    """A field of a form: its name in the post and its label.

    `empty_hint` is said of one that is not required. `when` names another field and the value of it with which this one is asked
    for; otherwise it always is.
    """

    control: ClassVar[str] = "text"  # which macro of partials/form/field.html shows it
    is_text: ClassVar[bool] = False  # whether what stands in it was typed, rather than chosen: worth a draft
    empty: ClassVar[str] = "belum diisi"

    name: str
    label: str
    required: bool = True
    hint: str = ""
    empty_hint: str = "Boleh dikosongkan."
    when: tuple[str, str] | None = None

    def typed(self, raw: Raw) -> Typed:
        """What was typed, as it is shown again."""
        return clean(raw.get(self.name, ""))

    def is_asked(self, values: Mapping[str, Typed]) -> bool:
        """Whether a form with these values asks for this field."""
        return self.when is None or values.get(self.when[0]) == self.when[1]

    def parse(self, typed: Typed, choices: Choices | None = None) -> Any:
        """The value that was typed; None for nothing. Raises Wrong."""
        if not typed:
            if self.required:
                raise Wrong(f"{self.label} {self.empty}.")
            return None
        return self.value_of(typed, choices)

    def value_of(self, typed: Any, choices: Choices | None) -> Any:
        """The value of what was typed, which is something. Raises Wrong."""
        return typed


@dataclass(frozen=True)
class Text(Field):
    """Text of at most `length` characters; of more than one of `rows` it may have lines.

    `keyboard` is what a phone shows (inputmode), `autocomplete` what a browser may fill in, `list` where suggestions stand,
    `purpose` what the templates are for that can be put into it.
    """

    is_text: ClassVar[bool] = True

    length: int = 4000
    rows: int = 1
    keyboard: str = ""
    autocomplete: str = ""
    width: str = ""
    list: str = ""
    purpose: str = ""

    @property
    def control(self) -> str:  # type: ignore[override]
        """One line or several."""
        return "textarea" if self.rows > 1 else "text"

    def typed(self, raw: Raw) -> str:
        """The text as it is kept; where there is one line, what would begin another is a blank."""
        text = clean(raw.get(self.name, ""))
        return text if self.rows > 1 else text.replace("\n", " ")

    def value_of(self, typed: str, choices: Choices | None) -> str:
        """The text. Raises Wrong if it is too long."""
        if len(typed) > self.length:
            raise Wrong(f"{self.label} paling banyak {number(self.length)} karakter; sekarang {number(len(typed))}.")
        return typed


@dataclass(frozen=True)
class Secret(Text):
    """A PIN: never shown again."""

    control: ClassVar[str] = "secret"  # type: ignore[misc]
    is_text: ClassVar[bool] = False


@dataclass(frozen=True)
class Choice(Field):
    """One of some choices: its own `options`, or those that are offered when the form is read; `narrowed` by what is chosen in
    another field.
    """

    control: ClassVar[str] = "select"
    empty: ClassVar[str] = "belum dipilih"

    options: Choices = ()
    placeholder: str | None = "Pilih…"
    absent: str = "tidak ada dalam pilihan"
    narrowed: bool = False

    def choices(self, offered: Choices | None) -> Choices:
        """What can be chosen."""
        return self.options if offered is None else offered

    def value_of(self, typed: Any, choices: Choices | None) -> Any:
        """What was chosen. Raises Wrong."""
        if typed not in texts_of(self.choices(choices)):
            raise Wrong(f"{self.label} {self.absent}.")
        return typed


@dataclass(frozen=True)
class Level(Choice):
    """A choice among whole numbers."""

    def value_of(self, typed: str, choices: Choices | None) -> int:
        """The number that was chosen. Raises Wrong."""
        return int(super().value_of(typed, choices))


@dataclass(frozen=True)
class Several(Choice):
    """Any number of some choices."""

    control: ClassVar[str] = "several"

    def typed(self, raw: Raw) -> tuple[str, ...]:
        """All that were chosen, each once."""
        getlist = getattr(raw, "getlist", None)
        values = getlist(self.name) if getlist else [raw.get(self.name, "")]
        return tuple(dict.fromkeys(value for value in map(clean, values) if value))

    def value_of(self, typed: Sequence[str], choices: Choices | None) -> tuple[str, ...]:
        """What was chosen. Raises Wrong."""
        return tuple(super(Several, self).value_of(value, choices) for value in typed)


@dataclass(frozen=True)
class Flag(Field):
    """Yes or no: a box that is ticked."""

    control: ClassVar[str] = "checkbox"

    required: bool = False
    empty_hint: str = ""

    def parse(self, typed: Typed, choices: Choices | None = None) -> bool:
        """Whether it was ticked."""
        return bool(typed)


@dataclass(frozen=True)
class Number(Field):
    """A number as Indonesians write it (1.234,5), or whole where it has no `decimals`."""

    least: Decimal = Decimal(0)
    most: Decimal = Decimal(10**9)
    decimals: int = 0

    def value_of(self, typed: str, choices: Choices | None) -> Decimal | int:
        """An int, or a Decimal where there are decimals. Raises Wrong."""
        typed = folded(typed)
        plain = (
            typed.replace(".", "").replace(",", ".")
            if re.fullmatch(r"-?\d{1,3}(\.\d{3})*(,\d+)?|-?\d+(,\d+)?", typed)
            else ""
        )
        try:
            value = Decimal(plain)
        except InvalidOperation:
            raise Wrong(f"{self.label} bukan angka.") from None
        if -value.as_tuple().exponent > self.decimals:  # type: ignore[operator]
            raise Wrong(f"{self.label} paling banyak {self.decimals} angka di belakang koma.")
        if not self.least <= value <= self.most:
            raise Wrong(f"{self.label} harus {number(self.least)} sampai {number(self.most)}.")
        return value if self.decimals else int(value)


@dataclass(frozen=True)
class Files(Field):
    """Files that go with a form; what came of them is judged where they are received, not here."""

    control: ClassVar[str] = "files"

    required: bool = False
    accept: str = ""

    def typed(self, raw: Raw) -> str:
        """Nothing; or, where a form was sent without its files, something: no browser lets itself be told which they were, but
        they are still chosen on its page."""
        return clean(raw.get(self.name, ""))


def texts_of(choices: Choices) -> dict[str, str]:
    """What each value that can be chosen is shown as, in groups or not; where it stands first, if it does so more than once."""
    texts: dict[str, str] = {}
    for value, text in choices:
        texts = ({value: text} if isinstance(text, str) else texts_of(text)) | texts
    return texts


def label_codes(rows: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """(code, name) of each row as a choice shows it: the code and the name."""
    return [(code, f"{code} — {name}") for code, name in rows]


def plain_choices(values: Collection[str]) -> Choices:
    """Values that are shown as they are."""
    return [(value, value) for value in values]
