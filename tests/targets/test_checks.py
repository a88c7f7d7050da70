"""What verbs keep of promises is what their histories make of them, and `bin/sih verify` finds what is not so."""

import asyncio

import pytest
from asyncpg import Connection

from server.promise_check import find_mispromised
from tests.journeys import WAYS
from tests.queries.life import problem_in
from tests.server.test_command import sih
from tests.targets.replays import replayed_promises

WRONG = {
    "due at another time": "UPDATE problem SET due_at = due_at + interval '1 second' WHERE id = {0}",
    "promised no more": """
        UPDATE promise SET until = since + interval '1 us', worked = 0 WHERE problem_id = {0} AND until IS NULL
    """,
    "no promise": "DELETE FROM promise WHERE problem_id = {0}",
    "of another holder": "UPDATE promise SET holder = 'GA' WHERE problem_id = {0} AND until IS NULL",
    "of another priority": "UPDATE promise SET priority = 6 - priority WHERE problem_id = {0} AND until IS NULL",
    "more was used": "UPDATE promise SET used = used + 1 WHERE problem_id = {0} AND until IS NULL",
    "more of the part": "UPDATE promise SET used = used + 1, part_used = part_used + 1 WHERE problem_id = {0}",
    "more was worked": "UPDATE promise SET worked = worked + 1 WHERE problem_id = {0} AND until IS NOT NULL",
    "not answered": "UPDATE promise SET answered = NULL WHERE problem_id = {0} AND until IS NULL",
    "a gap": "UPDATE promise SET until = until - interval '1 us' WHERE problem_id = {0} AND until IS NOT NULL",
    "an overlap": "UPDATE promise SET until = until + interval '1 us' WHERE problem_id = {0} AND until IS NOT NULL",
}


async def test_what_verbs_keep_is_what_the_history_makes_of_it(connection: Connection):
    """In whatever state problems are, each way promised while it was gone."""
    ids = [await problem_in(connection, state) for state in WAYS]
    assert await find_mispromised(connection) == []
    kept, replayed = await replayed_promises(connection, ids)
    assert kept == replayed
    assert max(len(promises) for promises in kept.values()) > 3


@pytest.mark.parametrize("wrong", WRONG)
async def test_what_is_promised_wrongly_is_found(connection: Connection, wrong: str):
    whole, broken = [await problem_in(connection, "escalated") for _ in range(2)]
    assert await find_mispromised(connection) == []
    await connection.execute("SET session_replication_role = replica;" + WRONG[wrong].format(broken))
    assert await find_mispromised(connection) == [broken], f"and not {whole}"


async def test_verify_names_them(connection: Connection, database_url: str):
    broken = await problem_in(connection, "escalated")
    await connection.execute("SET session_replication_role = replica; UPDATE problem SET due_at = NULL")
    done = await asyncio.to_thread(sih, "verify", DATABASE_URL=database_url, secret_key="k")
    assert done.returncode == 1
    assert "MISPROMISED" in done.stderr and f"the first of them K-{broken}" in done.stderr
