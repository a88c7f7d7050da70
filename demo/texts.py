"""What the demo company is made of: places, names, things, texts, and what happens how often. demo.py makes it of them."""

# A text stands on one line, however long it is.
# ruff: noqa: E501

from dataclasses import dataclass

# The stores by zone, in the order of their codes (T001, T002, …).
STORES = {
    "Asia/Jakarta": "Margonda, Depok|Dago, Bandung|Pandanaran, Semarang|Malioboro, Yogyakarta|Tunjungan, Surabaya|Ijen, Malang|Cihampelas, Bandung|Kelapa Gading, Jakarta Utara|Tebet, Jakarta Selatan|Cengkareng, Jakarta Barat|Pajajaran, Bogor|Ahmad Yani, Bekasi|Ciledug, Tangerang|Bintaro, Tangerang Selatan|Slamet Riyadi, Surakarta|Kartini, Cirebon|Gatot Subroto, Medan|Sudirman, Pekanbaru|Khatib Sulaiman, Padang|Kapten A. Rivai, Palembang|Raden Intan, Bandar Lampung|Nagoya, Batam|Gajah Mada, Pontianak|Diponegoro, Sidoarjo",
    "Asia/Makassar": "Panakkukang, Makassar|Perintis Kemerdekaan, Makassar|Teuku Umar, Denpasar|Sunset Road, Badung|Pejanggik, Mataram|MT Haryono, Balikpapan|Mulawarman, Samarinda|Ahmad Yani, Banjarmasin|Sam Ratulangi, Manado|El Tari, Kupang",
    "Asia/Jayapura": "Abepura, Jayapura|Entrop, Jayapura|Basuki Rahmat, Sorong|Merdeka, Manokwari|Pattimura, Ambon|Budi Utomo, Mimika",
}

# Regions and the areas in them: code, name, region, and the numbers of their stores.
AREAS = (
    ("BARAT", "Indonesia Barat", None, ()), ("TIMUR", "Indonesia Tengah dan Timur", None, ()),
    ("JAWA", "Jawa", "BARAT", (*range(1, 17), 24)), ("SUMATRA", "Sumatra dan Kalimantan Barat", "BARAT", range(17, 24)),
    ("TENGAH", "Bali, Kalimantan, dan Sulawesi", "TIMUR", range(25, 35)), ("PAPUA", "Papua dan Maluku", "TIMUR", range(35, 41)),
)  # fmt: skip


def area_of(store: int) -> str:
    """The area of the store of that number."""
    return next(code for code, _, _, stores in AREAS if store in stores)


FIRST_NAMES = "Agus Ahmad Aditya Andi Anisa Ayu Bambang Bayu Budi Citra Dedi Dewi Dian Dimas Dwi Eko Endang Fajar Farida Fitri Galih Hendra Hesti Indah Indra Irma Joko Kartika Lestari Lina Maya Mega Melati Muhammad Nanda Novi Nur Putri Rahmat Ratna Rina Rini Rizky Rudi Sari Siti Slamet Sri Surya Teguh Tri Wahyu Wulan Yanti Yudi Yuni"
LAST_NAMES = {
    "Asia/Jakarta": "Anggraini Aryanto Fauzi Firmansyah Gunawan Hakim Handayani Harahap Hidayat Kurniawan Kusuma Lubis Maulana Mulyani Nasution Nugroho Permana Pramono Prasetyo Pratama Purnomo Rahayu Ramadhan Saputra Setiawan Siregar Simanjuntak Sitompul Suharto Suryani Susanti Sutrisno Utami Wibowo Wicaksono Wijaya Yulianti",
    "Asia/Makassar": "Alamsyah Arsyad Bahtiar Hasanuddin Kalalo Lontoh Mantiri Manuaba Mappangara Nggili Pangkey Pradnyana Ruslan Sahabuddin Suardana Sudiarta Suparta Syamsuddin Tumbelaka Wirawan",
    "Asia/Jayapura": "Asmuruf Imbiri Kambu Kogoya Latuconsina Leatemia Mandacan Pattiasina Rumbiak Rumbino Sahetapy Tuhumury Wanggai Warinussy Wenda Yoku",
}

