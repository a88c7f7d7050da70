"""Which column of a table is which field: by its heading, however that is written. Pure."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from formats.tables import Unreadable
from formats.text import searchable

FAULTS = (
    "Kesalahan"  # the column that tables get when they are given back (formats/corrections.py): nothing is read of it
)

_ASIDES = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_HEARD = 8  # of what is unknown, how many a message names
_LONGEST = 60  # characters of a heading in a message


class Columns(NamedTuple):
    """Where the fields stand: `places` is the column of each (from 0), by name, of those that are there; `unknown` are the
    headings that are no field's, to be shown as not read."""

    places: Mapping[str, int]
    unknown: tuple[str, ...]


def recognise(headings: Sequence[str], labels: Mapping[str, str], required: Collection[str] = ()) -> Columns:
    """The columns of a table, given what the fields are called: name by label, of which several may name one field.

    Raises Unreadable if a required field has no column, if a field has two, or if no heading is known at all.
    """
    names = {folded_heading(label): name for label, name in labels.items()}
    found = [_name_of(heading, names) for heading in headings]
    shown: dict[str, str] = {}
    for label, name in labels.items():
        shown.setdefault(name, label)
    if not any(found):
        raise Unreadable(
            f"Judul kolom tidak ditemukan. Baris pertama harus berisi judul kolom: {_listed([*shown.values()], 'atau')}."
        )
    for name in filter(None, dict.fromkeys(found)):
        twice = [heading for heading, its in zip(headings, found, strict=True) if its == name]
        if len(twice) > 1:
            raise Unreadable(f"Kolom {_listed(twice, 'dan')} berarti sama. Sisakan satu.")
    if missing := [label for name, label in shown.items() if name in required and name not in found]:
        raise Unreadable(f"Kolom {_listed(missing, 'dan')} tidak ada dalam berkas ini.")
    places = {name: at for at, name in enumerate(found) if name}
    return Columns(places, tuple(h for h, name in zip(headings, found, strict=True) if h and not name and h != FAULTS))


def known_of(headings: Sequence[str], known: Collection[str]) -> int:
    """How many of the labels `known`, folded, stand among the headings."""
    return len({name for heading in headings if (name := _name_of(heading, dict(zip(known, known, strict=True))))})


def folded_heading(text: str) -> str:
    """A heading as it is compared: its letters and digits, without accents and capitals, and nothing of blanks, lines, signs."""
    return re.sub(r"[\W_]+", "", searchable(text))


def _name_of(heading: str, names: Mapping[str, str]) -> str | None:
    """As it stands, or else without what stands in brackets: `Telepon (wajib)`, `NIK [8 angka]`."""
    whole = names.get(folded_heading(heading))
    if whole is not None:
        return whole
    bare = folded_heading(_ASIDES.sub(" ", heading))
    return names.get(bare) or names.get(re.sub(r"(?<=.)(?:wajib|opsional)(?:diisi)?$", "", bare))


def _listed(names: Sequence[str], word: str) -> str:
    """`A, B, dan C`"""
    shown = [name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…" for name in names[:_HEARD]]
    if len(names) > _HEARD:
        return f"{', '.join(shown)}, …"
    if len(shown) < 3:
        return f" {word} ".join(shown)
    return f"{', '.join(shown[:-1])}, {word} {shown[-1]}"
