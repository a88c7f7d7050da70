"""A problem is never nobody's: whoever holds an unfinished one can act on it, whatever becomes of people."""

import asyncio

import pytest
from asyncpg import Connection

from tests.conftest import connected
from tests.journeys import WAYS as WAYS_OF_LIFE
from tests.memberships import belong
from tests.queries import life
from tests.queries.life import DESK, DESK_TOO, GA, LOG, NET, PIC, change, problem_in
from tests.schema.life import refused

HOLDER = "SELECT status, coalesce(holder_division_code, holder_pic_nik) FROM problem WHERE id = $1"
LAST = "SELECT cause, actor_nik, before, after FROM event WHERE problem_id = $1 ORDER BY seq DESC LIMIT 1"
DEACTIVATE = "UPDATE employee SET active = false WHERE nik = $1"


async def leave(connection: Connection, nik: str, heir: str = "", by: str = "") -> None:
    """Deactivate somebody, what they leave going to `heir`, by the admin `by`."""
    async with connection.transaction():
        await connection.execute("SELECT set_config('sih.heir', $1, true), set_config('sih.actor', $2, true)", heir, by)
        await connection.execute(DEACTIVATE, nik)


async def unattended(connection: Connection) -> list[int]:
    return [row[0] for row in await connection.fetch("SELECT id FROM unattended_problems()")]


LEFT = {  # a state, who leaves, the heir, and what it is then
    "open at the PIC": [(PIC, "", "open", "HD"), (PIC, "GA", "open", "GA"), (PIC, "IT-POS", "open", "IT-POS")],
    "escalated to the PIC": [(PIC, "", "open", "HD"), (PIC, "GA", "escalated", "GA"), (PIC, "HD", "open", "HD")],
    "open at IT-NET": [(NET, "", "open", "HD"), (NET, "IT-NET", "open", "HD"), (NET, "LOG", "open", "LOG")],
    "escalated to IT-NET": [(NET, "", "open", "HD"), (NET, "GA", "escalated", "GA"), (GA, "", "escalated", "IT-NET")],
    "open": [(DESK, "", "open", "HD"), (NET, "", "open", "HD")],
    "closed at IT-NET": [(NET, "", "closed", "IT-NET")],
}


@pytest.mark.parametrize(
    ("state", "nik", "heir", "status", "holder"), [(state, *case) for state, cases in LEFT.items() for case in cases]
)
async def test_what_somebody_leaves(state: str, nik: str, heir: str, status: str, holder: str, connection: Connection):
    problem_id = await problem_in(connection, state)
    before = tuple(await connection.fetchrow(HOLDER, problem_id))
    await leave(connection, nik, heir, life.ADMIN)
    assert tuple(await connection.fetchrow(HOLDER, problem_id)) == (status, holder)
    assert await unattended(connection) == []
    cause, actor, _, after = await connection.fetchrow(LAST, problem_id)
    if before == (status, holder):
        assert cause != "handed over"
    else:
        assert (cause, actor, after["division"]) == ("handed over", life.ADMIN, holder)


async def test_an_heir_without_members_gives_way_to_the_desk(connection: Connection):
    problem_id = await problem_in(connection, "open at the PIC")
    await leave(connection, "20006")
    await leave(connection, PIC, "IT-POS")
    assert tuple(await connection.fetchrow(HOLDER, problem_id)) == ("open", "HD")
    handed = "SELECT count(*) FROM event WHERE cause = 'handed over'"
    assert await connection.fetchval(handed) == 1, "and not by way of that heir"


@pytest.mark.parametrize("stays", [PIC, NET])
async def test_moving_out_is_leaving(stays: str, connection: Connection):
    problem_id = await problem_in(connection, "open at IT-NET" if stays == NET else "escalated to the PIC")
    await belong(connection, stays, "PRC", "LOG")
    assert tuple(await connection.fetchrow(HOLDER, problem_id)) == ("open", "HD")


async def test_a_colleague_who_stays_is_somebody(connection: Connection):
    problem_id = await problem_in(connection, "open at IT-NET")
    await belong(connection, GA, "GA", "IT-NET")
    await leave(connection, NET)
    assert tuple(await connection.fetchrow(HOLDER, problem_id)) == ("open", "IT-NET")
    await belong(connection, GA, "GA")
    assert tuple(await connection.fetchrow(HOLDER, problem_id)) == ("open", "HD")


