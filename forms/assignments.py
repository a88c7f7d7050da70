"""Assignment: who of the division that holds a problem works on it."""

from collections.abc import Sequence

from forms.fields import Choice, Choices, Text
from forms.form import Offer

ASSIGNEE = Choice("assignee", "Petugas", absent="ini tidak dapat dipilih: bukan anggota divisi penanggung")
REASON = Text("reason", "Alasan", required=False, length=2000, rows=2)
FIELDS = (ASSIGNEE, REASON)


def offer_members(members: Sequence[Sequence], assignee: str | None = None) -> Offer:
    """Whom a problem can be assigned to, each with the present load, but the one who has it; `members` also by the division, if
    there are several. They are (division code, division, nik, name, load)."""
    groups: dict[str, list[tuple[str, str]]] = {}
    by_division: dict[str, set[str]] = {}
    for code, division, nik, name, load in members:
        if nik != assignee:
            groups.setdefault(f"{code} — {division}", []).append((nik, f"{name} — {load} kendala"))
            by_division.setdefault(code, set()).add(nik)
    several: Choices = list(groups.items())
    return {"assignee": several if len(groups) > 1 else next(iter(groups.values()), []), "members": by_division}
