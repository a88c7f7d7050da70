"""A target (SLA): what is asked of one."""

from forms.coded import Code, Coded
from forms.fields import Level, Text
from forms.working_time import Minutes

PRIORITIES = tuple((str(number), f"P{number}") for number in range(1, 6))
FIELDS = (
    Code("code", "Kode", most=20),
    Text("name", "Nama", length=120),
    Level("priority", "Prioritas", required=False, options=PRIORITIES, placeholder="Semua"),
    Coded(
        "category",
        "Kategori",
        kind="category",
        required=False,
        placeholder="Semua",
        empty_hint="Berlaku juga untuk yang di bawahnya.",
    ),
    Coded(
        "division",
        "Divisi",
        kind="division",
        required=False,
        placeholder="Tidak khusus",
        empty_hint="Diisi: waktu yang menjadi bagian divisi itu.",
    ),
    Coded(
        "department",
        "Departemen",
        kind="department",
        required=False,
        placeholder="Tidak khusus",
        empty_hint="Begitu juga departemen.",
    ),
    Minutes(
        "response", "Respons", required=False, hint="Sampai dibuka, dalam jam kerja: 30 menit, 4 jam, 1 jam 30 menit."
    ),
    Minutes(
        "resolution", "Penyelesaian", required=False, hint="Sampai ditutup, atau keluar dari tangan penanggung itu."
    ),
)
