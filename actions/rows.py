"""Rows of the list, kept as they are shown while their problems stay as they are (fragment cache, docs/decisions/0108)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from actions.registry import BULK
from actions.state import Request
from formats.indonesian import duration
from queries.problem_filter import Place, place_in
from queries.problem_list import Found, Listed, age, list_problems
from web.moulds import Mould, blank, joined
from web.recent import Recent
from web.render import Filled

Look = tuple[
    str, str, int
]  # of the reference data the version; the zone in which the times are shown, and the year now
RIGHTS = tuple(action.right for action in BULK)
# Of forty pages: the text of a row takes 3 KB, and is the same for all who can select it, or cannot.
_moulds: Recent[Mould] = Recent(2_000)
_rows: Recent["Row"] = Recent(4_000)


class Row(NamedTuple):
    """A problem in the list: `mould` is its row, with a blank for the age; `rights` are those of RIGHTS that the viewer has."""

    id: int
    mould: Mould
    rights: tuple[str, ...]
    priority: int | None
    changed_at: datetime
    held: timedelta
    since: datetime | None

    def place(self, sort: str) -> Place:
        """Where it stands in an order."""
        return place_in(sort, self.id, self.priority, self.changed_at)


async def rows_of(request: Request, found: Sequence[Found]) -> list[Row]:
    """The rows of what was found, in its order. Only those that are not kept are read; of a problem that has changed since it
    was found, the row is that of today."""
    viewer, now = request.state.viewer, datetime.now(UTC)
    look = request.state.reference_version, viewer.time_zone, now.astimezone(ZoneInfo(viewer.time_zone)).year
    whose = viewer.nik if viewer.is_handler else None  # the others can select nothing
    rows = {each.id: _rows.get((each, whose, look)) for each in found}
    missing = [number for number, row in rows.items() if row is None]
    if missing:
        rights = RIGHTS if viewer.is_handler else ()
        for problem in await list_problems(request.state.connection, viewer, missing, rights):
            rows[problem.id] = _make_row(problem, whose, look, now)
    return [row for row in rows.values() if row]


def _make_row(problem: Listed, whose: str | None, look: Look, now: datetime) -> Row:
    """The row, with the mould of what somebody else is shown, if that is the same."""
    of, rights = Found(problem.id, problem.version), tuple(problem.rights)
    key = of, bool(rights), look
    mould = _moulds.get(key) or _moulds.keep(key, _make_mould(problem, look, now, bool(rights)))
    times = problem.changed_at, problem.held, problem.since
    return _rows.keep((of, whose, look), Row(problem.id, mould, rights, problem.priority, *times))


def _make_mould(problem: Listed, look: Look, now: datetime, is_selectable: bool) -> Mould:
    context = {"row": problem, "time_zone": look[1], "now": now, "is_selectable": is_selectable, "age": blank("age")}
    return Mould("partials/problems/row.html", context)


def filled(rows: Sequence[Row]) -> Filled | None:
    """The rows as they are at this moment; None if there are none."""
    now = datetime.now(UTC)
    return joined(row.mould.fill({"age": duration(age(row.held, row.since, now))}) for row in rows) if rows else None
