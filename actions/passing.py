"""What changes who holds a problem: escalation, its answers, and taking back."""

from actions.action import FOLDED, Action, Bulk
from actions.offers import offer_divisions, offer_receivers, offer_targets, suggested_target
from forms import escalations
from queries.escalations import (
    accept_escalation,
    escalate_problem,
    escalate_to_pic,
    recall_escalation,
    return_escalation,
    take_over,
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
    initial=suggested_target,
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
        admits="Hanya kendala yang sedang dibuka atau menunggu yang dapat dialihkan.",
        follows="dialihkan. Setelah itu hanya divisi tujuan yang dapat menangani atau mengembalikannya.",
        fields=(escalations.DIVISION_OF_SEVERAL, escalations.REASON),
        data={"kind": "it"},
        offer=offer_divisions,
        refuse=lambda problem, form: (
            f"Sudah ditangani {problem.holder_code}; pilih divisi lain."
            if problem.holder_code == form.data["division"]
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
    place="asked",
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
    place="answer",
    section=FOLDED,
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
    section=FOLDED,
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
    section=FOLDED,
    sends="Ambil Alih",
)
