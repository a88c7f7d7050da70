"""A department: what is asked of one."""

from forms.coded import Code
from forms.fields import Text

FIELDS = (Code("code", "Kode"), Text("name", "Nama", length=120))
