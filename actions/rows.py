"""Rows of the list, kept as they are shown while their problems stay as they are (fragment cache, docs/decisions/0108)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from actions.registry import BULK
from actions.state import Request
from formats.indonesian import distance, duration
from queries.employees import Employee
from queries.problem_filter import Place, place_in
from queries.problem_list import Found, Listed, age, list_problems
from web.moulds import Mould, blank, poured
from web.recent import Recent
from web.render import Filled

RIGHTS = tuple(action.right for action in BULK)
# Of forty pages: the text of a row takes 3 KB, and is the same for all who can select it, or cannot.
_moulds: Recent[Mould] = Recent(2_000)
_rows: Recent["Row"] = Recent(4_000)


class Row(NamedTuple):
    """A problem in the list: `mould` is its row, with blanks for what goes on by itself; `rights` are those of RIGHTS that the
    viewer has, as does whoever has the same standing and is not `involved`."""

    id: int
    mould: Mould
    rights: tuple[str, ...]
    involved: tuple[str | None, ...]
    priority: int | None
    changed_at: datetime
    due_at: datetime | None
    held: timedelta
    since: datetime | None

    def place(self, sort: str) -> Place:
        """Where it stands in an order."""
        return place_in(sort, self.id, self.priority, self.changed_at, self.due_at)

    def words(self, now: datetime, visited_at: datetime | None) -> dict[str, str]:
        """What the mould has blanks for; `visited_at` is when the viewer was here before."""
        is_changed = visited_at is not None and self.changed_at > visited_at
        words = {"age": duration(age(self.held, self.since, now), 1), "is_changed": " changed" if is_changed else ""}
        if self.due_at:
            words |= {"due": distance(self.due_at, now, 1), "is_late": " late" if now > self.due_at else ""}
        return words


async def rows_of(request: Request, found: Sequence[Found]) -> list[Row]:
    """The rows of what was found, in its order. Only those that are not kept are read; of a problem that has changed since it
    was found, the row is that of today."""
    viewer, now = request.state.viewer, datetime.now(UTC)
    # What a row depends on beside its problem and whoever sees it, in one text, whose hash is made once a page.
    look = f"{request.state.reference_version} {viewer.time_zone} {now.astimezone(ZoneInfo(viewer.time_zone)).year}"
    shared, own = f"{look} {_standing(viewer)}", f"{look} {viewer.nik}"
    rows = {each.id: _kept(each, viewer.nik, shared, own) for each in found}
    missing = [number for number, row in rows.items() if row is None]
    if missing:
        rights = RIGHTS if viewer.is_handler else ()
        for problem in await list_problems(request.state.connection, viewer, missing, rights):
            involved = tuple(problem.involved) if rights else ()
            mould = _mould_of(problem, look, viewer.time_zone, now)
            times = problem.changed_at, problem.due_at, problem.held, problem.since
            row = Row(problem.id, mould, tuple(problem.rights), involved, problem.priority, *times)
            whose = own if viewer.nik in involved else shared
            rows[problem.id] = _rows.keep((problem.id, problem.version, problem.due_at, whose), row)
    return [row for row in rows.values() if row]


def _standing(viewer: Employee) -> str | None:
    """What gives a person rights to problems that are neither reported by them nor assigned to them: the divisions, or of a PIC
    who it is. None for those who can select nothing."""
    if not viewer.is_handler:
        return None
    return viewer.nik if viewer.departments else " ".join(sorted(viewer.divisions))


def _kept(found: Found, nik: str, shared: str, own: str) -> Row | None:
    row = _rows.get((*found, shared))
    return _rows.get((*found, own)) if row is None or nik in row.involved else row


def _mould_of(problem: Listed, look: str, time_zone: str, now: datetime) -> Mould:
    """The row, for all who can select it, or cannot."""
    is_selectable = bool(problem.rights)
    key = problem.id, problem.version, problem.due_at, is_selectable, look
    if mould := _moulds.get(key):
        return mould
    context = {"row": problem, "time_zone": time_zone, "now": now, "is_selectable": is_selectable}
    context |= {word: blank(word) for word in ("age", "due", "is_late", "is_changed")}
    return _moulds.keep(key, Mould("partials/problems/row.html", context))


def fill_rows(rows: Sequence[Row], visited_at: datetime | None) -> Filled | None:
    """The rows as they are at this moment, for somebody who was here before at `visited_at`; None if there are none."""
    now = datetime.now(UTC)
    return poured((row.mould, row.words(now, visited_at)) for row in rows) if rows else None
