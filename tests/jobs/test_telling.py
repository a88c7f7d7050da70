"""Telling: all that was committed, nothing that was not, once, whatever is killed; and the number that goes with it."""

import asyncio
import random
import time
from dataclasses import replace

import pytest
from asyncpg import Connection

from actions.registry import COMMENT, NOTE
from jobs import telling
from jobs.registry import KINDS
from jobs.worker import working
from queries.notifications import forget_notifications, read_notifications, read_notifications_of
from queries.outbox import TELLING, is_filled, list_untold, tell_of
from settings import Settings
from tests.conftest import connected
from tests.jobs.conftest import until, until_empty
from tests.journeys import ANI, BUDI, DESK, DESK_TOO, NET
from tests.queries.life import Wish, change, close, do, problem_in, report, submission
from tests.told import forget_all, tell_all, told

# The number that every page says, where it is not that of the rows.
MISCOUNTED = """
    SELECT nik FROM (SELECT n.nik, count(*) AS number FROM notification n WHERE n.read_at IS NULL GROUP BY n.nik) n
      FULL JOIN unread u USING (nik) WHERE coalesce(n.number, 0) <> coalesce(u.number, 0)
"""


@pytest.fixture
def by_itself(told_when_asked: None, monkeypatch: pytest.MonkeyPatch) -> dict:
    """The kind as it is outside of tests."""
    return {TELLING: replace(KINDS[TELLING], wanted=is_filled)}


async def comment(connection: Connection, problem_id: int, nik: str, text: str = "Mati lagi.") -> None:
    await do(connection, COMMENT, Wish(problem_id, 1, submission(nik)), comment=text)


async def test_what_is_rolled_back_is_told_to_nobody(connection: Connection) -> None:
    problem_id = await report(connection)
    await forget_all(connection)
    with pytest.raises(ZeroDivisionError):
        async with connection.transaction():
            await comment(connection, problem_id, BUDI)
            assert len(await list_untold(connection, 10)) == 1
            raise ZeroDivisionError
    await tell_all(connection)
    assert await told(connection) == {}


async def test_who_does_it_by_hand_tells_too(connection: Connection) -> None:
    """Whoever changes something tells it: not only SIH's own way."""
    problem_id = await problem_in(connection, "open")
    await forget_all(connection)
    await connection.execute(
        "INSERT INTO event (problem_id, actor_nik, cause, version, note) VALUES ($1, $2, 'commented', 2, 'Halo')",
        problem_id,
        BUDI,
    )
    await tell_all(connection)
    assert await told(connection) == {ANI: "commented", DESK: "commented", DESK_TOO: "commented"}


async def test_told_twice_it_is_there_once(connection: Connection) -> None:
    problem_id = await report(connection)
    await do(connection, NOTE, await change(connection, problem_id, NET), note=f"@{DESK}")
    [untold, noted] = await list_untold(connection, 10)
    for _ in range(2):
        await tell_of(connection, untold)
    assert await told(connection) == {DESK: "reached", DESK_TOO: "reached"}
    for _ in range(2):
        await tell_of(connection, noted)
    assert await connection.fetch("SELECT nik FROM notification WHERE note_seq = 1") == [(DESK,)]
    assert await list_untold(connection, 10) == [] and await connection.fetch(MISCOUNTED) == []


async def test_it_is_told_within_five_seconds(connection: Connection, settings: Settings, by_itself: dict) -> None:
    async with working(settings, by_itself):
        await asyncio.sleep(0.5)
        for nik in (BUDI, DESK):
            began = time.monotonic()
            await comment(connection, await report(connection), nik)
            await until(lambda: connection.fetchval("SELECT NOT EXISTS (SELECT FROM outbox)"))
            assert time.monotonic() - began < 5
        await until_empty(connection)
    assert await connection.fetchval("SELECT count(*) FROM notification WHERE nik = $1", DESK_TOO) == 4


async def test_more_than_a_portion_is_told_by_several_jobs(
    connection: Connection, settings: Settings, by_itself: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "PORTION", 2)
    for _ in range(5):
        await report(connection)
    async with working(settings, by_itself), working(settings, by_itself):
        await until(lambda: connection.fetchval("SELECT NOT EXISTS (SELECT FROM outbox)"), 20)
    assert await connection.fetchval("SELECT count(*) FROM notification WHERE nik = $1", DESK) == 5


async def test_tellers_that_are_killed_lose_nothing_and_tell_nothing_twice(connection: Connection, nursery) -> None:
    """Two of them, each killed about every other time, while things happen."""
    await connection.execute("CREATE TABLE effect (job bigint NOT NULL, attempt integer NOT NULL, pid integer)")
    nursery("telling"), nursery("telling")
    for _ in range(20):
        for _ in range(3):
            await comment(connection, await report(connection), DESK)
        await asyncio.sleep(0.2)
    await until(lambda: connection.fetchval("SELECT NOT EXISTS (SELECT FROM outbox)"))
    rows = await connection.fetch("SELECT nik, problem_id, event_seq FROM notification")
    expected = {(DESK, n, 1) for n in range(1, 61)} | {(nik, n, 2) for nik in (ANI, DESK_TOO) for n in range(1, 61)}
    assert sorted(map(tuple, rows)) == sorted(expected | {(DESK_TOO, n, 1) for n in range(1, 61)})
    assert await connection.fetch(MISCOUNTED) == []


