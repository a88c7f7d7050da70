"""Every page of the list is what a slow model says: whatever the filters, the order, the page, and who looks at it."""

import random
from collections.abc import AsyncIterator
from itertools import product
from pathlib import Path
from typing import NamedTuple

import pytest
from asyncpg import Connection, Record

from queries.employees import Employee
from queries.problem_filter import ORDERS, UNFINISHED, Filter, Place, place_in
from queries.problem_list import list_all_ids, list_problem_ids
from tests.conftest import connected
from tests.databases import Databases
from tests.journeys import MANAGER, NET
from tests.queries.life import viewer

CROWD = Path(__file__).parent.parent / "crowd.sql"
PROBLEMS = 800
REPORTER, STORE = "500007", "X2"
PIC = "500002"
HOLDERS = (
    {},
    {"division": "IT-NET"},
    {"department": "MNT"},
    {"department": "MNT", "pic": PIC},
    {"mine": (NET, ["IT-NET"])},
    {"mine": (NET, ["IT-NET", "HD"])},
    {"mine": (PIC, [])},
)
EXTRAS = ({}, {"priority": 3}, {"store": STORE}, {"reporter": REPORTER}, {"priority": 2, "store": "X5"})
STATUSES = (None, UNFINISHED, "waiting", "closed", "void")
OF_AREAS = {
    "500009": "TENGAH",
    "500016": "TIMUR",
    "500030": "TENGAH",
}  # the first has a store of it, the others see one beside it
WHO = (MANAGER, REPORTER, *OF_AREAS)
SAMPLE = 600  # of all combinations


@pytest.fixture
async def crowd(databases: Databases) -> AsyncIterator[Connection]:
    """A connection to a database with some hundred problems."""
    async with connected(databases.clone()) as connection:
        for statement in CROWD.read_text(encoding="utf-8").replace(":problems", str(PROBLEMS)).split(";\n")[:-1]:
            await connection.execute(statement)
        yield connection


class Model(NamedTuple):
    """The problems in the reach of somebody."""

    rows: list[Record]

    def find(self, filter: Filter, sort: str) -> list[int]:
        """The ids of what the filter finds, in an order."""
        _, down = ORDERS[sort]
        found = [row for row in self.rows if _is_found(row, filter)]
        if sort == "due":
            due = sorted((row for row in found if row["due_at"]), key=lambda row: (row["due_at"], row["id"]))
            found = due + sorted((row for row in found if not row["due_at"]), key=lambda row: -row["id"])
            return [row["id"] for row in found]
        return [row["id"] for row in sorted(found, key=lambda row: place_of(row, sort), reverse=down)]


def _is_found(row: Record, filter: Filter) -> bool:
    nik, divisions = filter.mine or (None, [])
    is_mine = nik in (row["assignee_nik"], row["holder_pic_nik"]) or (
        row["holder_division_code"] in divisions and row["assignee_nik"] is None
    )
    wanted = {
        "year": filter.year,
        "holder_division_code": filter.division,
        "holder_department_code": filter.department,
        "holder_pic_nik": filter.pic,
        "store_code": filter.store,
        "priority": filter.priority,
        "reporter_nik": filter.reporter,
    }
    return (
        filter.has_status(row["status"])
        and (is_mine or filter.mine is None)
        and all(value is None or row[column] == value for column, value in wanted.items())
    )


def place_of(row: Record, sort: str) -> Place:
    return place_in(sort, row["id"], row["priority"], row["changed_at"], row["due_at"])


async def test_every_page_is_that_of_the_model(crowd: Connection) -> None:
    rows = await crowd.fetch("SELECT * FROM problem")
    places = {row["id"]: row for row in rows}
    (year,) = {row["year"] for row in rows if row["id"] == PROBLEMS // 2}
    stores = await put_in_areas(crowd)
    viewers = [(who, _model_of(who, rows, stores)) for who in [await viewer(crowd, nik) for nik in WHO]]
    viewers += [(who._replace(is_wide=True), model) for who, model in viewers if who.area_code]
    every = list(product(viewers, (None, year), HOLDERS, STATUSES, EXTRAS, ORDERS))
    found, chance = 0, random.Random(1)
    for (who, model), year, holder, status, extra, sort in chance.sample(every, SAMPLE):
        filter = Filter(year=year, status=status, **holder, **extra)
        ids = model.find(filter, sort)
        assert list(await list_problem_ids(crowd, who, filter, sort, limit=9)) == ids[:9], (filter, sort)
        if len(ids) > 4:
            for at in {3, chance.randrange(3, len(ids))}:
                place = place_of(places[ids[at]], sort)
                after = await list_problem_ids(crowd, who, filter, sort, after=place, limit=5)
                assert after == ids[at + 1 : at + 6], (filter, sort)
                before = await list_problem_ids(crowd, who, filter, sort, before=place, limit=2)
                assert before == ids[at - 2 : at], (filter, sort)
            found += 1
    assert found > SAMPLE / 5
    async with crowd.transaction():
        who, model = viewers[1]
        for sort in ("changed", "due"):
            assert list(await list_all_ids(crowd, who, Filter(), sort)) == model.find(Filter(), sort)


async def put_in_areas(connection: Connection) -> dict[str, set[str]]:
    """Put some stores into an area below another one, and three reporters in charge of these; the stores of each, by area."""
    await connection.execute(
        """
        INSERT INTO area (code, name, parent_code, active) VALUES ('TENGAH', 'Wilayah Tengah', 'TIMUR', false);
        UPDATE store SET area_code = 'TENGAH' WHERE code IN ('X2', 'X3', 'X5');
        UPDATE store SET area_code = 'TIMUR' WHERE code IN ('X7', 'X8', 'T02')
        """
    )
    for nik, code in OF_AREAS.items():
        await connection.execute("UPDATE employee SET is_manager = true, area_code = $2 WHERE nik = $1", nik, code)
    return {"TENGAH": {"X2", "X3", "X5"}, "TIMUR": {"X2", "X3", "X5", "X7", "X8", "T02"}}


def _model_of(who: Employee, rows: list[Record], stores: dict[str, set[str]]) -> Model:
    seen = stores.get(who.area_code or "", set()) | {who.store_code}
    return Model([r for r in rows if who.sees_all or r["store_code"] in seen or r["reporter_nik"] == who.nik])
