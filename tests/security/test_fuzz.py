"""Random requests at every door: no 5xx, no hang, no trace, all headers. The same ones every time; bench/fuzz.py sends more."""

import re
from dataclasses import replace
from itertools import chain

import pytest
from asyncpg import Connection
from starlette.applications import Starlette

from app import DOORS
from bench.fuzz import barrage, log_in, make_problems
from bench.nasty import NIKS
from settings import ROOT
from tests.conftest import People
from tests.routes.catalogue import EXAMPLES, Example, arrange, ask

COUNT = 3000


async def test_barrage(app: Starlette, connection: Connection) -> None:
    await make_problems(connection, 60)
    logins = [await log_in(app, nik) for nik in NIKS]
    report = await barrage(app, logins, 60, seed=4, count=COUNT, seconds=300)
    assert report.faults == []
    assert sum(report.statuses.values()) == COUNT
    assert {200, 303, 400, 401, 403, 404, 405, 409, 413, 415, 422} <= report.statuses.keys()
    assert {door.path for door in DOORS} <= report.doors.keys()


# What an address may bring beside the fields of a form: each name that some door reads.
_READ = re.compile(r"""query_params(?:\.get(?:list)?\(|\[)"(\w+)\"|raw\.get\("(after|before|key|by)\"""")
ASKED = sorted(
    {
        name
        for path in chain(*(ROOT.glob(f"{folder}/*.py") for folder in ("actions", "routes", "forms")))
        for names in _READ.findall(path.read_text(encoding="utf-8"))
        for name in names
        if name
    }
)


@pytest.mark.parametrize("example", [e for e in EXAMPLES if e.method == "GET" and e.who], ids=str)
async def test_no_address_is_a_mistake_of_ours(example: Example, people: People) -> None:
    assert {"after", "before", "show", "shown", "kind"} <= set(ASKED)
    problem = await arrange(example, people)
    client = await people(example.who)
    asked = [{name: "A\x00"} for name in ASKED]
    asked += [dict.fromkeys(ASKED, value) for value in ("\x00", "\ufffd", "9" * 40, "A" * 200, "%")]
    for values in asked:
        answer = await ask(client, replace(example, values={**example.values, **values}), problem)
        assert answer.status_code < 500, values