DIVISIONS = {  # code: name, kind
    "HD": ("Meja Bantuan", "desk"), "IT-NET": ("Jaringan", "it"), "IT-SYS": ("Sistem & Server", "it"),
    "IT-POS": ("Sistem Kasir", "it"), "GA": ("Umum & Fasilitas", "other"), "LOG": ("Logistik", "other"),
}  # fmt: skip
DEPARTMENTS = {"MNT": "Maintenance", "PRC": "Procurement"}
PARENTS = {  # code: name, owner
    "NET": ("Jaringan & telepon", "IT-NET"), "SYS": ("Sistem & akun", "IT-SYS"), "POS": ("Kasir", "IT-POS"),
    "FAS": ("Fasilitas", "GA"), "LOG": ("Logistik & perlengkapan", "LOG"),
}  # fmt: skip

# kind: name, models, how many a store has at most; and whether the head office has it too
ASSETS = {
    "PRN": ("Printer kasir", "Epson TM-T82|Epson TM-U220|Bixolon SRP-350", 4, False),
    "PCK": ("PC kasir", "HP Engage One|Lenovo M70q|Dell OptiPlex 3000", 4, False),
    "SCN": ("Pemindai kode batang", "Zebra DS2208|Honeywell 1450g", 4, False),
    "EDC": ("Mesin EDC", "Verifone X990|Ingenico Move 2500", 3, False),
    "PCO": ("PC kantor", "Lenovo M80s|HP ProDesk 400", 2, True),
    "APN": ("Access point", "Ruckus R350|Aruba AP-505", 2, True),
    "RTR": ("Router", "MikroTik RB4011|Cisco ISR 1100", 1, True),
    "SWT": ("Switch", "Cisco CBS250|Aruba 1930", 2, True),
    "TEL": ("Telepon meja", "Yealink T31P|Grandstream GRP2601", 2, True),
    "UPS": ("UPS", "APC BX1100|ICA CT1082B", 2, True),
    "ACU": ("AC", "Daikin 2 PK|Panasonic 2 PK|Gree 5 PK", 4, True),
    "LMP": ("Lampu area", "Philips 36 W|Philips 40 W", 3, True),
    "CTV": ("Kamera CCTV", "Hikvision DS-2CD|Dahua HFW", 4, True),
    "FRZ": ("Lemari pendingin", "Modena MD 60|GEA AB-1200|Sanden SPA", 3, False),
    "GEN": ("Genset", "Yanmar 20 kVA|Perkins 45 kVA", 1, True),
    "TRL": ("Troli belanja", "60 liter|100 liter", 3, False),
    "TMB": ("Timbangan digital", "CAS CL-5200|Digi SM-100", 2, False),
}

