"""The numbers of the recap: what each is called, what it counts, and an example of it (KPI, glossary). Pure.

docs/numbers.md says the same in the same words, and tests/formats/test_recap.py compares the two.
"""

import re
from datetime import date
from typing import NamedTuple

COMPANY = "Seluruh perusahaan"
UNIDENTIFIED = "Belum diidentifikasi"
NO_AREA = "Tanpa wilayah"


class Number(NamedTuple):
    """A number of the recap: its name in an address, its label, what it says, and an example."""

    name: str
    label: str
    meaning: str
    example: str


# In the order in which they are read, and in which the columns of a file stand.
NUMBERS = (
    Number(
        "opening",
        "Sisa awal",
        "Kendala yang belum selesai ketika bulan dimulai.",
        "K-1 dilaporkan pada 28 September dan ditutup pada 2 Oktober: dihitung dalam Sisa awal bulan Oktober.",
    ),
    Number(
        "reported",
        "Dilaporkan",
        "Kendala yang dilaporkan pada bulan itu, menurut jam di tokonya.",
        "K-2 dilaporkan di Jayapura pada 1 Oktober 00.30 WIT, saat di Jakarta masih 30 September: dihitung dalam Oktober.",
    ),
    Number(
        "opened",
        "Dibuka",
        "Kendala yang dibuka dengan identifikasi, oleh penanggung yang memegangnya saat itu.",
        "HD membuka K-2 pada 1 Oktober: Dibuka 1 untuk HD. Identifikasi yang diperbaiki sesudahnya tidak dihitung lagi.",
    ),
    Number(
        "received",
        "Masuk",
        "Berapa kali kendala masuk ke tangan penanggung: sebagai laporan baru, dari penanggung lain, atau karena dipulihkan.",
        "K-2 dilaporkan (Masuk 1 untuk HD), lalu dialihkan HD ke IT-NET (Masuk 1 untuk IT-NET).",
    ),
    Number(
        "passed_on",
        "Keluar",
        "Berapa kali kendala pindah ke penanggung lain, juga bila dikembalikan, ditarik kembali, atau diambil alih.",
        "HD mengalihkan K-2 ke IT-NET: Keluar 1 untuk HD. Dari satu PIC ke PIC lain dalam departemen yang sama tidak dihitung.",
    ),
    Number(
        "returned",
        "Dikembalikan",
        "Pengalihan yang dikembalikan oleh penanggung yang menerimanya.",
        "IT-NET mengembalikan K-2 ke HD karena salah alamat: Dikembalikan 1 untuk IT-NET, dan Keluar 1 juga.",
    ),
    Number(
        "closed",
        "Selesai",
        "Berapa kali sebuah kendala ditutup, oleh penanggung yang memegangnya saat itu.",
        "HD menutup K-2 pada 5 Oktober, dan sekali lagi pada 9 Oktober setelah dibuka kembali: Selesai 2 untuk HD.",
    ),
    Number(
        "confirmed",
        "Dikonfirmasi",
        "Kendala selesai yang dinyatakan sudah beres oleh tokonya, pada penanggung yang menutupnya.",
        "Toko menyatakan K-2 sudah beres pada 10 Oktober: Dikonfirmasi 1 untuk HD.",
    ),
    Number(
        "auto_confirmed",
        "Otomatis",
        "Kendala selesai yang dianggap beres karena tokonya tidak menjawab selama lima hari kerja.",
        "K-3 ditutup IT-NET pada Kamis, 8 Oktober, dan tidak dijawab: Otomatis 1 untuk IT-NET pada 15 Oktober.",
    ),
    Number(
        "reopened",
        "Dibuka kembali",
        "Berapa kali kendala yang sudah selesai dibuka kembali, pada penanggung yang memegangnya lagi.",
        "Toko menyatakan K-2 belum beres pada 6 Oktober: Dibuka kembali 1 untuk HD.",
    ),
    Number(
        "voided",
        "Dibatalkan",
        "Berapa kali sebuah kendala dibatalkan, karena laporannya keliru atau ganda.",
        "HD membatalkan K-4, yang sama dengan K-2: Dibatalkan 1 untuk HD.",
    ),
    Number(
        "restored",
        "Dipulihkan",
        "Berapa kali kendala yang dibatalkan dipulihkan oleh meja bantuan.",
        "K-4 ternyata kendala lain dan dipulihkan: Dipulihkan 1, dan Masuk 1 untuk HD.",
    ),
    Number(
        "closing",
        "Sisa akhir",
        "Kendala yang belum selesai ketika bulan berakhir; untuk bulan yang sedang berjalan, sekarang.",
        "K-4 belum ditutup pada 31 Oktober tengah malam: dihitung dalam Sisa akhir Oktober, dan dalam Sisa awal November.",
    ),
)
RESPONSE = Number(
    "response",
    "Respons",
    "Berapa lama sebuah kendala menunggu sampai dibuka, dalam jam kerja: median, lalu p90. Dari yang Dibuka pada bulan itu.",
    "K-2 dilaporkan Jumat 16.30 dan dibuka Senin 08.30, jam kerja sampai 17.00 dan mulai 08.00: 1 jam.",
)
RESOLUTION = Number(
    "resolution",
    "Penyelesaian",
    "Berapa lama dari laporan sampai ditutup, dalam jam kerja, di luar waktu menunggu pelapor atau vendor: median, lalu p90."
    " Dari yang Selesai pada bulan itu; yang dibuka kembali melanjutkan hitungannya.",
    "K-3 dilaporkan Senin 08.00, menunggu vendor Selasa 08.00 sampai 12.00, dan ditutup Selasa 15.00: 10 jam.",
)
KEPT = Number(
    "kept",
    "Tepat waktu",
    "Berapa persen dari yang Selesai pada bulan itu, dan punya target penyelesaian, ditutup sebelum targetnya lewat;"
    " dibulatkan ke bawah. Yang tanpa target tidak dihitung.",
    "Dari 8 penutupan, 1 tanpa target dan 2 lewat targetnya: 5 dari 7 tepat waktu, 71,4%.",
)
MISSED = Number(
    "missed",
    "Terlambat",
    "Berapa kali sebuah kendala ditutup setelah target penyelesaiannya lewat, pada penanggung yang menutupnya.",
    "K-3 punya target 8 jam kerja dan ditutup IT-NET setelah 10 jam: Terlambat 1 untuk IT-NET, siapa pun yang lama memegangnya.",
)
SERVICE = (RESPONSE, RESOLUTION, KEPT, MISSED)
HELD = Number(
    "held",
    "Lama ditangani",
    "Berapa lama sebuah kendala di tangan satu penanggung sampai keluar, selesai, atau dibatalkan, di luar waktu menunggu:"
    " median (separuh tidak lebih lama), lalu p90 (sembilan dari sepuluh tidak lebih lama).",
    "IT-NET memegang K-3 dari Senin 08.00 sampai Kamis 08.00, satu hari di antaranya menunggu suku cadang: 2 hari.",
)
WAITED = Number(
    "waited",
    "Menunggu",
    "Berapa lama dari waktu di tangan satu penanggung itu kendala menunggu pihak lain: median, lalu p90.",
    "Satu hari menunggu suku cadang itu dihitung di sini, bukan dalam Lama ditangani.",
)
LENGTHS = (HELD, WAITED)
ALL = {number.name: number for number in (*NUMBERS, *SERVICE, *LENGTHS)}

# What the numbers of the company, and of a holder, add up to: the sign of each.
BALANCE_OF_ALL = {
    "opening": "",
    "reported": "+",
    "reopened": "+",
    "restored": "+",
    "closed": "−",
    "voided": "−",
    "closing": "=",
}
BALANCE_OF_A_HOLDER = {
    "opening": "", "received": "+", "reopened": "+", "passed_on": "−", "closed": "−", "voided": "−", "closing": "="
}  # fmt: skip

# What restates a month that is frozen, by the cause of the event.
RESTATING = {"opened": "diidentifikasi", "corrected": "identifikasi diubah", "imported": "diimpor dari register lama"}
RESTATING_OTHERWISE = "dicatat kemudian"


def read_month(text: str) -> date | None:
    """The first day of the month `2026-11`; None if it is none."""
    match = re.fullmatch(r"([1-9][0-9]{3})-(0[1-9]|1[0-2])", text)
    return date(int(match[1]), int(match[2]), 1) if match else None


def add_months(month: date, number: int) -> date:
    """The first day of the month that many months after, or before."""
    years, index = divmod(month.year * 12 + month.month - 1 + number, 12)
    return date(years, index + 1, 1)
