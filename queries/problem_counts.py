"""How many problems a filter of the list finds, by status (materialized aggregates, docs/decisions/0109)."""

from asyncpg import Connection

from queries.employees import Employee
from queries.problem_filter import FIRST, Filter
from queries.problem_search import count_found
from queries.problem_walks import adding_for, counting_for, reach_of

STATUSES = ("reported", "open", "waiting", "escalated", "closed", "void")


async def count_problems(connection: Connection, viewer: Employee, filter: Filter) -> dict[str, int]:
    """How many problems the filter finds in each status, whatever status it names; of a text COUNT_LIMIT + 1 each at most."""
    if filter.is_search:
        found = await count_found(connection, viewer, filter)
    elif scopes := _scopes(viewer, filter):
        found = await _read_counts(connection, viewer, filter, scopes) or await _count_live(connection, viewer, filter)
    else:
        found = await _count_live(connection, viewer, filter)
    return {status: found.get(status, 0) for status in STATUSES}


def _scopes(viewer: Employee, filter: Filter) -> list[str] | None:
    """Under which scopes all that the filter finds is counted, but for what the viewer sees beside a store or an area; no problem
    under two of them. None: under none."""
    narrowed = sorted(filter.narrowing - {"year", "priority"})
    reach = reach_of(viewer)
    if reach == "own" and (narrowed not in ([], ["store"]) or filter.store not in (None, viewer.store_code)):
        return None
    if reach in ("few", "many") and ("store" in narrowed or "mine" in narrowed):
        return None
    match narrowed:
        case []:
            return [f"store={viewer.store_code}"] if reach == "own" else ["all"]
        case ["store"]:
            return [f"store={filter.store}"]
        case ["division"]:
            return [f"division={filter.division}"]
        case ["department"]:
            return [f"department={filter.department}"]
        case ["department", "pic"]:
            return [f"pic={filter.department}:{filter.pic}"]
        case ["mine"]:
            nik, divisions = filter.mine or ("", [])
            return [f"assigned={nik}", f"held={nik}", *(f"unassigned={code}" for code in divisions)]
    return None


async def _read_counts(connection: Connection, viewer: Employee, filter: Filter, scopes: list[str]) -> dict[str, int]:
    """What is counted under the scopes, and what the viewer sees beside; nothing as long as nothing is counted yet."""
    statement = adding_for("all" if filter.store is not None else reach_of(viewer), filter.narrowing)
    asked = viewer.store_code, viewer.nik, viewer.area_code, scopes, filter.year, filter.priority
    rows = await connection.fetch(statement, *asked, filter.division, filter.department, filter.pic)
    return {row["status"]: row["number"] for row in rows}


async def _count_live(connection: Connection, viewer: Employee, filter: Filter) -> dict[str, int]:
    """By the problems themselves: those of a store or a reporter, or, as long as nothing is counted yet, all."""
    statement = counting_for(reach_of(viewer), filter.narrowing)
    asked = viewer.store_code, viewer.nik, viewer.area_code, *filter.values, *FIRST, FIRST.moment
    rows = await connection.fetch(statement, *asked)
    return {row["status"]: row["number"] for row in rows}


async def fold_problem_counts(connection: Connection) -> None:
    """Add up what changed since the last time; no number changes by it. The first time all problems are counted."""
    await connection.execute("SET LOCAL statement_timeout = 0")
    await connection.execute("SELECT fold_problem_counts()")


async def count_miscounted_problems(connection: Connection) -> int:
    """How many sums by scope, year, priority and status are not those of the problems; none before they are counted first."""
    return await connection.fetchval(
        "SELECT count(*) FROM miscounted_problems() WHERE EXISTS (SELECT FROM problem_count)"
    )


async def recount_problems(connection: Connection) -> None:
    """Count the problems anew; nobody waits for it."""
    await connection.execute("SELECT recount_problems()")
