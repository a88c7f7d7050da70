"""What PostgreSQL means to do for the statements of the application, whatever their parameters (EXPLAIN, generic plans)."""

import ast
import json
import re
from collections.abc import Collection, Iterator, Mapping
from itertools import combinations, product
from typing import NamedTuple

from asyncpg import Connection

from queries.problem_filter import NARROWING, ORDERS
from queries.problem_walks import Shape, adding_for, counting_for, statement_for
from tests.sources import MODULES, room_of

# Those with a row or more for each problem: no request reads one of them whole, or sorts more of it than is shown.
LARGE = ["problem", "event", "custody", "escalation", "movement", "note", "note_search", "photo", "file"]
# Those of its indexes along which everybody's problems are passed, or those of a division; but for the look at a row.
WIDE = ["problem_pkey", "problem_changed_id"]
WIDE += [f"problem_{of}_by_{order}" for of in ("year", "division") for order in ("id", "priority", "change")]
IS_ROW = re.compile(r"\bid = ")
PAGE = 200  # rows that may be sorted, as the planner estimates them
REACHES = ("all", "own", "few", "many")  # of a Shape
PLANNED = ("SELECT", "WITH", "INSERT", "UPDATE", "DELETE")


class Statement(NamedTuple):
    """One of the application: the module and function that ask it, and its text."""

    name: str
    text: str


def written_statements() -> Iterator[Statement]:
    """Those that stand in a module of queries/ as they are sent: in the call, or under a name (tests/security/test_sql.py)."""
    for path in MODULES:
        if room_of(path) == "queries":
            module = ast.parse(path.read_text(encoding="utf-8"))
            assigned = [node for node in module.body if isinstance(node, ast.Assign)]
            named = {name.id: node.value for node in assigned for name in node.targets if isinstance(name, ast.Name)}
            for function in ast.walk(module):
                if isinstance(function, ast.AsyncFunctionDef):
                    for text in _texts_in(function, named):
                        yield Statement(f"{path.stem}.{function.name}", text)


def _texts_in(function: ast.AsyncFunctionDef, named: Mapping[str, ast.expr]) -> Iterator[str]:
    for call in ast.walk(function):
        if isinstance(call, ast.Call) and call.args:
            first = call.args[0]
            node = named.get(first.id) if isinstance(first, ast.Name) else first
            if isinstance(node, ast.Constant) and str(node.value).lstrip().startswith(PLANNED):
                yield str(node.value)


def walks() -> Iterator[Statement]:
    """Those of the list and its counts: without a filter, with each, and with each two; for each kind of viewer."""
    filters = [frozenset(names) for number in range(3) for names in combinations(NARROWING, number)]
    statuses = (None, "unfinished", "open", "closed", "void")
    for reach, names, status, order in product(REACHES, filters, statuses, ORDERS.values()):
        if (len(names) < 2 or status in (None, "unfinished")) and ("pic" not in names or "department" in names):
            shape = Shape(reach, names, status, *order)
            yield Statement("of an area" if reach == "many" else str(shape), statement_for(shape))
    for reach, year, priority in product(REACHES, ({"year"}, set()), ({"priority"}, set())):
        yield Statement("problem_counts", adding_for(reach, frozenset(year | priority)))
    for names in filters:
        if not names.isdisjoint(("store", "reporter")):
            yield Statement("problem_counts", counting_for("all", names))
        yield Statement("problem_counts", counting_for("own", names))
        if not names.isdisjoint(("store", "reporter", "mine")):  # of an area; other filters are counted under scopes
            yield Statement("problem_counts of an area", counting_for("many", names))


async def list_partial_indexes(connection: Connection) -> set[str]:
    """The names of the indexes of a few rows of a table."""
    rows = await connection.fetch("SELECT indexrelid::regclass::text FROM pg_index WHERE indpred IS NOT NULL")
    return {name for (name,) in rows}


async def plan_of(connection: Connection, statement: str) -> dict:
    """Its plan, as EXPLAIN tells it: the generic one, if the connection is one that forces it."""
    prepared = await connection.prepare(statement)
    parameters = ", ".join("NULL" for _ in prepared.get_parameters())
    name = f'"{prepared.get_name()}"({parameters})' if parameters else f'"{prepared.get_name()}"'
    return json.loads(await connection.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE {name}"))[0]["Plan"]


def faults_of(plan: dict, partial: Collection[str]) -> set[str]:
    """What of a plan takes the longer the more problems there are: to read a table of LARGE whole, to look at rows that it passes
    over along an index of it, unless that is one of the `partial` ones or about few, and to sort what no limit has cut before."""
    faults = set()
    for node in _nodes_of(plan):
        kind, index = node["Node Type"], node.get("Index Name")
        if node.get("Relation Name") in LARGE and index not in partial:
            if kind == "Seq Scan":
                faults.add("reads all")
            elif (
                kind.startswith("Index")
                and "Filter" in node
                and ("Index Cond" not in node or (index in WIDE and not IS_ROW.search(node["Index Cond"])))
            ):
                faults.add("passes over rows")
        if kind.endswith("Sort") and node["Plans"][0]["Plan Rows"] > PAGE and _is_of_many(node["Plans"][0]):
            faults.add("sorts")
    return faults


def _nodes_of(plan: dict) -> Iterator[dict]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes_of(part)


def _is_of_many(plan: dict) -> bool:
    """Whether it reads a table of LARGE otherwise than through a limit."""
    if plan["Node Type"] == "Limit":
        return False
    return plan.get("Relation Name") in LARGE or any(map(_is_of_many, plan.get("Plans", ())))
