"""A receiver who is none any more when the form arrives."""

import pytest
from asyncpg import Connection

from queries.changes import ProblemChanged
from tests.queries.life import DESK, change, escalate_to_division, escalate_to_pic, problem_in

GONE = [
    "UPDATE employee SET active = false WHERE nik = '30001'",
    "DELETE FROM department_pic WHERE nik = '30001'",
]


@pytest.mark.parametrize("meanwhile", GONE)
async def test_a_pic_who_is_gone_is_a_conflict(meanwhile: str, connection: Connection):
    problem_id = await problem_in(connection, "open")
    await connection.execute(meanwhile)
    with pytest.raises(ProblemChanged):
        await escalate_to_pic(connection, await change(connection, problem_id, DESK), "30001", "Perlu tukang")
    assert await connection.fetchval("SELECT status FROM problem WHERE id = $1", problem_id) == "open"


async def test_a_division_that_is_gone_is_a_conflict(connection: Connection):
    problem_id = await problem_in(connection, "open")
    await connection.execute("UPDATE division SET active = false WHERE code = 'IT-NET'")
    with pytest.raises(ProblemChanged):
        await escalate_to_division(connection, await change(connection, problem_id, DESK), "it", "IT-NET", "Perlu ahli")
    assert await connection.fetchval("SELECT status FROM problem WHERE id = $1", problem_id) == "open"
