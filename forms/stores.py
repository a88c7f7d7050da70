"""A store: what is asked of one."""

from formats.indonesian import ZONE_NAMES
from forms.coded import Code, Coded, Phone
from forms.fields import Choice, Text

FIELDS = (
    Code("code", "Kode"),
    Text("name", "Nama", length=120),
    Choice("time_zone", "Zona waktu", options=tuple(ZONE_NAMES.items())),
    Coded("area", "Wilayah", kind="area", required=False),
    Text("address", "Alamat", length=500, rows=2, required=False),
    Phone("phone", "Telepon", length=30, required=False, keyboard="tel"),
)
