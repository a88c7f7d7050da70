"""The statements that find a page of the list, one for each set of filters: static pieces of SQL, joined (keyset, generic plans).

A condition stands in a statement only if its filter is set, so that an index answers it whatever the values: no plan depends on
them, and PostgreSQL makes it once a connection. No piece is made of anything but the constants here (docs/decisions/0107).

A walk goes along one index in the order of the list, through the problems of one year or those that are unfinished, and takes a
page at most. Where several make up what is asked for they have no problem in common, and the page is the first of what they find.
"""

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from queries.employees import Reach
from queries.problem_filter import UNFINISHED

# What is asked for: every statement takes all of it, and names what it needs.
_ASKED = """
    (SELECT $1::text AS own_store, $2::text AS viewer, $3::text AS area, $4::integer AS year, $5::text AS division,
            $6::text AS department, $7::text AS pic, $8::text AS mine, $9::text[] AS my_divisions, $10::text AS store,
            $11::integer AS priority, $12::text AS reporter, $13::text AS status, $14::bigint AS rank, $15::bigint AS id,
            $16::timestamptz AS moment) a
"""
_ADDED = """
    (SELECT $1::text AS own_store, $2::text AS viewer, $3::text AS area, $4::text[] AS scopes, $5::integer AS year,
            $6::integer AS priority, $7::text AS division, $8::text AS department, $9::text AS pic) a
"""
# A row as it stands in the table, of what was found in an index.
_ROW = "(SELECT v.id, v.version, v.due_at FROM problem v WHERE v.id = p.id LIMIT 1)"
_YEARS = (
    "generate_series((SELECT min(p.year) FROM problem p)::integer, (SELECT max(p.year) FROM problem p)) AS y (year)"
)
_IS_UNFINISHED = "p.status IN ('reported', 'open', 'waiting', 'escalated')"
_FINISHED = "finished"  # closed or void
_STATUSES = {UNFINISHED: _IS_UNFINISHED, "closed": "p.status = 'closed'", "void": "p.status = 'void'"}
_STATUSES[_FINISHED] = "p.status IN ('closed', 'void')"
_IS_OF_STATUS = f"{_IS_UNFINISHED} AND p.status = a.status"
_CONDITIONS = {
    "year": "p.year = a.year",
    "division": "p.holder_division_code = a.division",
    "department": "p.holder_department_code = a.department",
    "pic": "coalesce(p.assignee_nik, p.holder_pic_nik) = a.pic",  # of what a department holds nobody else is the assignee
    "store": "p.store_code = a.store",
    "priority": "coalesce(p.priority, 6) = a.priority",
    "reporter": "p.reporter_nik = a.reporter",
}
# What is in reach of whom: everybody's store, and what they reported elsewhere; of a manager the stores of an area before that.
_OWN = ("p.store_code = a.own_store", "p.reporter_nik = a.viewer AND p.store_code <> a.own_store")
_BESIDE_AREA = (
    "p.store_code = a.own_store AND NOT is_in_area(a.own_store, a.area)",
    "p.reporter_nik = a.viewer AND p.store_code <> a.own_store AND NOT is_in_area(p.store_code, a.area)",
)
_OF_AREA = "EXISTS (SELECT FROM area_store w WHERE w.area_code = a.area AND w.store_code = p.store_code) IS TRUE"
_STORES_OF_AREA = "(SELECT w.store_code FROM area_store w WHERE w.area_code = a.area) w"
_BY_ME = "coalesce(p.assignee_nik, p.holder_pic_nik) = a.mine"
# What is counted: under scopes, in the stores of an area, and in the own store that is in none of these.
_COUNTED = (
    "SELECT c.status, c.number FROM problem_count c WHERE c.scope = ANY (a.scopes)",
    "SELECT c.status, c.difference FROM problem_count_change c WHERE c.scopes && a.scopes",
)
_COUNTED_IN_AREA = (
    "SELECT c.status, c.number FROM problem_count c WHERE c.scope = ANY (ARRAY(SELECT area_scopes(a.area, a.scopes)))",
    """SELECT c.status, c.difference FROM problem_count_change c
        WHERE c.scopes && a.scopes AND is_in_area(substr(c.scopes[2], 7), a.area)""",
)
_COUNTED_IN_STORE = (
    """SELECT c.status, c.number FROM problem_count c
        WHERE c.scope = 'store=' || a.own_store AND NOT is_in_area(a.own_store, a.area)""",
    """SELECT c.status, c.difference FROM problem_count_change c
        WHERE c.scopes[2] = 'store=' || a.own_store AND NOT is_in_area(a.own_store, a.area)""",
)
_MINE = f"({_BY_ME} OR (p.holder_division_code = ANY (a.my_divisions) AND p.assignee_nik IS NULL))"
_MY_DIVISIONS = "unnest(a.my_divisions) AS d (code)"
_BY_NOBODY = "p.holder_division_code = d.code AND p.assignee_nik IS NULL"
# By key of ORDERS: the columns that the list goes by, and the place in it. What is not due is walked along by number, the other
# way: what is unfinished, and what is over.
_KEYS = {
    "id": (["p.id"], ["a.id"]),
    "priority": (["coalesce(p.priority, 6)", "p.id"], ["a.rank", "a.id"]),
    "changed": (["p.changed_at", "p.id"], ["a.moment", "a.id"]),
    "due": (["p.due_at", "p.id"], ["a.moment", "a.id"]),
    "stands": (["p.id"], ["a.rank"]),
    "over": (["p.id"], ["a.rank"]),
}
# What is read of a problem to put it in order.
_READ = {"id": "p.id", "priority": "p.id, p.priority", "changed": "p.id, p.changed_at"}
_READ |= {"due": "p.id, p.due_at", "stands": "p.id, p.due_at", "over": "p.id, NULL::timestamptz AS due_at"}
_IS_DUE = {"due": "p.due_at IS NOT NULL", "stands": "p.due_at IS NULL"}
_BY_DUE = ["p.due_at", "CASE WHEN p.due_at IS NULL THEN -p.id ELSE p.id END"]