# A leaf of the category tree a block: code, name, owner, kind of asset, impact and urgency, weight; titles; descriptions;
# and three causes => solutions: one for the desk, one for a division, one that takes a department.
_LEAVES = """
NET-WIFI; Wi-Fi; IT-NET; APN; 2 2; 6
Wi-Fi sering terputus / Sambungan Wi-Fi tidak stabil / Perangkat genggam sering kehilangan Wi-Fi
Sejak pukul {jam} perangkat genggam petugas berulang kali kehilangan Wi-Fi dan harus disambungkan kembali. / Sinyal Wi-Fi terlihat penuh, tetapi sambungan terputus setiap beberapa menit.
Saluran Wi-Fi berbenturan dengan jaringan lain di sekitar lokasi. => Saluran dipindahkan dari jarak jauh dan sambungan dipantau stabil selama satu jam. / Access point {n} berulang kali menyala ulang karena perangkat lunaknya sudah lama. => Perangkat lunak access point diperbarui oleh tim jaringan dan pengaturannya dipasang ulang. / Catu daya access point {n} rusak dan tidak dapat diperbaiki. => Access point pengganti diterima, dipasang, dan diuji bersama petugas setempat.
NET-INT; Internet; IT-NET; RTR; 1 1; 6
Internet terputus sejak pukul {jam} / Sambungan internet mati / Jaringan internet tidak dapat digunakan
Sejak pukul {jam} internet mati; lampu penunjuk pada router berwarna merah. / Internet terputus mendadak pada pukul {jam} dan seluruh komputer tidak dapat mengakses aplikasi.
Router tidak memperoleh alamat dari penyedia layanan. => Sesi sambungan diperbarui dari jarak jauh dan internet kembali normal. / Gangguan kabel serat optik milik penyedia layanan di sekitar lokasi. => Lalu lintas dialihkan ke jalur cadangan; kabel serat optik telah disambung kembali oleh penyedia layanan. / Papan induk router rusak akibat lonjakan listrik. => Router pengganti dipasang, pengaturan dipulihkan dari salinan, dan kecepatan diuji sesuai langganan.
NET-LAN; Kabel & titik jaringan; IT-NET; SWT; 2 2; 4
Titik jaringan tidak berfungsi / Sebagian komputer tidak tersambung ke jaringan / Jaringan kabel terputus
Komputer yang tersambung ke switch {n} tidak mendapat jaringan sejak pukul {jam}. / Beberapa komputer kehilangan jaringan kabel sejak pukul {jam}, sedangkan komputer lain normal.
Port pada switch {n} terkunci setelah kabel dipindahkan. => Port dibuka kembali dari jarak jauh dan komputer sudah tersambung. / Kabel dari switch {n} terjepit dan putus di dalam jalur kabel. => Kabel ditarik ulang oleh tim jaringan dan diuji tanpa kehilangan paket. / Switch {n} tidak lagi menyala dan tidak ada cadangan di lokasi. => Switch pengganti diterima, dipasang, dan seluruh titik jaringan telah diperiksa.
NET-TEL; Telepon internal; IT-NET; TEL; 3 2; 3
Telepon meja {n} tidak bernada / Telepon internal tidak dapat digunakan / Telepon meja {n} mati
Telepon meja {n} tidak mengeluarkan nada sejak pukul {jam} sehingga tidak dapat menghubungi kantor pusat. / Panggilan dari dan ke telepon meja {n} tidak tersambung sejak pukul {jam}.
Pendaftaran nomor pesawat terputus dari server telepon. => Nomor pesawat didaftarkan ulang dan panggilan uji berhasil. / Pengaturan jaringan suara berubah setelah pemeliharaan. => Pengaturan dikembalikan oleh tim jaringan; panggilan masuk dan keluar berfungsi. / Gagang dan papan tombol telepon {n} rusak. => Pesawat telepon pengganti dipasang dengan nomor yang sama.
SYS-AKN; Akun & kata sandi; HD; -; 3 2; 7
Tidak dapat masuk ke aplikasi stok / Akun aplikasi stok terkunci / Permintaan pembukaan akun aplikasi stok
Akun saya terkunci saat masuk ke aplikasi stok pada pukul {jam}. / Kata sandi aplikasi stok ditolak sejak pukul {jam}, padahal tidak pernah diganti.
Akun terkunci setelah kata sandi keliru lima kali. => Identitas pelapor diperiksa, akun dibuka, dan kata sandi sementara diberikan melalui telepon. / Masa berlaku kata sandi telah habis. => Kata sandi diperbarui bersama pelapor dan akses telah dicoba. / Lisensi aplikasi untuk pelapor belum tersedia. => Lisensi tambahan diperoleh dan dipasangkan pada akun pelapor.
SYS-SRL; Surel; HD; -; 3 3; 4
Surel tidak dapat dikirim / Pengiriman surel selalu gagal / Surel kantor tertahan di kotak keluar
Sejak pukul {jam} surel tertahan di kotak keluar dan tidak sampai kepada penerima. / Surel berisi laporan harian gagal dikirim sejak pukul {jam}.
Kotak surat pelapor sudah penuh. => Lampiran lama diarsipkan bersama pelapor dan surel terkirim. / Alamat penerima tersimpan dengan ejaan lama. => Daftar alamat diperbarui dan surel uji telah diterima. / Kuota langganan surel kantor telah habis. => Kuota tambahan diaktifkan dan surel yang tertahan telah terkirim.
SYS-PC; Komputer kantor; IT-SYS; PCO; 2 2; 5
PC kantor {n} sangat lambat / PC kantor {n} sering berhenti merespons / Komputer kantor {n} sering macet
PC kantor {n} memerlukan lebih dari sepuluh menit untuk menyala dan sering berhenti merespons. / Sejak pukul {jam} PC kantor {n} sering macet ketika membuka lembar kerja laporan.
Ruang penyimpanan penuh oleh berkas sementara. => Berkas sementara dibersihkan dari jarak jauh dan komputer kembali lancar. / Pembaruan sistem operasi gagal terpasang sebagian. => Pembaruan dipasang ulang oleh tim sistem dan komputer dipantau satu hari tanpa gangguan. / Media penyimpanan menunjukkan tanda kerusakan. => Media penyimpanan diganti dan seluruh data dipulihkan dari cadangan.
SYS-APL; Aplikasi stok; IT-SYS; -; 2 1; 6
Data stok tidak diperbarui / Stok di aplikasi berbeda dengan fisik / Penerimaan barang tidak muncul di aplikasi stok
Penerimaan barang yang dicatat pada pukul {jam} belum menambah jumlah stok di aplikasi. / Jumlah stok di aplikasi tidak berubah sejak pukul {jam}, padahal penerimaan barang sudah disahkan.
Sesi aplikasi di lokasi masih memakai data lama. => Sesi diperbarui bersama pelapor dan jumlah stok sudah sesuai. / Proses sinkronisasi antara toko dan pusat terhenti. => Sinkronisasi dijalankan ulang oleh tim sistem; selisih stok telah dicocokkan. / Kapasitas basis data aplikasi stok mencapai batas langganan. => Kapasitas ditambah dan data yang tertunda telah masuk.
POS-PRN; Printer kasir; IT-POS; PRN; 2 1; 10
Printer kasir {n} tidak mencetak struk / Struk kasir {n} tidak keluar / Printer struk kasir {n} tidak berfungsi
Sejak pukul {jam} printer kasir {n} tidak mengeluarkan struk setelah transaksi selesai. / Struk di kasir {n} tidak keluar sejak pukul {jam}; lampu penunjuk pada printer berkedip.
Antrean cetak pada PC kasir tertahan. => Antrean cetak dikosongkan dari jarak jauh dan struk uji tercetak. / Penggerak printer tidak sesuai setelah pembaruan aplikasi kasir. => Penggerak printer dipasang ulang oleh tim sistem kasir dan dicoba pada tiga transaksi. / Kepala cetak printer {n} aus. => Kepala cetak diganti dengan suku cadang baru dan hasil cetak jelas.
POS-PC; PC kasir; IT-POS; PCK; 1 1; 8
PC kasir {n} tidak dapat digunakan / Aplikasi kasir {n} tidak terbuka / Kasir {n} berhenti pada layar awal
PC kasir {n} berhenti pada layar awal sejak pukul {jam} sehingga transaksi dialihkan ke kasir lain. / Aplikasi di kasir {n} tidak terbuka sejak pukul {jam} dan hanya menampilkan layar awal.
Layanan aplikasi kasir tidak berjalan setelah listrik padam. => Layanan dijalankan kembali dari jarak jauh dan transaksi uji berhasil. / Basis data lokal PC kasir {n} rusak. => Basis data lokal dibangun ulang oleh tim sistem kasir dan penjualan tertunda telah terkirim. / Catu daya PC kasir {n} tidak stabil. => Catu daya pengganti dipasang dan PC kasir dipantau selama satu hari.
POS-SCN; Pemindai kode batang; IT-POS; SCN; 2 2; 7
Pemindai kasir {n} tidak membaca kode batang / Pemindai kode batang {n} tidak berfungsi / Kode batang tidak terbaca
Pemindai di kasir {n} tidak membaca kode batang sejak pukul {jam} sehingga kode diketik satu per satu. / Lampu pemindai {n} menyala, tetapi kode batang barang tidak masuk ke aplikasi kasir.
Mode pemindai berubah karena kode pengaturan terpindai. => Pelapor dipandu memindai kode pengaturan awal dan pemindai berfungsi. / Pengaturan jenis kode batang hilang setelah pembaruan. => Pengaturan dipasang ulang oleh tim sistem kasir dan lima barang terbaca. / Kabel pemindai {n} putus di bagian pangkal. => Pemindai pengganti diterima dan telah digunakan di kasir.
POS-EDC; Mesin EDC; IT-POS; EDC; 1 2; 6
Mesin EDC {n} gagal memproses kartu / Pembayaran kartu di EDC {n} selalu ditolak / EDC {n} tidak dapat bertransaksi
Sejak pukul {jam} semua pembayaran kartu melalui mesin EDC {n} ditolak. / Mesin EDC {n} menampilkan pesan gagal tersambung setiap kali kartu dimasukkan.
Sesi mesin EDC belum ditutup pada hari sebelumnya. => Pelapor dipandu menutup sesi dan transaksi uji disetujui. / Kunci keamanan mesin EDC {n} kedaluwarsa. => Kunci keamanan diperbarui oleh tim sistem kasir bersama pihak bank. / Pembaca kartu pada mesin EDC {n} rusak. => Mesin EDC pengganti dari bank diterima dan telah diaktifkan.
FAS-AC; Pendingin ruangan; GA; ACU; 3 2; 7
AC {n} tidak dingin / AC {n} hanya mengeluarkan angin / Ruangan panas karena AC {n} tidak dingin
Sejak pukul {jam} AC {n} menyala tetapi hanya mengeluarkan angin biasa. / Suhu ruangan naik sejak pukul {jam} karena AC {n} tidak mendinginkan.
Mode AC berubah menjadi kipas. => Pelapor dipandu mengembalikan mode pendingin dan suhu telah turun. / Saringan dan unit dalam AC {n} kotor. => AC dicuci oleh petugas umum dan suhu keluaran kembali normal. / Freon AC {n} berkurang karena kebocoran pipa. => Pipa diperbaiki, freon diisi, dan suhu dipantau selama dua jam.
FAS-LMP; Penerangan; GA; LMP; 3 3; 6
Lampu area {n} padam / Penerangan di area {n} mati / Lampu area {n} tidak menyala
Lampu di area {n} padam sejak pukul {jam} sehingga rak bagian dalam gelap. / Penerangan di area {n} tidak menyala saat dinyalakan pada pukul {jam}.
Sakelar area pada panel berada pada posisi mati. => Pelapor dipandu menyalakan sakelar pada panel dan lampu menyala. / Tabung lampu area {n} sudah habis masa pakainya. => Tabung lampu diganti oleh petugas umum. / Instalasi kabel lampu area {n} terbakar sebagian. => Kabel diganti, sambungan diperiksa, dan lampu menyala aman.
FAS-FRZ; Lemari pendingin; GA; FRZ; 1 1; 6
Suhu lemari pendingin {n} naik / Lemari pendingin {n} kurang dingin / Produk beku di lemari pendingin {n} mulai mencair
Suhu lemari pendingin {n} naik di atas batas sejak pukul {jam}; produk dipindahkan sementara. / Lemari pendingin {n} kurang dingin sejak pukul {jam} dan bunga es mencair.
Pintu lemari pendingin {n} tidak tertutup rapat. => Pelapor dipandu membersihkan alur pintu dan suhu kembali normal. / Kondensor lemari pendingin {n} tertutup debu. => Kondensor dibersihkan oleh petugas umum dan suhu turun ke batas aman. / Kompresor lemari pendingin {n} tidak bekerja. => Kompresor diganti dan suhu dicatat aman selama dua belas jam.
FAS-GEN; Genset & listrik; GA; GEN; 1 2; 4
Genset tidak menyala / Genset gagal menyala saat listrik padam / Genset tidak dapat dihidupkan
Genset tidak menyala otomatis ketika listrik padam pada pukul {jam}. / Pada pengujian pukul {jam} genset tidak dapat dihidupkan.
Sakelar pengalih berada pada posisi manual. => Pelapor dipandu mengembalikan sakelar ke posisi otomatis; uji nyala berhasil. / Aki genset lemah. => Aki diisi dan sambungannya dibersihkan oleh petugas umum; uji nyala berhasil tiga kali. / Pompa bahan bakar genset rusak. => Pompa bahan bakar diganti dan genset diuji dengan beban penuh.
FAS-CTV; Kamera CCTV; GA; CTV; 2 3; 5
Gambar kamera CCTV {n} tidak tampil / Kamera CCTV {n} mati / Kamera CCTV {n} tidak merekam
Gambar kamera CCTV {n} hilang dari layar pemantau sejak pukul {jam}. / Kamera CCTV {n} tidak menampilkan gambar dan rekaman sejak pukul {jam} tidak ada.
Saluran kamera {n} dinonaktifkan pada perekam. => Saluran diaktifkan kembali dari jarak jauh dan gambar tampil. / Konektor kabel kamera {n} berkarat. => Konektor diganti oleh petugas umum dan rekaman telah diperiksa. / Unit kamera {n} kemasukan air. => Unit kamera diganti, dudukan diberi pelindung, dan gambar jelas.
LOG-TRL; Troli belanja; LOG; TRL; 3 3; 5
Roda troli rusak / Beberapa troli tidak layak pakai / Troli kelompok {n} sulit didorong
Beberapa troli pada kelompok {n} sulit didorong karena rodanya macet. / Pelanggan mengeluhkan troli pada kelompok {n}; rodanya macet dan bergoyang.
Roda troli terlilit tali plastik. => Pelapor dipandu membersihkan roda dan troli dapat digunakan. / Bantalan roda troli aus. => Roda cadangan dikirim oleh tim logistik dan telah dipasang. / Rangka troli patah dan tidak aman digunakan. => Troli pengganti diterima dan troli lama ditarik ke gudang.
LOG-TMB; Timbangan; LOG; TMB; 2 2; 5
Timbangan {n} tidak akurat / Hasil timbangan {n} berubah-ubah / Angka timbangan {n} tidak stabil
Timbangan {n} menunjukkan angka berbeda untuk barang yang sama sejak pukul {jam}. / Angka timbangan {n} tidak kembali ke nol setelah barang diangkat.
Timbangan diletakkan di permukaan yang tidak rata. => Pelapor dipandu mengatur kaki timbangan dan hasilnya sesuai. / Kalibrasi timbangan {n} bergeser. => Timbangan dikalibrasi ulang oleh tim logistik dan diberi label pemeriksaan. / Sel beban timbangan {n} rusak. => Timbangan pengganti bersertifikat tera diterima dan digunakan.
LOG-KRM; Pengiriman barang; LOG; -; 2 2; 5
Kiriman barang belum tiba / Kiriman dari gudang terlambat / Barang kiriman belum diterima
Kiriman yang dijadwalkan tiba pukul {jam} belum diterima. / Sampai pukul {jam} kendaraan pengirim belum tiba, sedangkan stok rak mulai menipis.
Jadwal kiriman berubah, tetapi belum diberitahukan. => Jadwal baru disampaikan kepada pelapor dan kiriman telah diterima. / Muatan tertinggal di gudang wilayah. => Muatan dikirim dengan kendaraan berikutnya oleh tim logistik dan jumlahnya sesuai. / Pemasok belum mengirim barang ke gudang wilayah. => Pemasok menyerahkan barang susulan dan kiriman telah lengkap.
LOG-ATK; Perlengkapan toko; LOG; -; 3 2; 4
Kertas struk hampir habis / Persediaan kertas struk menipis / Permintaan kertas struk tambahan
Persediaan kertas struk diperkirakan hanya cukup untuk dua hari. / Kertas struk hampir habis, sedangkan kiriman rutin baru dijadwalkan minggu depan.
Permintaan rutin belum diajukan melalui aplikasi. => Permintaan diajukan bersama pelapor dan kertas struk telah diterima. / Jatah kertas struk belum menyesuaikan jumlah kasir. => Jatah dinaikkan dan kiriman tambahan disiapkan tim logistik. / Persediaan kertas struk di gudang pusat kosong. => Pembelian tambahan selesai dan kertas struk telah diterima.
"""

