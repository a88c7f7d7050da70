"""Master data, as an admin keeps it: the same pages for every kind (CRUD, audit trail)."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.responses import Response

from actions import deactivation
from actions.effects import try_out
from actions.master import Master
from actions.master_change import keep_own_right, offer_codes, save
from actions.master_page import form_of, show_master
from actions.masters import EMPLOYEE, MASTERS
from actions.state import Request
from actions.submit import check_key
from formats.search import words_of, words_or_number
from formats.text import clean
from forms.fields import Choice, Text
from forms.form import NOTHING, Form, read, typed_only
from queries import masters
from queries.masters import MasterChanged
from queries.staff import list_without_pin
from web.render import page, partial, push_url, see_other

LIMIT = 50
SUGGESTED = 20
SEARCH = Text("q", "Cari", required=False, length=100)
ACTIVE = Choice(
    "active", "Aktif", required=False, options=(("yes", "Aktif"), ("no", "Tidak aktif")), placeholder="Semua"
)
Endpoint = Callable[[Request], Awaitable[Response]]
NEW = "new"  # in place of the code of one that is not there yet
SAVED = "Tersimpan."


class MasterPages:
    """The doors of one kind."""

    def __init__(self, master: Master) -> None:
        self.master, self.url = master, master.url

    @property
    def doors(self) -> list[tuple[str, Endpoint | None, Endpoint | None]]:
        """The path of each, and what answers a GET and a POST there. People leave by a way of their own (routes/employees.py)."""
        doors: list[tuple[str, Endpoint | None, Endpoint | None]] = [
            (self.url, self.index, None if self.master.is_fixed else self.create),
            (f"{self.url}/{{code}}", self.show, self.update),
        ]
        if not self.master.is_fixed:
            doors[1:1] = [(f"{self.url}/new", self.new, None), (f"{self.url}/options", None, self.options)]
        if self.master.moves_promises:
            doors.append((f"{self.url}/{{code}}/effect", None, self.try_out))
        if self.master is not EMPLOYEE:
            doors += [
                (f"{self.url}/{{code}}/deactivation", self.ask_deactivate, self.deactivate),
                (f"{self.url}/{{code}}/activation", None, self.activate),
            ]
        return doors

    async def index(self, request: Request) -> Response:
        """The list: by words in any order, active or not, a page at a time."""
        form = read(request.query_params, (SEARCH, ACTIVE, *self.master.filters))
        after = clean(request.query_params.get("after", ""))[:30]
        found = await self._list(request, form, after) if form.valid else []
        more = self._url(form, after=found[LIMIT - 1].code) if len(found) > LIMIT else ""
        first = self._url(form) if after else ""
        context = self._context(form=form, found=found[:LIMIT], more=more, first=first)
        response = page(request, "templates/masters/list.html", status=200 if form.valid else 422, **context)
        return push_url(request, response, self._url(form))

    async def options(self, request: Request) -> Response:
        """Those that what was typed so far may mean, for the suggestions of a field that names one."""
        form = read(request.state.raw, (Text(request.state.raw.get("of", ""), self.master.title, length=100),))
        connection, words = request.state.connection, words_of(" ".join(map(str, form.values.values())))
        found = (
            await masters.list_masters(connection, self.master.kind, words, True, "", SUGGESTED) if form.valid else []
        )
        return partial(request, "partials/stores/options.html", stores=found)

    async def new(self, request: Request) -> Response:
        """The form of a new one."""
        return await self._show_new(request, typed_only({}, self.master.fields))

    async def create(self, request: Request) -> Response:
        """Record a new one."""
        form, field = await self._read(request, {}), self.master.code
        code = form.data.get(field.name, "")
        try:
            if form.valid:
                form = await save(request, self.master, form, code, {}, 0)
        except MasterChanged:  # there is one by now
            form = form.with_error(field.name, f"{field.label} {code} sudah dipakai.")
        if form.valid:
            return see_other(request, self.master.url_of(code), SAVED)
        return await self._show_new(request, form, 422)

    async def show(self, request: Request) -> Response:
        """One, in its form, with its history."""
        record = await self._record(request)
        return await show_master(request, self.master, record, form_of(self.master, record))

    async def update(self, request: Request) -> Response:
        """Record one as it was typed; a conflict shows both sides."""
        record, seen = await self._record(request), request.state.form_key.version
        form = keep_own_right(request, self.master, record, await self._read(request, record.state))
        try:
            if form.valid:
                form = await save(request, self.master, form, record.code, record.state, seen)
        except MasterChanged:
            return await show_master(request, self.master, record, form, 409, seen=seen)
        if form.valid:
            return see_other(request, self.master.url_of(record.code), SAVED)
        return await show_master(request, self.master, record, form, 422)

    async def try_out(self, request: Request) -> Response:
        """The form again, with what saving it would move; nothing is saved. Of a new one the code in the address is NEW."""
        record = None if request.path_params["code"] == NEW else await self._record(request)
        form, effect = await self._read(request, record.state if record else {}), None
        if form.valid:
            code = record.code if record else form.data[self.master.code.name]
            form, effect = await try_out(request, self.master, form, code, record.state if record else {})
        # No error, whatever is missing yet: it is asked for while somebody goes on typing.
        if record is None:
            return await self._show_new(request, form, 200, {"effect": effect})
        return await show_master(request, self.master, record, form, 200, {"effect": effect})

    async def ask_deactivate(self, request: Request) -> Response:
        """Whether one is to be active no longer, with what hangs on it."""
        return await deactivation.ask_deactivate(request, self.master, await self._record(request))

    async def deactivate(self, request: Request) -> Response:
        """Make one inactive; what hangs on it goes where it was said."""
        seen = request.state.form_key.version
        return await deactivation.deactivate(request, self.master, await self._record(request), seen)

    async def activate(self, request: Request) -> Response:
        """Make one active again."""
        seen = request.state.form_key.version
        return await deactivation.activate(request, self.master, await self._record(request), seen)

    async def _read(self, request: Request, before: masters.State) -> Form:
        """The form that was posted; the code of one that is there already is not asked for."""
        fields = self.master.fields[1:] if before else self.master.fields
        values = typed_only(request.state.raw, fields).values
        offer = await offer_codes(request.state.connection, self.master, values)
        return check_key(request, read(request.state.raw, fields, offer=offer))

    async def _record(self, request: Request) -> masters.Master:
        code = request.path_params["code"]
        if "\0" in code:  # which no text of the database holds
            raise HTTPException(404)
        record = await masters.get_master(request.state.connection, self.master.kind, code)
        if record is None:
            raise HTTPException(404)
        return record

    async def _show_new(
        self, request: Request, form: Form, status: int = 200, said: Mapping[str, object] = NOTHING
    ) -> Response:
        offer = await offer_codes(request.state.connection, self.master, form.values)
        context = {**self._context(form=replace(form, offer=offer), effect=None), **said}
        return page(request, "templates/masters/new.html", status=status, **context)

    async def _list(self, request: Request, form: Form, after: str) -> list[masters.Master]:
        connection, active = request.state.connection, form.data.get("active")
        words, chosen = words_or_number(form.text("q")), None if active is None else active == "yes"
        if form.data.get("pin"):
            return await list_without_pin(connection, words, chosen, after, LIMIT + 1)
        listing = masters.list_masters_by_name if self.master.by_name else masters.list_masters
        return await listing(connection, self.master.kind, words, chosen, after, LIMIT + 1)

    def _url(self, form: Form, after: str = "") -> str:
        named = {f.name: form.text(f.name) for f in form.fields} | {"after": after}
        query = urlencode({name: value for name, value in named.items() if value})
        return f"{self.master.url}?{query}" if query else self.master.url

    def _context(self, **context: object) -> dict[str, object]:
        return {"section": self.master.section, "master": self.master, "masters": MASTERS, **context}


async def home(request: Request) -> Response:
    """Master data as such: to the first kind of it."""
    return see_other(request, MASTERS[0].url)


PAGES = [MasterPages(master) for master in MASTERS if not master.is_fixed]
FIXED = [MasterPages(master) for master in MASTERS if master.is_fixed]
DOORS = [("/admin", home, None), *(door for pages in (*PAGES, *FIXED) for door in pages.doors)]