class Shape(NamedTuple):
    """What tells one statement from another: the reach of the viewer, the names of the filters that are set, the status, and
    the order, as a key of ORDERS and whether it goes down. The reach is `all`, `own`, or that of an area: of `few` or `many`
    stores."""

    reach: str
    filters: frozenset[str]
    status: str | None
    key: str
    down: bool

    @property
    def is_narrow(self) -> bool:
        """Whether it finds only what is a store's or a reporter's, which is little."""
        return self.reach in ("own", "few") or not self.filters.isdisjoint(("store", "reporter"))

    @property
    def is_wide(self) -> bool:
        """Whether it may find much: all but that, and what is unfinished."""
        return not self.is_narrow and self.status in (None, "closed", "void", _FINISHED)

    @property
    def year(self) -> str | None:
        """The year that a walk goes through: the one that is asked for, or each; None: all at once, of what is unfinished."""
        if "year" in self.filters:
            return "a.year"
        if self.key == "due":
            return None
        return "y.year" if self.is_narrow or self.is_wide else None


def reach_of(viewer: Reach) -> str:
    """The reach of a Shape that somebody has."""
    if viewer.sees_all or viewer.area_code is None:
        return "all" if viewer.sees_all else "own"
    return "many" if viewer.is_wide else "few"


@cache
def statement_for(shape: Shape) -> str:
    """The statement, whose parameters are those of _ASKED and how many ids it finds at most."""
    walks = " UNION ALL ".join(_walks(shape) if shape.key != "due" else _walks_by_due(shape))
    sources = f"{_ASKED} CROSS JOIN {_YEARS}" if shape.key != "due" and shape.year == "y.year" else _ASKED
    order = _in_order(_KEYS[shape.key][0] if shape.key != "due" else _BY_DUE, shape.down)
    found = f"{sources} CROSS JOIN LATERAL ({walks}) p ORDER BY {order} LIMIT $17"
    if shape.reach == "few":  # a page of each store is read in the index alone, the rows of one page in the table
        return f"SELECT v.id, v.version, v.due_at FROM (SELECT p.* FROM {found}) p CROSS JOIN LATERAL {_ROW} v"
    return f"SELECT p.id, p.version, p.due_at FROM {found}"


def _walks_by_due(shape: Shape) -> Iterator[str]:
    """What is due; then, the newest first, what is not: the clock stands, or nothing is promised; and all that is finished."""
    if shape.status not in ("closed", "void"):
        unfinished = shape._replace(status=shape.status or UNFINISHED)
        yield from _walks(unfinished)
        yield from _through_years(unfinished._replace(key="stands", down=not shape.down))
    if shape.status in (None, "closed", "void"):
        status = shape.status or _FINISHED
        yield from _through_years(shape._replace(key="over", down=not shape.down, status=status))


def _through_years(shape: Shape) -> Iterator[str]:
    if shape.year == "y.year":
        yield f"(SELECT p.* FROM {_YEARS} CROSS JOIN LATERAL ({' UNION ALL '.join(_walks(shape))}) p)"
    else:
        yield from _walks(shape)


def _walks(shape: Shape) -> Iterator[str]:
    """Those that together find what is asked for."""
    narrowed = [_MINE] if "mine" in shape.filters else []
    if shape.reach in ("all", "many"):
        yield from _walks_of_all(shape, *([_OF_AREA] if shape.reach == "many" else []))
    elif shape.reach == "few":
        of_store = _walk(shape, "p.store_code = w.store_code", *narrowed)
        yield f"(SELECT p.* FROM {_STORES_OF_AREA} CROSS JOIN LATERAL {of_store} p)"
    if shape.reach != "all":
        for part in _OWN if shape.reach == "own" else _BESIDE_AREA:
            yield _walk(shape, part, *narrowed)


