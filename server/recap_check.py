"""Whether the numbers of the recap are what the histories of problems say: `bin/sih verify` asks, and `bin/sih recount` mends."""

from dataclasses import dataclass, field
from datetime import date

from asyncpg import Connection

from queries.counting import (
    count_miscounted_sums,
    is_frozen,
    list_counted_months,
    list_miscounted,
    recount,
    recount_sums,
)

PORTION = 1000


@dataclass
class Miscounted:
    """The problems that are counted otherwise than their histories say, and the months of which sums are wrong."""

    problems: list[int] = field(default_factory=list)
    months: list[date] = field(default_factory=list)


async def find_miscounted(connection: Connection) -> Miscounted:
    """Look at all problems and months, a portion at a time."""
    found, after = Miscounted(), 0
    while after is not None:
        problems, after = await list_miscounted(connection, after, PORTION)
        found.problems += problems
    found.months = await _list_miscounted_months(connection)
    return found


async def _list_miscounted_months(connection: Connection) -> list[date]:
    return [month for month in await list_counted_months(connection) if await count_miscounted_sums(connection, month)]


async def mend_miscounted(connection: Connection) -> tuple[Miscounted, list[date]]:
    """Count anew what is counted wrongly, frozen months by restatements; what that was, and the frozen months whose own numbers
    are wrong, which nothing may change."""
    found = await find_miscounted(connection)
    for first in range(0, len(found.problems), PORTION):
        async with connection.transaction():
            await recount(connection, found.problems[first : first + PORTION])
    frozen = [month for month in found.months if await is_frozen(connection, month)]
    if len(frozen) < len(found.months):
        async with connection.transaction():
            await recount_sums(connection)
    return found, frozen
