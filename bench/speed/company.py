"""The places, people and things of the large company: as many at every size, so that only its history grows."""

import random
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from asyncpg import Connection

from demo import texts

STORES = 5_000
STAFF = 9  # people of a store, who report problems; for each store another one works somewhere else
TEAMS = 10  # times the handlers and PICs of the demo company, each with NIKs of its own
SHARES = {"Asia/Jakarta": 0.6, "Asia/Makassar": 0.25, "Asia/Jayapura": 0.15}  # of the stores, as in the demo company
TAKEN_OVER = ("division", "department", "template", "category")  # as they are there
# Working time and targets, beside those that the schema has: as they are there, too.
SERVICE = {
    "calendar": "SELECT code, name, time_zone, closes_on FROM calendar WHERE NOT is_general",
    "calendar_shift": "SELECT f.* FROM calendar_shift f JOIN calendar c ON c.code = f.calendar_code WHERE NOT c.is_general",
    "calendar_use": "SELECT calendar_code, division_code FROM calendar_use WHERE division_code IS NOT NULL",
    "holiday": "SELECT * FROM holiday",
    "target": """
        SELECT code, name, priority, category_code, division_code, department_code, response, resolution, active
          FROM target WHERE code NOT IN ('UMUM', 'P1', 'P2', 'P3', 'P4', 'P5')
    """,
}
# There are no areas: the calendar of one is that of the stores by the same clocks. All holidays were known from the beginning.
LAID_OUT = """
    INSERT INTO calendar_use (calendar_code, store_code) SELECT 'PAPUA', code FROM store WHERE time_zone = 'Asia/Jayapura';
    DELETE FROM working_span;
    SELECT renew_working_time(ARRAY(SELECT code FROM calendar));
"""
KINDS = list(texts.ASSETS)


class Store(NamedTuple):
    """A workplace; `number` is its place in the list of all."""

    number: int
    code: str
    name: str
    zone: str


class Person(NamedTuple):
    """Somebody who works in a store, and how they are found: the words for them and their store, as they are searched."""

    nik: str
    name: str
    store: Store
    searched: str


class Company:
    """What the problems refer to. `staff` are those who report, by zone; `teams` the handlers and PICs of the demo company by
    NIK, `TEAMS` times."""

    def __init__(self, rng: random.Random, handlers: Sequence[tuple[str, str]], stores: int = STORES) -> None:
        self.stores = _make_stores(stores)
        self.teams = [
            {nik: (of_team(nik, team), name) for nik, name in _named(rng, handlers, team)} for team in range(TEAMS)
        ]
        self.staff: dict[str, list[Person]] = {zone: [] for zone in SHARES}
        for store in self.stores:
            for number in range(STAFF):
                self.staff[store.zone].append(_employ(rng, store, store.number * STAFF + number))

    def employees(self, pin_hash: str) -> Iterable[tuple]:
        """Rows of employee: NIK, name, store, manager, admin, PIN hash. Who works in no store is of the head office."""
        for people in self.staff.values():
            yield from ((person.nik, person.name, person.store.code, False, False, pin_hash) for person in people)
        for team in self.teams:
            yield from ((nik, name, "HO", False, False, pin_hash) for nik, name in team.values())
        rest = max(100, len(self.stores) - TEAMS * len(self.teams[0]))
        for number in range(rest):
            is_manager, is_admin = number < 40, number == 40
            nik = f"{4 if is_manager else 9 if is_admin else 5}{number + 1:07}"
            yield nik, f"Karyawan Pusat {number + 1}", "HO", is_manager, is_admin, pin_hash

    def assets(self) -> Iterable[tuple[str, str, str]]:
        """Rows of asset: tag, name, store. Every store has as many of a kind as one may have."""
        for store in self.stores:
            for kind in KINDS:
                for number in range(1, texts.ASSETS[kind][2] + 1):
                    yield f"{store.code}-{kind}-{number:02}", asset_name(kind, number, store), store.code


def of_team(nik: str, team: int) -> str:
    """The NIK of the person of a team who does what this one does in the demo company."""
    return f"{nik[:2]}{team:02}{nik[4:]}"


def asset_name(kind: str, number: int, store: Store) -> str:
    """A store has things of one make."""
    name, models, *_ = texts.ASSETS[kind]
    makes = models.split("|")
    return f"{name} {number} ({makes[store.number % len(makes)]})"


def _make_stores(number_of_all: int) -> list[Store]:
    stores: list[Store] = []
    for zone, share in SHARES.items():
        places = texts.STORES[zone].split("|")
        for number in range(round(number_of_all * share)):
            street, city = places[number % len(places)].split(", ")
            code = f"T{len(stores) + 1:04}"
            stores.append(Store(len(stores), code, f"Toko {street} {number // len(places) + 1}, {city}", zone))
    return stores


def _employ(rng: random.Random, store: Store, number: int) -> Person:
    nik, name = f"1{number + 1:07}", _any_name(rng, store.zone)
    return Person(nik, name, store, f"{nik} {name} {store.code} {store.name}".lower())


def _named(rng: random.Random, handlers: Sequence[tuple[str, str]], team: int) -> Iterable[tuple[str, str]]:
    """The first team has the names of the demo company, the others names of their own."""
    return ((nik, _any_name(rng, "Asia/Jakarta") if team else name) for nik, name in handlers)


def _any_name(rng: random.Random, zone: str) -> str:
    return f"{rng.choice(texts.FIRST_NAMES.split())} {rng.choice(texts.LAST_NAMES[zone].split())}"


async def list_handlers(demo: Connection) -> list[tuple[str, str]]:
    """NIK and name of the demo company's handlers and PICs."""
    return [
        (row["nik"], row["name"])
        for row in await demo.fetch("SELECT nik, name FROM employee WHERE nik ~ '^[23]0' ORDER BY nik")
    ]


async def insert_company(connection: Connection, demo: Connection, company: Company, pin_hash: str) -> None:
    """Its rows, under the rules of the schema; who is of which division and department is as in the demo company."""
    await connection.execute("ALTER TABLE employee DISABLE TRIGGER employee_changed")  # their rights begin here
    stores = [("HO", "Kantor Pusat Jakarta", "Asia/Jakarta"), *((s.code, s.name, s.zone) for s in company.stores)]
    await connection.copy_records_to_table("store", columns=["code", "name", "time_zone"], records=stores)
    for table in TAKEN_OVER:
        rows = await demo.fetch(f"SELECT * FROM {table} ORDER BY code LIKE '%-%'")  # noqa: S608 (parents first)
        await connection.copy_records_to_table(table, columns=list(rows[0].keys()), records=map(tuple, rows))
    for table, rows_of in SERVICE.items():
        rows = await demo.fetch(rows_of)
        await connection.copy_records_to_table(table, columns=list(rows[0].keys()), records=map(tuple, rows))
    await connection.execute(LAID_OUT)
    columns = ["nik", "name", "store_code", "is_manager", "is_admin", "pin_hash"]
    await connection.copy_records_to_table("employee", columns=columns, records=company.employees(pin_hash))
    for table, column in (("division_member", "division_code"), ("department_pic", "department_code")):
        rows = await demo.fetch(f"SELECT nik, {column} FROM {table} WHERE nik ~ '^[23]0'")  # noqa: S608
        members = [(of_team(nik, team), code) for team in range(TEAMS) for nik, code in rows]
        await connection.copy_records_to_table(table, columns=["nik", column], records=members)
    await connection.copy_records_to_table("asset", columns=["tag", "name", "store_code"], records=company.assets())
    await connection.execute("ALTER TABLE employee ENABLE TRIGGER employee_changed")
