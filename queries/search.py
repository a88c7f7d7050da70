"""What is searched of problems, made anew (search index maintenance)."""

from asyncpg import Connection

PORTION = 1000  # numbers of problems whose rows one transaction locks, and changes where it has to


async def renew_search(connection: Connection, of: str, code: str, before: int) -> int | None:
    """Make what is searched anew of some problems below `before` that show the name of the row `code` of the table `of`.

    The number below which to go on; None at the end.
    """
    return await connection.fetchval("SELECT renew_search($1, $2, $3, $4)", of, code, before, PORTION)


async def fill_note_search(connection: Connection, after: int, portion: int) -> int | None:
    """Have the notes of at most `portion` problems above the number `after` found; after which to go on, or None at the end."""
    return await connection.fetchval("SELECT fill_note_search($1, $2)", after, portion)
