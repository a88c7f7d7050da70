"""What a number of the recap counts: its problems or events, a row each (drill-down)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from asyncpg import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from actions.recap import RecapOffers, cut_of, month_of, read_recap_of, title_of
from actions.recap_rows import label_of
from actions.state import Request
from formats.recap import ALL, LENGTHS, RESTATING, RESTATING_OTHERWISE
from forms.recap import Asked, RecapForm, read_asked
from queries.categories import list_below
from queries.highlights import Stint, StintPlace, list_stints
from queries.movements import BORDERS, USED, Counted, Place, list_movements
from queries.recap import Cut, Numbers, get_total, list_numbers
from queries.restatements import list_restatements
from queries.roll_up import add_up, codes_below
from queries.service import UNKNOWN, Service, get_service, list_service
from web.render import page

PAGE_SIZE = 50
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


async def index(request: Request) -> Response:
    """A page of what the number counts that the address names. 422 if it names what cannot be chosen."""
    month, _ = await month_of(request)
    recap, offers = await read_recap_of(request, request.query_params, month)
    asked = read_asked(request.query_params)
    if asked is None:
        raise HTTPException(404)
    context: dict[str, Any] = {"recap": recap, "form": recap.form, "month": month, "asked": asked, "rows": []}
    if recap.form.valid:
        cut = cut_of(recap, offers, request.state.viewer)
        context |= await _counted(request.state.connection, recap, offers, cut, asked)
    status = 200 if recap.form.valid else 422
    return page(request, "templates/recap/movements.html", status=status, section="recap", words=ALL, **context)


async def _counted(
    connection: Connection, recap: RecapForm, offers: RecapOffers, cut: Cut, asked: Asked
) -> dict[str, Any]:
    """The rows after a place, and what is said above them."""
    label = title_of(cut, recap, offers)
    if asked.key is not None:
        label = await label_of(connection, recap, offers, asked.key) if _has_row(cut, offers, asked.key) else None
    if label is None or (asked.number in LENGTHS and asked.key is not None and cut.by not in ("holder", "store")):
        raise HTTPException(404)
    rows = await _list(connection, cut, asked)
    total: Numbers | Service = await _get_total(connection, cut, asked.key)
    if asked.number.name in Service._fields:
        total = await _get_service(connection, cut, asked.key)
    here = recap.url("/movements", number=asked.number.name) + (
        f"&key={quote(asked.key)}" if asked.key is not None else ""
    )
    return {
        "rows": rows[:PAGE_SIZE],
        "of": label,
        "total": getattr(total, asked.number.name, None),
        **await _restated(connection, cut, asked, here),
        "is_stock": asked.number.name in BORDERS,
        "has_times": bool(rows) and rows[0].held is not None and asked.number.name not in USED,
        "has_used": asked.number.name in USED,
        "newer": here if asked.after else None,
        "older": f"{here}&after={_place_of(rows[PAGE_SIZE - 1])}" if len(rows) > PAGE_SIZE else None,
    }


async def _restated(connection: Connection, cut: Cut, asked: Asked, here: str) -> dict[str, Any]:
    """What was counted otherwise after the month was frozen, a page of it, the newest first; and where more of it is."""
    name, changes = asked.number.name, []
    if asked.number not in LENGTHS and name not in USED:
        changes = await list_restatements(connection, cut, asked.key, name, asked.before, PAGE_SIZE + 1)
    shown = changes[:PAGE_SIZE]
    return {
        "restating": RESTATING,
        "restating_otherwise": RESTATING_OTHERWISE,
        "causes": {name: shown} if shown else {},
        "earlier": f"{here}&before={shown[-1].id}" if len(changes) > PAGE_SIZE else None,
    }


async def _list(connection: Connection, cut: Cut, asked: Asked) -> Sequence[Counted | Stint]:
    """A row more than a page of what is asked for."""
    if asked.number in LENGTHS:
        place = StintPlace(timedelta(microseconds=asked.after[0]), *asked.after[1:]) if asked.after else None
        return await list_stints(connection, of_row(cut, asked.key), place, PAGE_SIZE + 1)
    place = Place(EPOCH + timedelta(microseconds=asked.after[0]), asked.after[1]) if asked.after else None
    return await list_movements(connection, cut, asked.key, asked.number.name, place, PAGE_SIZE + 1)


async def _get_total(connection: Connection, cut: Cut, key: str | None) -> Numbers:
    """The numbers of a row of the cut, or of all."""
    if key is None or cut.by in ("holder", "store") or (cut.by == "area" and key):
        return await get_total(connection, of_row(cut, key))
    keys = await list_below(connection, key) if cut.by == "category" else [key]
    return add_up(key, [row for row in await list_numbers(connection, cut) if row.key in keys])


async def _get_service(connection: Connection, cut: Cut, key: str | None) -> Service:
    """How many of a row of the cut, or of all, kept their target and missed it, now."""
    if key is None or cut.by in ("holder", "store") or (cut.by == "area" and key):
        return await get_service(connection, of_row(cut, key), kept=False)
    return (await list_service(connection, cut, kept=False)).get(key, UNKNOWN)


def _has_row(cut: Cut, offers: RecapOffers, key: str) -> bool:
    """Whether the cut can have that row: a holder, area or store that it is narrowed to, if it is."""
    if cut.area is not None and cut.by == "store" and not offers.has_store(cut.area, key):
        return False
    if cut.by == "area" and cut.area is not None and key not in codes_below(offers.tree, cut.area):
        return False
    if cut.by == "area" and cut.store is not None and not offers.has_store(key, cut.store):
        return False
    of = {"holder": cut.holders, "store": None if cut.store is None else (cut.store,)}.get(cut.by)
    return of is None or key in of


def of_row(cut: Cut, key: str | None) -> Cut:
    """The cut of one of its holders, areas or stores alone."""
    if key is None or cut.by not in ("holder", "area", "store"):
        return cut
    if cut.by == "area":
        return replace(cut, area=key)
    return replace(cut, holders=(key,)) if cut.by == "holder" else replace(cut, store=key)


def _place_of(row: Counted | Stint) -> str:
    moment, *rest = row.place
    length = moment if isinstance(moment, timedelta) else moment - EPOCH
    return ".".join(map(str, (length // timedelta(microseconds=1), *rest)))
