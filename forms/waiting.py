"""Waiting: for whom or what, why, and until when."""

from forms.fields import Choice, Text
from forms.times import Coming

WORDS = {
    "reporter": "Pelapor",
    "vendor": "Vendor",
    "part": "Suku cadang",
    "visit": "Kunjungan",
    "other": "Lainnya",
}
WAITING_FOR = Choice("waiting_for", "Menunggu", options=tuple(WORDS.items()))
REASON = Text("reason", "Alasan", hint="Apa yang ditunggu; pelapor membacanya.", length=2000, rows=3, purpose="waiting")
UNTIL = Coming("until", "Sampai", required=False)
FIELDS = (WAITING_FOR, REASON, UNTIL)
