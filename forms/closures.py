"""Closing and reopening a problem, voiding and restoring it."""

from forms.fields import Text

SOLUTION = Text(
    "solution", "Solusi", hint="Apa yang dilakukan, agar orang lain dapat mengikutinya.", rows=5, purpose="solution"
)
VOIDING_REASON = Text(
    "reason",
    "Alasan",
    hint="Untuk laporan yang keliru atau ganda; sebutkan nomor yang sama, bila ada.",
    length=2000,
    rows=2,
    purpose="reason",
)
REOPENING_REASON = Text("reason", "Alasan", hint="Apa yang masih mengganggu.", length=2000, rows=2)
RESTORING_REASON = Text("reason", "Alasan", required=False, hint="Mengapa pembatalannya keliru.", length=2000, rows=2)
