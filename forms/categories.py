"""A category: what is asked of one."""

from forms.coded import Code, Coded
from forms.fields import Text

FIELDS = (
    Code("code", "Kode", most=20),
    Text("name", "Nama", length=120),
    Coded("parent", "Kategori induk", kind="category", required=False, empty_hint="Kosong: kategori paling atas."),
    Coded(
        "division",
        "Divisi pemilik",
        kind="division",
        hint="Disarankan sebagai tujuan sejak disimpan; kendala yang sudah dialihkan tidak berubah.",
    ),
)
