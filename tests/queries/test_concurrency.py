"""Two people at once: one of them changes the problem, the other is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest
from asyncpg import Connection

from formats.picture import Picture
from formats.uploads import Upload
from queries.changes import ProblemChanged
from queries.draft_files import FilesGone, delete_draft_files, list_draft_files, save_draft_files
from queries.drafts import delete_draft, save_draft
from queries.events import list_events
from queries.problems import Report, insert_problem
from queries.submissions import AlreadyRecorded, KeyReused, get_recorded
from tests.queries.life import (
    DESK,
    DESK_TOO,
    REPORTER,
    Wish,
    blocked,
    change,
    close,
    confirm_problem,
    identify,
    insert_comment,
    problem_in,
    reopen_problem,
    submission,
    to_net,
    void,
)


async def reopen(connection: Connection, change: Wish) -> None:
    await reopen_problem(connection, change, "Masih mati")


RACES = [
    ("open", (DESK, close), (DESK_TOO, close)),
    ("open", (DESK, close), (DESK_TOO, to_net)),
    ("open", (DESK, void), (DESK_TOO, to_net)),
    ("reported", (DESK, identify), (DESK_TOO, identify)),
    ("closed", (REPORTER, confirm_problem), (REPORTER, reopen)),
]


@asynccontextmanager
async def starting_line(database_url: str, problem_id: int, runners: int) -> AsyncIterator[None]:
    """Hold whoever wants to change the problem, until so many wait at its row."""
    gate = await asyncpg.connect(database_url)
    async with gate.transaction():
        await gate.execute("SELECT FROM problem WHERE id = $1 FOR NO KEY UPDATE", problem_id)
        yield
        await blocked(gate, runners)
    await gate.close()


@pytest.mark.parametrize(("state", "one", "two"), RACES)
async def test_of_two_changes_one_is_made(
    state, one, two, connection: Connection, other: Connection, database_url: str
):
    problem_id = await problem_in(connection, state)
    version = (await change(connection, problem_id, DESK)).version
    async with starting_line(database_url, problem_id, runners=2):
        race = asyncio.gather(
            one[1](connection, Wish(problem_id, version, submission(one[0]))),
            two[1](other, Wish(problem_id, version, submission(two[0]))),
            return_exceptions=True,
        )
    assert sorted(map(type, await race), key=str) == [type(None), ProblemChanged]
    assert await connection.fetchval("SELECT version FROM problem") == version + 1
    assert len(await list_events(connection, problem_id)) == version + 1


async def test_the_second_waits_for_the_first(connection: Connection, other: Connection):
    problem_id = await problem_in(connection, "open")
    first, second = await change(connection, problem_id, DESK), await change(connection, problem_id, DESK_TOO)
    async with connection.transaction():
        await close(connection, first)
        waiting = asyncio.create_task(to_net(other, second))
        await blocked(connection)
    with pytest.raises(ProblemChanged):
        await waiting


async def test_the_second_goes_on_if_the_first_is_taken_back(connection: Connection, other: Connection):
    problem_id = await problem_in(connection, "open")
    transaction = connection.transaction()
    await transaction.start()
    await close(connection, await change(connection, problem_id, DESK))
    waiting = asyncio.create_task(to_net(other, Wish(problem_id, 2, submission(DESK_TOO))))
    await blocked(connection)
    await transaction.rollback()
    await waiting
    assert await connection.fetchval("SELECT status FROM problem") == "escalated"


async def test_the_same_form_at_once_is_recorded_once(connection: Connection, other: Connection):
    problem_id = await problem_in(connection, "open")
    form = await change(connection, problem_id, DESK)
    outcomes = await asyncio.gather(close(connection, form), close(other, form), return_exceptions=True)
    assert sorted(map(type, outcomes), key=str) == [type(None), AlreadyRecorded]
    assert await get_recorded(other, form.submission) == f"/problems/{problem_id}"


async def test_the_same_report_at_once_is_recorded_once(connection: Connection, other: Connection):
    form, what = submission(REPORTER), Report(REPORTER, "Printer mati", "Tidak menyala", None, None)
    both = (insert_problem(connection, form, what), insert_problem(other, form, what))
    outcomes = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(map(type, outcomes), key=str) == [int, AlreadyRecorded]
    assert await get_recorded(other, form) == "/problems/1"
    assert await connection.fetchval("SELECT count(*) FROM problem") == 1


async def test_a_report_waits_for_its_draft_that_goes(connection: Connection, other: Connection):
    """Both take the draft before its photos: neither waits for the other at the same moment."""
    form, what = submission(REPORTER), Report(REPORTER, "Printer mati", "Tidak menyala", None, None)
    photo = Upload(bytes(32), 1, Picture(b"x", b"x", 1, 1))
    await save_draft(connection, REPORTER, None, "report", form.key, {"title": "Printer"})
    await save_draft_files(connection, REPORTER, form.key, (), [photo], 5)
    async with connection.transaction():
        await delete_draft(connection, REPORTER, form.key)
        waiting = asyncio.create_task(insert_problem(other, form, what, kept=[photo.digest]))
        await blocked(connection)
        await delete_draft_files(connection, REPORTER, form.key)
    with pytest.raises(FilesGone):
        await waiting
    assert await connection.fetchval("SELECT count(*) FROM problem") == 0


async def test_of_two_refusals_at_once_the_second_says_which_photos_are_kept(connection: Connection, other: Connection):
    key = submission(REPORTER).key
    one, two = (Upload(bytes([number]) * 32, 1, Picture(b"x", b"x", 1, 1)) for number in range(2))
    async with connection.transaction():
        await save_draft_files(connection, REPORTER, key, (), [one], 5)
        waiting = asyncio.create_task(save_draft_files(other, REPORTER, key, (), [two], 5))
        await blocked(connection)
    await waiting
    assert [photo.digest for photo in await list_draft_files(connection, REPORTER, key)] == [two.digest]


async def test_a_key_with_two_contents_at_once_is_used_for_one(connection: Connection, other: Connection):
    problem_id = await problem_in(connection, "open")
    form = await change(connection, problem_id, DESK)
    otherwise = form._replace(submission=submission(DESK, "lain", form.submission.key))
    outcomes = await asyncio.gather(close(connection, form), close(other, otherwise), return_exceptions=True)
    assert sorted(map(type, outcomes), key=str) == [type(None), KeyReused]


async def test_a_comment_waits_for_a_change_and_goes_with_it(connection: Connection, other: Connection):
    problem_id = await problem_in(connection, "open")
    form = await change(connection, problem_id, DESK)
    async with connection.transaction():
        await connection.execute("SELECT FROM problem FOR NO KEY UPDATE")
        waiting = asyncio.create_task(insert_comment(other, problem_id, submission(REPORTER), "Mohon segera"))
        await blocked(connection)
        await close(connection, form)
    await waiting
    events = await connection.fetch("SELECT cause, version FROM event ORDER BY at")
    assert [tuple(event) for event in events] == [("reported", 1), ("opened", 2), ("closed", 3), ("commented", 3)]
    assert [event.cause for event in await list_events(connection, problem_id)][-2:] == ["closed", "commented"]


async def test_many_comments_at_once_are_numbered(connection: Connection, database_url: str):
    problem_id = await problem_in(connection, "open")

    async def say(number: int) -> None:
        own = await asyncpg.connect(database_url)
        await insert_comment(own, problem_id, submission(REPORTER), f"Komentar {number}")
        await own.close()

    await asyncio.gather(*map(say, range(8)))
    events = await list_events(connection, problem_id)
    assert [event.seq for event in events] == list(range(1, 11))
    assert {event.note for event in events[2:]} == {f"Komentar {number}" for number in range(8)}


async def test_what_changes_master_data_waits_for_nobody_who_counts(connection: Connection, other: Connection):
    """Else two who hand over problems, which are counted, and are noted themselves at their commit would wait for each other."""
    async with other.transaction():
        await other.execute("SELECT share_counting()")
        async with connection.transaction():
            await connection.execute("SET LOCAL lock_timeout = '2s'")
            await connection.execute(
                "UPDATE category SET parent_code = 'NET', name = 'Truk besar' WHERE code = 'KIR-TRK'"
            )
