"""Whether what is promised of problems follows from what they are and from working time: `bin/sih verify` asks."""

from asyncpg import Connection

from queries.promise_checks import list_mispromised, list_misworked

PORTION = 1000


async def find_mispromised(connection: Connection) -> list[int]:
    """Look at all problems, a portion at a time; the numbers of those of which something is promised wrongly."""
    found: set[int] = set()
    for look in (list_mispromised, list_misworked):
        after: int | None = 0
        while after is not None:
            problems, after = await look(connection, after, PORTION)
            found.update(problems)
    return sorted(found)
