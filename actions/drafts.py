"""Drafts (autosave): what was typed and not sent, kept by the form's key, also after the session has ended; offered again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import db
from actions.draft_files import save_files
from actions.registry import ACTIONS, BULK
from actions.state import Request
from formats.indonesian import local_time
from formats.text import clean
from forms.fields import Field
from forms.form import Draft, Form
from forms.problems import REPORT, read_id
from forms.selections import read_selection, selection_query
from queries.drafts import DraftRow, delete_draft, list_drafts, save_draft
from web.draft_tokens import read_author, read_token
from web.form_key import read_key

TEXT_LIMIT = 20_000  # characters of a field; more than any may have, so that what was typed too long is kept as well


@dataclass(frozen=True)
class Drafted:
    """A form whose text is kept: its fields, and the page on which it is gone on with."""

    fields: Sequence[Field]
    page: str

    @property
    def of_a_problem(self) -> bool:
        """Whether a draft of it is kept for each problem."""
        return "{id}" in self.page


DRAFTED = (
    {"report": Drafted(REPORT, "/problems/new")}
    | {
        a.bulk.path: Drafted(fields, f"/problems/{a.bulk.path}")
        for a in BULK
        if a.bulk and (fields := a.bulk.fields or a.fields)
    }
    | {
        a.name: Drafted(a.fields, f"/problems/{{id}}/{a.path}" if a.modal else "/problems/{id}")
        for a in ACTIONS
        if a.drafted and a.draft == a.name
    }
)


async def offered(request: Request, forms: Mapping[str, Form], problem_id: int | None) -> dict[str, Form]:
    """Forms by their names in DRAFTED, those in which nothing stands yet with what the viewer had typed in such a form before.

    That of the form's own key, or that the address asks for (`draft`), stands in it; the newest other one is offered.
    """
    rows = await list_drafts(request.state.connection, request.state.viewer.nik, problem_id)
    wanted = request.query_params.get("draft", "")
    drafts = [_draft(row, page_of(row.form, problem_id, _selection(request), row.key)) for row in rows]
    return {name: _offered(form, [d for d in drafts if d.form == name], wanted) for name, form in forms.items()}


def _offered(form: Form, drafts: Sequence[Draft], wanted: str) -> Form:
    if not drafts or not form.untouched:
        return form
    own = next((draft for draft in drafts if str(draft.key) in (form.key, wanted)), None)
    if own and str(own.key) == form.key:
        return replace(form, values={**form.values, **own.fields})
    return form.with_draft(own) if own else replace(form, earlier=drafts[0])


def _draft(row: DraftRow, page: str) -> Draft:
    return Draft(row.form, row.key, row.fields, local_time(row.at, row.time_zone), page)


def _selection(request: Request) -> Mapping[str, str]:
    """Which problems a form for several is for, as it was posted or stands in the address."""
    if request.method == "POST":
        return request.state.raw
    query = request.query_params
    return {"problems": " ".join(query.getlist("problem")), "back": query.get("back", "")}


async def keep(request: Request, name: str, nik: str) -> None:
    """Keep what was typed in a form for the person it was shown to; an emptied form is no draft."""
    key = read_key(request.state.raw)
    fields = read_draft(request.state.raw, name)
    if key is None:
        return
    if fields is None:
        await delete_draft(request.state.connection, nik, key)
    else:
        await save_draft(request.state.connection, nik, _problem_id(request), name, key, fields)


async def keep_text(request: Request, name: str, values: Mapping[str, Any]) -> None:
    """Keep what stands in a form of the viewer's now, as `keep` does."""
    key = read_key(request.state.raw)
    fields = read_draft(values, name)
    if key is not None and fields is not None:
        await save_draft(request.state.connection, request.state.viewer.nik, _problem_id(request), name, key, fields)


async def keep_for_later(request: Request, name: str | None) -> str | None:
    """Keep what was posted in the form `name` without a session, for whom the form was shown to; where it is gone on with.

    None if it could not be kept: it is no form whose text is kept, nothing was typed or sent with it, or its token is not good.
    """
    raw, keys = request.state.raw, request.app.state.settings.secret_keys
    key, nik = read_key(raw), read_token(keys, raw.get("token", ""), raw.get("key", ""))
    if name not in DRAFTED or nik is None or key is None:
        return None
    fields = read_draft(raw, name)
    if fields is None and not request.state.attached.good:
        return None
    problem_id = _problem_id(request)
    async with db.acquire(request.app.state.database) as connection:
        saved = await save_draft(connection, nik, problem_id, name, key, fields or {})
        if saved and request.state.attached.good:
            await save_files(request, connection, nik, key)
    return page_of(name, problem_id, request.state.raw, key) if saved else None


def author_of(request: Request) -> str | None:
    """To whom the form that was posted had been shown, as its token says; None if it says nothing that can be trusted."""
    raw = request.state.raw
    return read_author(request.app.state.settings.secret_keys, raw.get("token", ""), raw.get("key", ""))


def read_draft(raw: Mapping[str, str], name: str) -> dict[str, str] | None:
    """What of a form to keep; None if nothing was typed in it."""
    fields = DRAFTED[name].fields
    values = {f.name: clean(raw.get(f.name, ""))[:TEXT_LIMIT] for f in fields if f.control != "files"}
    return values if any(values[f.name] for f in fields if f.is_text and f.name != "reporter") else None


def named(name: str, of_a_problem: bool) -> str | None:
    """`name`, if drafts are kept under it: of a problem, or of none."""
    return name if name in DRAFTED and DRAFTED[name].of_a_problem is of_a_problem else None


def page_of(name: str, problem_id: int | None, raw: Mapping[str, str], key: UUID | None = None) -> str:
    """The page of a form, with the draft of this key in it; of a form for several problems, with those posted as `raw`."""
    page = DRAFTED[name].page.replace("{id}", str(problem_id))
    query = selection_query(read_selection(raw.get("problems", "").split()), raw.get("back", ""))
    parts = [part for part in (query, f"draft={key}" if key else "") if part]
    return f"{page}?{'&'.join(parts)}" if parts else page


def _problem_id(request: Request) -> int | None:
    """The problem that the path names; None where it names none. A door to a problem has seen to it that it is a number."""
    typed = request.path_params.get("id")
    return None if typed is None else read_id(typed) or 0