# What people say on other occasions, the alternatives of an occasion on a line: why a problem is passed on, by who receives
# it; why it comes back, from a division or a department's PIC; comments, by who says them and when; and what a reporter
# adds to the description, by parent category.
_PHRASES = """
reason IT: Perlu pemeriksaan mendalam; langkah awal bersama pelapor sudah dilakukan, tetapi belum berhasil. / Penanganan memerlukan hak akses yang tidak dimiliki Meja Bantuan. / Penyebab telah diidentifikasi dan penanganannya menjadi wewenang divisi tujuan.
reason GA: Perlu pemeriksaan langsung di lokasi oleh petugas. / Panduan melalui telepon belum berhasil; mohon dijadwalkan kunjungan. / Penanganan fasilitas menjadi wewenang divisi tujuan.
reason LOG: Perlu pemeriksaan jadwal dan persediaan oleh tim logistik. / Langkah awal bersama pelapor sudah dilakukan, tetapi belum menyelesaikan kendala. / Penanganan perlengkapan toko menjadi wewenang divisi tujuan.
reason MNT: Memerlukan teknisi bersertifikat dan peralatan khusus. / Kerusakan menyangkut bagian utama sehingga perlu ditangani bagian pemeliharaan. / Mohon dijadwalkan perbaikan; lokasi siap didatangi pada jam kerja.
reason PRC: Memerlukan pengadaan yang belum tercakup dalam persediaan. / Mohon diproses pengadaannya; kebutuhannya sudah dibicarakan dengan pelapor. / Memerlukan tindak lanjut kepada pemasok.
return division: Setelah diperiksa, penyebabnya tidak berada pada sistem yang kami kelola. / Catatan sistem kami normal; mohon dialihkan kepada divisi yang sesuai.
return department: Data pendukung belum lengkap; mohon dilengkapi lebih dahulu. / Pemeriksaan awal oleh divisi terkait belum dilakukan; mohon ditangani divisi tersebut lebih dahulu.
voided: Laporan ganda; kendala yang sama sudah dicatat lebih dahulu. / Dibatalkan atas permintaan pelapor karena sudah teratasi sendiri. / Laporan bukan kendala, melainkan permintaan informasi, dan telah dijawab melalui telepon.
reopened: Kendala muncul kembali tidak lama setelah ditutup. / Setelah dicoba oleh petugas berikutnya, hasilnya masih sama. / Sempat normal, kemudian kendala yang sama terjadi lagi.
paused reporter: Mohon dicoba kembali setelah toko tutup, lalu beri tahu hasilnya. / Mohon kirim foto label perangkat dan nomor serinya.
paused vendor: Penyedia menjadwalkan teknisinya; kami menunggu kabar kedatangannya. / Tiket sudah dibuka pada penyedia dan sedang diproses.
paused part: Suku cadang pengganti sudah dipesan dan belum tiba. / Menunggu barang pengganti dari gudang pusat.
paused visit: Kunjungan ke lokasi sudah dijadwalkan bersama kepala toko. / Pemeriksaan di tempat menunggu giliran wilayah.
comment reporter: Mohon kabar perkiraan waktu penanganannya. / Kendala masih terjadi sampai saat ini. / Kami siap memberi keterangan tambahan apabila diperlukan. / Untuk sementara kegiatan dialihkan, mohon tetap diprioritaskan.
comment handler: Pelapor telah dihubungi dan keterangannya sudah sesuai. / Kabar berikutnya akan disampaikan setelah pemeriksaan selesai. / Jadwal penanganan telah disepakati dengan pelapor. / Mohon ditunggu, laporan sejenis dari lokasi lain sedang dibandingkan.
note: Toko ini sudah tiga kali melaporkan hal yang sama; usulkan penggantian perangkat. / Vendor menjanjikan kunjungan besok pagi, belum disampaikan ke toko. / Dicoba dari jarak jauh: perangkat menjawab, jadi bukan jaringannya. / Hubungi kepala toko lewat telepon; pelapor bertugas malam. / Suku cadang tinggal satu di gudang pusat, sudah dipesankan.
comment closed: Terima kasih, kendala sudah teratasi. / Sudah kami periksa dan hasilnya baik.
NET: Perangkat sudah dimatikan dan dinyalakan kembali, tetapi belum ada perubahan. / Sambungan listrik perangkat sudah diperiksa. / Pekerjaan tertunda selama sambungan belum pulih. / Mohon bantuannya sebelum jam ramai berikutnya.
SYS: Sudah dicoba kembali setelah sepuluh menit dengan hasil yang sama. / Komputer sudah dinyalakan ulang, tetapi belum ada perubahan. / Laporan harian belum dapat diselesaikan. / Mohon arahan langkah berikutnya.
POS: Perangkat sudah dinyalakan ulang, tetapi hasilnya tetap sama. / Sambungan kabel sudah diperiksa. / Antrean pelanggan mulai panjang. / Pelanggan sementara diarahkan ke kasir lain.
FAS: Petugas sudah memeriksa dari luar, tetapi belum diketahui sebabnya. / Keadaan ini sudah dicatat dalam buku pemeriksaan harian. / Mohon segera ditangani demi kenyamanan dan keamanan. / Kegiatan masih dapat berjalan dengan penyesuaian.
LOG: Sudah dikoordinasikan dengan kepala toko. / Keterangan tambahan dapat kami kirimkan apabila diperlukan. / Pelanggan mulai menanyakan hal ini. / Mohon kepastian waktunya.
"""


