"""The recap: the months, and one of them by holder, area, store, category or priority (reports)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from asyncpg import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from actions.recap import (
    RecapOffers,
    area_of,
    cut_of,
    head_of,
    kept,
    month_of,
    present_month,
    reach_of,
    read_recap_of,
    scope_of,
    title_of,
)
from actions.recap_rows import Row, label_rows, row_of_all
from actions.recap_service import serve_all, serve_rows
from actions.state import Request
from formats import charts
from formats.indonesian import month_code, short_month
from formats.recap import (
    ALL,
    BALANCE_OF_A_HOLDER,
    BALANCE_OF_ALL,
    LENGTHS,
    NUMBERS,
    RESTATING,
    RESTATING_OTHERWISE,
    SERVICE,
    add_months,
)
from forms.recap import BY_WORDS, RecapForm, read_after
from queries.highlights import list_stints
from queries.recap import (
    NOTHING,
    Cut,
    MonthNumbers,
    Numbers,
    get_total,
    list_months,
    list_numbers,
)
from queries.recap_standing import Standing, get_standing
from queries.restatements import Restatement, get_difference, list_differences, list_restatements
from queries.roll_up import with_restated
from queries.service import get_service_month
from web.render import Packed, page, push_url, render_text

PAGE_SIZE = 50
DRAWN = 24  # months of the chart
LONGEST = CAUSES = 5
WORDS: dict[str, Any] = {
    "numbers": NUMBERS,
    "lengths": LENGTHS,
    "service_words": SERVICE,
    "words": ALL,
    "restating": RESTATING,
    "restating_otherwise": RESTATING_OTHERWISE,
}


async def index(request: Request) -> Response:
    """The months, newest first, and the last two years as a chart."""
    standing = await get_standing(request.state.connection)
    context = {
        "section": "recap",
        "scope": scope_of(request.state.viewer),
        "preparing": standing.preparation,
        "overview": await kept(request, standing, "months", lambda: _show_months(request)),
    }
    return page(request, "templates/recap/index.html", **context)


async def _show_months(request: Request) -> Packed:
    """What came is what was reported; to a holder also what others passed on."""
    connection, reach = request.state.connection, reach_of(request.state.viewer)
    months, came = (
        await list_months(connection, reach, area_of(request.state.viewer)),
        "reported" if reach is None else "received",
    )
    context = {
        "months": months,
        "present": present_month(),
        "came": ALL[came],
        "most": max((max(getattr(m.numbers, came), m.numbers.closed) for m in months), default=0),
        "chart": _chart_of(months[:DRAWN][::-1], came),
        "share": charts.share,
    }
    return Packed(render_text("partials/recap/overview.html", context))


def _chart_of(months: Sequence[MonthNumbers], came: str) -> dict[str, Any]:
    """Where what stands, from the oldest month to the newest; every January and July is named."""
    series = [[getattr(m.numbers, name) for m in months] for name in (came, "closed", "closing")]
    top = charts.scale([value for values in series for value in values])
    arrived, closed = charts.columns(series[:2], top)
    closing = charts.line(series[2], top)
    named = [(point.x, m.month) for point, m in zip(closing, months, strict=True) if m.month.month in (1, 7)]
    return {
        "months": [m.month for m in months],
        "ticks": charts.ticks(top),
        "arrived": arrived,
        "closed": closed,
        "closing": closing,
        "labels": [{"x": x, "text": short_month(month), "is_between": month.month == 7} for x, month in named],
    }


async def show(request: Request) -> Response:
    """One month, narrowed as the address says, beside the month before and the same one of last year. 422, and no numbers, if it
    names what cannot be chosen."""
    month, standing = await month_of(request)
    recap, offers = await read_recap_of(request, request.query_params, month)
    context = {"recap": recap, "form": recap.form, "offers": offers, "part": "month"}
    context |= await head_of(request, standing, month)
    if recap.form.valid:
        after = _after(request, recap.by)

        async def read() -> Packed:
            return await _show_numbers(request, standing, recap, offers, after)

        key = (month, recap.by, recap.holders, recap.area, recap.store)  # of first pages there are few
        context["numbers"] = await read() if after else await kept(request, standing, key, read, month)
    response = page(request, "templates/recap/month.html", status=200 if recap.form.valid else 422, **context)
    return push_url(request, response, recap.url())


def _after(request: Request, by: str) -> str | None:
    """Where a page of stores begins; of others there is one page."""
    try:
        return read_after(request.query_params) if by == "store" else None
    except ValueError:
        raise HTTPException(404) from None


async def _beside(
    request: Request, standing: Standing, recap: RecapForm, offers: RecapOffers, month: date
) -> dict[str, Any]:
    """The row of all in another month; no row before anything was counted. It is the same whatever the rows are of."""
    cut = replace(cut_of(recap, offers, request.state.viewer), month=month)
    numbers: dict[str, Any] = {"total": None, "difference": NOTHING, "service": None, "service_now": None}
    if month >= standing.first:

        async def read() -> dict[str, Any]:
            return await _read_all(request, standing, cut)

        numbers = await kept(request, standing, ("all", month, recap.holders, recap.area, recap.store), read, month)
    return {"month": month, "url": _counted_at(recap, month), **numbers}


async def _read_all(request: Request, standing: Standing, cut: Cut) -> dict[str, Any]:
    """The row of all, and what is to be added for that of now; how soon its problems were answered and solved."""
    connection, is_frozen = request.state.connection, standing.is_frozen(cut.month)
    difference = await get_difference(connection, cut) if is_frozen else NOTHING
    total = await get_total(connection, cut)
    service = await serve_all(request, standing, cut, total=total, difference=difference)
    return {"total": total, "difference": difference, **service}


def _counted_at(recap: RecapForm, month: date) -> str:
    """The address of what the numbers of all count in a month, but for the name of the number."""
    return f"{recap.url('/movements', month=month_code(month))}&number="


async def _show_numbers(
    request: Request, standing: Standing, recap: RecapForm, offers: RecapOffers, after: str | None
) -> Packed:
    cut = cut_of(recap, offers, request.state.viewer)
    beside = [await _beside(request, standing, recap, offers, add_months(cut.month, -n)) for n in (1, 12)]
    connection = request.state.connection
    numbers = await list_numbers(connection, cut, after, PAGE_SIZE + 1 if cut.by == "store" else None)
    differences = await list_differences(connection, cut) if standing.is_frozen(cut.month) else {}
    shown = numbers[:PAGE_SIZE] if cut.by == "store" else with_restated(numbers, differences)
    rows = await label_rows(connection, recap, offers, shown, differences)
    is_longer = len(numbers) > len(rows) and cut.by == "store"
    present = {"month": cut.month, "url": _counted_at(recap, cut.month), **await _read_all(request, standing, cut)}
    context = WORDS | {
        **await _served(request, standing, cut, rows, total=present["total"], is_restated=bool(differences)),
        "title": (title := title_of(cut, recap, offers)),
        "compared": [present, *beside],
        "all": row_of_all(title, **present),
        "present": present,
        "why": f"{recap.url('/highlights', by='')}#late",
        "balance": BALANCE_OF_ALL if cut.holders is None else BALANCE_OF_A_HOLDER,
        "by_word": BY_WORDS[cut.by],
        "rows": rows,
        "has_times": cut.by == "holder",
        "newer": recap.url() if after else None,
        "older": recap.url(after=rows[-1].key) if is_longer else None,
        "slowest": _slowest_of(rows) if cut.by == "holder" else [],
        "causes": await _causes(connection, cut, present["difference"]),
        "longest": await list_stints(connection, cut, limit=LONGEST),
    }
    return Packed(render_text("partials/recap/month.html", context))


async def _served(
    request: Request, standing: Standing, cut: Cut, rows: Sequence[Row], *, total: Numbers, is_restated: bool
) -> dict[str, Any]:
    """How soon the problems of each row were answered and solved, and since when that stays."""
    keys = [row.key for row in rows] if cut.by == "store" else None
    is_frozen = standing.is_frozen(cut.month)
    return {
        "services": await serve_rows(request, standing, cut, keys, total=total, is_restated=is_restated),
        "served": await get_service_month(request.state.connection, cut.month) if is_frozen else None,
    }


async def _causes(connection: Connection, cut: Cut, difference: Numbers) -> dict[str, list[Restatement]]:
    """The newest events by which the numbers of all differ from the frozen ones, by number."""
    names = [number.name for number in NUMBERS if getattr(difference, number.name)]
    return {name: await list_restatements(connection, cut, None, name, limit=CAUSES) for name in names}


def _slowest_of(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The holders of `rows` by how long they had what left their hands, with the lengths of their bars."""
    slowest = [row for row in rows if row.numbers.held_p90 is not None]
    slowest.sort(key=lambda row: row.numbers.held_median or timedelta(), reverse=True)
    most = max((row.numbers.held_p90.total_seconds() for row in slowest if row.numbers.held_p90), default=0)
    return [
        {
            "label": row.label,
            "url": row.url,
            "numbers": row.numbers,
            "median": charts.share((row.numbers.held_median or timedelta()).total_seconds(), most),
            "p90": charts.share((row.numbers.held_p90 or timedelta()).total_seconds(), most),
        }
        for row in slowest
    ]
