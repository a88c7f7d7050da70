"""An employee: what is asked of one."""

from collections.abc import Mapping
from typing import Any

from forms.coded import Coded, Email, Nik, Phone, SeveralCoded
from forms.fields import Choice, Flag, Text

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

PIN = Choice("pin", "PIN", required=False, options=(("none", "Tanpa PIN"),), placeholder="Semua")

AREA_OF_MANAGER = "Wilayah hanya untuk atasan."
OWN_RIGHT = "Hak admin Anda sendiri tidak dapat dicabut dengan impor."


def wrong_together(state: Mapping[str, Any], is_sender: bool) -> list[tuple[str, str]]:
    """What is wrong with somebody who is to be like this, by field, in a table that they sent themselves or not."""
    wrong = [("area", AREA_OF_MANAGER)] if state["area"] and not state["manager"] else []
    if is_sender and not (state["admin"] and state.get("active", True)):
        wrong.append(("admin", OWN_RIGHT))
    return wrong
