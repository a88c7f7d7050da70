"""The statements of the text search: static pieces of SQL, joined by what is asked for, never by what somebody typed.

As those of the list (queries/problem_walks.py) they have a condition only where there is something to it, and so are planned once
for each shape (docs/decisions/0111). No piece is made of anything but the constants here.
"""

from typing import NamedTuple

MATCH = "p.id, p.status, coalesce(p.priority, 6) AS priority, p.changed_at, p.due_at"
# All that a filter says beside the text, the number and the status; the reach is $1 to $4, the rest follows. `fits`: by its text.
_WITHIN = "in_reach(p, $1, $2, $3, $4) AND in_filter(p, $5, $6, $7, $8, $9, $10, $11, $12, $13, NULL, $15, $16, NULL)"
_FITS = "p.search_text LIKE ALL ($14::text[])"
_OF_YEAR = "AND p.year = $5"
# Of a status, as the indexes of the list have it (queries/problem_walks.py).
_IS_UNFINISHED = "p.status IN ('reported', 'open', 'waiting', 'escalated')"
_OF_STATUS = {
    "reported": f"{_IS_UNFINISHED} AND p.status = 'reported'",
    "open": f"{_IS_UNFINISHED} AND p.status = 'open'",
    "waiting": f"{_IS_UNFINISHED} AND p.status = 'waiting'",
    "escalated": f"{_IS_UNFINISHED} AND p.status = 'escalated'",
    "closed": "p.status = 'closed'",
    "void": "p.status = 'void'",
}
# Whose problems are few, by the parameters of a filter in a reach.
_NARROW = {
    "reporter": "p.reporter_nik = $13",
    "store": "p.store_code = $11",
    "pic": "p.holder_pic_nik = $8",
    "own": "(p.store_code = $2 OR p.reporter_nik = $3)",
    "few": """(p.store_code = ANY (ARRAY(SELECT w.store_code FROM area_store w WHERE w.area_code = $4 UNION SELECT $2))
               OR p.reporter_nik = $3)""",
}
NAMED = f"""
    SELECT {MATCH}, coalesce({_FITS}, false) AND ($5::integer IS NULL OR p.year = $5) AS fits
      FROM problem p WHERE p.id = ANY ($17::bigint[]) AND {_WITHIN}
"""
NEWEST = f"SELECT {MATCH} FROM problem p WHERE p.id > $17 AND {_FITS} AND {_WITHIN}"
# What is due, in its order, and back.
_DUE = f"""
    SELECT {MATCH} FROM problem p
     WHERE {_IS_UNFINISHED} AND p.due_at IS NOT NULL AND {_FITS}
       AND in_reach(p, $1, $2, $3, $4) AND in_filter(p, $5, $6, $7, $8, $9, $10, $11, $12, $13, NULL, $15, $16, $17)
"""
BY_DUE = {
    False: f"{_DUE} AND (p.due_at, p.id) > ($19::timestamptz, $18::bigint) ORDER BY p.due_at, p.id LIMIT $20",
    True: f"{_DUE} AND (p.due_at, p.id) < ($19::timestamptz, $18::bigint) ORDER BY p.due_at DESC, p.id DESC LIMIT $20",
}
LAST_OF_YEAR = "SELECT max(p.id) + 1 FROM problem p WHERE p.year = $1"
FIRST_OF_YEAR = "SELECT min(p.id) - 1 FROM problem p WHERE p.year = $1"


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
_BLOCKS |= {("undue", down): _BLOCKS["id", down] for down in (True, False)}
# Of each key of ORDERS what stands before the number, and its type. What is not due is walked along by number.
_RANKS = {
    "id": ("{rank}", "bigint"),
    "undue": ("{rank}", "bigint"),
    "priority": ("coalesce(p.priority, 6)", "bigint"),
    "changed": ("p.changed_at", "timestamptz"),
}


class Shape(NamedTuple):
    """What tells one condition on the index from another: how many patterns it looks for, whether there are more of them to
    compare, whether there are keys that a problem must all have, of how many sets it must have one, whether it is of a block,
    `b`, whose keys it must have as well, and whether what is found has to be in the reach of a manager of an area."""

    patterns: int
    compares: bool
    has_keys: bool
    sets: int
    by_block: bool
    in_area: bool = False

    @property
    def taken(self) -> int:
        """How many the condition takes, from $1 on."""
        return self.patterns + self.compares + self.has_keys + self.sets + 3 * self.in_area


