"""An employee: what is asked of one."""

from forms.coded import Coded, Email, Nik, Phone, SeveralCoded
from forms.fields import Flag, Text

FIELDS = (
    Nik("code", "NIK", length=16, keyboard="numeric"),
    Text("name", "Nama", length=120),
    Coded("store", "Toko", kind="store"),
    SeveralCoded("divisions", "Divisi", kind="division", required=False),
    SeveralCoded(
        "departments", "Departemen", kind="department", required=False, hint="PIC dari departemen yang dipilih."
    ),
    Flag("store_head", "Kepala Toko", hint="Membuat PIN awal untuk karyawan tokonya."),
    Flag("manager", "Atasan", hint="Melihat semua kendala, atau yang ada di wilayahnya."),
    Coded(
        "area", "Wilayah", kind="area", required=False, hint="Hanya untuk atasan.", empty_hint="Kosong: semua wilayah."
    ),
    Flag("admin", "Admin", hint="Mengelola data induk dan karyawan; tidak melihat lebih banyak kendala."),
    Phone("phone", "Telepon", length=30, required=False, keyboard="tel"),
    Email("email", "Surel", length=254, required=False, keyboard="email"),
)
