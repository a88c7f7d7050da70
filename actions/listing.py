"""The filters of the list, read against what can be chosen: for the list itself, and for the views that are saved of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from asyncpg import Connection

from actions.reference import reference_of
from actions.state import Request
from formats.text import clean
from forms.fields import Choices
from forms.holders import ME, group_holders, split_holder
from forms.listing import ListForm, read_list, with_old_names, with_store_error
from queries.departments import list_former_pics, list_pics_in_reach
from queries.employees import Employee, Pic, list_pic_loads
from queries.notes import NOTED, list_noted
from queries.problem_counts import count_problems
from queries.problem_filter import Filter
from queries.problem_list import list_problem_ids, list_years
from queries.problem_search import get_since, search
from queries.reference import Reference
from queries.saved_views import SavedView, list_views
from queries.stores import IN_A_SELECT, Store, find_stores, list_stores


@dataclass(frozen=True)
class Offers:
    """What the filters offer: years, newest first, who may hold problems, of them the codes of the divisions and the PICs, and
    stores. `stores` is None where they are too many for a select, and are searched."""

    years: list[int]
    holders: Choices
    divisions: frozenset[str]
    pics: list[Pic]
    stores: list[Store] | None


class Empty(NamedTuple):
    """Of a page without rows: whether the list goes on before it; and, if it does not, the addresses of wider lists, each with
    the number of problems in it, and beyond which of them nothing was counted."""

    is_beyond: bool
    elsewhere: list[tuple[str, int, int | None]]


async def read_listing(request: Request, raw: Mapping[str, str]) -> tuple[ListForm, Offers]:
    """The filters in `raw`, the query of the list, and what else could be chosen."""
    connection, viewer = request.state.connection, request.state.viewer
    raw = with_old_names(raw)
    offers = await _offer(request)
    offers = await _with_former(request, offers, clean(raw.get("holder", "")))
    if offers.stores is not None:
        return read_list(raw, offers.years, offers.holders, offers.stores), offers
    found = await find_stores(connection, viewer, clean(raw["store"])) if raw.get("store") else []
    if len(found) == 1:
        return read_list({**raw, "store": found[0].code}, offers.years, offers.holders, found), offers
    return with_store_error(read_list(raw, offers.years, offers.holders, []), several=bool(found)), offers


async def _offer(request: Request) -> Offers:
    """What can be chosen. It is kept for all who see all problems, and for each of the others, while neither the reference data
    nor any problem changes."""
    state, viewer = request.state, request.state.viewer
    whose = None if viewer.sees_all else (viewer.nik, viewer.store_code, viewer.area_code)
    version = f"{state.reference_version} {state.version}"
    return await request.app.state.offers.get(whose, version, lambda: _read_offers(request))


async def _read_offers(request: Request) -> Offers:
    connection, viewer = request.state.connection, request.state.viewer
    reference = await reference_of(request)
    if viewer.sees_all:
        loads = await list_pic_loads(connection)
        years, pics = reference.years, [pic._replace(load=loads.get(pic.nik, 0)) for pic in reference.pics]
        stores = reference.stores if len(reference.stores) <= IN_A_SELECT else None
    else:
        years, pics = await list_years(connection, viewer), await list_pics_in_reach(connection, viewer)
        stores = [Store(viewer.store_code, viewer.store_name)]
        if viewer.area_code is not None:
            stores = await list_stores(connection, viewer)
    divisions = frozenset(division.code for division in reference.divisions)
    return Offers(years, _group(reference, viewer, pics), divisions, pics, stores)


async def _with_former(request: Request, offers: Offers, holder: str) -> Offers:
    """Also the PIC that is named who is none any more, but has problems in the viewer's reach."""
    connection, viewer = request.state.connection, request.state.viewer
    department, nik = split_holder(holder)
    if not nik or any((department, nik) == (pic.department_code, pic.nik) for pic in offers.pics):
        return offers
    former = await list_former_pics(connection, viewer, department, nik)
    return replace(offers, holders=_group(await reference_of(request), viewer, offers.pics + former))


def _group(reference: Reference, viewer: Employee, pics: list[Pic]) -> Choices:
    return group_holders(reference.divisions, reference.departments, pics, loads=viewer.sees_all)


async def saved_views(request: Request) -> list[SavedView]:
    """The viewer's, by name. They are kept for each person while they stay as they are."""
    state, nik = request.state, request.state.viewer.nik
    return await request.app.state.views.get(nik, state.views_version, lambda: list_views(state.connection, nik))


async def filter_of(connection: Connection, listing: ListForm, offers: Offers, viewer: Employee) -> Filter:
    """What the queries of the list are asked for."""
    is_mine = listing.holder == ME
    code, nik = ("", "") if is_mine else split_holder(listing.holder)
    is_division = code in offers.divisions
    filter = Filter(
        year=None if listing.year == "all" else int(listing.year),
        status=listing.status or None,
        division=code if is_division else None,
        department=None if is_division else code or None,
        pic=nik or None,
        mine=(viewer.nik, viewer.divisions) if is_mine else None,
        store=listing.store or None,
        priority=int(listing.priority) if listing.priority else None,
        reporter=viewer.nik if listing.reporter else None,
        patterns=listing.patterns,
        number=listing.number,
        noted=await list_noted(connection, viewer.nik, listing.patterns or [], NOTED) if viewer.oversees else None,
        since=await get_since(connection) if listing.reads_all and viewer.sees_all else None,
    )
    return replace(filter, found=await search(connection, viewer, filter)) if filter.is_search else filter


def cut_of_notes(filter: Filter) -> int:
    """How many problems were found by their notes, if there may be more; else 0."""
    return NOTED if len(filter.noted or ()) == NOTED else 0


async def look_elsewhere(connection: Connection, viewer: Employee, listing: ListForm, filter: Filter) -> Empty:
    """Why nothing is on the page that `listing` names, and where something is."""
    if any(listing.sides.values()) and await list_problem_ids(connection, viewer, filter, limit=1):
        return Empty(is_beyond=True, elsewhere=[])
    wider = {listing.url(year="all"): replace(filter, year=None, found=None), "/problems?year=all": Filter()}
    wider.pop(listing.url(), None)
    counts = [await count_problems(connection, viewer, each) for each in wider.values()]
    numbers = [
        sum(number for status, number in count.items() if each.has_status(status))
        for each, count in zip(wider.values(), counts, strict=True)
    ]
    limits = [each.count_limit for each in wider.values()]
    return Empty(is_beyond=False, elsewhere=list(zip(wider, numbers, limits, strict=True)))
