"""How a problem ends, and what may follow."""

from actions.action import FOLDED, Action, Bulk
from forms import closures
from forms.files import FILES
from queries.closures import close_problem, confirm_problem, reopen_problem, restore_problem, void_problem

CLOSURE = Action(
    "closure",
    title="Tutup Kendala",
    cause="closed",
    sentence="menutup kendala dengan solusi:",
    notice="Kendala ditutup.",
    fields=(closures.SOLUTION, FILES),
    verb=close_problem,
    modal=True,
    primary=True,
    key="t",
    send_key="s",
    then_next=True,
)
CONFIRMATION = Action(
    "confirmation",
    title="Sudah beres",
    cause="confirmed",
    sentence="menyatakan kendala sudah beres.",
    notice="Terima kasih. Kendala dinyatakan beres.",
    verb=confirm_problem,
    place="asked",
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
    section=FOLDED,
    sends="Batalkan Kendala",
    follows="Kendala yang dibatalkan tidak ditangani lagi; hanya Meja Bantuan yang dapat memulihkannya. "
    "Riwayatnya tetap tersimpan.",
    key="v",
    send_key="x",
    bulk=Bulk(
        "voidings",
        label="Batalkan yang dipilih",
        key="z",
        admits="Hanya kendala baru, yang sedang dibuka, dan yang menunggu yang dapat dibatalkan.",
        follows="dibatalkan, semuanya dengan alasan ini: tidak ditangani lagi; hanya Meja Bantuan yang dapat memulihkannya.",
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
    section=FOLDED,
    sends="Pulihkan",
)