async def test_an_escalation_that_is_handed_on_is_answered_as_before(connection: Connection):
    problem_id = await problem_in(connection, "escalated to IT-NET")
    await leave(connection, NET, "GA")
    await life.return_escalation(connection, await change(connection, problem_id, GA), "Bukan kami")
    assert tuple(await connection.fetchrow(HOLDER, problem_id)) == ("open", "HD")
    told = "SELECT to_division_code, answer, reason, sent_by_nik FROM escalation ORDER BY id"
    sent = life.TO_NET["reason"], DESK
    assert [tuple(row) for row in await connection.fetch(told)] == [
        ("IT-NET", "handed over", *sent),
        ("GA", "returned", *sent),
    ]


async def test_back_to_who_sent_it_is_an_end(connection: Connection):
    problem_id = await problem_in(connection, "open at IT-NET")
    await life.escalate_to_pic(connection, await change(connection, problem_id, NET), PIC, "Perlu tukang")
    await leave(connection, PIC, "IT-NET")
    assert tuple(await connection.fetchrow(HOLDER, problem_id)) == ("open", "IT-NET")


async def test_waiting_goes_on(connection: Connection):
    problem_id = await problem_in(connection, "open at IT-NET")
    before = await connection.fetchval("SELECT facts(p) FROM problem p WHERE id = $1", problem_id)
    async with connection.transaction():
        await connection.execute(
            "UPDATE problem SET status = 'waiting', waiting_for = 'vendor' WHERE id = $1", problem_id
        )
        await connection.execute("SELECT record_change($1, $2, 'paused', $3, 'Menunggu')", problem_id, NET, before)
    await leave(connection, NET, "GA")
    assert tuple(await connection.fetchrow(HOLDER, problem_id)) == ("waiting", "GA")
    assert await connection.fetchval("SELECT waiting_for FROM custody WHERE upper_inf(during)") == "vendor"


# Ways into hands that are gone: the state, who leaves before, and the way ----------------------------------------------

WAYS = {
    "returned": ("escalated by IT-NET", NET, lambda c, w: life.return_escalation(c, w, "Bukan kami"), PIC),
    "reopened": ("closed at IT-NET", NET, lambda c, w: life.reopen_problem(c, w, "Mati lagi"), life.REPORTER),
    "restored": ("void at IT-NET", NET, life.restore, DESK),
}


@pytest.mark.parametrize("way", WAYS)
async def test_into_hands_that_are_gone_is_to_the_desk(way: str, connection: Connection):
    state, leaves, verb, nik = WAYS[way]
    problem_id = await problem_in(connection, state if state in WAYS_OF_LIFE else "open at IT-NET")
    if state == "escalated by IT-NET":
        await life.escalate_to_pic(connection, await change(connection, problem_id, NET), PIC, "Perlu tukang")
    if state == "void at IT-NET":
        await life.void(connection, await change(connection, problem_id, NET))
    await leave(connection, leaves)
    await verb(connection, await change(connection, problem_id, nik))
    assert tuple(await connection.fetchrow(HOLDER, problem_id)) == ("open", "HD")
    causes = await connection.fetch("SELECT cause, actor_nik FROM event ORDER BY seq DESC LIMIT 2")
    assert [tuple(row) for row in causes] == [("handed over", None), (way, nik)]
    assert await unattended(connection) == []


async def test_a_pic_who_is_one_of_another_department_now_gets_nothing_back(connection: Connection):
    problem_id = await problem_in(connection, "open at the PIC")
    await life.close(connection, await change(connection, problem_id, PIC))
    await belong(connection, PIC, "PRC")
    await life.reopen_problem(connection, await change(connection, problem_id, life.REPORTER), "Mati lagi")
    assert tuple(await connection.fetchrow(HOLDER, problem_id)) == ("open", "HD")


async def test_the_last_of_the_desk_stays(connection: Connection):
    await leave(connection, DESK_TOO)
    for leaving in (connection.execute(DEACTIVATE, DESK), belong(connection, DESK, "GA")):
        with refused("the last of the desk stays"):
            await leaving
    await belong(connection, GA, "HD")
    await belong(connection, DESK, "GA")


INTO_HANDS = {  # the state before, who does what, and who leaves
    "escalated": ("open", DESK, life.to_net, NET),
    "reopened": ("closed at IT-NET", life.REPORTER, lambda c, w: life.reopen_problem(c, w, "Mati lagi"), NET),
    "reopened at the PIC": ("open at the PIC", life.REPORTER, lambda c, w: life.reopen_problem(c, w, "Mati lagi"), PIC),
}


