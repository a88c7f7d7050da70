"""What somebody wants as a file: the filters of the page that they ask from, read against what can be chosen."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from starlette.exceptions import HTTPException

from actions.listing import filter_of, read_listing
from actions.recap import cut_of, is_month, read_recap_of, title_of
from actions.state import Request
from formats.indonesian import month_name
from formats.recap import read_month
from formats.text import clean
from forms.exports import BAD_FILTERS, narrowed_by
from queries.recap_standing import get_standing

PREPARING = "Rekap sedang disiapkan: angkanya belum lengkap. Coba lagi sebentar lagi."


@dataclass(frozen=True)
class Source:
    """The page that is asked from: its address, its filters as a form sends them, in words, and as the queries take them.

    `fault` is what is wrong with them, if anything is.
    """

    page: str
    fields: Mapping[str, str]
    narrowed: list[str]
    filter: Mapping[str, Any]
    fault: str = ""


async def read_source(request: Request, kind: str) -> Source:
    """What was posted beside the format. Raises HTTPException (403) for a recap, from who may see none."""
    if kind == "recap" and request.state.viewer.scopes.isdisjoint(("handler", "manager")):
        raise HTTPException(403)
    return await _READERS.get(kind, _read_list)(request)


async def _read_list(request: Request) -> Source:
    """The list as it is filtered. All is searched, also where the page reads the newest only; notes once it is made."""
    connection, viewer = request.state.connection, request.state.viewer
    listing, offers = await read_listing(request, request.state.raw)
    if not listing.form.valid:
        return Source("/problems", listing.parameters, narrowed_by(listing), {}, BAD_FILTERS)
    filter = replace(await filter_of(connection, listing, offers, viewer), since=None, noted=None, found=None)
    narrowed = {name: value for name, value in asdict(filter).items() if name != "found"}
    kept = {"list": narrowed, "sort": listing.sort}
    return Source(listing.url(), listing.parameters, narrowed_by(listing), kept)


async def _read_recap(request: Request) -> Source:
    """A month's numbers, narrowed as its page is."""
    raw, connection, viewer = request.state.raw, request.state.connection, request.state.viewer
    month, standing = read_month(clean(raw.get("month", ""))), await get_standing(connection)
    if month is None or not is_month(standing, month):
        return Source("/recap", {}, [], {}, BAD_FILTERS)
    recap, offers = await read_recap_of(request, raw, month)
    source = Source(recap.url(), recap.parameters, [month_name(month), *recap.chosen], {})
    if not recap.form.valid:
        return replace(source, page="/recap", fault=BAD_FILTERS)
    cut = cut_of(recap, offers, viewer)
    kept = {
        "month": month.isoformat(),
        "holders": cut.holders,
        "store": cut.store,
        "area": cut.area,
        "title": title_of(cut, recap, offers),
    }
    return replace(source, filter=kept, fault=PREPARING if standing.preparation else "")


_READERS: dict[str, Callable[[Request], Awaitable[Source]]] = {"problems": _read_list, "recap": _read_recap}
