"""A calendar: what is asked of one."""

from formats.indonesian import ZONE_NAMES
from forms.coded import Code, SeveralCoded
from forms.fields import Choice, Flag, Text
from forms.working_time import Shifts

HOLIDAYS = (
    ("all", "Tutup pada libur nasional dan cuti bersama"),
    ("national", "Tutup pada libur nasional saja"),
    ("none", "Buka juga pada hari libur"),
)
FIELDS = (
    Code("code", "Kode"),
    Text("name", "Nama", length=120),
    Choice(
        "time_zone",
        "Zona waktu",
        required=False,
        options=tuple(ZONE_NAMES.items()),
        placeholder="Menurut toko yang melapor",
        empty_hint="",
    ),
    Choice("closes_on", "Hari libur", options=HOLIDAYS, placeholder=None),
    Shifts("shifts", "Jam kerja", hint="Boleh beberapa kali sehari. Yang lewat tengah malam dibagi sendiri."),
    SeveralCoded(
        "divisions", "Divisi", kind="division", required=False, empty_hint="Dipakai selama divisi itu memegang kendala."
    ),
    SeveralCoded("areas", "Wilayah", kind="area", required=False, empty_hint="Untuk toko tanpa kalender sendiri."),
    SeveralCoded("stores", "Toko", kind="store", required=False, empty_hint="Untuk divisi tanpa kalender sendiri."),
    Flag("general", "Umum", hint="Berlaku di mana tidak ada kalender lain. Hanya satu; yang lama tidak lagi umum."),
)
