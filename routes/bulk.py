"""Several problems at once: opened with one identification, passed on to one IT division, or voided with one reason."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from asyncpg import Connection
from starlette.requests import Request
from starlette.responses import Response

from drafts import restored
from forms.bulk import check_selection, read_passing_on, read_selection
from forms.closures import read_voiding
from forms.envelope import KEY_REUSED
from forms.form import Choices, Form, label_codes
from forms.openings import LABELS, identified, offer_identification, read_opening
from queries.bulk import Seen, change_each, list_selected
from queries.changes import Change
from queries.closures import void_problem
from queries.escalations import escalate_to_division
from queries.events import list_events
from queries.masterdata import list_active_it_divisions, list_categories
from queries.openings import open_problem
from queries.submissions import KeyReused
from render import go_to, local_path, page
from screens import check_key, list_typed

ByField = dict[str, Choices]


@dataclass(frozen=True)
class Bulk:
    """What can be done with several: the right that it needs, and its form."""

    action: str
    name: str  # of what it makes: in its address, and that drafts of the form are kept under
    title: str
    notice: str
    admits: str  # which problems it is for, as it is said of others
    labels: dict[str, str]
    offer: Callable[[Connection], Awaitable[ByField]]  # what its fields offer
    read: Callable[[dict[str, str], ByField], Form]
    store: Callable[[Connection, Change, dict[str, str]], Awaitable[None]]

    @property
    def path(self) -> str:
        """Where its form stands, and is sent to."""
        return f"/problems/{self.name}"

    async def new(self, request: Request) -> Response:
        """The form, for the problems that were chosen."""
        return await _new(request, self)

    async def create(self, request: Request) -> Response:
        """Do it, to each of them by itself."""
        return await _create(request, self)


async def _offer_categories(connection: Connection) -> ByField:
    return offer_identification(await list_categories(connection))


async def _offer_divisions(connection: Connection) -> ByField:
    return {"division": label_codes(await list_active_it_divisions(connection))}


async def _offer_nothing(connection: Connection) -> ByField:
    return {}


async def _open(connection: Connection, change: Change, values: dict[str, str]) -> None:
    await open_problem(connection, change, *identified(values))


async def _pass_on(connection: Connection, change: Change, values: dict[str, str]) -> None:
    await escalate_to_division(connection, change, "it", values["division"], values["reason"])


async def _void(connection: Connection, change: Change, values: dict[str, str]) -> None:
    await void_problem(connection, change, values["reason"])


OPENING = Bulk(
    "opening",
    "openings",
    "Buka Kendala",
    "opened",
    "Hanya kendala baru yang dapat dibuka.",
    LABELS,
    _offer_categories,
    read_opening,
    _open,
)
ESCALATION = Bulk(
    "escalation",
    "escalations",
    "Penyelesaian",
    "escalated",
    "Hanya kendala yang sedang dibuka yang dapat dialihkan.",
    {"division": "Divisi tujuan", "reason": "Alasan"},
    _offer_divisions,
    read_passing_on,
    _pass_on,
)
VOIDING = Bulk(
    "voiding",
    "voidings",
    "Batalkan Kendala",
    "voided",
    "Hanya kendala baru dan yang sedang dibuka yang dapat dibatalkan.",
    {"reason": "Alasan"},
    _offer_nothing,
    lambda raw, choices: read_voiding(raw),
    _void,
)


async def _new(request: Request, bulk: Bulk) -> Response:
    """The form, for the problems that stand in the URL."""
    selection = read_selection(request.query_params.getlist("problem"))
    form = check_selection(Form(), selection)
    choices = await bulk.offer(request.state.connection)
    return await _show(request, bulk, choices, form, selection if form.valid else [], 200 if form.valid else 422)


async def _create(request: Request, bulk: Bulk) -> Response:
    """Change each; what could not be changed is told, and can be sent again with what was typed."""
    raw, state = request.state.raw, request.state
    choices = await bulk.offer(state.connection)
    selection = read_selection(raw.get("problems", "").split())
    form = check_key(request, check_selection(bulk.read(raw, choices), selection))
    if not form.valid:
        return await _show(request, bulk, choices, form, selection, 422)

    async def verb(connection: Connection, change: Change) -> None:
        await bulk.store(connection, change, form.values)

    held = await _held_already(request, bulk, form, selection)
    try:
        failed = await change_each(state.connection, state.submission, [s for s in selection if s not in held], verb)
    except KeyReused:
        return await _show(request, bulk, choices, form.with_message(KEY_REUSED), selection, 422)
    if not failed and not held:
        return go_to(request, _back(request), notice=bulk.notice)
    rest = sorted(failed + held)
    return await _show(request, bulk, choices, form, rest, 409, done=len(selection) - len(rest), held=held)


async def _held_already(request: Request, bulk: Bulk, form: Form, selection: list[Seen]) -> list[Seen]:
    """The problems that the division has already, to which they are to go."""
    if bulk is not ESCALATION:
        return []
    now = await list_selected(request.state.connection, request.state.viewer, [i for i, _ in selection], bulk.action)
    division = form.values["division"]
    return [s for s in selection if s[0] in now and now[s[0]]["holder_code"] == division and now[s[0]]["possible"]]


async def _show(
    request: Request, bulk: Bulk, choices: ByField, form: Form, selection: list[Seen], status: int, **outcome: Any
) -> Response:
    """The form, for those of the problems that admit it now; of the others, and of those that changed, what happened."""
    connection = request.state.connection
    form = (await restored(request, {bulk.name: form}, None))[bulk.name]
    now = await list_selected(connection, request.state.viewer, [i for i, _ in selection], bulk.action)
    lines = []
    for problem_id, version in selection:
        changed = problem_id in now and now[problem_id]["version"] != version
        changes = await list_events(connection, problem_id, version) if changed else []
        lines.append((problem_id, now.get(problem_id), changes))
    possible = [f"{p['id']}:{p['version']}" for p in now.values() if p["possible"]]
    context = {
        "section": "problems",
        "bulk": bulk,
        "form": form,
        "lines": lines,
        "back": _back(request),
        "choices": choices,
    }
    context |= {"typed": list_typed(form, bulk.labels, choices)}
    context |= {"possible": " ".join(possible), "done": 0, "held": [], "conflict": status == 409} | outcome
    context["held"] = [problem_id for problem_id, _ in context["held"]]
    return page(request, "templates/bulk/form.html", status=status, **context)


def _back(request: Request) -> str:
    """The list as it was."""
    asked = getattr(request.state, "raw", request.query_params).get("back", "")
    return asked if local_path(asked) and asked.partition("?")[0] == "/problems" else "/problems"
