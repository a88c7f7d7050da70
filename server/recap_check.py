"""Whether the numbers of the recap are what the histories of problems say; run by `bin/sih verify`."""

from dataclasses import dataclass, field
from datetime import date

from asyncpg import Connection

from queries.counting import list_miscounted, list_miscounted_months

PORTION = 1000


@dataclass
class Miscounted:
    """The problems that are counted otherwise than their histories say, and the months whose sums are wrong."""

    problems: list[int] = field(default_factory=list)
    months: list[date] = field(default_factory=list)


async def find_miscounted(connection: Connection) -> Miscounted:
    """Look at all problems and months, a portion at a time."""
    found, after = Miscounted(), 0
    while after is not None:
        problems, after = await list_miscounted(connection, after, PORTION)
        found.problems += problems
    found.months = await list_miscounted_months(connection)
    return found
