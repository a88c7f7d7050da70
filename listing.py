"""The filters of the list, read against what can be chosen: for the list itself, and for the views that are saved of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request

from forms.form import clean
from forms.problems import ListForm, read_list, with_store_error
from queries.masterdata import find_stores, list_divisions, list_stores
from queries.problems import list_years


@dataclass(frozen=True)
class Offers:
    """What the filters offer: years, newest first; (code, name) of divisions and stores. `stores` is None where they are too
    many for a select, and are searched."""

    years: list[int]
    divisions: list[tuple[str, str]]
    stores: list[tuple[str, str]] | None


async def read_listing(request: Request, raw: Mapping[str, str]) -> tuple[ListForm, Offers]:
    """The filters in `raw`, the query of the list, and what else could be chosen."""
    connection, viewer = request.state.connection, request.state.viewer
    offers = Offers(
        await list_years(connection, viewer), await list_divisions(connection), await list_stores(connection, viewer)
    )
    if offers.stores is not None:
        return read_list(raw, offers.years, offers.divisions, offers.stores), offers
    found = await find_stores(connection, viewer, clean(raw.get("store", "")))
    if len(found) == 1:
        return read_list({**raw, "store": found[0][0]}, offers.years, offers.divisions, found), offers
    return with_store_error(read_list(raw, offers.years, offers.divisions, []), several=bool(found)), offers