async def test_what_cannot_be_told_is_in_nobodys_way(
    connection: Connection, settings: Settings, by_itself: dict
) -> None:
    poisoned, fine = await report(connection), await report(connection)
    await connection.execute(
        f"""
        CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'spoilt'; END $$;
        CREATE TRIGGER spoilt BEFORE INSERT ON notification FOR EACH ROW
            WHEN (NEW.problem_id = {poisoned}) EXECUTE FUNCTION spoil()
        """
    )
    kinds = {TELLING: replace(by_itself[TELLING], attempts=2, pause=0.1)}
    async with working(settings, kinds):
        await until(lambda: connection.fetchval("SELECT count(*) = 1 FROM job WHERE parked_at IS NOT NULL"), 20)
        assert await connection.fetch("SELECT DISTINCT problem_id FROM notification") == [(fine,)]
        assert await connection.fetchval("SELECT NOT EXISTS (SELECT FROM outbox)")
        await connection.execute(
            "DROP TRIGGER spoilt ON notification; UPDATE job SET parked_at = NULL, attempts = 0, due_at = now()"
        )
        await until_empty(connection)
    assert await told_of(connection, poisoned) == {DESK, DESK_TOO}


async def told_of(connection: Connection, problem_id: int) -> set[str]:
    rows = await connection.fetch("SELECT nik FROM notification WHERE problem_id = $1", problem_id)
    return {row["nik"] for row in rows}


async def test_the_number_is_that_of_the_rows_whatever_happens(connection: Connection) -> None:
    """A walk by chance: things happen, are told, read and forgotten, and people come and go."""
    chance = random.Random(16)
    ids = [await report(connection) for _ in range(4)]

    async def read_one() -> object:
        return await read_notifications_of(connection, chance.choice((ANI, DESK, DESK_TOO)), chance.choice(ids))

    async def read_some() -> object:
        return await read_notifications(connection, chance.choice((ANI, DESK)), chance.choice((None, 3, 10, 20)))

    async def grow_old() -> object:
        await connection.execute(
            "UPDATE notification SET at = at - interval '181 days' WHERE id % 5 = $1", chance.randrange(5)
        )
        return await forget_notifications(connection)

    async def come_and_go() -> object:
        return await connection.execute("UPDATE employee SET active = NOT active WHERE nik = $1", DESK_TOO)

    async def happen() -> object:
        return await comment(connection, chance.choice(ids), chance.choice((ANI, BUDI, DESK, NET)), "@20001 @20003")

    seen = 0
    for _ in range(150):
        await chance.choice((happen, happen, happen, read_one, read_some, grow_old, come_and_go))()
        await tell_all(connection)
        assert await connection.fetch(MISCOUNTED) == []
        seen = max(seen, await connection.fetchval("SELECT sum(number) FROM unread"))
    assert seen > 10


async def test_who_is_being_told_reads_without_waiting(connection: Connection, database_url: str) -> None:
    problem_id = await problem_in(connection, "open")
    await close(connection, await change(connection, problem_id, DESK))
    await tell_all(connection)
    async with connected(database_url, lock_timeout="2s") as other, connection.transaction():
        await connection.execute("SELECT FROM unread WHERE nik = $1 FOR UPDATE", ANI)
        assert await read_notifications_of(other, ANI, problem_id) == 0
    assert await read_notifications_of(connection, ANI, problem_id) == 1
    assert await read_notifications_of(connection, ANI, problem_id) == 0


async def test_who_loses_sight_of_a_problem_is_left_with_nothing_of_it(connection: Connection) -> None:
    problem_id = await report(connection)
    for nik in (ANI, BUDI):
        await connection.execute("INSERT INTO following (problem_id, nik) VALUES ($1, $2)", problem_id, nik)
    await comment(connection, problem_id, DESK)
    await do(connection, NOTE, await change(connection, problem_id, DESK), note=f"@{NET}")
    await tell_all(connection)
    assert {ANI, BUDI, NET} <= await told_of(connection, problem_id)
    await connection.execute("UPDATE employee SET store_code = 'T02' WHERE nik IN ($1, $2)", ANI, BUDI)
    await connection.execute("DELETE FROM division_member WHERE nik = $1", NET)
    assert await told_of(connection, problem_id) & {ANI, BUDI, NET} == {ANI}, "what is one's own stays in sight"
    assert await connection.fetch("SELECT nik FROM following") == [(ANI,)]
    await comment(connection, problem_id, DESK, f"@{BUDI} @{NET}")
    await tell_all(connection)
    assert await told_of(connection, problem_id) & {BUDI, NET} == set()
    assert await connection.fetch(MISCOUNTED) == []
