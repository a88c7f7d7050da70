"""Whoever leaves more than one transaction hands over goes in portions, and is there until the last of them."""

import asyncio

import pytest
from asyncpg import Connection

from jobs.worker import working
from queries import leaving
from queries.leaving import is_leaving, let_go
from settings import Settings
from tests.conftest import connected
from tests.jobs.conftest import until_empty
from tests.queries.life import ADMIN, DESK_TOO, GA, NET, blocked, change, close, problem_in, take, viewer

HOLDERS = "SELECT holder_division_code FROM problem ORDER BY id"
ACTIVE = "SELECT active FROM employee WHERE nik = $1"


@pytest.fixture
def portion(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(leaving, "PORTION", 2)
    return 2


async def depart(connection: Connection, nik: str, heir: str) -> bool:
    async with connection.transaction():
        return await let_go(connection, nik, heir, ADMIN)


async def holders(connection: Connection) -> list[str]:
    return [row[0] for row in await connection.fetch(HOLDERS)]


async def test_they_are_there_until_all_is_handed_over(
    portion: int, connection: Connection, settings: Settings
) -> None:
    await viewer(connection, NET)
    for _ in range(5):
        await problem_in(connection, "open at IT-NET")
    assert await depart(connection, NET, "GA") is False
    assert await holders(connection) == ["GA"] * 2 + ["IT-NET"] * 3
    assert (await connection.fetchval(ACTIVE, NET), await is_leaving(connection, NET)) == (True, True)
    assert await connection.fetchval("SELECT ended_at IS NOT NULL FROM session WHERE nik = $1", NET), "logged out"
    async with working(settings):
        await until_empty(connection)
    assert (await connection.fetchval(ACTIVE, NET), await is_leaving(connection, NET)) == (False, False)
    assert await holders(connection) == ["GA"] * 5
    assert await connection.fetchval("SELECT count(DISTINCT xmin::text) FROM problem") == 3, "each portion by itself"
    said = await connection.fetch("SELECT at, actor_nik FROM event WHERE cause = 'handed over' ORDER BY at")
    assert [row["actor_nik"] for row in said] == [ADMIN] * 5
    left = await connection.fetchrow("SELECT at, detail FROM security_event WHERE kind = 'deactivated'")
    assert left["at"] > said[-1]["at"] and left["detail"] == {"by": ADMIN}


async def test_what_is_assigned_to_them_is_part_of_it(portion: int, connection: Connection, settings: Settings) -> None:
    for _ in range(3):
        await take(connection, await change(connection, await problem_in(connection, "open"), DESK_TOO))
    assert await depart(connection, DESK_TOO, "GA") is False
    assigned = "SELECT count(assignee_nik) FROM problem"
    assert (await connection.fetchval(assigned), await connection.fetchval(ACTIVE, DESK_TOO)) == (1, True)
    async with working(settings):
        await until_empty(connection)
    assert (await connection.fetchval(assigned), await connection.fetchval(ACTIVE, DESK_TOO)) == (0, False)
    assert await holders(connection) == ["HD"] * 3


async def test_who_got_company_meanwhile_leaves_it_to_them(
    portion: int, connection: Connection, settings: Settings
) -> None:
    for _ in range(3):
        await problem_in(connection, "open at IT-NET")
    assert await depart(connection, NET, "LOG") is False
    await connection.execute("INSERT INTO division_member (nik, division_code) VALUES ($1, 'IT-NET')", GA)
    async with working(settings):
        await until_empty(connection)
    assert await holders(connection) == ["LOG", "LOG", "IT-NET"]
    assert await connection.fetchval(ACTIVE, NET) is False


async def test_an_heir_who_goes_with_them_is_none(portion: int, connection: Connection, settings: Settings) -> None:
    """Else it would go round for ever."""
    for _ in range(3):
        await problem_in(connection, "open at IT-NET")
    await connection.execute("INSERT INTO division_member (nik, division_code) VALUES ($1, 'LOG')", NET)
    await connection.execute("UPDATE employee SET active = false WHERE nik = '20005'")
    assert await depart(connection, NET, "LOG") is False
    async with working(settings):
        await until_empty(connection)
    assert await holders(connection) == ["HD"] * 3


async def test_little_goes_at_once(portion: int, connection: Connection) -> None:
    await problem_in(connection, "open at IT-NET")
    assert await depart(connection, NET, "GA") is True
    assert (await holders(connection), await connection.fetchval(ACTIVE, NET)) == (["GA"], False)


async def test_what_is_closed_meanwhile_is_no_end(portion: int, connection: Connection, database_url: str) -> None:
    problems = [await problem_in(connection, "open at IT-NET") for _ in range(3)]
    async with connected(database_url) as other, connected(database_url) as watcher:
        late = connection.transaction()
        await late.start()
        await close(connection, await change(connection, problems[0], NET))
        departing = asyncio.create_task(depart(other, NET, "GA"))
        await blocked(watcher)
        await late.commit()
        assert await departing is False, "one is left, which is too much for one transaction"
    assert await holders(connection) == ["IT-NET", "GA", "IT-NET"]
