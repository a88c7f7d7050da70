"""What is done with a problem by those who hold it: it is assigned, waits, goes on."""

from actions.action import Action, Bulk
from actions.offers import offer_colleagues, offer_colleagues_of_several, offer_present
from forms import assignments, waiting
from queries.assignments import assign_problem, take_problem
from queries.budgets import COMMENTS
from queries.waiting import pause_problem, resume_problem

WAITING = Action(
    "waiting",
    title="Tunggu",
    cause="paused",
    sentence="menunggu {waiting}:",
    notice="Kendala menunggu.",
    fields=waiting.FIELDS,
    verb=pause_problem,
    offer=offer_present,
    modal=True,
    partial="partials/waiting/fields.html",
    sends="Tunggu",
    key="w",
    send_key="s",
    then_next=True,
    budget=COMMENTS,  # it has a reason, which stands in the history; and a time, for which a job is kept
)
RESUMPTION = Action(
    "resumption",
    title="Lanjutkan",
    cause="resumed",
    sentence="melanjutkan kendala ini.",
    notice="Kendala dilanjutkan.",
    verb=resume_problem,
    place="wait",
    section="partials/waiting/resumption.html",
    sends="Lanjutkan",
)
TAKING = Action(
    "taking",
    title="Ambil",
    cause="assigned",
    sentence="mengambil kendala ini.",
    notice="Anda menjadi petugas kendala ini.",
    verb=take_problem,
    path="assignment",
    place="bar",
    section="partials/assignments/taking.html",
    sends="Ambil",
    key="y",
    bulk=Bulk(
        "takings",
        label="Ambil yang dipilih",
        key="d",
        admits="Hanya kendala yang sedang dibuka atau menunggu di suatu divisi yang dapat diambil.",
        follows="diambil: Anda menjadi petugasnya.",
    ),
)
ASSIGNMENT = Action(
    "assignment",
    title="Serahkan",
    cause="assigned",
    sentence="menyerahkan kendala ini kepada {assignee}.",
    notice="Kendala diserahkan.",
    fields=assignments.FIELDS,
    verb=assign_problem,
    offer=offer_colleagues,
    modal=True,
    place="facts",
    sends="Serahkan",
    send_key="s",
    pressed=TAKING,
    bulk=Bulk(
        "assignments",
        label="Serahkan yang dipilih",
        key="e",
        admits="Hanya kendala yang sedang dibuka atau menunggu di suatu divisi yang dapat diserahkan.",
        follows="diserahkan kepada petugas ini.",
        offer=offer_colleagues_of_several,
        refuse=lambda problem, form: (
            "Petugas itu sudah menanganinya."
            if problem.assignee_nik == form.data["assignee"]
            else ""
            if form.data["assignee"] in form.offer["members"].get(problem.holder_code, ())
            else f"Ditangani {problem.holder_code}; petugas itu bukan anggotanya."
        ),
    ),
)
