"""The shape of every form: fields with their rules, and the outcome of reading them."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from indonesian import number

# What a select offers: (value, text), or (group, [(value, text), …]) for a group.
Choices = Sequence[tuple[str, "str | Choices"]]

EMPTY = "Harap isi form kosong!"
INVALID = "Harap isi form dengan benar!"

# Characters that nobody types: controls other than tab and line feed, which Postgres or a browser cannot hold, and those that
# turn the direction of what follows, with which a text can show something else than it says.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")

# As many as Unicode's Stream-Safe Text Format allows (UAX #15, section 13). No language has more than a few.
MARKS = 30

# What a text must have at least one of, to be seen: letters, numbers, punctuation, symbols; but not the blank ones among them.
_BLANKS = "\u115f\u1160\u2800\u3164\uffa0"


@dataclass(frozen=True)
class Field:
    """A field of a form: its name in the post, its label, and its rules.

    `length` is in characters; `choices` are the values that were offered, None where anything may be typed.
    """

    name: str
    label: str
    length: int = 4000
    required: bool = True
    choices: Collection[str] | None = None


@dataclass(frozen=True)
class Form:
    """What a person sees: the values as typed, an error a field, and what is wrong on the whole.

    `restored` is when the values were typed, as it is shown, if they are a draft.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    message: str = ""
    restored: str = ""

    @property
    def valid(self) -> bool:
        """Whether nothing is wrong with it."""
        return not self.errors and not self.message

    def with_error(self, name: str, error: str, message: str = INVALID) -> "Form":
        """The form with one more field at fault."""
        return replace(self, errors={**self.errors, name: error}, message=self.message or message)

    def with_message(self, message: str) -> "Form":
        """The form with something wrong that is no single field's fault."""
        return replace(self, message=message)


def with_texts(choices: Choices) -> dict[str, str]:
    """What each value that can be chosen is shown as, in groups or not."""
    texts: dict[str, str] = {}
    for value, text in choices:
        texts |= {value: text} if isinstance(text, str) else with_texts(text)
    return texts


def label_codes(rows: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """(code, name) of each row as a choice shows it: the code and the name."""
    return [(code, f"{code} — {name}") for code, name in rows]


def clean(text: str) -> str:
    """`text` as it is kept: NFC, line feeds for line ends, no control characters, no blanks at either end; empty if there is
    nothing to see in it."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = unicodedata.normalize("NFC", _without_piles(_CONTROLS.sub("", text))).strip()
    return text if any(unicodedata.category(c)[0] in "LNPS" and c not in _BLANKS for c in text) else ""


def _without_piles(text: str) -> str:
    """`text` with at most MARKS combining marks in a row: to put them in order takes time that grows with their square."""
    if text.isascii():
        return text
    kept, row = [], 0
    for character in text:
        row = row + 1 if unicodedata.combining(character) else 0
        if row <= MARKS:
            kept.append(character)
    return "".join(kept)


def read(raw: Mapping[str, str], fields: Collection[Field], message: str = "") -> Form:
    """The form of `fields` that was posted as `raw`; what else was posted is ignored.

    `message` is what the form says when any field is at fault; without one it says whether something is empty or wrong.
    """
    values = {f.name: clean(raw.get(f.name, "")) for f in fields}
    errors = {f.name: error for f in fields if (error := _error(f, values[f.name]))}
    if errors and not message:
        message = EMPTY if any(not values[name] for name in errors) else INVALID
    return Form(values, errors, message if errors else "")


def _error(field: Field, value: str) -> str:
    if not value:
        return f"{field.label} belum {'diisi' if field.choices is None else 'dipilih'}." if field.required else ""
    if len(value) > field.length:
        return f"{field.label} paling banyak {number(field.length)} karakter; sekarang {number(len(value))}."
    if field.choices is not None and value not in field.choices:
        return f"{field.label} tidak ada dalam pilihan."
    return ""
