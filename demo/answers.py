"""The texts that the divisions and departments of the demo company keep ready."""

# What each is for, its name, the text; for all, and for some besides.
_ALL = """
comment | Minta foto | Mohon kirimkan foto perangkat beserta labelnya agar dapat kami periksa lebih dahulu.
comment | Sedang diperiksa | Laporan Anda sedang kami periksa. Kabar berikutnya kami sampaikan di sini.
reason | Di luar wewenang | Setelah diperiksa, penanganannya menjadi wewenang divisi tujuan.
reason | Laporan ganda | Laporan ganda; kendala yang sama sudah dicatat lebih dahulu.
solution | Selesai dari jarak jauh | Diperbaiki dari jarak jauh dan dicoba bersama pelapor; hasilnya baik.
waiting | Kabar pelapor | Menunggu keterangan tambahan dari pelapor.
"""
_OF = {
    "HD": """
comment | Cara menyalakan ulang | Mohon matikan perangkat, tunggu satu menit, lalu nyalakan kembali dan sampaikan hasilnya.
solution | Dijelaskan lewat telepon | Cara penggunaannya dijelaskan lewat telepon; pelapor dapat melanjutkan sendiri.
""",
    "IT-NET": """
comment | Periksa lampu router | Mohon sebutkan warna lampu pada router, dari kiri ke kanan.
solution | Sambungan pulih | Sambungan dipulihkan oleh penyedia dan sudah diuji dari toko.
waiting | Penyedia jaringan | Menunggu perbaikan dari penyedia jaringan; nomor tiketnya:
""",
    "IT-SYS": "solution | Akun dipulihkan | Akun dipulihkan dan kata sandi baru diberikan kepada pemiliknya.",
    "IT-POS": "solution | Kasir diatur ulang | Aplikasi kasir diatur ulang dan transaksi percobaan berhasil.",
    "GA": "waiting | Kunjungan petugas | Menunggu kunjungan petugas yang sudah dijadwalkan pada:",
    "LOG": "waiting | Kiriman berikutnya | Menunggu kiriman berikutnya dari gudang.",
    "MNT": """
solution | Suku cadang diganti | Suku cadang diganti dan perangkat diuji di tempat.
waiting | Suku cadang | Menunggu suku cadang yang sudah dipesan.
""",
    "PRC": "waiting | Pemasok | Menunggu pengiriman dari pemasok.",
}


def make_templates(divisions: set[str]) -> list[tuple]:
    """The rows of template: code, name, division, department, purpose, text."""
    rows = []
    for of, own in _OF.items():
        for number, line in enumerate(filter(None, (_ALL + own).splitlines()), 1):
            purpose, name, text = line.split(" | ")
            unit = (of, None) if of in divisions else (None, of)
            rows.append((f"{of}-{number:02}", name, *unit, purpose, text))
    return rows
