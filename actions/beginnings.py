"""How a problem is taken up: it is identified, and that is put right."""

from actions.action import Action, Bulk
from actions.offers import identified_as, offer_categories, offer_identification
from forms import openings
from forms.form import INVALID
from queries.openings import correct_identification, open_problem

OPENING = Action(
    "opening",
    title="Buka Kendala",
    cause="opened",
    sentence="membuka kendala sebagai {category}, prioritas P{priority}.",
    notice="Kendala dibuka.",
    fields=openings.FIELDS,
    verb=open_problem,
    offer=offer_identification,
    message=INVALID,
    modal=True,
    primary=True,
    partial="partials/openings/fields.html",
    key="b",
    send_key="s",
    bulk=Bulk(
        "openings",
        label="Buka yang dipilih",
        key="q",
        admits="Hanya kendala baru yang dapat dibuka.",
        follows="dibuka, semuanya dengan kategori, prioritas, dan identifikasi ini.",
        offer=offer_categories,
        partial="partials/openings/fields.html",
    ),
)
CORRECTION = Action(
    "identification",
    title="Ubah Identifikasi",
    cause="corrected",
    sentence="mengubah identifikasi:",
    notice="Identifikasi diubah.",
    fields=openings.FIELDS,
    verb=correct_identification,
    right="correction",
    initial=identified_as,
    offer=offer_identification,
    check=openings.check_correction,
    message=INVALID,
    modal=True,
    place="facts",
    partial="partials/openings/fields.html",
    key="u",
    send_key="s",
)
