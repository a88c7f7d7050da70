"""All changes of the master data, the latest first (audit trail)."""

from urllib.parse import urlencode

from starlette.responses import Response

from actions.masters import MASTERS
from actions.state import Request
from formats.text import digits
from forms.coded import code_in
from forms.fields import Choice, Text
from forms.form import Form, read
from forms.problems import read_id
from queries.masters import list_master_changes
from web.render import page, push_url

LIMIT = 50
KIND = Choice(
    "kind",
    "Jenis",
    required=False,
    options=tuple((each.kind, each.title) for each in MASTERS),
    placeholder="Semua",
)
CODE = Text("q", "Kode", required=False, length=30)
ACTOR = Text("by", "Oleh (NIK)", required=False, length=20, keyboard="numeric")


async def index(request: Request) -> Response:
    """Those of a kind, of one, by somebody; a page at a time."""
    form, connection = read(request.query_params, (KIND, CODE, ACTOR)), request.state.connection
    before = read_id(request.query_params.get("before", ""))
    found = []
    if form.valid:
        code = code_in(form.text("q")) or None
        actor = digits(form.text("by")) or None
        found = await list_master_changes(connection, form.data.get("kind"), code, before, LIMIT + 1, actor)
    more = f"{_url(form)}&{urlencode({'before': found[LIMIT - 1].seq})}" if len(found) > LIMIT else ""
    context = {
        "section": "history",
        "masters": MASTERS,
        "by_kind": {each.kind: each for each in MASTERS},
        "form": form,
        "changes": found[:LIMIT],
        "more": more,
        "first": _url(form) if before else "",
    }
    response = page(request, "templates/masters/history.html", status=200 if form.valid else 422, **context)
    return push_url(request, response, _url(form))


def _url(form: Form) -> str:
    return f"/admin/history?{urlencode({name: form.text(name) for name in ('kind', 'q', 'by')})}"
