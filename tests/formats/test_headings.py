"""Columns are known by their headings, however these are written."""

import pytest

from formats.headings import recognise
from formats.tables import Unreadable

LABELS = {
    "NIK": "nik",
    "Nama": "name",
    "Zona waktu": "zone",
    "Divisi pemilik": "owner",
    "Telepon": "phone",
    "No. HP": "phone",
}


@pytest.mark.parametrize(
    ("written", "name"),
    [
        *(
            ("NIK", "nik"),
            ("n i k", "nik"),
            ("*NIK", "nik"),
            ("NIK*", "nik"),
            ("N.I.K.", "nik"),
            ("NIK (wajib)", "nik"),
            ("ＮＩＫ", "nik"),
        ),
        *(
            ("NIK [8 angka]", "nik"),
            ("Zona\nWaktu", "zone"),
            ("zona_waktu", "zone"),
            ("ZONA-WAKTU:", "zone"),
            ("Zôna waktu", "zone"),
        ),
        *(
            ("  Divisi   Pemilik ", "owner"),
            ("divisi pemilik wajib diisi", "owner"),
            ("no hp", "phone"),
            ("Telepon\u200b", "phone"),
        ),
    ],
)
def test_a_heading_is_known_however_it_is_written(written: str, name: str) -> None:
    assert recognise((written, "Lain"), LABELS) == ({name: 0}, ("Lain",))


def test_order_gaps_and_what_is_not_read() -> None:
    columns = recognise(("Umur", "Nama", "", "Kesalahan", "NIK"), LABELS, required=["nik", "name"])
    assert columns == ({"name": 1, "nik": 4}, ("Umur",))


@pytest.mark.parametrize(
    ("headings", "said"),
    [
        (
            ("10000001", "Sari"),
            "Judul kolom tidak ditemukan. Baris pertama harus berisi judul kolom: NIK, Nama, Zona waktu",
        ),
        (("Nama",), "Kolom NIK tidak ada dalam berkas ini."),
        (("NIK", "Nama", "nama*"), "Kolom Nama dan nama\\* berarti sama. Sisakan satu."),
        (("NIK", "Nama", "Telepon", "No. HP"), "Kolom Telepon dan No. HP berarti sama."),
    ],
)
def test_what_cannot_be_gone_on_with(headings: tuple[str, ...], said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        recognise(headings, LABELS, required=["nik", "name"])


def test_a_message_is_short_whatever_the_headings_are() -> None:
    with pytest.raises(Unreadable) as refused:
        recognise(["Nama" + " " * 5000 + "*" * n for n in range(100)], LABELS)
    assert len(str(refused.value)) < 700
