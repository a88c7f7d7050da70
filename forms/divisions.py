"""A division: what is asked of one."""

from forms.coded import Code
from forms.fields import Choice, Flag, Text

KINDS = (("desk", "Meja bantuan"), ("it", "Divisi IT"), ("other", "Divisi selain IT"))
FIELDS = (
    Code("code", "Kode"),
    Text("name", "Nama", length=120),
    Choice("kind", "Jenis", options=KINDS),
    Flag("general", "Umum", hint="Menerima kendala kategori yang divisinya bukan tujuan pengalihan."),
)
