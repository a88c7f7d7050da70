"""A holiday: what is asked of one."""

from forms.fields import Choice, Flag, Text
from forms.working_time import DayCode

KINDS = (("national", "Libur nasional"), ("joint", "Cuti bersama"))
FIELDS = (
    DayCode("code", "Tanggal"),
    Text("name", "Nama", length=120),
    Choice("kind", "Jenis", options=KINDS, placeholder=None),
    Flag("estimated", "Perkiraan", hint="Belum ditetapkan pemerintah."),
)