# Handlers and PICs in the order of their NIK, from 20000001 and 30000001.
HANDLERS = ["HD", "IT-NET", "GA"] + ["HD"] * 6 + ["IT-POS", "IT-SYS", "IT-NET", "GA", "LOG"] * 4 + ["IT-SYS", "LOG"]
PICS = ["MNT", "PRC"] * 4
# Who of them belongs to something else too.
ALSO_MEMBERS = {"20000005": "IT-SYS", "20000011": "IT-NET", "30000004": "LOG"}
ALSO_PICS = {"20000013": "MNT", "30000003": "PRC"}

# Who has a problem after the desk, by its category's owner, and how often. "owner" stands for the owner itself.
PATHS = {
    "HD": {(): 92, ("PRC",): 8},
    "IT": {(): 35, ("owner",): 52, ("owner", "PRC"): 13},
    "GA": {(): 12, ("owner",): 50, ("owner", "MNT"): 28, ("MNT",): 10},
    "LOG": {(): 15, ("owner",): 62, ("owner", "PRC"): 23},
}
# Whose problems those are that go straight to a department; and where the desk sends a problem by mistake.
OWNERS = {"MNT": "GA", "30000001": "GA", "PRC": "LOG", "30000002": "LOG"}
ASTRAY = {
    "HD": ["IT-SYS"],
    "IT-NET": ["IT-SYS", "IT-POS"],
    "IT-SYS": ["IT-NET"],
    "IT-POS": ["IT-NET", "IT-SYS"],
    "GA": ["MNT"],
    "LOG": ["PRC"],
}
# Median hours before a step; before a closure they depend on who closes.
HOURS_TO = {
    "opened": 0.4,
    "escalated": 0.7,
    "accepted": 1.5,
    "assigned": 0.3,
    "paused": 2,
    "resumed": 20,
    "returned": 3,
    "confirmed": 14,
    "reopened": 10,
    "voided": 1,
}
HOURS_TO_CLOSE = {"HD": 2, "IT-NET": 7, "IT-SYS": 10, "IT-POS": 5, "GA": 26, "LOG": 34, "MNT": 60, "PRC": 110}

