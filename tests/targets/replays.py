"""What the history of problems makes of their promises, beside those that were kept as they changed."""

from asyncpg import Connection

PROMISES = "SELECT problem_id, to_jsonb(q)::text FROM promise q WHERE problem_id = ANY ($1) ORDER BY problem_id, since"
DUE = "SELECT id, due_at::text FROM problem WHERE id = ANY ($1)"


async def replayed_promises(connection: Connection, ids: list[int]) -> tuple[dict[int, list], dict[int, list]]:
    """By problem when it is due next, and its promises: those that are kept, and those of a replay, which is undone."""
    kept = await _read(connection, ids, dict(await connection.fetch(DUE, ids)))
    replay = connection.transaction()
    await replay.start()
    await connection.execute("DELETE FROM promise WHERE problem_id = ANY ($1)", ids)
    due = {number: await connection.fetchval("SELECT replay_promises($1)::text", number) for number in ids}
    replayed = await _read(connection, ids, due)
    await replay.rollback()
    return kept, replayed


async def _read(connection: Connection, ids: list[int], due: dict[int, str | None]) -> dict[int, list]:
    found: dict[int, list] = {number: [due[number]] for number in ids}
    for number, promise in await connection.fetch(PROMISES, ids):
        found[number].append(promise)
    return found