def among_narrow(whose: str, of_year: bool) -> str:
    """What is found of a reporter, a store, a PIC or a reach, and how many those have, up to $17."""
    return f"""
        SELECT count(*) AS read, array_agg((id, status, priority, changed_at, due_at)) FILTER (WHERE fits) AS found
          FROM (SELECT {MATCH}, {_FITS} AND {_WITHIN} AS fits
                  FROM problem p WHERE {_NARROW[whose]} {_OF_YEAR if of_year else ""} LIMIT $17) read
    """


def count_often(status: str, of_year: bool) -> str:
    """How many of a status are found, up to $17, reading whatever there is of it."""
    return f"""
        SELECT count(*) FROM (
            SELECT FROM problem p
             WHERE {_OF_STATUS[status]} {_OF_YEAR if of_year else ""} AND {_FITS} AND {_WITHIN} LIMIT $17) found
    """


def walk_for(shape: Shape, key: str, down: bool) -> str:
    """The first that follow a place in the order of a key, up or down: block by block, which LATERAL takes in their order. The
    place and the limit follow the parameters of the shape."""
    rank, type = _RANKS[key]
    first = shape.taken + 1
    place = {"rank": f"${first}::{type}", "id": f"${first + 1}::bigint"}
    rank, way = rank.format(**place), "DESC" if down else "ASC"
    return f"""
        SELECT f.*
          FROM ({_BLOCKS[key, down].format(**place)}) b,
               LATERAL (SELECT {MATCH} FROM problem p
                         WHERE {_condition(shape)} {"AND p.due_at IS NULL" if key == "undue" else ""}
                           AND ({rank}, p.id) {"<" if down else ">"} ({place["rank"]}, {place["id"]})
                         ORDER BY {rank} {way}, p.id {way}) f
         LIMIT ${first + 2}
    """


def read_for(shape: Shape) -> str:
    """What the index finds, in no order, up to a limit."""
    return f"SELECT {MATCH} FROM problem p WHERE {_condition(shape)} LIMIT ${shape.taken + 1}"


def read_from_newest_for(shape: Shape) -> str:
    """The same in large blocks of numbers, the newest first, and no more of them than it takes to find so many."""
    return f"""
        SELECT f.*
          FROM (SELECT ARRAY['b' || n] AS keys FROM generate_series((SELECT max(id) FROM problem) >> 16, 0, -1) n) b,
               LATERAL (SELECT {MATCH} FROM problem p WHERE {_condition(shape)} OFFSET 0) f
         LIMIT ${shape.taken + 1}
    """


def count_for(shape: Shape) -> str:
    """How many the index finds, up to a limit."""
    return f"""
        SELECT count(*) FROM (
            SELECT FROM problem p WHERE {_condition(shape)} LIMIT ${shape.taken + 1}) found
    """


def count_each_for(shape: Shape) -> str:
    """The same in each of some statuses, which follow the parameters of the shape before the limit."""
    first = shape.taken + 1
    return f"""
        SELECT s.status, (SELECT count(*) FROM (
                   SELECT FROM problem p WHERE {_condition(shape)} LIMIT ${first + 1}) found) AS number
          FROM unnest(${first}::text[]) AS s (status), LATERAL (SELECT ARRAY['s' || s.status] AS keys) b
    """


def count_from_newest_for(shape: Shape) -> str:
    """How many the index finds, block by block, of numbers below one."""
    first = shape.taken + 1
    return f"""
        SELECT count(*)
          FROM (SELECT FROM ({_BLOCKS["id", True].format(id=f"${first}::bigint")}) b,
                       LATERAL (SELECT FROM problem p WHERE {_condition(shape)} OFFSET 0) f
                 LIMIT ${first + 1}) found
    """


def _condition(shape: Shape) -> str:
    """On a problem `p`."""
    conditions = [f"p.search_text LIKE ${n}" for n in range(1, shape.patterns + 1)]
    last = shape.patterns
    if shape.compares:
        last += 1
        conditions.append(f"p.search_text LIKE ALL (${last}::text[])")
    if shape.has_keys:
        last += 1
        conditions.append(f"search_keys(p) @> (${last}::text[]{' || b.keys' if shape.by_block else ''})")
    conditions += [f"search_keys(p) && ${last + n}::text[]" for n in range(1, shape.sets + 1)]
    last += shape.sets
    if shape.in_area:
        conditions.append(f"in_reach(p, false, ${last + 1}::text, ${last + 2}::text, ${last + 3}::text)")
    return " AND ".join(conditions)
