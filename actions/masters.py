"""The kinds of master data (registry), and how a form changes one: offered codes, conflict, refusal, then one transaction."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from asyncpg import Connection, IntegrityConstraintViolationError
from starlette.responses import Response

from actions import categories as of_category
from actions import employees as of_employee
from actions.confirmation import Confirmation
from actions.master import Master
from actions.once import submission_of
from actions.register import REGISTER, Register
from actions.state import Request
from auth.accounts import as_admin
from forms import (
    alarms,
    areas,
    assets,
    calendars,
    categories,
    departments,
    divisions,
    employees,
    holidays,
    stores,
    targets,
    templates,
)
from forms.coded import Coded, SeveralCoded, code_in, coded_fields, typed_of
from forms.fields import Typed
from forms.form import NOTHING, Form
from queries.areas import put_areas
from queries.assets import put_assets
from queries.calendars import put_calendars, put_holidays
from queries.categories import put_categories
from queries.deactivation import HOLDERS, is_dissolving, list_at_or_below
from queries.departments import put_departments
from queries.divisions import put_divisions
from queries.masters import Master as Record
from queries.masters import (
    State,
    find_codes,
    hold_master,
    list_changes_since,
    list_codes,
    list_master_changes,
    set_cause,
)
from queries.staff import put_employees
from queries.stores import put_stores
from queries.submissions import record
from queries.targets import put_steps, put_targets
from queries.templates import put_templates
from web.render import page

NOT_BELOW_ITSELF = "Tidak dapat berada di bawah dirinya sendiri."
OWN_RIGHT = "Hak Admin Anda sendiri hanya dapat dicabut oleh admin lain."
HAS_ANOTHER = "Satu {} memakai satu kalender; salah satunya sudah memakai kalender lain."
TAKEN = ("code", "Kode ini sudah dipakai divisi atau departemen lain.")

EMPLOYEE = Master(
    "employee",
    "employees",
    "Karyawan",
    "karyawan",
    employees.FIELDS,
    put_employees,
    columns=("store", "divisions", "departments"),
    by_name=True,
    refusals={
        "employee_area_of_manager": ("area", employees.AREA_OF_MANAGER),
        "desk_attended": ("divisions", "Ia anggota aktif terakhir meja bantuan, yang tidak boleh kosong."),
        "admin_stays": ("admin", "Ia admin aktif terakhir."),
    },
    template="templates/employees/show.html",
    beside=of_employee.beside,
)
STORE = Master("store", "stores", "Toko", "toko", stores.FIELDS, put_stores, columns=("area", "time_zone", "phone"))
AREA = Master(
    "area",
    "areas",
    "Wilayah",
    "wilayah",
    areas.FIELDS,
    put_areas,
    columns=("parent",),
    refusals={"area_check": ("parent", NOT_BELOW_ITSELF), "tree_has_no_loop": ("parent", NOT_BELOW_ITSELF)},
)
DIVISION = Master(
    "division",
    "divisions",
    "Divisi",
    "divisi",
    divisions.FIELDS,
    put_divisions,
    columns=("kind", "general"),
    refusals={
        "holder_code": TAKEN,
        "division_one_desk": ("kind", "Meja bantuan hanya satu, dan sudah ada."),
        "division_desk_stays": ("kind", "Meja bantuan tetap meja bantuan."),
        "division_one_general": ("general", "Divisi umum hanya satu, dan sudah ada."),
        "division_check": ("general", "Divisi umum adalah divisi selain IT yang aktif."),
    },
)
DEPARTMENT = Master(
    "department",
    "departments",
    "Departemen",
    "departemen",
    departments.FIELDS,
    put_departments,
    refusals={"holder_code": TAKEN},
)
CATEGORY = Master(
    "category",
    "categories",
    "Kategori",
    "kategori",
    categories.FIELDS,
    put_categories,
    columns=("parent", "division"),
    refusals={"category_check": ("parent", NOT_BELOW_ITSELF), "tree_has_no_loop": ("parent", NOT_BELOW_ITSELF)},
    template="templates/masters/category.html",
    beside=of_category.beside,
)
ASSET = Master("asset", "assets", "Barang", "barang", assets.FIELDS, put_assets, columns=("model", "store"))
TEMPLATE = Master(
    "template",
    "templates",
    "Teks siap pakai",
    "teks siap pakai",
    templates.FIELDS,
    put_templates,
    columns=("division", "department", "purpose"),
    refusals={"template_of_one": ("division", "Pilih satu divisi, atau satu departemen.")},
)
CALENDAR = Master(
    "calendar",
    "calendars",
    "Kalender",
    "kalender",
    calendars.FIELDS,
    put_calendars,
    columns=("shifts", "divisions", "areas", "general"),
    refusals={
        "calendar_use_division": ("divisions", HAS_ANOTHER.format("divisi")),
        "calendar_use_area": ("areas", HAS_ANOTHER.format("wilayah")),
        "calendar_use_store": ("stores", HAS_ANOTHER.format("toko")),
        "calendar_general_is_active": ("general", "Kalender umum tetap aktif."),
        "calendar_general_stays": ("general", "Satu kalender harus umum. Jadikan dahulu kalender lain yang umum."),
    },
    moves_promises=True,
)
HOLIDAY = Master(
    "holiday",
    "holidays",
    "Hari libur",
    "hari libur",
    holidays.FIELDS,
    put_holidays,
    columns=("kind", "estimated"),
    moves_promises=True,
)
TARGET = Master(
    "target",
    "targets",
    "Target layanan",
    "target layanan",
    targets.FIELDS,
    put_targets,
    columns=("priority", "category", "division", "department", "response", "resolution"),
    refusals={
        "target_once": ("priority", "Sudah ada target aktif untuk prioritas, kategori, dan penanggung ini."),
        "target_of_one": ("department", "Pilih satu divisi, atau satu departemen."),
        "target_says_something": ("resolution", "Isi Respons, Penyelesaian, atau keduanya."),
        "target_of_holder": ("response", "Untuk satu penanggung hanya Penyelesaian yang diisi."),
        "target_in_order": ("response", "Respons tidak boleh lebih lama daripada Penyelesaian."),
    },
    moves_promises=True,
)
ALARM = Master(
    "target_step",
    "alarms",
    "Peringatan target",
    "peringatan target",
    alarms.FIELDS,
    put_steps,
    columns=("percent",),
    is_fixed=True,
)
MASTERS = (EMPLOYEE, STORE, AREA, DIVISION, DEPARTMENT, CATEGORY, ASSET, TEMPLATE, CALENDAR, HOLIDAY, TARGET, ALARM)
# Of what tables are taken, by what these are called.
IMPORTED: dict[str, Master | Register] = {master.path: master for master in MASTERS if master.is_imported}
IMPORTED[REGISTER.path] = REGISTER

DEACTIVATION = Confirmation("Nonaktifkan", "partials/masters/deactivation.html")
CHANGES = 50  # of one, on its page
IN_A_SELECT = 200  # more of them are no help to who chooses, and weigh more than the rest of the page


async def offer_codes(connection: Connection, master: Master, values: Mapping[str, Typed]) -> dict[str, Any]:
    """What each field that names others offers. Where they are too many for a select, only those that stand in it; `suggested`
    are the names of such fields."""
    fields = coded_fields(master.fields)
    if not fields:
        return {}
    codes = await list_codes(connection, sorted({f.kind for f in fields}), IN_A_SELECT + 1)
    many = {kind: _typed_codes(fields, kind, values) for kind, named in codes.items() if len(named) > IN_A_SELECT}
    if many:
        codes |= await find_codes(connection, many)
    return {f.name: codes[f.kind] for f in fields} | {"suggested": {f.name for f in fields if f.kind in many}}


def _typed_codes(fields: Iterable[Coded | SeveralCoded], kind: str, values: Mapping[str, Typed]) -> list[str]:
    typed = [values.get(f.name) or () for f in fields if f.kind == kind]
    return [code_in(text) for value in typed for text in ((value,) if isinstance(value, str) else value)]


def state_of(master: Master, form: Form, before: State) -> State:
    """The state that a form which is valid asks for; what it does not ask for is as it was before, or active."""
    several = {f.name for f in master.fields if isinstance(f, SeveralCoded)}
    data = {name: list(value) if name in several else value for name, value in form.data.items()}
    return {"active": True} | before | data


@asynccontextmanager
async def changing(
    request: Request, master: Master, code: str, version: int, niks: Iterable[str] = ()
) -> AsyncIterator[Connection]:
    """One transaction around the change of one whose `version` was seen (0: there was none), by an admin who still is one; the
    form is recorded in it, and the people `niks` are changed only by it. Raises NotAllowed, MasterChanged, AlreadyRecorded,
    KeyReused."""
    state, submission = request.state, submission_of(request)
    async with as_admin(state.connection, state.viewer, state.client, *niks) as connection:
        await record(connection, submission, master.url_of(code))
        await hold_master(connection, master.kind, code, version)
        await set_cause(connection, "form")
        yield connection


def keep_own_right(request: Request, master: Master, record: Record, form: Form) -> Form:
    """The form, with what is wrong about it where an admin takes the right of one from themselves: that is another's to do."""
    own = master is EMPLOYEE and record.code == request.state.viewer.nik
    return form.with_error("admin", OWN_RIGHT) if own and form.data.get("admin") is False else form