# The living queue: the last step of a problem, who has it, how many. A NIK stands for that PIC.
QUEUE = (
    ("reported", (), 8), ("opened", (), 4), ("returned", (), 3), ("reopened", (), 2),
    ("escalated", ("IT-NET",), 3), ("accepted", ("IT-NET",), 2), ("escalated", ("IT-SYS",), 1),
    ("accepted", ("IT-SYS",), 1), ("escalated", ("IT-POS",), 2), ("accepted", ("IT-POS",), 1),
    ("escalated", ("GA",), 3), ("accepted", ("GA",), 2), ("escalated", ("LOG",), 1), ("accepted", ("LOG",), 1),
    ("escalated", ("30000001",), 3), ("accepted", ("30000001",), 2), ("escalated", ("30000002",), 3),
    ("assigned", (), 3), ("assigned", ("IT-NET",), 3), ("assigned", ("GA",), 2), ("paused", (), 2), ("paused", ("IT-NET",), 2),
    ("paused", ("GA",), 2), ("paused", ("30000002",), 1), ("accepted", ("30000002",), 2), ("accepted", ("MNT",), 1), ("closed", (), 6), ("voided", (), 2),
)  # fmt: skip
REPORTERS = {"10000001": "T001", "10000002": "T025", "10000003": "T035"}  # one a zone, and their stores
# What each of them has reported lately.
OWN = (
    ("reported", ()), ("opened", ()), ("escalated", ("IT-NET",)), ("accepted", ("GA",)), ("paused", ("IT-NET",)),
    ("escalated", ("30000001",)), ("returned", ()), ("reopened", ()), ("closed", ()), ("closed", ("GA",)), ("confirmed", ()), ("voided", ()),
)  # fmt: skip
DAYS_OF_THE_SLOW = (34, 61, 97)  # problems that have waited long for Procurement


@dataclass(frozen=True)
class Leaf:
    """A category that problems are given, and what can be said of them; `kind` of asset is None where there is none."""

    code: str
    name: str
    owner: str
    kind: str | None
    matrix: list[int]  # impact and urgency
    weight: int
    titles: list[str]
    descriptions: list[str]
    causes: list[list[str]]

    @property
    def parent(self) -> str:
        return self.code.split("-")[0]


def _leaf(head: str, *alternatives: str) -> Leaf:
    code, name, owner, kind, matrix, weight = head.split("; ")
    titles, descriptions, causes = (line.split(" / ") for line in alternatives)
    solved = [cause.split(" => ") for cause in causes]
    levels = [int(level) for level in matrix.split()]
    asset_kind = None if kind == "-" else kind
    return Leaf(code, name, owner, asset_kind, levels, int(weight), titles, descriptions, solved)


_LINES = _LEAVES.strip().splitlines()
LEAVES = [_leaf(*_LINES[start : start + 4]) for start in range(0, len(_LINES), 4)]
PHRASES = {key: texts.split(" / ") for key, texts in (line.split(": ", 1) for line in _PHRASES.strip().splitlines())}
