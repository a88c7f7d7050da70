"""Several problems at once (bulk actions): the form of an action for all of them, and doing it to each by itself."""

from collections.abc import Mapping, Sequence

from starlette.responses import Response

from actions.drafts import offered
from actions.sentences import tell
from actions.state import Request
from actions.submit import again, check_key
from forms.form import NOTHING, Form, Offer, read, typed_only
from forms.login import too_many
from forms.selections import check_selection, read_selection
from queries.budgets import count_use_of
from queries.bulk import Seen, Selected, change_each, list_selected
from queries.events import list_events
from queries.submissions import KeyReused
from web.form_key import KEY_REUSED
from web.render import go_to, local_path, must_wait, page


async def show_empty(request: Request) -> Response:
    """The form, for the problems that stand in the URL."""
    action = request.state.action
    selection = read_selection(request.query_params.getlist("problem"))
    form = typed_only(NOTHING, action.several.fields or action.fields, await _offer(request, selection))
    form = check_selection(form, selection)
    return await _show(request, form, selection if form.valid else [], 200 if form.valid else 422)


async def submit(request: Request) -> Response:
    """Change each; what could not be changed is told, and can be sent again with what was typed."""
    raw, state, action = request.state.raw, request.state, request.state.action
    selection = read_selection(raw.get("problems", "").split())
    form = read(raw, action.several.fields or action.fields, action.message, await _offer(request, selection))
    form = check_key(request, check_selection(form, selection))
    if not form.valid:
        return await _show(request, form, selection, 422)
    data = {**form.data, **action.several.data}
    now = await list_selected(state.connection, state.viewer, [i for i, _ in selection], action.right)
    possible = {i: now[i] for i, seen in selection if i in now and now[i].possible and now[i].version == seen}
    refused = _refused(request, form, possible)
    waits = await _spend(request, [i for i in possible if i not in refused])
    refused |= {problem_id: too_many(wait) for problem_id, wait in waits.items()}
    changes = [action.change(*seen, state.submission) for seen in selection if seen[0] not in refused]
    back = None if refused else _back(request)
    try:
        failed = await change_each(state.connection, state.submission, changes, action.verb, data, back)
    except KeyReused:
        return await _show(request, again(form, KEY_REUSED), selection, 422)
    if not failed and not refused:
        return go_to(request, _back(request), notice=action.notice)
    rest = [seen for seen in selection if seen in failed or seen[0] in refused]
    status, done = 429 if waits else 409, len(selection) - len(rest)
    response = await _show(request, again(form, ""), rest, status, done, refused)
    return must_wait(response, max(waits.values())) if waits else response


async def _offer(request: Request, selection: Sequence[Seen]) -> Offer:
    offer = request.state.action.several.offer
    return await offer(request.state.connection, [i for i, _ in selection]) if offer else NOTHING


def _refused(request: Request, form: Form, problems: Mapping[int, Selected]) -> dict[int, str]:
    """What is wrong with some of the problems, by their ids, given what was filled in."""
    refuse = request.state.action.several.refuse
    refused = {i: refuse(problem, form) for i, problem in problems.items()} if refuse else {}
    return {problem_id: why for problem_id, why in refused.items() if why}


async def _spend(request: Request, ids: Sequence[int]) -> dict[int, int]:
    """The seconds to wait, by the ids of the problems for which it is too often."""
    connection, kind, nik = request.state.connection, request.state.action.budget, request.state.viewer.nik
    waits = {problem_id: await count_use_of(connection, kind, nik, problem_id) for problem_id in ids}
    return {problem_id: wait for problem_id, wait in waits.items() if wait}


async def _show(
    request: Request,
    form: Form,
    selection: Sequence[Seen],
    status: int,
    done: int = 0,
    refused: dict[int, str] | None = None,
) -> Response:
    """The form, for those of the problems that admit it now; of the others, and of those that changed, what happened."""
    connection, action = request.state.connection, request.state.action
    form = (await offered(request, {action.several.path: form}, None))[action.several.path]
    now = await list_selected(connection, request.state.viewer, [i for i, _ in selection], action.right)
    lines = []
    for problem_id, version in selection:
        changed = problem_id in now and now[problem_id].version != version
        changes = await list_events(connection, problem_id, version) if changed else []
        lines.append((problem_id, now.get(problem_id), changes))
    possible = [f"{p.id}:{p.version}" for p in now.values() if p.possible]
    context = {"section": "problems", "action": action, "form": form, "lines": lines, "back": _back(request)}
    context |= {
        "possible": " ".join(possible),
        "done": done,
        "refused": refused or {},
        "conflict": status in (409, 429),
    }
    return page(request, "templates/bulk/form.html", status=status, tell=tell, **context)


def _back(request: Request) -> str:
    """The list as it was."""
    asked = getattr(request.state, "raw", request.query_params).get("back", "")
    return asked if local_path(asked) and asked.partition("?")[0] == "/problems" else "/problems"
