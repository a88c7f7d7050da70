"""Presence: who else is at a problem."""

import pytest
from asyncpg import Connection

from queries.presence import forget_presence

ANI, CITRA, DESK, DODI, NET, MANAGER = "10001", "10003", "20001", "20002", "20003", "40001"


@pytest.fixture
async def path(people) -> str:
    ani = await people(ANI)
    return (await ani.submit("/problems/new", "/problems", title="Printer", description="Mati")).headers["Location"]


async def test_handlers_are_told_of_each_other(people, path):
    desk, dodi = await people(DESK), await people(DODI)
    assert "sedang" not in (await desk.get(path)).text
    assert "Dewi Anggraini</bdi></b> sedang melihat" in (await dodi.get(path)).text
    await dodi.get(f"{path}/opening", htmx=True)
    beat = (await desk.post(f"{path}/presence", htmx=True)).text
    assert "Dodi Pratama</bdi></b> sedang mengisi Buka Kendala" in beat and "Dewi" not in beat
    await dodi.post(f"{path}/presence", {"doing": "closure"}, htmx=True)
    assert "Dodi Pratama</bdi></b> sedang mengisi Tutup Kendala" in (await desk.get(path)).text
    await dodi.post(f"{path}/presence", {"doing": "apa saja"}, htmx=True)
    assert "Dodi Pratama</bdi></b> sedang melihat" in (await desk.get(path)).text


async def test_it_ends_a_minute_after_the_last_beat(people, path, connection: Connection):
    desk, dodi = await people(DESK), await people(DODI)
    await dodi.get(path)
    await connection.execute("UPDATE presence SET seen_at = now() - interval '59 seconds'")
    assert "Dodi" in (await desk.get(path)).text
    await connection.execute("UPDATE presence SET seen_at = now() - interval '61 seconds'")
    assert "Dodi" not in (await desk.get(path)).text
    await connection.execute("UPDATE presence SET seen_at = now() - interval '11 minutes' WHERE nik = $1", DODI)
    await desk.get(path)
    await forget_presence(connection)
    assert await connection.fetchval("SELECT array_agg(nik) FROM presence") == [DESK]


async def test_a_page_that_is_looked_at_again_right_away_is_not_noted_again(people, path, connection: Connection):
    """And nothing of the problem is written by it: a look at it takes no lock on its row."""
    desk = await people(DESK)
    await desk.get(path)
    noted, locked = "SELECT seen_at FROM presence", "SELECT xmax::text FROM problem"
    first, unlocked = await connection.fetchval(noted), await connection.fetchval(locked)
    await desk.get(path)
    assert await connection.fetchval(noted) == first
    await connection.execute("UPDATE presence SET seen_at = now() - interval '11 seconds'")
    await desk.get(path)
    assert await connection.fetchval(noted) > first and await connection.fetchval(locked) == unlocked
    first = await connection.fetchval(noted)
    await desk.post(f"{path}/presence", {"doing": "closure"}, htmx=True)
    assert await connection.fetchval(noted) > first, "another form is another thing to be told"


async def test_of_others_nothing_is_noted_or_told(people, path, connection: Connection):
    manager, ani, desk, citra = [await people(nik) for nik in (MANAGER, ANI, DESK, CITRA)]
    await desk.get(path)
    assert "Dewi Anggraini</bdi></b> sedang" in (await manager.get(path)).text
    assert "sedang melihat" not in (await ani.get(path)).text
    assert "sedang" not in (await ani.post(f"{path}/presence", htmx=True)).text
    assert (await citra.post(f"{path}/presence", htmx=True)).status_code == 404
    assert await connection.fetchval("SELECT array_agg(nik) FROM presence") == [DESK]
