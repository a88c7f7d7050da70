"""The page of the list, kept as a mould: of one that is asked for again the rows, the numbers and whoever sees it are new
(docs/decisions/0116)."""

from collections.abc import Hashable
from typing import Any

from actions.state import Request, without_connection
from formats.indonesian import number
from queries.employees import Employee
from queries.tasks import MOST, get_tasks
from web.draft_tokens import issue_token
from web.form_key import new_key
from web.moulds import Mould, blank
from web.notices import read_notice
from web.recent import Recent
from web.render import Filled, fragment

PAGE, PART = "templates/problems/list.html", "partials/problems/list.html"

_moulds: Recent[Mould] = Recent(50)  # of 20 KB each
_counts: Recent[Filled] = Recent(100)


def show_counts(context: dict[str, Any]) -> Filled | None:
    """How many problems there are of each status; None where nothing was counted."""
    if not context["counts"]:
        return None
    key = context["listing"].key, context["counts"], context["count_limit"]
    names = "listing", "counts", "count_limit"
    return _counts.get(key) or _counts.keep(
        key, fragment("partials/problems/counts.html", {n: context[n] for n in names})
    )


async def show_tasks(request: Request) -> Filled | None:
    """What waits for the viewer, read once as long as nothing in their reach has changed; None if nothing does."""
    state = request.state

    async def read() -> Filled | None:
        tasks = await get_tasks(state.connection, state.viewer)
        return tasks and fragment("partials/problems/tasks.html", {"tasks": tasks, "most": MOST})

    return await request.app.state.tasks.get(
        state.viewer.nik, state.version, read, waiting=lambda: without_connection(request)
    )


def fill_list(request: Request, name: str, context: dict[str, Any]) -> Filled | None:
    """The page, or its part, of this `name`; None for what is seldom seen: a list without rows, and a page with a notice."""
    if not context["rows"] or (name == PAGE and read_notice(request)):
        return None
    anybody = _anybody(request.state.viewer)
    key = name, anybody, *_key(context)
    mould = _moulds.get(key) or _moulds.keep(key, _make(name, context, anybody))
    return mould.fill(_words(request, context))


def _anybody(viewer: Employee) -> Employee:
    """The viewer with blanks and nothing for what is one person's: all that is left is part of the key."""
    store = viewer.store_name and blank("store")
    names = {"nik": blank("nik"), "name": blank("name"), "store_name": store, "store_code": "", "time_zone": ""}
    shown = {"unread": min(viewer.unread, 1), "visited_at": None}
    return viewer._replace(**names, **shown, divisions=(), departments=())


def _key(context: dict[str, Any]) -> tuple[Hashable, ...]:
    """All that the mould depends on beside whoever sees it."""
    listing, form = context["listing"], context["form"]
    return (
        *(listing.key, listing.problem, *(form.choices(name) for name in ("year", "holder", "store"))),
        *(context["offers"].stores is None, context["views"], context["view_query"]),
        *(tuple(action.name for action in context["bulk"]), bool(context["newer"]), bool(context["older"])),
        *(
            bool(context["tasks"]),
            context["is_poll"],
            context["has_moved"],
            context["read_at_most"],
            context["noted_at_most"],
        ),
    )


def _make(name: str, context: dict[str, Any], anybody: Employee) -> Mould:
    """With blanks for `_words`."""
    blanks: dict[str, Any] = {word: blank(word) for word in ("rows", "counts", "version", "unread")}
    blanks |= {word: blank(word) if context[word] else None for word in ("newer", "older", "tasks")}
    blanks |= {"ids": [blank("ids")], "page_url": blank("here"), "new_key": lambda: blank("key"), "flash": None}
    blanks |= {"token": lambda _: blank("token"), "as_page": name == PAGE, "viewer": anybody}
    return Mould(name, context | blanks)


def _words(request: Request, context: dict[str, Any]) -> dict[str, object]:
    viewer, key = request.state.viewer, new_key()
    return {
        **{word: context[word] for word in ("rows", "counts", "version", "newer", "older", "tasks")},
        "ids": ",".join(map(str, context["ids"])),
        "here": context["page_url"],
        "key": key,
        "token": issue_token(request.app.state.settings.secret_keys, viewer.nik, key),
        "nik": viewer.nik,
        "name": viewer.name,
        "store": viewer.store_name,
        "unread": number(viewer.unread),
    }
