"""Imports: what a table is of, the words of its cells, and a row of it read by the fields of a form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from formats.cells import YES, Kind, check_nik, choice
from formats.cells import typed as typed_in
from formats.dates import Doubtful
from formats.indonesian import file_size
from formats.tables import Cell
from forms.coded import Code, Coded, Email, Nik, Phone, SeveralCoded, code_in
from forms.fields import Choice, Field, Files, Flag, Number, Typed, Wrong, texts_of

MEGABYTE = 1024 * 1024
LIMIT = 20 * MEGABYTE  # bytes of a file

TITLES = {
    "employees": "Karyawan",
    "stores": "Toko",
    "areas": "Wilayah",
    "categories": "Kategori",
    "assets": "Barang",
    "problems": "Kendala lama",
}
OUTCOMES = {"new": "Baru", "changed": "Berubah", "same": "Sama", "wrong": "Salah"}

FILE = Files(
    "file",
    "Berkas",
    required=True,
    hint=f"Excel (XLSX) atau CSV, paling besar {LIMIT // MEGABYTE} MB. Baris pertama berisi judul kolom.",
    accept=".xlsx,.csv",
)
NO_FILE = "Berkas belum dipilih."
ONE_FILE = "Pilih satu berkas saja."
NO_ROWS = "Berkas ini hanya berisi judul kolom: tidak ada baris di bawahnya."
USED = "Masih dipakai. Nonaktifkan di halamannya, yang menanyakan ke mana yang bergantung padanya pindah."
TWICE = "Sudah ada di baris {} berkas ini."
NOT_ADMIN = "Anda bukan admin lagi. Tidak ada yang diimpor."
REFUSED = "Data ini tidak dapat diimpor: {} Tidak ada yang diubah."


def not_read(headings: Sequence[str]) -> list[str]:
    """What is said of columns that are no field's."""
    return [f"Kolom yang tidak dikenal, dan tidak dibaca: {', '.join(headings)}."] if headings else []


def kind_field(kinds: Sequence[str]) -> Choice:
    """The field that says what a table is of."""
    return Choice("kind", "Isi", options=[(kind, TITLES[kind]) for kind in kinds])


def too_large(size: int) -> str:
    """What is said of a file that is."""
    return f"Berkas paling besar {file_size(LIMIT)}; berkas Anda {file_size(size)}."


class RowRead(NamedTuple):
    """What a row asks for, of the fields that something stands in; and what is wrong with it, by field."""

    data: dict[str, Any]
    faults: list[tuple[str, str]]


@dataclass(frozen=True)
class RowForm:
    """The form that a row of a table is: its fields, of which the first is the code, what can be chosen in them, and how many
    digits a NIK has, where all have as many."""

    fields: Sequence[Field]
    offer: Mapping[str, Mapping[str, str]]
    usual: int = 0

    def read_code(self, cells: Mapping[str, Cell]) -> str:
        """The code that it has. Raises Wrong."""
        code = self.fields[0]
        cell = cells.get(code.name)
        try:
            if isinstance(code, Nik):
                check_nik(cell, self.usual)
            return code.parse(_typed(code, cell))
        except Doubtful as doubtful:
            raise Wrong(str(doubtful)) from None

    def read(self, cells: Mapping[str, Cell], before: Mapping[str, Any] | None) -> RowRead:
        """The row of one that was as it was `before`, or of a new one. An empty cell leaves what is there."""
        data: dict[str, Any] = {}
        faults: list[tuple[str, str]] = []
        for field in self.fields[1:]:
            try:
                typed = _typed(field, cells.get(field.name))
                if typed or (isinstance(field, Flag) and cells.get(field.name) is not None):
                    data[field.name] = self._value(field, typed, before)
                elif before is None:
                    data[field.name] = field.parse(typed)
            except (Wrong, Doubtful) as wrong:
                faults.append((field.name, str(wrong)))
        return RowRead(data, faults)

    def _value(self, field: Field, typed: Typed, before: Mapping[str, Any] | None) -> Any:
        if not isinstance(field, Coded | SeveralCoded):
            return field.parse(typed)
        value = field.parse(typed, self._offered(field, typed, before))
        return list(value) if isinstance(value, tuple) else value

    def _offered(self, field: Field, typed: Typed, before: Mapping[str, Any] | None) -> Any:
        """What can be named: also what was named before, though it may not be active any more."""
        offered, old = self.offer[field.name], (before or {}).get(field.name)
        if not old or all(code_in(code) in offered for code in ((typed,) if isinstance(typed, str) else typed)):
            return offered
        return dict.fromkeys([old] if isinstance(old, str) else old, "") | dict(offered)


def _typed(field: Field, cell: Cell) -> Typed:
    """What stands in a cell as the form has it. Raises Doubtful."""
    text = typed_in(cell, _kind_of(field))
    if isinstance(field, Flag):
        return "yes" if text == YES else ""
    if text and isinstance(field, Choice) and not isinstance(field, SeveralCoded):
        return choice(text, dict(reversed(texts_of(field.options).items())))  # in their order
    return field.typed({field.name: text})


def _kind_of(field: Field) -> Kind:
    found: list[Kind] = [kind for of, kind in _KINDS if isinstance(field, of)]
    return found[0] if found else "text"


# What a cell means to a field (formats/cells.py).
_KINDS: tuple[tuple[type[Field], Kind], ...] = (
    (Nik, "nik"),
    (Code, "code"),
    (Coded, "code"),
    (SeveralCoded, "code"),
    (Phone, "phone"),
    (Email, "mail"),
    (Flag, "flag"),
    (Number, "number"),
)
