"""The history as sentences: what happened, behind the name of who did it. Names in them are those of today."""

from actions.registry import SENTENCES
from formats.indonesian import local_time
from queries.events import Event
from queries.notifications import Notification

# What a problem waits for, within a sentence.
WAITED = {"reporter": "pelapor", "vendor": "vendor", "part": "suku cadang", "visit": "kunjungan", "other": "hal lain"}


def tell(event: Event | Notification, time_zone: str) -> str:
    """What an event did, its times in a zone. What only the version that comes can do, while this one still serves
    (docs/decisions/0060), has changed the problem somehow."""
    after = event.after or {}
    taken = event.cause == "assigned" and after.get("assignee") == event.actor_nik
    return SENTENCES.get("taken" if taken else event.cause or "", "mengubah kendala ini.").format(
        holder=_holder(event),
        assignee=event.assignee,
        assignee_before=event.assignee_before,
        waiting=_wait(event, time_zone),
        category=f"{event.category_code} — {event.category}",
        priority=after.get("priority", ""),
        left=_left(event),
    )


def _holder(event: Event | Notification) -> str:
    if event.division_code:
        return f"{event.division_code} — {event.division}"
    return f"{event.department_code} — {event.department}, PIC {event.pic}"


def _wait(event: Event | Notification, time_zone: str) -> str:
    until = f" sampai {local_time(event.waiting_until, time_zone)}" if event.waiting_until else ""
    return WAITED.get((event.after or {}).get("waiting_for", ""), "") + until


def _left(event: Event | Notification) -> str:
    """Why somebody holds it no more."""
    before = event.before or {}
    if "division" in before:
        return f"tidak ada lagi anggota aktif di {before['division']}"
    return f"PIC {event.pic_before} ({before.get('department', '')}) tidak bertugas lagi"