def refused(master: Master, form: Form, error: IntegrityConstraintViolationError) -> Form:
    """The form, with what the database refused of it. Raises the error, if nothing is known of it."""
    refusal = master.refusals.get(error.constraint_name or "")
    if refusal is None:
        raise error
    return form.with_error(*refusal)


async def show_master(
    request: Request,
    master: Master,
    record: Record,
    form: Form,
    status: int = 200,
    said: Mapping[str, Any] = NOTHING,
    seen: int | None = None,
) -> Response:
    """The page of one, with its form and its history; with what was changed since version `seen`, where what was typed was not
    recorded for that. `said` stands in place of what is beside it."""
    connection, fields = request.state.connection, master.fields[1:]
    offer = await offer_codes(connection, master, form.values)
    if "parent" in offer:  # none at or below it can be above it; what was typed stays
        below = set(await list_at_or_below(connection, master.kind, record.code)) - {form.values.get("parent")}
        offer["parent"] = {code: name for code, name in offer["parent"].items() if code not in below}
    form = replace(form, fields=fields, offer=offer)
    context: dict[str, Any] = {
        "section": master.section,
        "master": master,
        "masters": MASTERS,
        "form": form,
        "record": record,
        "error": "",
        "effect": None,
        "deactivation": DEACTIVATION,
        "dissolving": master.kind in HOLDERS and await is_dissolving(connection, master.kind, record.code),
        "changes": await list_master_changes(connection, master.kind, record.code, None, CHANGES),
        "since": [] if seen is None else await list_changes_since(connection, master.kind, record.code, seen),
        **(await master.beside(request, record) if master.beside else {}),
        **said,
    }
    return page(request, master.template, status=status, **context)


def form_of(master: Master, record: Record) -> Form:
    """The form of one as it is."""
    fields = master.fields[1:]
    return Form(fields, typed_of(fields, record.state))
