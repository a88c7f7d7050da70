"""A month's recap as its address narrows it: read against what can be chosen, and within the reach of who asks."""

from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException

from actions.reference import reference_of
from actions.state import Request, without_connection
from formats.recap import COMPANY, add_months, read_month
from formats.text import clean
from forms.fields import label_codes
from forms.listing import NO_STORE, SEVERAL_STORES
from forms.recap import RecapForm, read_recap
from queries.categories import Node
from queries.employees import Employee
from queries.recap import Cut
from queries.recap_standing import Standing, get_freeze, get_standing
from queries.reference import Workplace
from queries.roll_up import codes_below
from queries.stores import IN_A_SELECT, Store, find_stores

T = TypeVar("T")

PRESENT_ZONE = ZoneInfo("Asia/Jayapura")  # where a month begins first


@dataclass(frozen=True)
class RecapOffers:
    """What a recap can be narrowed to: the holders, areas and stores in reach; `stores` is None where they are too many for a
    select, and are searched. `names` are those of all holders, by code, `workplaces` the stores by code, `tree` all areas."""

    names: Mapping[str, str]
    divisions: list[tuple[str, str]]
    departments: list[tuple[str, str]]
    areas: list[tuple[str, str]]
    stores: list[Store] | None
    workplaces: Mapping[str, Workplace]
    tree: list[Node]

    def has_store(self, area: str, store: str) -> bool:
        """Whether a store is one of an area or of those below it."""
        return store in self.workplaces and self.workplaces[store].area_code in codes_below(self.tree, area)


def reach_of(viewer: Employee) -> tuple[str, ...] | None:
    """The holders whose numbers somebody sees, by code; None: those of the whole company."""
    return None if "manager" in viewer.scopes else (*viewer.divisions, *viewer.departments)


def area_of(viewer: Employee) -> str | None:
    """The area whose stores' numbers somebody sees, with those below it; None: those of all stores."""
    return viewer.area_code if "manager" in viewer.scopes else None


def scope_of(viewer: Employee) -> str:
    """What is said of the numbers to whom does not see all of them."""
    reach, area = reach_of(viewer), area_of(viewer)
    if area is not None:
        return f"Hanya toko di wilayah {area}."
    return "" if reach is None else f"Hanya yang ditangani {', '.join(reach)}."


async def month_of(request: Request) -> tuple[date, Standing]:
    """The month that the path names, and how far the recap is. Raises HTTPException (404) if it is none, not begun, or before
    anything was reported."""
    month, standing = read_month(request.path_params["month"]), await get_standing(request.state.connection)
    if month is None or not is_month(standing, month):
        raise HTTPException(404)
    return month, standing


def is_month(standing: Standing, month: date) -> bool:
    """Whether the month has begun, and anything was reported in it or before."""
    return standing.first <= month <= present_month()


def present_month() -> date:
    """The month that it is somewhere in the country."""
    return datetime.now(PRESENT_ZONE).date().replace(day=1)


async def kept(
    request: Request,
    standing: Standing,
    key: Hashable,
    read: Callable[[], Awaitable[T]],
    month: date | None = None,
) -> T:
    """What `read` gives, once for every state of the problems, or, of a `month` that is frozen, of names and restatements:
    whoever has the same reach sees the same."""
    viewer = request.state.viewer
    if month is not None and standing.is_frozen(month):
        version = f"{request.state.reference_version} {standing.version_of_frozen}"
    else:
        version = f"{request.state.version} {standing.version}"
    whole_key = ("recap", reach_of(viewer), area_of(viewer), key)
    return await request.app.state.recaps.get(whole_key, version, read, waiting=lambda: without_connection(request))


async def head_of(request: Request, standing: Standing, month: date) -> dict[str, Any]:
    """What every page of a month says of it: whether its numbers still change, and which months are beside it."""
    present, is_frozen = present_month(), standing.is_frozen(month)
    return {
        "section": "recap",
        "month": month,
        "scope": scope_of(request.state.viewer),
        "freeze": await get_freeze(request.state.connection, month) if is_frozen else None,
        "is_running": month == present,
        "preparing": standing.preparation,
        "before": add_months(month, -1) if month > standing.first else None,
        "after": add_months(month, 1) if month < present else None,
    }


async def read_recap_of(request: Request, raw: Mapping[str, str], month: date) -> tuple[RecapForm, RecapOffers]:
    """The filters in `raw`, the query of a recap, and what else could be chosen. What is out of reach is no choice."""
    connection, viewer = request.state.connection, request.state.viewer
    offers = await offer_recap(request)
    if offers.stores is not None:
        return read_recap(raw, month, offers.divisions, offers.departments, offers.areas, offers.stores), offers
    found = await find_stores(connection, viewer, clean(raw.get("store", "")))
    if len(found) == 1:
        raw = {**raw, "store": found[0].code}
    recap = read_recap(raw, month, offers.divisions, offers.departments, offers.areas, found if len(found) == 1 else [])
    return _with_store_error(recap, several=bool(found)), offers


async def offer_recap(request: Request) -> RecapOffers:
    """What somebody may narrow a recap to."""
    reach, area, reference = reach_of(request.state.viewer), area_of(request.state.viewer), await reference_of(request)
    divisions, departments, stores, areas = (
        reference.divisions,
        reference.departments,
        reference.stores,
        reference.areas,
    )
    if area is not None:
        below = codes_below(areas, area)
        areas = [node for node in areas if node.code in below]
        stores = [store for store in stores if reference.workplaces[store.code].area_code in below]
    return RecapOffers(
        dict([*divisions, *departments]),
        [(division.code, division.name) for division in divisions if reach is None or division.code in reach],
        [(department.code, department.name) for department in departments if reach is None or department.code in reach],
        [(node.code, node.name) for node in areas],
        stores if len(stores) <= IN_A_SELECT else None,
        reference.workplaces,
        reference.areas,
    )


def cut_of(recap: RecapForm, offers: RecapOffers, viewer: Employee) -> Cut:
    """Which of a month's numbers a recap shows."""
    area, store = recap.area or area_of(viewer), recap.store or None
    if area and store and not offers.has_store(area, store):
        store = ""  # there is none that is in both
    return Cut(recap.month, recap.by, recap.holders or reach_of(viewer), store, area)  # type: ignore[arg-type]


def title_of(cut: Cut, recap: RecapForm, offers: RecapOffers) -> str:
    """What the row of all is called."""
    labels = [COMPANY] if cut.area is None else []
    if cut.holders is not None:
        labels = [label for _, label in label_codes((code, offers.names[code]) for code in cut.holders)]
    areas = [label for code, label in label_codes(offers.areas) if code == cut.area]
    return ", ".join(filter(None, [*labels, *areas, recap.store_label]))


def _with_store_error(recap: RecapForm, several: bool) -> RecapForm:
    if "store" not in recap.form.errors:
        return recap
    errors = {**recap.form.errors, "store": SEVERAL_STORES if several else NO_STORE}
    return replace(recap, form=replace(recap.form, errors=errors))
