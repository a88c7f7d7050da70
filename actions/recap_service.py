"""How soon problems are answered and solved, beside the numbers of a month: as it was when the month was frozen, or as it is."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from actions.recap import area_of, reach_of
from actions.state import Request, without_connection
from queries.recap import Cut, Numbers
from queries.recap_standing import Standing
from queries.service import UNKNOWN, Service, get_service, list_service

MANY = 1_000  # openings and closures of a month; its medians are read again after a minute, not after every change


class Served(NamedTuple):
    """What is shown of a row, and what is so now where that differs."""

    shown: Service
    now: Service | None


async def serve_all(
    request: Request, standing: Standing, cut: Cut, *, total: Numbers, difference: Numbers
) -> dict[str, Any]:
    """The row of all: `service`, and `service_now` where something was restated since."""
    connection, is_kept = request.state.connection, standing.is_served(cut.month)

    async def read() -> Service:
        return await get_service(connection, cut, kept=is_kept)

    shown = await _read(request, standing, ("service of all", cut), is_kept, total, read)
    now = await get_service(connection, cut, kept=False) if is_kept and any(difference[1:14]) else shown
    return {"service": shown, "service_now": None if now == shown else now}


async def serve_rows(
    request: Request,
    standing: Standing,
    cut: Cut,
    keys: Sequence[str] | None,
    *,
    total: Numbers,
    is_restated: bool,
) -> dict[str, Served]:
    """The rows of the cut by their keys, of stores these alone."""
    connection, is_kept = request.state.connection, standing.is_served(cut.month)

    async def read() -> dict[str, Service]:
        return await list_service(connection, cut, keys, kept=is_kept)

    key = ("service", cut, None if keys is None else tuple(keys))
    shown = await _read(request, standing, key, is_kept, total, read)
    if not (is_kept and is_restated):
        return {key: Served(service, None) for key, service in shown.items()}
    now = await list_service(connection, cut, keys, kept=False)
    pairs = {key: (shown.get(key, UNKNOWN), now.get(key, UNKNOWN)) for key in shown | now}
    return {key: Served(was, None if was == is_now else is_now) for key, (was, is_now) in pairs.items()}


async def _read(request: Request, standing: Standing, key: tuple, is_kept: bool, total: Numbers, read: Any) -> Any:
    """What `read` gives; of a month in which much happens, kept for a minute, by whoever has the same reach."""
    if is_kept or total.opened + total.closed <= MANY:
        return await read()
    viewer = request.state.viewer
    version = f"{datetime.now(UTC):%H:%M} {standing.version}"
    whole_key = ("recap", reach_of(viewer), area_of(viewer), key)
    return await request.app.state.recaps.get(whole_key, version, read, waiting=lambda: without_connection(request))
