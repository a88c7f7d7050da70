"""Whether master data is as it was noted; run by `bin/sih verify`."""

from asyncpg import Connection

from queries.master_checks import list_checked, list_unrecorded

PORTION = 1000


async def find_misnoted(connection: Connection) -> list[str]:
    """What is otherwise than its record, or its record than its changes, or has none, by kind and code; a portion at a time."""
    wrong, after = [], ("", "")
    while checked := await list_checked(connection, after, PORTION):
        wrong += [f"{each.kind} {each.code}" for each in checked if not (each.is_present and each.is_noted)]
        after = (checked[-1].kind, checked[-1].code)
    return wrong + [f"{kind} {code}" for kind, code in await list_unrecorded(connection)]
