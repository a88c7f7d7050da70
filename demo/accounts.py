"""Who can log in to the demo company."""

from typing import NamedTuple


class Account(NamedTuple):
    """Somebody who can log in to the demo company."""

    nik: str
    pin: str
    who: str  # in Indonesian, as the start shows it


ACCOUNTS = (
    Account("10000001", "482913", "Pelapor, toko WIB"),
    Account("10000002", "591374", "Pelapor, toko WITA"),
    Account("10000003", "163958", "Pelapor, toko WIT"),
    Account("10000009", "728164", "Pelapor, dinonaktifkan"),
    Account("10000011", "527481", "Kepala toko dari toko WIB itu"),
    Account("20000001", "637281", "Penanggung, meja bantuan HD"),
    Account("20000002", "748392", "Penanggung, IT-NET"),
    Account("20000012", "316942", "Penanggung, IT-NET juga"),
    Account("20000003", "859417", "Penanggung, GA"),
    Account("30000001", "916245", "PIC, Maintenance"),
    Account("30000002", "204867", "PIC, Procurement"),
    Account("40000001", "274859", "Atasan"),
    Account("40000011", "639175", "Atasan wilayah dari toko WITA itu"),
    Account("90000001", "385961", "Admin"),
)
