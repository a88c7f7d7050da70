"""Whether what is counted, for the recap and beside the list, is so: `bin/sih verify` asks, and `bin/sih recount` mends."""

from dataclasses import dataclass, field
from datetime import date

from asyncpg import Connection

from queries.counting import (
    count_miscounted_sums,
    is_frozen,
    list_counted_months,
    list_miscounted,
    list_misfrozen,
    recount,
    recount_sums,
)
from queries.problem_counts import count_miscounted_problems, recount_problems

PORTION = 1000


@dataclass
class Miscounted:
    """The problems that are counted otherwise than their histories say, the months of which sums are wrong, those of which the
    times are that were frozen (`misfrozen`), and how many sums of the list are."""

    problems: list[int] = field(default_factory=list)
    months: list[date] = field(default_factory=list)
    misfrozen: list[date] = field(default_factory=list)
    in_list: int = 0

    @property
    def anything(self) -> bool:
        """Whether there is something."""
        return self != Miscounted()


async def find_miscounted(connection: Connection) -> Miscounted:
    """Look at all problems and months, a portion at a time."""
    found, after = Miscounted(), 0
    while after is not None:
        problems, after = await list_miscounted(connection, after, PORTION)
        found.problems += problems
    found.months = await _list_miscounted_months(connection)
    found.misfrozen = await list_misfrozen(connection)
    found.in_list = await count_miscounted_problems(connection)
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
    if found.in_list:
        async with connection.transaction():
            await recount_problems(connection)
    return found, sorted({*frozen, *found.misfrozen})
