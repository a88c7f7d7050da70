"""The filters of the list, read against what can be chosen: for the list itself, and for the views that are saved of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from asyncpg import Connection

from actions.state import Request
from formats.text import clean
from forms.fields import Choices
from forms.holders import ME, group_holders, split_holder
from forms.listing import ListForm, read_list, with_old_names, with_store_error
from queries.departments import list_departments, list_former_pics, list_pics_in_reach
from queries.divisions import list_divisions
from queries.employees import Employee, list_pics
from queries.notes import NOTED, list_noted
from queries.problem_counts import count_problems
from queries.problem_filter import Filter
from queries.problem_list import list_problem_ids, list_years
from queries.problem_search import get_since
from queries.stores import Store, find_stores, list_stores


@dataclass(frozen=True)
class Offers:
    """What the filters offer: years, newest first, who may hold problems, of them the codes of the divisions, and stores.
    `stores` is None where they are too many for a select, and are searched."""

    years: list[int]
    holders: Choices
    divisions: frozenset[str]
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
    offers = await _offer(connection, viewer, raw)
    if offers.stores is not None:
        return read_list(raw, offers.years, offers.holders, offers.stores), offers
    found = await find_stores(connection, viewer, clean(raw.get("store", "")))
    if len(found) == 1:
        return read_list({**raw, "store": found[0].code}, offers.years, offers.holders, found), offers
    return with_store_error(read_list(raw, offers.years, offers.holders, []), several=bool(found)), offers


async def _offer(connection: Connection, viewer: Employee, raw: Mapping[str, str]) -> Offers:
    """What can be chosen; also the PIC in `raw` who is none any more, but has problems in the viewer's reach."""
    pics = await (list_pics(connection) if viewer.sees_all else list_pics_in_reach(connection, viewer))
    department, nik = split_holder(clean(raw.get("holder", "")))
    if nik and (department, nik) not in [(pic.department_code, pic.nik) for pic in pics]:
        pics += await list_former_pics(connection, viewer, department, nik)
    divisions = await list_divisions(connection)
    return Offers(
        await list_years(connection, viewer),
        group_holders(divisions, await list_departments(connection), pics, loads=viewer.sees_all),
        frozenset(division.code for division in divisions),
        await list_stores(connection, viewer),
    )


async def filter_of(connection: Connection, listing: ListForm, offers: Offers, viewer: Employee) -> Filter:
    """What the queries of the list are asked for."""
    is_mine = listing.holder == ME
    code, nik = ("", "") if is_mine else split_holder(listing.holder)
    is_division = code in offers.divisions
    return Filter(
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
        noted=await list_noted(connection, viewer.nik, listing.patterns or [], NOTED) if viewer.sees_all else None,
        since=await get_since(connection) if listing.reads_all and viewer.sees_all else None,
    )


def cut_of_notes(filter: Filter) -> int:
    """How many problems were found by their notes, if there may be more; else 0."""
    return NOTED if len(filter.noted or ()) == NOTED else 0


async def look_elsewhere(connection: Connection, viewer: Employee, listing: ListForm, filter: Filter) -> Empty:
    """Why nothing is on the page that `listing` names, and where something is."""
    if any(listing.sides.values()) and await list_problem_ids(connection, viewer, filter, limit=1):
        return Empty(is_beyond=True, elsewhere=[])
    wider = {listing.url(year="all"): replace(filter, year=None), "/problems?year=all": Filter()}
    wider.pop(listing.url(), None)
    counts = [await count_problems(connection, viewer, each) for each in wider.values()]
    numbers = [
        sum(number for status, number in count.items() if each.has_status(status))
        for each, count in zip(wider.values(), counts, strict=True)
    ]
    limits = [each.count_limit for each in wider.values()]
    return Empty(is_beyond=False, elsewhere=list(zip(wider, numbers, limits, strict=True)))
