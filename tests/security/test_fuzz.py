"""Random requests at every door: no 5xx, no hang, no trace, all headers. The same ones every time; bench/fuzz.py sends more."""

from asyncpg import Connection
from starlette.applications import Starlette

from app import DOORS
from bench.fuzz import barrage, log_in, make_problems
from bench.nasty import NIKS

COUNT = 3000


async def test_barrage(app: Starlette, connection: Connection) -> None:
    await make_problems(connection, 60)
    logins = [await log_in(app, nik) for nik in NIKS]
    report = await barrage(app, logins, 60, seed=4, count=COUNT, seconds=300)
    assert report.faults == []
    assert sum(report.statuses.values()) == COUNT
    assert {200, 303, 400, 401, 403, 404, 405, 409, 413, 415, 422} <= report.statuses.keys()
    assert {door.path for door in DOORS} <= report.doors.keys()
