"""Notifications as sentences, behind the name of who did it; and reading them."""

import db
from actions.sentences import tell
from actions.state import Request
from queries.notifications import Notification, read_notifications_of

CLOCKS = {"response": "respons", "resolution": "penyelesaian", "part": "bagian penanggung"}


def tell_told(told: Notification, time_zone: str) -> str:
    """What somebody was told, its times in a zone."""
    if told.clock is not None:
        used = "terlewat" if told.percent and told.percent >= 100 else "hampir terlewat"
        return f"Target {CLOCKS[told.clock]} {used}: {told.percent}% terpakai."
    if told.kind == "mentioned":
        return "menyebut Anda dalam catatan internal." if told.note_seq else "menyebut Anda dalam komentar."
    if told.cause == "reported" and told.actor_nik != told.reporter_nik:
        return f"mencatat kendala ini untuk {told.reporter}."
    return tell(told, time_zone).removesuffix(":").removesuffix(".") + "."


def address_of(told: Notification) -> str:
    """Where on the problem's page it stands."""
    if told.note_seq:
        return f"/problems/{told.problem_id}#note-{told.note_seq}"
    return f"/problems/{told.problem_id}" + (f"#event-{told.event_seq}" if told.event_seq else "#target")


async def note_read(request: Request) -> None:
    """Whoever opens the problem has read what they were told of it, and the page says so. Nothing is asked of whoever has nothing
    to read, nor where nothing can be written."""
    state, viewer = request.state, request.state.viewer
    if viewer.unread and request.method == "GET" and not db.reads_only(state.connection):
        read = await read_notifications_of(state.connection, viewer.nik, state.problem.id)
        state.viewer = viewer._replace(unread=max(0, viewer.unread - read))
