"""Escalation: its kinds, the fields of each, and the answer."""

from collections.abc import Mapping

from forms.form import Choices, Field, Form, clean, read, with_texts

KINDS = (("it", "Divisi IT"), ("other", "Divisi selain IT"), ("department", "Departemen"))
KIND = Field("kind", "Jenis penyelesaian", choices=[value for value, _ in KINDS])
REASON = Field("reason", "Alasan", 2000)

HELD = "Kendala ini sudah dipegang divisi itu. Pilih jenis penyelesaian lain."


def read_escalation(raw: Mapping[str, str], choices: Mapping[str, Choices]) -> Form:
    """The first step: the kind, the fields of that kind, given what can be chosen."""
    kind = clean(raw.get("kind", ""))
    division = (Field("division", "Divisi tujuan", choices=with_texts(choices["division"])),) if kind == "it" else ()
    return read(raw, (KIND, *division, REASON))


def read_fields(raw: Mapping[str, str]) -> Form:
    """What was typed so far, kept while the fields follow the kind; nothing is at fault yet."""
    return Form({name: raw.get(name, "") for name in ("kind", "division", "reason", "department", "pic")})


def read_pic(raw: Mapping[str, str], departments: Mapping[str, str]) -> Form:
    """The second step of an escalation to a department; `departments` gives each PIC's department code by NIK.

    The department only narrows the choice and may be left open; named, it has to be the PIC's.
    """
    fields = (
        Field("department", "Departemen", choices=set(departments.values()), required=False),
        Field("pic", "PIC", choices=departments),
        REASON,
    )
    form = read(raw, fields)
    department, pic = form.values["department"], form.values["pic"]
    if form.valid and department and departments[pic] != department:
        return form.with_error("pic", "PIC ini bukan dari departemen yang dipilih.")
    return form


def read_return(raw: Mapping[str, str]) -> Form:
    """A return of an escalation says why."""
    return read(raw, (REASON,))
