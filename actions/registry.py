"""Everything that can be done to a problem, in the order of its life: the registry of actions."""

from actions.beginnings import CORRECTION, OPENING
from actions.comments import COMMENT, NOTE
from actions.endings import CLOSURE, CONFIRMATION, REOPENING, RESTORATION, VOIDING
from actions.passing import ACCEPTANCE, ESCALATION, PIC, RECALL, RETURN, TAKEOVER
from actions.work import ASSIGNMENT, RESUMPTION, TAKING, WAITING

ACTIONS = (
    COMMENT,
    NOTE,
    OPENING,
    CORRECTION,
    CLOSURE,
    ESCALATION,
    PIC,
    WAITING,
    RESUMPTION,
    ASSIGNMENT,
    ACCEPTANCE,
    RETURN,
    RECALL,
    TAKEOVER,
    CONFIRMATION,
    REOPENING,
    VOIDING,
    RESTORATION,
)
WITH_PRESSED = tuple(each for action in ACTIONS for each in (action.pressed, action) if each)
ON_PAGE = tuple(action for action in WITH_PRESSED if not action.modal)
MODALS = tuple(action for action in ACTIONS if action.modal and action.draft == action.name)
BULK = tuple(action for action in WITH_PRESSED if action.bulk)

# How the history tells what happened, by the cause of the event; also what nobody did, or what followed from something else.
SENTENCES = {action.cause: action.sentence for action in ACTIONS} | {
    "reported": "melaporkan kendala ini.",
    "taken": TAKING.sentence,
    "replied": "menjawab; kendala ini dilanjutkan.",
    "elapsed": "melanjutkan kendala ini: waktu tunggunya habis.",
    "released": "melepaskan kendala ini dari {assignee_before}, yang tidak lagi menanganinya.",
    "handed over": "memindahkan kendala ke {holder}: {left}.",
    "imported": "memindahkan kendala ini dari register lama (diimpor).",
    "auto-confirmed": "dikonfirmasi: tidak ada jawaban selama lima hari kerja.",
}
TITLES = {action.name: action.title for action in ACTIONS}
