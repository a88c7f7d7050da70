"""Several problems at once: which (bulk actions)."""

import re
from collections.abc import Collection, Sequence
from urllib.parse import urlencode

from forms.form import Form

LIMIT = 50
NONE_CHOSEN = "Pilih dahulu kendala di daftar."
TOO_MANY = "Paling banyak 50 kendala sekaligus."

_SEEN = re.compile(r"([0-9]{1,18}):([0-9]{1,9})")


def read_selection(texts: Sequence[str]) -> list[tuple[int, int]]:
    """(id, version seen) of the problems that were chosen, each written `id:version`; what is not is left out.

    Of too many no more are read than it takes to see that.
    """
    chosen: dict[int, int] = {}
    for match in filter(None, map(_SEEN.fullmatch, texts)):
        chosen[int(match[1])] = int(match[2])
        if len(chosen) > LIMIT:
            break
    return sorted(chosen.items())


def selection_query(selection: Collection[tuple[int, int]], back: str) -> str:
    """The query that the page of a form is opened with for these problems; empty if there are none."""
    chosen = [("problem", f"{problem_id}:{version}") for problem_id, version in selection]
    return urlencode([*chosen, *([("back", back)] if back else [])], safe=":") if chosen else ""


def check_selection(form: Form, selection: Collection[tuple[int, int]]) -> Form:
    """The form, with what is wrong with the choice of problems."""
    if not selection:
        return form.with_message(NONE_CHOSEN)
    return form.with_message(TOO_MANY) if len(selection) > LIMIT else form
