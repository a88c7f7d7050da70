"""The list of problems, searched by text or number: which it finds, and how many of each status (full-text search, trigrams).

What few problems have is read whole: the page in any order and the counts come from that. What many have is read block by block,
in the order of the page until that is full, and by status until there are more than anybody counts (docs/decisions/0111).
"""

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from asyncpg import Connection

from queries.employees import Reach
from queries.problem_filter import (
    COUNT_LIMIT,
    LAST_RANK,
    ORDERS,
    Filter,
    Found,
    Match,
    Place,
    place_by_due,
    split_by_due,
)
from queries.problem_walks import reach_of
from queries.search_index import (
    LAST,
    STATUSES,
    ask,
    count_each,
    count_from_newest,
    count_up_to,
    matches_of,
    read_from_newest,
    read_up_to,
    start_of,
    walk,
)
from queries.search_statements import BY_DUE, FIRST_OF_YEAR, LAST_OF_YEAR, NAMED, NEWEST, among_narrow, count_often

READ_AT_MOST = 20_000  # problems, the newest, where no index finds what is searched
READ_AT_ONCE = 5_000  # ids, where all are read
FEW = 1_500  # problems that are read whole
NARROW = 4_000  # problems of a store, a reporter or a PIC that are read, whatever their text
OF_FEW = 20_000  # the same of an area that is not wide, which an index of texts knows nothing of
MANY = 32  # of the newest 8,192 numbers, two blocks: more than FEW have it, very likely
SOME = 12  # of 8,192 numbers: of a million, FEW may have it
OFTEN = 700  # of the newest 8,192: a walk finds it sooner than the index, and no more of them are counted


async def get_since(connection: Connection) -> int | None:
    """The number beyond which there are READ_AT_MOST problems at most; None if there are no more than that in all."""
    last = await connection.fetchval("SELECT max(id) FROM problem") or 0
    return last - READ_AT_MOST if last > READ_AT_MOST else None


async def search_page(
    connection: Connection, viewer: Reach, filter: Filter, sort: str, place: Place | None, *, back: bool, limit: int
) -> list[int]:
    """The ids of at most `limit` problems that follow a place in an order of ORDERS, or, going `back`, that come before it,
    the nearest first."""
    found, start = filter.found or await search(connection, viewer, filter), start_of(sort, place, back)
    key, down = ORDERS[sort][0], ORDERS[sort][1] != back
    matches = found.few
    if matches is None and found.newest < OFTEN:
        matches = await _read_status(connection, viewer, filter)
    if matches is None and key == "due":
        matches = await _walk_by_due(connection, viewer, filter, place, back=back, limit=limit)
    elif matches is None:
        first = await _within_year(connection, filter.year, start, down) if key == "id" else start
        matches = await walk(connection, ask(viewer, filter, filter.status), key, down, first, limit)
    places = {match.place(key): match.id for match in (*matches, *found.named) if filter.has_status(match.status)}
    ordered = sorted((at for at in places if (at < start if down else at > start)), reverse=down)
    return [places[at] for at in ordered[:limit]]


async def count_found(connection: Connection, viewer: Reach, filter: Filter) -> dict[str, int]:
    """How many problems a search finds in each status, whatever status it names; at most COUNT_LIMIT + 1 each."""
    found = filter.found or await search(connection, viewer, filter)
    if found.few is not None:
        counts = Counter({match.id: match.status for match in (*found.few, *found.named)}.values())
    else:
        counts = Counter(match.status for match in found.others)
        counts.update({status: least for status, least in found.least.items() if least > COUNT_LIMIT})
        left = [status for status in STATUSES if counts[status] <= COUNT_LIMIT]
        counts.update(await _count_many(connection, viewer, filter, found.newest, left))
    return {status: min(counts[status], COUNT_LIMIT + 1) for status in STATUSES}


async def search(connection: Connection, viewer: Reach, filter: Filter) -> Found:
    """What is found, of any status: all of it, if few have it. Kept with the filter it is not looked for again."""
    named, others = await _find_named(connection, viewer, filter)
    if filter.patterns is None:
        return Found([], 0, {}, named, others)
    read = await _read_newest(connection, viewer, filter)
    if read is None:
        read = await _read_narrow(connection, viewer, filter)
    if read is not None:
        return Found(read, 0, {}, named, others)
    newest, has_some = await _count_newest(connection, viewer, filter)
    if newest >= MANY:
        return Found(None, newest, {}, named, others)
    read_some = read_from_newest if has_some else read_up_to
    few = await read_some(connection, ask(viewer, filter, None), FEW + 1)
    least = Counter(match.status for match in few)
    return Found(few if len(few) <= FEW else None, newest, least, named, others)


async def _find_named(connection: Connection, viewer: Reach, filter: Filter) -> tuple[list[Match], list[Match]]:
    """What is found by its number or by its notes; and of it what is not found by its text."""
    ids = [*(filter.noted or ()), *([filter.number] if filter.number is not None else ())]
    if not ids:
        return [], []
    rows = await connection.fetch(NAMED, *_reach(viewer), *filter.parameters[:-1], ids)
    return matches_of(rows), matches_of(row for row in rows if not row["fits"])


async def _read_newest(connection: Connection, viewer: Reach, filter: Filter) -> list[Match] | None:
    """What is found beyond the number from which on all are read; None if there is none."""
    if filter.since is None:
        return None
    return matches_of(await connection.fetch(NEWEST, *_reach(viewer), *_by_text(filter), filter.since))