@pytest.mark.parametrize("way", INTO_HANDS)
async def test_what_is_given_while_the_receiver_leaves(way: str, connection: Connection, database_url: str):
    """Whoever leaves waits for it, and hands it over too."""
    state, nik, verb, leaves = INTO_HANDS[way]
    problem_id = await problem_in(connection, state)
    if leaves == PIC:
        await life.close(connection, await change(connection, problem_id, PIC))
    async with connected(database_url) as other, connected(database_url) as observer:
        async with connection.transaction():
            await verb(connection, await change(connection, problem_id, nik))
            leaving = asyncio.create_task(other.execute(DEACTIVATE, leaves))
            await life.blocked(observer)
        await leaving
    assert tuple(await connection.fetchrow(HOLDER, problem_id)) == ("open", "HD")


GIVEN = {  # what somebody does whose other division, or who as a PIC, then has the problem; and to whom they belong
    "to the other division": (
        ("IT-NET", "IT-POS"),
        lambda c, w: life.escalate_to_division(c, w, "it", "IT-POS", "Perlu ahli"),
    ),
    "to themselves as a PIC": (("IT-NET", "MNT"), lambda c, w: life.escalate_to_pic(c, w, NET, "Perlu tukang")),
}


@pytest.mark.parametrize("given", GIVEN)
async def test_who_leaves_both_hands_that_a_problem_goes_between(given: str, connection: Connection, database_url: str):
    """It is given at the moment at which they leave: neither waits for what the other has locked, whoever comes first."""
    problem_id = await problem_in(connection, "open at IT-NET")
    codes, give = GIVEN[given]
    await leave(connection, "20006")
    await belong(connection, NET, *codes)
    wish = await change(connection, problem_id, NET)
    async with connected(database_url) as other, connected(database_url) as third, connected(database_url) as observer:
        async with third.transaction():
            await third.execute("SELECT FROM problem FOR NO KEY UPDATE")  # both have begun, and neither has the problem
            giving = asyncio.create_task(give(connection, wish))
            await life.blocked(observer, 1)
            leaving = asyncio.create_task(other.execute(DEACTIVATE, NET))
            await life.blocked(observer, 2)
        await asyncio.gather(giving, leaving)
    assert tuple(await connection.fetchrow(HOLDER, problem_id)) == ("open", "HD")
    assert await unattended(connection) == []


async def test_two_who_leave_are_each_other_s_heirs(connection: Connection, database_url: str):
    ids = [await problem_in(connection, "open at IT-NET"), await problem_in(connection, "open at the PIC")]
    await leave(connection, PIC, "GA")
    async with connected(database_url) as other, connected(database_url) as third, connected(database_url) as observer:
        async with third.transaction():
            await third.execute("SELECT FROM problem FOR NO KEY UPDATE")
            both = [
                asyncio.create_task(leave(each, nik, heir))
                for each, nik, heir in ((connection, NET, "GA"), (other, GA, "IT-NET"))
            ]
            await life.blocked(observer, 2)
        await asyncio.gather(*both)
    assert {tuple(await connection.fetchrow(HOLDER, each)) for each in ids} == {("open", "HD")}


async def test_what_is_found_is_brought_home(connection: Connection):
    ids = [
        await problem_in(connection, state)
        for state in ("open at IT-NET", "escalated to the PIC", "open at IT-NET", "open")
    ]
    await connection.execute("ALTER TABLE employee DISABLE TRIGGER employee_changed")
    await connection.execute("UPDATE employee SET active = false WHERE nik = ANY ($1)", [NET, PIC, LOG])
    assert await unattended(connection) == ids[:3]
    assert [await connection.fetchval("SELECT bring_home(2)") for _ in range(3)] == [2, 1, 0]
    assert await unattended(connection) == []
    assert [tuple(await connection.fetchrow(HOLDER, each)) for each in ids] == [("open", "HD")] * 4
    assert tuple(await connection.fetchrow(LAST, ids[0]))[:2] == ("handed over", None)
    await connection.execute("UPDATE employee SET active = false WHERE nik = ANY ($1)", [DESK, DESK_TOO])
    assert await unattended(connection) == ids, "an empty desk is found, and stays"
    assert await connection.fetchval("SELECT bring_home(2)") == 0
