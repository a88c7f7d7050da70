"""Escalation: its kinds, the fields of each, and the answer."""

from collections.abc import Iterable, Sequence

from forms.fields import Choice, Choices, Text
from forms.form import Form, Offer

KINDS = (("it", "Divisi IT"), ("other", "Divisi selain IT"), ("department", "Departemen"))
KIND = Choice("kind", "Jenis penyelesaian", options=KINDS)
DIVISION = Choice("division", "Divisi tujuan", when=("kind", "it"))
REASON = Text("reason", "Alasan", length=2000, rows=4, purpose="reason")
FIELDS = (KIND, DIVISION, REASON)

# The department narrows the choice of the PIC, and may be left open where the PIC is one of a single department.
DEPARTMENT = Choice("department", "Departemen", required=False, placeholder="Semua departemen")
PIC = Choice("pic", "PIC", absent="ini tidak ada, atau bukan dari departemen yang dipilih", narrowed=True)
PIC_FIELDS = (DEPARTMENT, PIC, REASON)

DIVISION_OF_SEVERAL = Choice("division", "Divisi tujuan")
RETURN_REASON = Text(
    "reason", "Alasan", hint="Mengapa kendala ini kembali ke pengirim.", length=2000, rows=2, purpose="reason"
)
RECALL_REASON = Text(
    "reason", "Alasan", hint="Mengapa kendala ini diambil kembali sebelum diterima.", length=2000, rows=2
)
TAKEOVER_REASON = Text(
    "reason", "Alasan", hint="Mengapa meja bantuan mengambilnya dari penanggung sekarang.", length=2000, rows=2
)

SEVERAL = "PIC ini bertugas di beberapa departemen. Pilih departemennya."
HELD = "Kendala ini sudah ditangani divisi itu. Pilih jenis penyelesaian lain."


def check_target(form: Form) -> Form:
    """The first step, with what is wrong with where it would go: to the division that has the problem already."""
    if form.valid and form.data["kind"] == "other" and form.offer["other_division"].held:
        return form.with_error("kind", HELD)
    return form


def check_department(form: Form) -> Form:
    """The second step, with what is missing: the department, of a PIC of several."""
    if form.valid and sum(form.data["pic"] in dict(pics) for _, pics in form.offer["pic"]) > 1:
        return form.with_error("department", SEVERAL)
    return form


def offer_pics(pics: Iterable[Sequence], department: str) -> Offer:
    """The PICs to choose from, by department, each with the present load; of the chosen department, if there is one.

    `pics` are (department code, department, nik, name, load).
    """
    departments: dict[str, str] = {}
    groups: dict[str, list[tuple[str, str]]] = {}
    for code, name, nik, pic, load in pics:
        departments[code] = f"{code} — {name}"
        groups.setdefault(code, []).append((nik, f"{pic} — {load} kendala"))
    chosen = [department] if department in departments else list(departments)
    grouped: Choices = [(departments[code], groups[code]) for code in chosen]
    return {"department": list(departments.items()), "pic": grouped}