def _walks_of_all(shape: Shape, *parts: str) -> Iterator[str]:
    """Those among everybody's problems."""
    if "mine" in shape.filters:
        yield _walk(shape, *parts, _BY_ME)
        yield f"(SELECT p.* FROM {_MY_DIVISIONS} CROSS JOIN LATERAL {_walk(shape, *parts, _BY_NOBODY)} p)"
    else:
        yield _walk(shape, *parts)


def _walk(shape: Shape, *parts: str) -> str:
    columns, place = _KEYS[shape.key]
    filters = shape.filters
    conditions = [*parts]
    if shape.is_wide and shape.key in ("id", "over") and "priority" not in filters:
        # The year is bound by the order, which it leads: else the planner might walk along the numbers of all years.
        columns, place, filters = ["p.year", *columns], [shape.year, *place], filters - {"year"}
        conditions.append(f"p.year >= {shape.year}" if shape.down else f"p.year <= {shape.year}")
    elif shape.year == "y.year":
        conditions.append("p.year = y.year")
    conditions += [text for name, text in _CONDITIONS.items() if name in filters]
    conditions.append(f"({', '.join(columns)}) {'<' if shape.down else '>'} ({', '.join(place)})")
    if shape.key in _IS_DUE:
        conditions.append(_IS_DUE[shape.key])
    if shape.status:
        conditions.append(_STATUSES.get(shape.status, _IS_OF_STATUS))
    if shape.key == "stands":  # as the index has them
        columns = ["p.due_at", *columns]
    order = _in_order(columns, shape.down)
    read = _READ[shape.key] if shape.reach == "few" else "p.*"
    return f"(SELECT {read} FROM problem p WHERE {' AND '.join(conditions)} ORDER BY {order} LIMIT $17)"


def _in_order(columns: list[str], down: bool) -> str:
    return ", ".join(f"{column} DESC" if down else column for column in columns)


@cache
def counting_for(reach: str, filters: frozenset[str]) -> str:
    """The statement that counts by status all that filters find in a reach of Shape; its parameters are those of _ASKED."""
    conditions = [_CONDITIONS[name] for name in _CONDITIONS if name in filters]
    narrowed = [*([_MINE] if "mine" in filters else []), *conditions]
    match reach:
        case "all":
            parts = [narrowed]
        case "own":
            parts = [[part, *narrowed] for part in _OWN]
        case _:
            mine = [[_BY_ME], [f"NOT {_BY_ME} IS TRUE", _MINE]] if "mine" in filters else [[]]
            parts = [[_OF_AREA, *part, *conditions] for part in mine] + [[part, *narrowed] for part in _BESIDE_AREA]
    found = (f"SELECT p.status FROM problem p WHERE {' AND '.join(part) or 'true'}" for part in parts)
    return f"""
        SELECT p.status, count(*) AS number FROM {_ASKED} CROSS JOIN LATERAL ({" UNION ALL ".join(found)}) p
         GROUP BY p.status
    """


@cache
def adding_for(reach: str, filters: frozenset[str]) -> str:
    """The statement that adds up by status what is counted under scopes, of a year and a priority where these are set, and
    what is in a reach of Shape beside it. It finds a row without a status too, but nothing as long as nothing is counted. Its
    parameters are those of _ADDED: of an area, the scopes as they are called without one."""
    of_counted = "".join(f" AND c.{name} = a.{name}" for name in ("year", "priority") if name in filters)
    conditions = [_CONDITIONS[name] for name in _CONDITIONS if name in filters]
    parts = ["SELECT NULL AS status, 0 AS number"]
    if reach in ("all", "own"):
        parts += [part + of_counted for part in _COUNTED]
    else:
        parts += [part + of_counted for part in _COUNTED_IN_AREA]
    beside = {"all": (), "own": _OWN[1:]}.get(reach, _BESIDE_AREA)
    if reach in ("few", "many") and filters.isdisjoint(("division", "department", "pic")):
        parts += [part + of_counted for part in _COUNTED_IN_STORE]
        beside = _BESIDE_AREA[1:]
    parts += (f"SELECT p.status, 1 FROM problem p WHERE {' AND '.join([part, *conditions])}" for part in beside)
    return f"""
        SELECT f.status, sum(f.number) AS number
          FROM {_ADDED} CROSS JOIN (SELECT FROM problem_count LIMIT 1) counted
         CROSS JOIN LATERAL ({" UNION ALL ".join(parts)}) f
         GROUP BY f.status
    """
