"""NIK and PIN."""

import re
from collections.abc import Mapping

from formats.text import clean, digits
from forms.fields import Secret, Text
from forms.form import Form

UNKNOWN = "NIK Belum Terdaftar!"
DEACTIVATED = "Maaf akun ini telah dinonaktifkan oleh admin!"
UNREADABLE = "Gagal Mendapatkan Data User!"
WRONG = "NIK atau PIN salah!"
AGAIN = "Ketik PIN sekali lagi."  # at the field; what is wrong stands above, once
EXPIRED = "PIN awal ini sudah tidak berlaku. Mintalah PIN baru kepada Kepala Toko atau Admin."
MALFORMED = "NIK terdiri dari 4 sampai 16 angka."

NIK = Text("nik", "NIK", keyboard="numeric", autocomplete="username", hint="Nomor induk karyawan Anda; sesudahnya PIN.")
PIN = Secret("pin", "PIN", keyboard="numeric", autocomplete="current-password")
FIELDS = (NIK, PIN)

_NIK = re.compile(r"[0-9]{4,16}")


def too_many(seconds: int) -> str:
    """The message to somebody who has to wait `seconds`, in minutes, rounded up."""
    return f"Terlalu banyak percobaan. Coba lagi dalam {-(-seconds // 60)} menit."


def read_nik(raw: Mapping[str, str], name: str = "nik") -> Form:
    """The form of the first step: a NIK, which may be typed with blanks, dots or dashes between its digits, of any script."""
    typed = clean(raw.get(name, ""))
    nik = digits(typed)
    if _NIK.fullmatch(nik):
        return Form(FIELDS, {name: nik})
    return Form(FIELDS, {name: typed}, {name: MALFORMED}, MALFORMED)


def read_login(raw: Mapping[str, str]) -> Form:
    """The form of the second step. What cannot be a NIK or a PIN is as wrong as one that does not fit: no more is said."""
    form = read_nik(raw)
    pin = digits(raw.get("pin", ""))
    values = {**form.values, "personal": "yes" if raw.get("personal") else ""}
    if not form.valid or not pin or len(pin) > 64:
        return Form(FIELDS, values, {"pin": AGAIN}, WRONG)
    return Form(FIELDS, {**values, "pin": pin})
