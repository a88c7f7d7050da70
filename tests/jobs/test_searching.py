"""What was noted before notes were searched is put in by portions, beside what is noted meanwhile."""

import asyncio

import pytest
from asyncpg import Connection

from jobs import searching
from jobs.worker import working
from queries.search import fill_note_search
from settings import Settings
from tests.conftest import connected
from tests.jobs.conftest import enqueue, until_empty
from tests.queries.life import DESK, blocked, change, correct, problem_in

SEARCHED = "SELECT problem_id, text FROM note_search ORDER BY problem_id"
NOTE = "INSERT INTO note (problem_id, author_nik, text) VALUES ($1, $2, $3)"


@pytest.fixture
async def noted(connection: Connection) -> Connection:
    """Three problems with two notes each, which were not searched then."""
    for _ in range(3):
        await problem_in(connection, "open")
    for text in ("Sudah kutelepon", "Vendor datang Senin"):
        for row in await connection.fetch("SELECT id FROM problem"):
            await connection.execute(NOTE, row["id"], DESK, text)
    return connection


async def test_the_notes_of_before_are_found_as_if_they_had_been_from_the_first(
    noted: Connection, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "NOTED", 2)
    await noted.execute(NOTE, 2, DESK, "Kabelnya putus")
    expected = await noted.fetch(SEARCHED)
    await noted.execute("DELETE FROM note_search; DELETE FROM job")
    await noted.execute(
        "INSERT INTO note_search VALUES (2, E'kabelnya putus\n')"
    )  # the trigger knows the new ones only
    await enqueue(noted, "note_search")
    async with working(settings):
        await until_empty(noted)
    assert len(expected) == 3 and await noted.fetch(SEARCHED) == expected


async def test_what_is_noted_while_they_are_put_in_is_found_too(noted: Connection, database_url: str) -> None:
    await noted.execute("DELETE FROM note_search")
    async with connected(database_url) as other, connected(database_url) as watcher:
        late = noted.transaction()
        await late.start()
        await noted.execute(NOTE, 2, DESK, "Kabelnya putus")
        filling = asyncio.create_task(fill_note_search(other, 0, 10))
        await blocked(watcher)
        await late.commit()
        assert await filling is None
    texts = [row["text"] for row in await noted.fetch(SEARCHED)]
    assert len(texts) == 3 and "kabelnya putus vendor datang senin" in texts[1]


async def test_the_first_note_while_what_is_searched_changes(connection: Connection, database_url: str) -> None:
    problem = await problem_in(connection, "open")
    async with connected(database_url) as other, connected(database_url) as watcher:
        late = connection.transaction()
        await late.start()
        await correct(connection, await change(connection, problem, DESK))
        noting = asyncio.create_task(other.execute(NOTE, problem, DESK, "Sudah kutelepon"))
        await blocked(watcher)
        await late.commit()
        await noting
    searched = "SELECT n.text, p.search_text FROM note_search n JOIN problem p ON p.id = n.problem_id"
    text, search_text = await connection.fetchrow(searched)
    assert "lihat" in search_text and text == f"sudah kutelepon\n{search_text}"
