"""The statements that find a page of the list, one for each set of filters: static pieces of SQL, joined (keyset, generic plans).

A condition stands in a statement only if its filter is set, so that an index answers it whatever the values: no plan depends on
them, and PostgreSQL makes it once a connection. No piece is made of anything but the constants here (docs/decisions/0107).

A walk goes along one index in the order of the list, through the problems of one year or those that are unfinished, and takes a
page at most. Where several make up what is asked for they have no problem in common, and the page is the first of what they find.
"""

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from queries.problem_filter import UNFINISHED

# What is asked for: every statement takes all of it, and names what it needs.
_ASKED = """
    (SELECT $1::text AS own_store, $2::text AS viewer, $3::integer AS year, $4::text AS division, $5::text AS department,
            $6::text AS pic, $7::text AS mine, $8::text[] AS my_divisions, $9::text AS store, $10::integer AS priority,
            $11::text AS reporter, $12::text AS status, $13::bigint AS rank, $14::bigint AS id, $15::timestamptz AS moment) a
"""
_ADDED = """
    (SELECT $1::text AS own_store, $2::text AS viewer, $3::text[] AS scopes, $4::integer AS year, $5::integer AS priority) a
"""
_YEARS = (
    "generate_series((SELECT min(p.year) FROM problem p)::integer, (SELECT max(p.year) FROM problem p)) AS y (year)"
)
_IS_UNFINISHED = "p.status IN ('reported', 'open', 'waiting', 'escalated')"
_STATUSES = {UNFINISHED: _IS_UNFINISHED, "closed": "p.status = 'closed'", "void": "p.status = 'void'"}
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
_IN_REACH = ("p.store_code = a.own_store", "p.reporter_nik = a.viewer AND p.store_code <> a.own_store")
_BY_ME = "coalesce(p.assignee_nik, p.holder_pic_nik) = a.mine"
_MINE = f"({_BY_ME} OR (p.holder_division_code = ANY (a.my_divisions) AND p.assignee_nik IS NULL))"
_MY_DIVISIONS = "unnest(a.my_divisions) AS d (code)"
_BY_NOBODY = "p.holder_division_code = d.code AND p.assignee_nik IS NULL"
# By key of ORDERS: the columns that the list goes by, and the place in it.
_KEYS = {
    "id": (["p.id"], ["a.id"]),
    "priority": (["coalesce(p.priority, 6)", "p.id"], ["a.rank", "a.id"]),
    "changed": (["p.changed_at", "p.id"], ["a.moment", "a.id"]),
}


class Shape(NamedTuple):
    """What tells one statement from another: whether the viewer sees all, the names of the filters that are set, the status, and
    the order, as a key of ORDERS and whether it goes down."""

    sees_all: bool
    filters: frozenset[str]
    status: str | None
    key: str
    down: bool

    @property
    def is_narrow(self) -> bool:
        """Whether it finds only what is a store's or a reporter's, which is little."""
        return not self.sees_all or not self.filters.isdisjoint(("store", "reporter"))

    @property
    def is_wide(self) -> bool:
        """Whether it may find much: all but that, and what is unfinished."""
        return not self.is_narrow and self.status in (None, "closed", "void")

    @property
    def year(self) -> str | None:
        """The year that a walk goes through: the one that is asked for, or each; None: all at once, of what is unfinished."""
        if "year" in self.filters:
            return "a.year"
        return "y.year" if self.is_narrow or self.is_wide else None


@cache
def statement_for(shape: Shape) -> str:
    """The statement, whose parameters are those of _ASKED and how many ids it finds at most."""
    walks = " UNION ALL ".join(_walks(shape))
    sources = f"{_ASKED} CROSS JOIN {_YEARS}" if shape.year == "y.year" else _ASKED
    order = _in_order(_KEYS[shape.key][0], shape.down)
    return f"SELECT p.id, p.version FROM {sources} CROSS JOIN LATERAL ({walks}) p ORDER BY {order} LIMIT $16"


def _walks(shape: Shape) -> Iterator[str]:
    """Those that together find what is asked for."""
    if not shape.sees_all:
        for part in _IN_REACH:
            yield _walk(shape, part, *([_MINE] if "mine" in shape.filters else []))
    elif "mine" in shape.filters:
        yield _walk(shape, _BY_ME)
        yield f"(SELECT p.* FROM {_MY_DIVISIONS} CROSS JOIN LATERAL {_walk(shape, _BY_NOBODY)} p)"
    else:
        yield _walk(shape)


def _walk(shape: Shape, *parts: str) -> str:
    columns, place = _KEYS[shape.key]
    filters = shape.filters
    conditions = [*parts]
    if shape.is_wide and shape.key == "id" and "priority" not in filters:
        # The year is bound by the order, which it leads: else the planner might walk along the numbers of all years.
        columns, place, filters = ["p.year", *columns], [shape.year, *place], filters - {"year"}
        conditions.append(f"p.year >= {shape.year}" if shape.down else f"p.year <= {shape.year}")
    elif shape.year == "y.year":
        conditions.append("p.year = y.year")
    conditions += [text for name, text in _CONDITIONS.items() if name in filters]
    conditions.append(f"({', '.join(columns)}) {'<' if shape.down else '>'} ({', '.join(place)})")
    if shape.status:
        conditions.append(_STATUSES.get(shape.status, _IS_OF_STATUS))
    order = _in_order(columns, shape.down)
    return f"(SELECT p.* FROM problem p WHERE {' AND '.join(conditions)} ORDER BY {order} LIMIT $16)"


def _in_order(columns: list[str], down: bool) -> str:
    return ", ".join(f"{column} DESC" if down else column for column in columns)


@cache
def counting_for(sees_all: bool, filters: frozenset[str]) -> str:
    """The statement that counts by status all that filters find; its parameters are those of _ASKED."""
    conditions = [
        *([_MINE] if "mine" in filters else []),
        *(_CONDITIONS[name] for name in _CONDITIONS if name in filters),
    ]
    parts = [[]] if sees_all else [[part] for part in _IN_REACH]
    found = (f"SELECT p.status FROM problem p WHERE {' AND '.join([*part, *conditions]) or 'true'}" for part in parts)
    return f"""
        SELECT p.status, count(*) AS number FROM {_ASKED} CROSS JOIN LATERAL ({" UNION ALL ".join(found)}) p
         GROUP BY p.status
    """


@cache
def adding_for(sees_all: bool, filters: frozenset[str]) -> str:
    """The statement that adds up by status what is counted under scopes, of a year and a priority where these are set, and what a
    viewer who does not see all has reported elsewhere. It finds a row without a status too, but nothing as long as nothing is
    counted. Its parameters are those of _ADDED."""
    narrowed = [name for name in ("year", "priority") if name in filters]
    of_counted = "".join(f" AND c.{name} = a.{name}" for name in narrowed)
    parts = [
        "SELECT NULL AS status, 0 AS number",
        f"SELECT c.status, c.number FROM problem_count c WHERE c.scope = ANY (a.scopes){of_counted}",
        f"SELECT c.status, c.difference FROM problem_count_change c WHERE c.scopes && a.scopes{of_counted}",
    ]
    if not sees_all:
        own = [_IN_REACH[1], *(_CONDITIONS[name] for name in narrowed)]
        parts.append(f"SELECT p.status, 1 FROM problem p WHERE {' AND '.join(own)}")
    return f"""
        SELECT f.status, sum(f.number) AS number
          FROM {_ADDED} CROSS JOIN (SELECT FROM problem_count LIMIT 1) counted
         CROSS JOIN LATERAL ({" UNION ALL ".join(parts)}) f
         GROUP BY f.status
    """