async def _read_narrow(connection: Connection, viewer: Reach, filter: Filter) -> list[Match] | None:
    """What is found among the problems of a reporter, a store or a PIC; None if there is none of these, or they have too many."""
    narrow = _narrow(viewer, filter)
    if narrow is None:
        return None
    statement = among_narrow(narrow, filter.year is not None)
    most = OF_FEW if narrow == "few" else NARROW
    row = await connection.fetchrow(statement, *_reach(viewer), *_by_text(filter), most + 1)
    if row is None or row["read"] > most:
        return None
    return [Match(*match) for match in row["found"] or ()]


def _narrow(viewer: Reach, filter: Filter) -> str | None:
    """By what of the filter, or of the reach, few problems are left, if by anything."""
    for name in ("reporter", "store", "pic"):
        if getattr(filter, name):
            return name
    reach = reach_of(viewer)
    return reach if reach in ("own", "few") else None


async def _read_status(connection: Connection, viewer: Reach, filter: Filter) -> list[Match] | None:
    """What is found of the status that is chosen, if few problems have that; None if more than few are found."""
    if filter.status in (None, "closed"):
        return None
    read = await read_up_to(connection, ask(viewer, filter, filter.status), FEW + 1)
    return read if len(read) <= FEW else None


async def _walk_by_due(
    connection: Connection, viewer: Reach, filter: Filter, place: Place | None, *, back: bool, limit: int
) -> list[Match]:
    """What follows a place in the order of what is due, or comes before it. What is due is little, and compared as it comes; the
    others are found block by block, if they are needed."""
    place = place_by_due(place, back=back)
    number, *due = split_by_due(place)
    first = await _within_year(connection, filter.year, (0, number), down=not back)
    matches: list[Match] = []
    for is_due in (False, True) if back else (True, False):
        left = limit - len(matches)
        if left and is_due:
            asked = *_reach(viewer), *_by_text(filter), filter.status
            matches += matches_of(await connection.fetch(BY_DUE[back], *asked, *due, left))
        elif left and not (back and place.rank < LAST_RANK):
            matches += await walk(connection, ask(viewer, filter, filter.status), "undue", not back, first, left)
    return matches


async def _within_year(connection: Connection, year: int | None, start: tuple, down: bool) -> tuple:
    """The place from which a walk along the numbers goes, up or down, through those of a year; as it is, if there is none."""
    if year is None:
        return start
    number = await connection.fetchval(LAST_OF_YEAR if down else FIRST_OF_YEAR, year)
    return start if number is None else (start[0], min(start[1], number) if down else max(start[1], number))


async def _count_newest(connection: Connection, viewer: Reach, filter: Filter) -> tuple[int, bool]:
    """How many are found in the two newest blocks of those that the filter's year has, up to OFTEN; and whether SOME are found
    there, or in two that are a little older."""
    _, top = await _within_year(connection, filter.year, (0, LAST), down=True)
    block = min(top - 1, await connection.fetchval("SELECT max(p.id) FROM problem p") or 0) >> 12
    asked = ask(viewer, filter, None)
    newest, older = [f"a{block}", f"a{block - 1}"], [f"a{block - 8}", f"a{block - 16}"]
    found = await count_up_to(connection, asked._replace(either=[*asked.either, newest]), OFTEN)
    if found >= SOME:
        return found, True
    return found, await count_up_to(connection, asked._replace(either=[*asked.either, older]), SOME) == SOME


async def _count_many(
    connection: Connection, viewer: Reach, filter: Filter, newest: int, statuses: Sequence[str]
) -> dict[str, int]:
    """How many are found by their text in each of `statuses`. Of what is closed, which most is, the newest are enough."""
    if newest >= OFTEN:
        return {status: await _count_often(connection, viewer, filter, status) for status in statuses}
    counts = {}
    if newest >= MANY and "closed" in statuses:
        _, top = await _within_year(connection, filter.year, (0, LAST), down=True)
        asked = ask(viewer, filter, "closed")
        counts["closed"] = await count_from_newest(connection, asked, top, COUNT_LIMIT + 1)
    left = [status for status in statuses if status not in counts]
    return counts | await count_each(connection, ask(viewer, filter, None), left, COUNT_LIMIT + 1)


async def _count_often(connection: Connection, viewer: Reach, filter: Filter, status: str) -> int:
    """The same, reading whatever there is of the status."""
    statement = count_often(status, filter.year is not None)
    return await connection.fetchval(statement, *_reach(viewer), *_by_text(filter), COUNT_LIMIT + 1)


# The ids of all that a filter finds, in an order of ORDERS, which is one of a closed list.
_ALL = """
    SELECT p.id FROM problem p
     WHERE in_reach(p, $1, $2, $3, $4) AND in_filter(p, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
       AND ($19::bigint IS NULL OR p.id > $19)
     ORDER BY CASE $18 WHEN 'priority' THEN coalesce(p.priority, 6) END, CASE $18 WHEN 'changed' THEN p.changed_at END DESC,
              CASE $18 WHEN 'due' THEN p.due_at END,
              CASE WHEN $18 IN ('newest', 'changed') OR ($18 = 'due' AND p.due_at IS NULL) THEN p.id END DESC, p.id
"""


async def search_all(connection: Connection, viewer: Reach, filter: Filter, sort: str) -> array:
    """The ids of all that the filter finds, in an order of ORDERS: eight bytes each, read by a cursor, in a transaction."""
    ids = array("q")
    parameters = *_reach(viewer), *filter.parameters, sort, filter.since
    async for row in connection.cursor(_ALL, *parameters, prefetch=READ_AT_ONCE):
        ids.append(row["id"])
    return ids


def _reach(viewer: Reach) -> tuple[bool, str, str, str | None]:
    return viewer.sees_all, viewer.store_code, viewer.nik, viewer.area_code


def _by_text(filter: Filter) -> Sequence:
    """The parameters of what is found by its text, whatever its status."""
    return replace(filter, number=None, noted=None).parameters[:-1]
