"""The list of problems, and one of them."""

from typing import Any

from starlette.responses import Response

from actions.list_page import PAGE, PART, fill_list, show_counts, show_tasks
from actions.listing import cut_of_notes, filter_of, look_elsewhere, read_listing, saved_views
from actions.notifications import note_read
from actions.registry import BULK
from actions.rows import Row, fill_rows, rows_of
from actions.show import show_earlier, show_problem
from actions.state import Request
from actions.tags import tag_problems
from forms.listing import ListForm, Shown, read_shown
from forms.saved_views import view_query, views_beside
from queries.problem_counts import count_problems
from queries.problem_filter import Filter, Place
from queries.problem_list import find_problems, list_versions
from queries.problem_search import READ_AT_MOST
from web.render import filled, local_path, page, partial, push_url, unchanged, wants_partial

PAGE_SIZE = 50
BESIDE = "SIH-List"  # the address of the list beside which htmx is to show a problem
# What a list says that finds nothing.
EMPTY = {
    "ids": [],
    "rows": None,
    "counts": (),
    "bulk": [],
    "newer": None,
    "older": None,
    "has_moved": False,
    "read_at_most": 0,
    "noted_at_most": 0,
    "count_limit": None,
}


async def index(request: Request) -> Response:
    """The list, as its URL says; 304 if that is what is shown. 422, and no rows, if the URL names a filter that there is not."""
    version = request.state.version
    shown = read_shown(request.query_params.get("shown", ""), PAGE_SIZE)
    if shown and shown.version == version:
        return unchanged()
    listing, offers = await read_listing(request, request.query_params)
    context = {
        "section": "problems",
        "version": version,
        "is_poll": shown is not None,
        "listing": listing,
        "form": listing.form,
        "offers": offers,
        "view_query": view_query(listing, offers.years),
        **EMPTY,
    }
    if listing.form.valid:
        filter = await filter_of(request.state.connection, listing, offers, request.state.viewer)
        context |= await _found(request, listing, filter, shown)
    viewer, saved = request.state.viewer, await saved_views(request)
    who = {"handles": viewer.is_handler, "oversees": viewer.oversees}
    context["views"] = tuple(views_beside(listing, offers.years, saved, **who))
    context["tasks"] = None if shown else await show_tasks(request)
    return await _answer(request, 200 if listing.form.valid else 422, **context)


async def _found(request: Request, listing: ListForm, filter: Filter, shown: Shown | None) -> dict[str, Any]:
    """The rows and counts. Rows that are shown already stay where they are; `has_moved` if others belong there now."""
    connection, viewer = request.state.connection, request.state.viewer
    rows, newer, older = await _page_of(request, listing, filter)
    has_moved = shown is not None and [row.id for row in rows] != shown.ids
    if shown and has_moved:
        rows = await rows_of(request, await list_versions(connection, viewer, shown.ids))
    rights = {right for row in rows for right in row.rights}
    counts = await count_problems(connection, viewer, filter)
    empty = None if rows else await look_elsewhere(connection, viewer, listing, filter)
    found = {
        "ids": [row.id for row in rows],
        "rows": fill_rows(rows, viewer.visited_at),
        "newer": newer,
        "older": older,
        "counts": tuple(counts.items()),
    }
    found["bulk"] = [action for action in BULK if action.right in rights]
    found |= {"has_moved": has_moved, "count_limit": filter.count_limit, "empty": empty}
    return found | {"read_at_most": READ_AT_MOST if filter.since else 0, "noted_at_most": cut_of_notes(filter)}


async def _page_of(request: Request, listing: ListForm, filter: Filter) -> tuple[list[Row], str | None, str | None]:
    """The rows of the page that the URL names, and the addresses of the pages before and after it, if any."""
    connection, viewer = request.state.connection, request.state.viewer
    sides = {side: Place(*position) if position else None for side, position in listing.sides.items()}
    found = await find_problems(connection, viewer, filter, listing.sort, **sides, limit=PAGE_SIZE + 1)
    backwards, more = listing.before is not None, len(found) > PAGE_SIZE
    rows = await rows_of(request, found[-PAGE_SIZE:] if backwards else found[:PAGE_SIZE])
    if not rows:
        return [], None, None
    has_newer = more if backwards else listing.after is not None
    has_older = backwards or more
    newer = listing.url_of("before", rows[0].place(listing.sort)) if has_newer else None
    older = listing.url_of("after", rows[-1].place(listing.sort)) if has_older else None
    return rows, newer, older


async def _answer(request: Request, status: int, **context) -> Response:
    context |= {"page_url": context["listing"].page_url, "counts": show_counts(context)}
    if context["is_poll"]:  # of which htmx takes a part, and so calls it full
        return _part(request, status, as_page=False, **context)
    if wants_partial(request):
        return push_url(request, _part(request, status, **context), context["page_url"])
    kept = fill_list(request, PAGE, context)
    return await tag_problems(request, filled(kept) if kept else page(request, PAGE, status=status, **context))


def _part(request: Request, status: int, **context) -> Response:
    kept = fill_list(request, PART, context)
    return filled(kept) if kept else partial(request, PART, status=status, **context)


async def show(request: Request) -> Response:
    """A problem with the newest part of its history, and all that the viewer can do with it; or only a further part."""
    if wants_partial(request) and not request.query_params.keys().isdisjoint(("before", "notes_before")):
        return await show_earlier(request)
    await note_read(request)
    response = await show_problem(request)
    beside = local_path(request.headers.get(BESIDE, ""))
    return push_url(request, response, f"{beside}&problem={request.state.problem.id}") if beside else response
