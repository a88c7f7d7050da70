"""Where what hangs on one of the master data goes when that is deactivated, by its kind."""

from forms.coded import Coded
from forms.leaving import HEIR

HEIRS = {
    "store": Coded("heir", "Dialihkan ke", kind="store"),
    "area": Coded("heir", "Dialihkan ke", kind="area"),
    "category": Coded("heir", "Dialihkan ke", kind="category"),
    "calendar": Coded("heir", "Dialihkan ke", kind="calendar"),
    "division": HEIR,
    "department": HEIR,
}
