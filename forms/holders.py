"""Who holds a problem, as the list's filter offers and names it: IT-NET, MNT, MNT:30000001 or me."""

from collections.abc import Iterable, Sequence

from forms.fields import Choices, label_codes

ME = "me"


def split_holder(holder: str) -> tuple[str, str]:
    """The code of a division or department, and the NIK of a PIC of the latter; the NIK is empty where none is named."""
    code, _, nik = holder.partition(":")
    return code, nik


def group_holders(
    divisions: Iterable[tuple[str, str]],
    departments: Iterable[tuple[str, str]],
    pics: Sequence[Sequence],
    *,
    loads: bool,
) -> Choices:
    """What can be chosen: oneself, the divisions, and each department with its PICs, with their `loads` or without.

    `pics` are (department code, department, nik, name, load).
    """
    groups: list[tuple[str, str | Choices]] = [(ME, "Ditangani saya"), ("Divisi", tuple(label_codes(divisions)))]
    for code, label in label_codes(departments):
        own = [(f"{code}:{p[2]}", f"{p[3]} — {p[4]} kendala" if loads else p[3]) for p in pics if p[0] == code]
        groups.append((label, ((code, label), *own)))
    return tuple(groups)
