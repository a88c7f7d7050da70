"""Fields of master data: the code that a thing has, and the codes of others that it names (reference data, foreign keys)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from formats.text import digits, folded
from forms.fields import Choices, Field, Flag, Raw, Several, Text, Typed, Wrong, label_codes

_BETWEEN = re.compile(r" ?[—–] ?| - ")  # the code and the name, as a choice shows them: T001 — Toko Bandung


@dataclass(frozen=True)
class Code(Text):
    """The code by which a thing is known, in capitals; it never changes. `most` is how many characters it may have."""

    most: int = 12

    def value_of(self, typed: str, choices: Choices | None) -> str:
        """The code. Raises Wrong."""
        code = folded(typed).upper()
        if not re.fullmatch(rf"[A-Z0-9-]{{2,{self.most}}}", code):
            raise Wrong(f"{self.label} terdiri atas 2 sampai {self.most} huruf A–Z, angka, atau tanda hubung.")
        return code


@dataclass(frozen=True)
class Nik(Text):
    """The number by which a person is known; it never changes."""

    def value_of(self, typed: str, choices: Choices | None) -> str:
        """Its digits. Raises Wrong."""
        nik = digits(typed)
        if not re.fullmatch(r"[0-9]{4,16}", nik):
            raise Wrong(f"{self.label} terdiri atas 4 sampai 16 angka.")
        return nik


@dataclass(frozen=True)
class Phone(Text):
    """A telephone number, as it is written."""

    def value_of(self, typed: str, choices: Choices | None) -> str:
        """The number. Raises Wrong."""
        if not re.fullmatch(r"[0-9+() .-]{6,30}", typed):
            raise Wrong(f"{self.label} terdiri atas 6 sampai 30 angka, spasi, atau + ( ) . -")
        return typed


@dataclass(frozen=True)
class Email(Text):
    """A mail address."""

    def value_of(self, typed: str, choices: Choices | None) -> str:
        """The address. Raises Wrong."""
        if not re.fullmatch(r"[^@\s]+@[^@\s]+", typed) or len(typed) > 254:
            raise Wrong(f"{self.label} ditulis seperti nama@perusahaan.co.id.")
        return typed


@dataclass(frozen=True)
class Coded(Field):
    """One of the master data of a `kind` of master_record, named by its code. What may be named is given as a mapping of codes
    to names; the field is a select where that is offered whole, else what is typed, with suggestions.
    """

    control: ClassVar[str] = "coded"
    empty: ClassVar[str] = "belum dipilih"

    kind: str = ""
    placeholder: str = "Pilih…"
    narrowed: ClassVar[bool] = False

    def choices(self, offered: Mapping[str, str] | None) -> Choices:
        """What can be chosen."""
        return label_codes((offered or {}).items())

    def value_of(self, typed: Any, choices: Any) -> Any:
        """The code. Raises Wrong for one that is not offered."""
        return _named(self.label, typed, choices)


@dataclass(frozen=True)
class SeveralCoded(Several):
    """Any number of them; in one text they are divided by commas."""

    kind: str = ""

    def typed(self, raw: Raw) -> tuple[str, ...]:
        """All that were chosen, each once."""
        values = (part.strip() for value in super().typed(raw) for part in value.split(","))
        return tuple(dict.fromkeys(filter(None, values)))

    def choices(self, offered: Mapping[str, str] | None) -> Choices:  # type: ignore[override]
        """What can be chosen."""
        return label_codes((offered or {}).items())

    def value_of(self, typed: Sequence[str], choices: Any) -> tuple[str, ...]:
        """The codes, in their order. Raises Wrong for one that is not offered."""
        return tuple(sorted({_named(self.label, value, choices) for value in typed}))

    def parse(self, typed: Typed, choices: Any = None) -> tuple[str, ...]:
        """The same; none for nothing. Raises Wrong."""
        return super().parse(typed, choices) or ()


def code_in(typed: str) -> str:
    """The code in what was typed: all of it, or what stands before the name."""
    return _BETWEEN.split(folded(typed))[0].upper()


def coded_fields(fields: Iterable[Field]) -> list[Coded | SeveralCoded]:
    """The fields that name others."""
    return [f for f in fields if isinstance(f, Coded | SeveralCoded)]


def typed_of(fields: Iterable[Field], state: Mapping[str, Any]) -> dict[str, Typed]:
    """The state of a record as its form shows it."""
    return {f.name: _typed(f, state.get(f.name)) for f in fields}


def _typed(field: Field, value: Any) -> Typed:
    if again := getattr(field, "again", None):
        return again(value)
    if isinstance(field, Flag):
        return "yes" if value else ""
    if isinstance(value, list | tuple):
        return tuple(value)
    return "" if value is None else str(value)


def _named(label: str, typed: str, offered: Mapping[str, str] | None) -> str:
    code = code_in(typed)
    if code not in (offered or {}):
        raise Wrong(f"{label} {code} tidak ada, atau tidak aktif.")
    return code
