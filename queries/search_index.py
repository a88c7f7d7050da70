"""The index by which problems are found by text: what it is asked for, and the ways along it (GIN of trigrams and of keys)."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from asyncpg import Connection, Record

from queries.employees import Reach
from queries.problem_filter import EPOCH, ORDERS, UNFINISHED, Filter, Match, Place

STATUSES = ("reported", "open", "waiting", "escalated", "closed", "void")
PATTERNS = 3  # that the index looks for; by the others only what it finds for these is compared
LAST = 2**62  # beyond the numbers of problems
LAST_DAY = datetime(6000, 1, 1, tzinfo=UTC)

MATCH = "p.id, p.status, coalesce(p.priority, 6) AS priority, p.changed_at"


class Asked(NamedTuple):
    """Patterns that must all be found; keys of `search_keys` (schema.sql) that a problem must all have; and sets of keys, of each
    of which it must have one."""

    patterns: Sequence[str]
    keys: Sequence[str]
    either: Sequence[Sequence[str]]

    def written(self, block: str | None = None) -> tuple[str, list[Any]]:
        """The condition on a problem `p`, and its parameters, from $1 on. `block` is an expression of further keys.

        There are as many statements of it as numbers of patterns and sets: each is planned once.
        """
        conditions = [f"p.search_text LIKE ${n}" for n in range(1, len(self.patterns[:PATTERNS]) + 1)]
        parameters: list[Any] = [*self.patterns[:PATTERNS]]
        if self.patterns[PATTERNS:]:
            parameters.append(self.patterns[PATTERNS:])
            conditions.append(f"p.search_text LIKE ALL (${len(parameters)}::text[])")
        if self.keys or block:
            parameters.append(self.keys)
            beside = f" || {block}" if block else ""
            conditions.append(f"search_keys(p) @> (${len(parameters)}::text[]{beside})")
        for keys in self.either:
            parameters.append(keys)
            conditions.append(f"search_keys(p) && ${len(parameters)}::text[]")
        return " AND ".join(conditions), parameters


def ask(viewer: Reach, filter: Filter, status: str | None) -> Asked:
    """What the index is asked for: what the filter finds by its text in the viewer's reach, of a status that is named apart."""
    codes = {
        "s": None if status == UNFINISHED else status,
        "y": filter.year,
        "d": filter.division,
        "m": filter.department,
        "i": filter.pic,
        "t": filter.store,
        "p": filter.priority,
        "r": filter.reporter,
    }
    keys = [f"{letter}{code}" for letter, code in codes.items() if code is not None]
    either = [[f"s{one}" for one in STATUSES if filter.has_status(one)]] if status == UNFINISHED else []
    if filter.mine:
        nik, divisions = filter.mine
        either.append([f"e{nik}", f"i{nik}", *(f"u{division}" for division in divisions)])
    if not viewer.sees_all:
        either.append([f"t{viewer.store_code}", f"r{viewer.nik}"])
    return Asked(filter.patterns or (), keys, either)


# The keys of the blocks that a walk goes through, in its order; {rank} and {id} are the place that it starts from. What is near
# in the order of the numbers is looked for in small blocks: those of its large one, and of two more.
_BLOCKS = {
    ("id", True): """
        SELECT ARRAY[b.key] AS keys
          FROM (SELECT least({id} - 1, max(id)) AS top FROM problem) p,
               LATERAL (SELECT 'a' || n AS key FROM generate_series(p.top >> 12, greatest((p.top >> 16) - 2, 0) << 4, -1) n
                        UNION ALL SELECT 'b' || n FROM generate_series((p.top >> 16) - 3, 0, -1) n) b""",
    ("id", False): """
        SELECT ARRAY['a' || n] AS keys FROM generate_series(({id} + 1) >> 12, (({id} + 1) >> 16 << 4) + 47) n
         UNION ALL SELECT ARRAY['b' || n] FROM generate_series((({id} + 1) >> 16) + 3, (SELECT max(id) FROM problem) >> 16) n""",
    ("priority", False): """
        SELECT ARRAY['p' || r, 'b' || n] AS keys FROM generate_series({rank}, 6) r,
               generate_series(CASE WHEN r = {rank} THEN {id} >> 16 ELSE 0 END, (SELECT max(id) FROM problem) >> 16) n""",
    ("priority", True): """
        SELECT ARRAY['p' || r, 'b' || n] AS keys FROM generate_series(least({rank}, 6), 1, -1) r,
               generate_series(least(CASE WHEN r = {rank} THEN {id} END, (SELECT max(id) FROM problem)) >> 16, 0, -1) n""",
    ("changed", True): """
        SELECT ARRAY['w' || n] AS keys
          FROM (SELECT min(changed_at) AS first, max(changed_at) AS last FROM problem) p,
               generate_series(least(search_week({rank}), search_week(p.last)), search_week(p.first), -1) n""",
    ("changed", False): """
        SELECT ARRAY['w' || n] AS keys
          FROM (SELECT min(changed_at) AS first, max(changed_at) AS last FROM problem) p,
               generate_series(greatest(search_week({rank}), search_week(p.first)), search_week(p.last)) n""",
}
# Of each key of ORDERS what stands before the number, and its type.
_RANKS = {
    "id": ("{rank}", "bigint"),
    "priority": ("coalesce(p.priority, 6)", "bigint"),
    "changed": ("p.changed_at", "timestamptz"),
}


