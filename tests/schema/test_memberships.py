"""What people belong to: any number of divisions and departments, of which each right is a right."""

import pytest
from asyncpg import Connection

from tests.memberships import belong
from tests.queries.life import DESK, GA, LOG, NET, PIC, change, escalate_to_division, problem_in
from tests.schema.life import refused

SAID = "SELECT divisions, departments, division_code, department_code, scopes, sees_all FROM employee WHERE nik = $1"
HELD = "SELECT is_holder(p, e) FROM problem p, employee e WHERE p.id = $1 AND e.nik = $2"


async def test_an_employee_says_what_the_memberships_say(connection: Connection):
    await belong(connection, NET, "MNT", "LOG", "GA", "PRC")
    handler = ["reporter", "handler"]
    assert tuple(await connection.fetchrow(SAID, NET)) == (["GA", "LOG"], ["MNT", "PRC"], "GA", "MNT", handler, True)
    await belong(connection, NET, "LOG", "MNT", "PRC")
    assert (await connection.fetchrow(SAID, NET))["divisions"] == ["LOG"]
    await belong(connection, NET, "LOG", "PRC")
    assert (await connection.fetchrow(SAID, NET))["departments"] == ["PRC"]
    await belong(connection, NET, "PRC")
    assert tuple(await connection.fetchrow(SAID, NET)) == ([], ["PRC"], None, "PRC", handler, True)
    await belong(connection, NET)
    assert tuple(await connection.fetchrow(SAID, NET)) == ([], [], None, None, ["reporter"], False)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE employee SET division_code = 'GA' WHERE nik = '20003'",
        "UPDATE employee SET department_code = 'MNT' WHERE nik = '20003'",
        "INSERT INTO employee (nik, name, store_code, division_code, pin_hash) VALUES ('20009', 'Nama', 'HO', 'GA', '')",
        "UPDATE division_member SET division_code = 'GA' WHERE nik = '20003'",
        "UPDATE department_pic SET department_code = 'PRC' WHERE nik = '30001'",
        "TRUNCATE division_member",
        "TRUNCATE department_pic",
    ],
)
async def test_there_is_one_truth(change: str, draft: Connection):
    with refused():
        await draft.execute(change)


async def test_what_is_derived_cannot_be_written(draft: Connection):
    await draft.execute("UPDATE employee SET divisions = '{HD}', departments = '{MNT}' WHERE nik = '20003'")
    assert tuple(await draft.fetchrow(SAID, NET))[:2] == (["IT-NET"], [])


@pytest.mark.parametrize(
    ("nik", "codes", "state", "holds"),
    [
        (GA, ("GA", "IT-NET"), "open at IT-NET", True),
        (GA, ("GA", "LOG"), "open at IT-NET", False),
        (PIC, ("PRC", "MNT", "LOG"), "open at the PIC", True),
        (PIC, ("PRC", "LOG"), "open at the PIC", False),
        (LOG, ("MNT", "PRC"), "open at the PIC", False),
    ],
)
async def test_who_holds_by_one_of_several(nik: str, codes: tuple, state: str, holds: bool, connection: Connection):
    problem_id = await problem_in(connection, state)
    await belong(connection, nik, *codes)
    assert await connection.fetchval(HELD, problem_id, nik) is holds


async def test_the_second_division_can_be_the_desk(connection: Connection):
    problem_id = await problem_in(connection, "open at IT-NET")
    takes = "SELECT may('takeover', p, e) FROM problem p, employee e WHERE p.id = $1 AND e.nik = $2"
    assert not await connection.fetchval(takes, problem_id, GA)
    await belong(connection, GA, "GA", "HD")
    assert await connection.fetchval(takes, problem_id, GA)


async def test_the_second_membership_of_a_sender_recalls(connection: Connection):
    problem_id = await problem_in(connection, "escalated to IT-NET")
    recalls = "SELECT may('recall', p, e) FROM problem p, employee e WHERE p.id = $1 AND e.nik = $2"
    await belong(connection, LOG, "GA", "HD", "LOG")  # neither the first nor the last of them
    assert await connection.fetchval(recalls, problem_id, LOG)
    await belong(connection, DESK, "GA", "LOG")
    assert not await connection.fetchval(recalls, problem_id, DESK)


async def test_who_is_pic_of_another_department_recalls_nothing_that_this_one_sent(connection: Connection):
    problem_id = await problem_in(connection, "open at the PIC")
    await escalate_to_division(connection, await change(connection, problem_id, PIC), "it", "IT-NET", "Perlu ahli")
    recalls = "SELECT may('recall', p, e) FROM problem p, employee e WHERE p.id = $1 AND e.nik = $2"
    assert await connection.fetchval(recalls, problem_id, PIC)
    await belong(connection, PIC, "PRC")
    assert not await connection.fetchval(recalls, problem_id, PIC)
    await belong(connection, PIC, "MNT", "PRC")
    assert await connection.fetchval(recalls, problem_id, PIC)


async def test_a_change_of_one_of_several_ends_the_sessions(connection: Connection):
    await connection.execute("INSERT INTO session (nik, id_hash) VALUES ('20003', sha256('a'))")
    await belong(connection, NET, "IT-NET")  # as it is
    assert await connection.fetchval("SELECT ended_at IS NULL FROM session WHERE nik = '20003'")
    await belong(connection, NET, "IT-NET", "MNT")
    assert await connection.fetchval("SELECT ended_at IS NOT NULL FROM session WHERE nik = '20003'")
    notes = await connection.fetch("SELECT detail FROM security_event WHERE kind = 'scope changed' AND nik = '20003'")
    assert [note["detail"] for note in notes] == [{"before": {"departments": []}, "after": {"departments": ["MNT"]}}]
