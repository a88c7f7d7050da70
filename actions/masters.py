"""The kinds of master data (registry): what is asked of each, where it is written, and what is said of what is refused."""

from actions import categories as of_category
from actions import employees as of_employee
from actions.master import Master
from actions.register import REGISTER, Register
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
from queries.areas import put_areas
from queries.assets import put_assets
from queries.calendars import put_calendars, put_holidays
from queries.categories import put_categories
from queries.departments import put_departments
from queries.divisions import put_divisions
from queries.staff import put_employees
from queries.stores import put_stores
from queries.targets import put_steps, put_targets
from queries.templates import put_templates

NOT_BELOW_ITSELF = "Tidak dapat berada di bawah dirinya sendiri."
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
    filters=(employees.PIN,),
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
