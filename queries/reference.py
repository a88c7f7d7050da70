"""Reference data: what everybody reads and hardly anybody changes, in one piece, to be kept by its version (cache by version)."""

from dataclasses import dataclass
from typing import NamedTuple

from asyncpg import Connection

from queries.areas import list_areas
from queries.categories import Category, Node, list_categories
from queries.departments import Department, list_departments
from queries.divisions import Division, list_active_it_divisions, list_divisions
from queries.employees import Pic, list_unloaded_pics
from queries.rows import read_rows
from queries.stores import Store


class Workplace(NamedTuple):
    """A store with what pages show of it; its time zone is a name of the tz database."""

    code: str
    name: str
    time_zone: str
    phone: str | None
    area_code: str | None = None


@dataclass(frozen=True)
class Reference:
    """Each list in the order in which it is offered. Nobody changes them: requests share them.

    `years` have problems of anybody, the newest first; `pics` tell of no load, which changes with every problem; `categories` are
    those that a problem can be given, `it_divisions` those that it can be passed on to. `workplaces` are the stores by code, some
    thousands; `stores` the same ones in short.
    """

    years: list[int]
    divisions: list[Division]
    it_divisions: list[Division]
    departments: list[Department]
    pics: list[Pic]
    categories: list[Category]
    workplaces: dict[str, Workplace]
    stores: list[Store]
    areas: list[Node]


async def get_reference(connection: Connection) -> Reference:
    """All of it, as it is: some milliseconds, a statement each."""
    years = await connection.fetch("SELECT year FROM reported_year ORDER BY year DESC")
    stores = await connection.fetch("SELECT code, name, time_zone, phone, area_code FROM store ORDER BY code")
    workplaces = read_rows(Workplace, stores)
    return Reference(
        years=[row["year"] for row in years],
        divisions=await list_divisions(connection),
        it_divisions=await list_active_it_divisions(connection),
        departments=await list_departments(connection),
        pics=await list_unloaded_pics(connection),
        categories=await list_categories(connection),
        workplaces={store.code: store for store in workplaces},
        stores=[Store(store.code, store.name) for store in workplaces],
        areas=await list_areas(connection),
    )
