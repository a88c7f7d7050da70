"""A template (canned response): what is asked of one."""

from forms.coded import Code, Coded
from forms.fields import Choice, Text

PURPOSES = (("comment", "Komentar"), ("reason", "Alasan"), ("solution", "Solusi"), ("waiting", "Menunggu"))
FIELDS = (
    Code("code", "Kode", most=20),
    Text("name", "Nama", length=60),
    Coded("division", "Divisi", kind="division", required=False),
    Coded(
        "department", "Departemen", kind="department", required=False, hint="Milik satu divisi atau satu departemen."
    ),
    Choice("purpose", "Untuk", options=PURPOSES),
    Text("text", "Teks", length=2000, rows=6),
)
