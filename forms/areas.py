"""An area: what is asked of one."""

from forms.coded import Code, Coded
from forms.fields import Text

PARENT = Coded("parent", "Wilayah induk", kind="area", required=False, empty_hint="Kosong: wilayah paling atas.")
FIELDS = (Code("code", "Kode"), Text("name", "Nama", length=120), PARENT)
