"""Names in an old register that SIH does not know: asked of the admin who sent it, with what they may mean (record linkage)."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from asyncpg import Connection

from actions.register import what_is_known
from formats.indonesian import number
from forms.fields import Text
from forms.form import INVALID, Form, read
from forms.register import FIELDS, shown
from queries.imports import Import
from queries.register import Match, list_matches, list_matches_of, suggest

NAMES = 20  # that are asked at a time
SUGGESTIONS = 3  # for each
LABELS = {f.name: f.label for f in FIELDS}
KINDS = {
    "store": "kode toko",
    "reporter": "NIK",
    "category": "kode kategori",
    "holder": "kode divisi atau departemen, atau NIK PIC",
}
UNKNOWN = "“{}” tidak ada. Isi {}, atau kosongkan."
LONGEST = 60  # characters of a name in a label


async def ask_names(connection: Connection, imported: Import, first: int) -> tuple[Form, bool]:
    """The form that asks for the names of an import, without the first so many, and whether there are more."""
    matches = await list_matches(connection, imported.id, first, NAMES + 1)
    asked = matches[:NAMES]
    values = {_name_of(match): shown(match.field, match.code) if match.code else "" for match in asked}
    return await _with_suggestions(connection, asked, Form(_fields(asked), values)), len(matches) > NAMES


async def read_names(connection: Connection, imported: Import, raw: Mapping[str, str]) -> Form:
    """The form as it was sent. Its data are `codes` by the numbers of the names; None: not said."""
    found = [re.fullmatch(r"means_(\d{1,18})", name) for name in raw]
    ids = [int(match[1]) for match in found if match][:NAMES]
    matches = await list_matches_of(connection, imported.id, ids)
    form = read(raw, _fields(matches))
    known, codes, errors = await what_is_known(connection, imported.id), {}, dict(form.errors)
    for match in matches:
        typed = form.text(_name_of(match))
        codes[match.id] = known.find(match.field, typed) if typed else None
        if typed and codes[match.id] is None:
            errors.setdefault(_name_of(match), UNKNOWN.format(typed[:LONGEST], KINDS[match.field]))
    form = replace(form, data={"codes": codes}, errors=errors, message=INVALID if errors else "")
    return await _with_suggestions(connection, matches, form)


async def _with_suggestions(connection: Connection, matches: Sequence[Match], form: Form) -> Form:
    suggested: dict[str, list[str]] = defaultdict(list)
    for match_id, code, name in await suggest(connection, matches, SUGGESTIONS):
        suggested[f"means_{match_id}"].append(f"{code} — {name}")
    offer: dict[str, Any] = {"suggested_names": suggested}
    return replace(form, offer=offer)


def _fields(matches: Sequence[Match]) -> list[Text]:
    return [
        Text(
            _name_of(match),
            f"{LABELS[match.field]} “{match.shown[:LONGEST]}” ({number(match.rows)} baris)",
            required=False,
            empty_hint="",
            length=200,
            list=f"{_name_of(match)}-names",
        )
        for match in matches
    ]


def _name_of(match: Match) -> str:
    return f"means_{match.id}"
