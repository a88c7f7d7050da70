"""An asset: what is asked of one."""

from forms.coded import Code, Coded
from forms.fields import Text

FIELDS = (
    Code("code", "Nomor", most=30),
    Text("name", "Nama", length=120),
    Text("model", "Model", length=120, required=False),
    Coded("store", "Toko", kind="store"),
)