def start_of(sort: str, place: Place | None, back: bool) -> tuple:
    """A place of an order of ORDERS, as matches have theirs; without one, that from which a walk finds all."""
    key, down = ORDERS[sort]
    if place is not None:
        return (place.moment if key == "changed" else place.rank, place.id)
    first, last = {"id": (0, 0), "priority": (1, 6), "changed": (EPOCH, LAST_DAY)}[key]
    return (last, LAST) if down != back else (first, 0)


_WALK = """
    SELECT f.*
      FROM ({blocks}) b,
           LATERAL (SELECT {match} FROM problem p
                     WHERE {where} AND ({rank}, p.id) {beyond} ({start}, {id}) ORDER BY {rank} {way}, p.id {way}) f
     LIMIT {limit}
"""


async def walk(connection: Connection, asked: Asked, key: str, down: bool, start: tuple, limit: int) -> list[Match]:
    """The first matches that follow a place in an order, up or down: block by block (LATERAL takes them in their order), and no
    more of them than it takes to find so many."""
    where, parameters = asked.written("b.keys")
    rank, type = _RANKS[key]
    first = len(parameters) + 1
    place = {"rank": f"${first}::{type}", "id": f"${first + 1}::bigint"}
    statement = _WALK.format(
        blocks=_BLOCKS[key, down].format(**place),
        match=MATCH,
        where=where,
        rank=rank.format(**place),
        beyond="<" if down else ">",
        start=place["rank"],
        id=place["id"],
        way="DESC" if down else "ASC",
        limit=f"${first + 2}",
    )
    return matches_of(await connection.fetch(statement, *parameters, *start, limit))


_READ = "SELECT {match} FROM problem p WHERE {where} LIMIT {limit}"
_COUNT = "SELECT count(*) FROM (SELECT FROM problem p WHERE {where} LIMIT {limit}) found"
_COUNT_FROM_NEWEST = """
    SELECT count(*)
      FROM (SELECT FROM ({blocks}) b, LATERAL (SELECT FROM problem p WHERE {where} OFFSET 0) f LIMIT {limit}) found
"""


async def read_up_to(connection: Connection, asked: Asked, limit: int) -> list[Match]:
    """What the index finds, in no order, up to a limit."""
    where, parameters = asked.written()
    statement = _READ.format(match=MATCH, where=where, limit=f"${len(parameters) + 1}")
    return matches_of(await connection.fetch(statement, *parameters, limit))


async def count_up_to(connection: Connection, asked: Asked, limit: int) -> int:
    """How many the index finds, up to a limit."""
    where, parameters = asked.written()
    statement = _COUNT.format(where=where, limit=f"${len(parameters) + 1}")
    return await connection.fetchval(statement, *parameters, limit)


async def count_from_newest(connection: Connection, asked: Asked, top: int, limit: int) -> int:
    """The same, of numbers below `top`, where what is found is everywhere: so many are soon found among the newest."""
    where, parameters = asked.written("b.keys")
    first = len(parameters) + 1
    blocks = _BLOCKS["id", True].format(id=f"${first}::bigint")
    statement = _COUNT_FROM_NEWEST.format(blocks=blocks, where=where, limit=f"${first + 1}")
    return await connection.fetchval(statement, *parameters, top, limit)


def matches_of(rows: Iterable[Record]) -> list[Match]:
    """Rows of MATCH."""
    return [Match(row["id"], row["status"], row["priority"], row["changed_at"]) for row in rows]
