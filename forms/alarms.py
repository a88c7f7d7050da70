"""A step of the alarm that a target is nearly used up, or missed (escalation chain): what is asked of one."""

from decimal import Decimal

from forms.fields import Number, Text

FIELDS = (
    Text("code", "Kode", length=20),
    Text("name", "Nama", length=120),
    Number(
        "percent",
        "Persen",
        least=Decimal(1),
        most=Decimal(1000),
        hint="Dari waktu target yang terpakai: 80 sebelum terlewat, 100 ketika terlewat, 150 setengah lagi sesudahnya.",
    ),
)
