"""The list of problems, and one of them."""

from starlette.requests import Request
from starlette.responses import Response

from forms.login import too_many
from forms.photos import with_photos
from forms.problems import ListForm, read_comment
from forms.views import view_query
from listing import read_listing
from queries.budgets import COMMENTS, count_use
from queries.bulk import list_selectable
from queries.events import insert_comment
from queries.problems import COUNT_LIMIT, Filter, count_problems, list_problem_ids, list_problems
from queries.views import list_views
from render import must_wait, page, partial, wants_partial
from screens import on_page, show_problem, submit

PAGE_SIZE = 50


async def index(request: Request) -> Response:
    """The list, as its URL says. 422, and no rows, if the URL names a filter that there is not."""
    connection, viewer = request.state.connection, request.state.viewer
    listing, offers = await read_listing(request, request.query_params)
    context = {
        "section": "problems",
        "listing": listing,
        "form": listing.form,
        "offers": offers,
        "count_limit": COUNT_LIMIT,
        "views": await list_views(connection, viewer.nik),
        "view_query": view_query(listing, offers.years),
    }
    if not listing.form.valid:
        return _answer(request, 422, rows=[], counts={}, selectable={}, newer=None, older=None, **context)
    filter = _filter(listing)
    ids, newer, older = await _page_of_ids(request, listing, filter)
    context["rows"] = await list_problems(connection, viewer, ids)
    context["selectable"] = await list_selectable(connection, viewer, ids) if viewer.is_handler else {}
    context["counts"] = await count_problems(connection, viewer, filter)
    return _answer(request, 200, newer=newer, older=older, **context)


def _filter(listing: ListForm) -> Filter:
    return Filter(
        year=None if listing.year == "all" else int(listing.year),
        status=listing.status or None,
        division=listing.division or None,
        store=listing.store or None,
        patterns=listing.patterns,
        number=listing.number,
    )


async def _page_of_ids(request: Request, listing: ListForm, filter: Filter) -> tuple[list[int], str | None, str | None]:
    """The ids of the page that the URL names, and the addresses of the pages of newer and older problems, if any."""
    ids = await list_problem_ids(
        request.state.connection,
        request.state.viewer,
        filter,
        after=listing.after,
        before=listing.before,
        limit=PAGE_SIZE + 1,
    )
    backwards, more = listing.before is not None, len(ids) > PAGE_SIZE
    ids = ids[-PAGE_SIZE:] if backwards else ids[:PAGE_SIZE]
    if not ids:
        return [], None, None
    has_newer = more if backwards else listing.after is not None
    has_older = backwards or more
    newer = listing.url(before=str(ids[0])) if has_newer else None
    older = listing.url(after=str(ids[-1])) if has_older else None
    return ids, newer, older


def _answer(request: Request, status: int, **context) -> Response:
    if wants_partial(request):
        headers = {"HX-Push-Url": context["listing"].page_url}
        return partial(request, "partials/problems/list.html", status=status, headers=headers, **context)
    return page(request, "templates/problems/list.html", status=status, **context)


async def show(request: Request) -> Response:
    """A problem with its history, and all that the viewer can do with it."""
    return await show_problem(request)


async def comment(request: Request) -> Response:
    """A comment, with photos or without, from whoever sees the problem."""
    form = with_photos(read_comment(request.state.raw), request.state.photos)
    if form.valid and (wait := await count_use(request.state.connection, COMMENTS, request.state.viewer.nik)):
        return must_wait(await on_page("comment")(request, form.with_message(too_many(wait)), 429), wait)

    async def store(connection, change):
        pictures = request.state.photos.pictures
        await insert_comment(connection, change.problem_id, change.submission, form.values["comment"], pictures)

    return await submit(request, form, on_page("comment"), store, "commented")
