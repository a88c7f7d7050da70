"""Everything that can be done to a problem, in the order of its life: the registry of actions."""

from actions.action import Action, Bulk
from actions.comments import COMMENT, NOTE
from actions.offers import (
    identified_as,
    offer_categories,
    offer_divisions,
    offer_identification,
    offer_receivers,
    offer_targets,
)
from forms import closures, escalations, openings
from forms.form import INVALID
from queries.closures import close_problem, confirm_problem, reopen_problem, restore_problem, void_problem
from queries.escalations import (
    accept_escalation,
    escalate_problem,
    escalate_to_pic,
    recall_escalation,
    return_escalation,
    take_over,
)
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
CLOSURE = Action(
    "closure",
    title="Tutup Kendala",
    cause="closed",
    sentence="menutup kendala dengan solusi:",
    notice="Kendala ditutup.",
    fields=(closures.SOLUTION,),
    verb=close_problem,
    modal=True,
    primary=True,
    key="t",
    send_key="s",
    then_next=True,
)
PIC = Action(
    "pic",
    title="Pilih PIC",
    cause="escalated",
    sentence="mengalihkan kendala ke {holder}.",
    notice="Kendala dialihkan.",
    fields=escalations.PIC_FIELDS,
    verb=escalate_to_pic,
    offer=offer_receivers,
    check=escalations.check_department,
    path="escalation/pic",
    right="escalation",
    draft="escalation",
    modal=True,
    partial="partials/escalations/pic_fields.html",
    send_key="a",
    then_next=True,
)
ESCALATION = Action(
    "escalation",
    title="Penyelesaian",
    cause="escalated",
    sentence="mengalihkan kendala ke {holder}.",
    notice="Kendala dialihkan.",
    fields=escalations.FIELDS,
    verb=escalate_problem,
    offer=offer_targets,
    check=escalations.check_target,
    step=lambda data: PIC if data.get("kind") == "department" else None,
    modal=True,
    partial="partials/escalations/fields.html",
    sends="Penyelesaian>>",
    key="p",
    send_key="a",
    then_next=True,
    bulk=Bulk(
        "escalations",
        label="Alihkan yang dipilih",
        key="r",
        admits="Hanya kendala yang sedang dibuka yang dapat dialihkan.",
        follows="dialihkan. Setelah itu hanya divisi tujuan yang dapat menangani atau mengembalikannya.",
        fields=(escalations.DIVISION_OF_SEVERAL, escalations.REASON),
        data={"kind": "it"},
        offer=offer_divisions,
        refuse=lambda problem, data: (
            f"Sudah ditangani {problem.holder_code}; pilih divisi lain."
            if problem.holder_code == data["division"]
            else ""
        ),
    ),
)
ACCEPTANCE = Action(
    "acceptance",
    title="Terima",
    cause="accepted",
    sentence="menerima kendala ini.",
    notice="Kendala diterima.",
    verb=accept_escalation,
    path="escalation/acceptance",
    right="answer",
    section="partials/escalations/answer.html",
    sends="Terima",
    send_key="i",
)
RETURN = Action(
    "return",
    title="Kembalikan",
    cause="returned",
    sentence="mengembalikan kendala ke {holder}.",
    notice="Kendala dikembalikan.",
    fields=(escalations.RETURN_REASON,),
    verb=return_escalation,
    path="escalation/return",
    right="answer",
    sends="Kembalikan",
    key="g",
)
RECALL = Action(
    "recall",
    title="Tarik Kembali",
    cause="recalled",
    sentence="menarik kembali kendala ini ke {holder}.",
    notice="Kendala ditarik kembali.",
    fields=(escalations.RECALL_REASON,),
    verb=recall_escalation,
    path="escalation/recall",
    section="partials/actions/folded.html",
    sends="Tarik Kembali",
)
TAKEOVER = Action(
    "takeover",
    title="Ambil Alih",
    cause="taken over",
    sentence="mengambil alih kendala ini ke {holder}.",
    notice="Kendala diambil alih.",
    fields=(escalations.TAKEOVER_REASON,),
    verb=take_over,
    place="end",
    section="partials/actions/folded.html",
    sends="Ambil Alih",
)
CONFIRMATION = Action(
    "confirmation",
    title="Sudah beres",
    cause="confirmed",
    sentence="menyatakan kendala sudah beres.",
    notice="Terima kasih. Kendala dinyatakan beres.",
    verb=confirm_problem,
    section="partials/closures/confirmation.html",
    sends="Sudah beres",
    follows="Setelah Anda menyatakan sudah beres, kendala ini tidak dapat dibuka kembali.",
)
REOPENING = Action(
    "reopening",
    title="Belum beres",
    cause="reopened",
    sentence="menyatakan kendala belum beres; kendala dibuka kembali.",
    notice="Kendala dibuka kembali.",
    fields=(closures.REOPENING_REASON,),
    verb=reopen_problem,
    section="partials/closures/reopening.html",
    sends="Belum beres",
)
VOIDING = Action(
    "voiding",
    title="Batalkan Kendala",
    cause="voided",
    sentence="membatalkan kendala ini.",
    notice="Kendala dibatalkan.",
    fields=(closures.VOIDING_REASON,),
    verb=void_problem,
    danger=True,
    place="end",
    section="partials/actions/folded.html",
    sends="Batalkan Kendala",
    follows="Kendala yang dibatalkan tidak ditangani lagi dan tidak dapat dibuka kembali. Riwayatnya tetap tersimpan.",
    key="v",
    send_key="x",
    bulk=Bulk(
        "voidings",
        label="Batalkan yang dipilih",
        key="z",
        admits="Hanya kendala baru dan yang sedang dibuka yang dapat dibatalkan.",
        follows="dibatalkan, semuanya dengan alasan ini: tidak ditangani lagi dan tidak dapat dibuka kembali.",
    ),
)
RESTORATION = Action(
    "restoration",
    title="Pulihkan",
    cause="restored",
    sentence="memulihkan kendala ini.",
    notice="Kendala dipulihkan.",
    fields=(closures.RESTORING_REASON,),
    verb=restore_problem,
    section="partials/actions/folded.html",
    sends="Pulihkan",
)

ACTIONS = (
    COMMENT,
    NOTE,
    OPENING,
    CORRECTION,
    CLOSURE,
    ESCALATION,
    PIC,
    ACCEPTANCE,
    RETURN,
    RECALL,
    TAKEOVER,
    CONFIRMATION,
    REOPENING,
    VOIDING,
    RESTORATION,
)
ON_PAGE = tuple(action for action in ACTIONS if not action.modal)
MODALS = tuple(action for action in ACTIONS if action.modal and action.draft == action.name)
BULK = tuple(action for action in ACTIONS if action.bulk)

# How the history tells what happened, by the cause of the event.
SENTENCES = {action.cause: action.sentence for action in ACTIONS} | {
    "auto-confirmed": "dikonfirmasi: tidak ada jawaban selama lima hari kerja.",
}
TITLES = {action.name: action.title for action in ACTIONS}
