"""Waiting and assignment by their verbs: what custody says of both, and how a wait ends."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from asyncpg import Connection

from jobs.worker import working
from queries.changes import ProblemChanged
from queries.desk import get_next
from queries.events import list_events
from queries.jobs import enqueue_job
from queries.problems import get_problem
from queries.waiting import resume_elapsed
from settings import Settings
from tests.conftest import connected
from tests.jobs.conftest import until, until_empty
from tests.queries.life import (
    ADMIN,
    COLLEAGUE,
    DESK,
    DESK_TOO,
    NET,
    PIC,
    REPORTER,
    assign,
    blocked,
    change,
    close,
    correct,
    insert_comment,
    pause,
    problem_in,
    reopen_problem,
    restore,
    resume,
    submission,
    take,
    take_over,
    to_net,
    viewer,
    void,
)

LATER = datetime(2036, 1, 1, 2, 0, tzinfo=UTC)


async def status(connection: Connection, problem_id: int) -> str:
    return await connection.fetchval("SELECT status FROM problem WHERE id = $1", problem_id)


async def causes(connection: Connection, problem_id: int) -> list[tuple[str, str | None]]:
    return [(event.cause, event.actor_nik) for event in await list_events(connection, problem_id)]


async def waited_for(connection: Connection) -> list[int]:
    """The problems whose wait a job is to end."""
    rows = await connection.fetch("SELECT arguments FROM job WHERE kind = 'resumption' ORDER BY id")
    return [row["arguments"]["problem_id"] for row in rows]


async def test_custody_says_who_of_them_had_it_and_what_it_waited_for(connection: Connection):
    problem_id = await problem_in(connection, "open")
    for verb, nik, more in (
        (take, DESK, {}),
        (pause, DESK, {"waiting_for": "part"}),
        (correct, DESK_TOO, {}),
        (assign, DESK, {"nik": DESK_TOO}),
        (resume, DESK, {}),
        (to_net, DESK, {}),
    ):
        await verb(connection, await change(connection, problem_id, nik), **more)
    rows = await connection.fetch(
        "SELECT division_code, assignee_nik, waiting_for FROM custody WHERE problem_id = $1 ORDER BY during", problem_id
    )
    assert [tuple(row) for row in rows] == [
        ("HD", None, None),
        ("HD", DESK, None),
        ("HD", DESK, "part"),
        ("HD", DESK_TOO, "part"),
        ("HD", DESK_TOO, None),
        ("IT-NET", None, None),
    ]
    whole = """
        SELECT sum(coalesce(upper(during), now()) - lower(during)) = now() - min(lower(during)),
               sum(upper(during) - lower(during)) FILTER (WHERE waiting_for IS NOT NULL)
                   = (SELECT max(v.at) FILTER (WHERE cause = 'resumed') - max(v.at) FILTER (WHERE cause = 'paused') FROM event v)
          FROM custody WHERE problem_id = $1"""
    assert tuple(await connection.fetchrow(whole, problem_id)) == (True, True)


async def test_how_long_a_holder_has_it_does_not_begin_anew_with_each_of_them(connection: Connection):
    problem_id = await problem_in(connection, "open at IT-NET")
    net = await viewer(connection, NET)
    since = await connection.fetchval("SELECT at FROM event WHERE problem_id = $1 AND cause = 'escalated'", problem_id)
    await take(connection, await change(connection, problem_id, NET))
    await pause(connection, await change(connection, problem_id, NET))
    async with connection.transaction():
        problem = await get_problem(connection, net, problem_id, None)
        now = await connection.fetchval("SELECT now()")
        paused = await connection.fetchval("SELECT max(at) FROM event WHERE cause = 'paused'")
    assert (problem.held_for, problem.waited_for) == (now - since, now - paused)
    await take_over(connection, await change(connection, problem_id, DESK))
    problem = await get_problem(connection, net, problem_id, None)
    assert problem.waited_for is None and problem.held_for < timedelta(seconds=60) < timedelta(days=1)
    assert problem.holder_division_code == "HD" and problem.assignee_nik is None and problem.status == "open"


async def test_a_wait_ends_by_itself_when_its_time_has_come(connection: Connection, settings: Settings):
    problem_id = await problem_in(connection, "open")
    moment = await connection.fetchval("SELECT clock_timestamp() + interval '0.5 s'")
    await pause(connection, await change(connection, problem_id, DESK), until=moment)
    async with working(settings):
        await until_empty(connection)
    assert (await causes(connection, problem_id))[-1] == ("elapsed", None)
    late = await connection.fetchval("SELECT changed_at - $2 FROM problem WHERE id = $1", problem_id, moment)
    assert timedelta(0) <= late < timedelta(minutes=1)
    assert await status(connection, problem_id) == "open"


async def test_a_wait_whose_job_is_gone_ends_within_the_hour(connection: Connection, settings: Settings):
    """Parked, or taken by a version that did not know it; what waits on is left."""
    overdue, later, open_ended = [await problem_in(connection, "open") for _ in range(3)]
    soon = await connection.fetchval("SELECT clock_timestamp() + interval '0.3 s'")
    for problem_id, moment in ((overdue, soon), (later, LATER), (open_ended, None)):
        await pause(connection, await change(connection, problem_id, DESK), until=moment)
    await connection.execute("DELETE FROM job")
    await connection.execute("SELECT pg_sleep_until($1)", soon)
    await enqueue_job(connection, "overdue", {})
    async with working(settings):
        await until_empty(connection)
    assert (await causes(connection, overdue))[-1] == ("elapsed", None)
    assert [await status(connection, problem_id) for problem_id in (overdue, later, open_ended)] == [
        "open",
        "waiting",
        "waiting",
    ]


@pytest.mark.parametrize("then", ["resumed", "waits on", "closed"])
async def test_the_end_of_another_wait_ends_nothing(connection: Connection, settings: Settings, then: str):
    """A worker may be at its job at that moment."""
    problem_id = await problem_in(connection, "open")
    await pause(connection, await change(connection, problem_id, DESK), until=LATER)
    if then == "closed":
        await close(connection, await change(connection, problem_id, DESK))
    else:
        await resume(connection, await change(connection, problem_id, DESK))
    if then == "waits on":
        await pause(connection, await change(connection, problem_id, DESK), until=LATER + timedelta(days=1))
    before = await causes(connection, problem_id)
    await enqueue_job(connection, "resumption", {"problem_id": problem_id, "until": LATER.isoformat()})
    async with working(settings):
        await until(lambda: connection.fetchval("SELECT NOT EXISTS (SELECT FROM job WHERE due_at <= now())"))
    assert await causes(connection, problem_id) == before


ENDS = {
    "resumed": (resume, DESK),
    "closed": (close, DESK),
    "voided": (void, DESK),
    "escalated": (to_net, DESK),
    "replied": (lambda c, wish: insert_comment(c, wish.problem_id, submission(REPORTER), "Sudah"), DESK),
}


@pytest.mark.parametrize("end", ENDS)
async def test_the_job_of_a_wait_that_has_ended_is_gone_with_it(connection: Connection, end: str):
    other, problem_id = await problem_in(connection, "open"), await problem_in(connection, "open")
    for each in (other, problem_id):
        await pause(connection, await change(connection, each, DESK), waiting_for="reporter", until=LATER)
    await correct(connection, await change(connection, problem_id, DESK))
    assert await waited_for(connection) == [other, problem_id]
    verb, nik = ENDS[end]
    await verb(connection, await change(connection, problem_id, nik))
    assert await waited_for(connection) == [other]


async def test_a_wait_ends_while_its_job_is_at_it(connection: Connection, database_url: str):
    """Neither waits for the other."""
    problem_id = await problem_in(connection, "open")
    await pause(connection, await change(connection, problem_id, DESK), until=LATER)
    async with connected(database_url) as worker, worker.transaction():
        await worker.execute("SELECT FROM job FOR UPDATE")
        await connection.execute("SET lock_timeout = '2s'")
        await resume(connection, await change(connection, problem_id, DESK))
        await resume_elapsed(worker, problem_id, LATER)
        assert await waited_for(connection) == [problem_id], "and the worker removes it"
    assert (await causes(connection, problem_id))[-1] == ("resumed", DESK)


@pytest.mark.parametrize(
    ("waiting_for", "nik", "goes_on"),
    [
        ("reporter", REPORTER, True),
        ("reporter", COLLEAGUE, True),
        ("reporter", DESK, False),
        ("reporter", NET, False),
        ("vendor", REPORTER, False),
    ],
)
async def test_it_goes_on_when_the_store_has_answered(
    connection: Connection, waiting_for: str, nik: str, goes_on: bool
):
    problem_id = await problem_in(connection, "open")
    await pause(connection, await change(connection, problem_id, DESK), waiting_for=waiting_for)
    await insert_comment(connection, problem_id, submission(nik), "Sudah")
    told = [("commented", nik), ("replied", nik)] if goes_on else [("commented", nik)]
    assert (await causes(connection, problem_id))[-len(told) :] == told
    assert await status(connection, problem_id) == ("open" if goes_on else "waiting")


async def test_a_holder_who_works_in_that_store_has_not_answered(connection: Connection):
    problem_id = await problem_in(connection, "open")
    await pause(connection, await change(connection, problem_id, DESK), waiting_for="reporter")
    await connection.execute("UPDATE employee SET store_code = 'T01' WHERE nik = $1", DESK)
    await insert_comment(connection, problem_id, submission(DESK), "Mohon dijawab")
    assert await status(connection, problem_id) == "waiting"


@pytest.mark.parametrize(("end", "now"), [(LATER, "waiting"), (None, "waiting"), ("soon", "open")])
async def test_what_was_voided_while_it_waited_waits_on(connection: Connection, end: object, now: str):
    problem_id = await problem_in(connection, "open")
    if end == "soon":
        end = await connection.fetchval("SELECT clock_timestamp() + interval '10 ms'")
    await pause(connection, await change(connection, problem_id, DESK), until=end)
    await void(connection, await change(connection, problem_id, DESK))
    await connection.execute("DELETE FROM job WHERE kind = 'resumption'")  # whose time came while it was void
    await connection.execute("SELECT pg_sleep(0.02)")
    await restore(connection, await change(connection, problem_id, DESK))
    row = await connection.fetchrow("SELECT status, waiting_for, waiting_until FROM problem WHERE id = $1", problem_id)
    assert tuple(row) == (now, *(("vendor", end) if now == "waiting" else (None, None)))
    due = await connection.fetch("SELECT due_at FROM job WHERE kind = 'resumption'")
    assert [job["due_at"] for job in due] == ([LATER] if end == LATER else []), "and ends when it would have"


async def test_who_leaves_has_nothing_that_is_not_finished(connection: Connection):
    open_, waiting, closed = [await problem_in(connection, "open") for _ in range(3)]
    for problem_id in (open_, waiting, closed):
        await take(connection, await change(connection, problem_id, DESK_TOO))
    await pause(connection, await change(connection, waiting, DESK))
    await close(connection, await change(connection, closed, DESK))
    await connection.execute("SELECT set_config('sih.actor', $1, false)", ADMIN)
    await connection.execute("UPDATE employee SET active = false WHERE nik = $1", DESK_TOO)
    assigned = await connection.fetch("SELECT id FROM problem WHERE assignee_nik = $1", DESK_TOO)
    assert [row["id"] for row in assigned] == [closed]
    for problem_id in (open_, waiting):
        assert (await causes(connection, problem_id))[-1] == ("released", ADMIN)
    await reopen_problem(connection, await change(connection, closed, REPORTER), "Masih mati")
    row = await connection.fetchrow("SELECT status, assignee_nik FROM problem WHERE id = $1", closed)
    assert tuple(row) == ("open", None), "and does not get back what they can't work on"


async def test_who_comes_to_another_division_works_for_that(connection: Connection):
    problem_id = await problem_in(connection, "open")
    await take(connection, await change(connection, problem_id, DESK_TOO))
    await connection.execute("INSERT INTO division_member (nik, division_code) VALUES ($1, 'GA')", DESK_TOO)
    assert (await causes(connection, problem_id))[-1] == ("assigned", DESK_TOO), "as long as they are of both"
    await connection.execute("DELETE FROM division_member WHERE nik = $1 AND division_code = 'HD'", DESK_TOO)
    assert (await causes(connection, problem_id))[-1] == ("released", None)


async def test_what_is_reopened_is_whose_it_was(connection: Connection):
    problem_id = await problem_in(connection, "open")
    await take(connection, await change(connection, problem_id, DESK_TOO))
    await close(connection, await change(connection, problem_id, DESK))
    await reopen_problem(connection, await change(connection, problem_id, REPORTER), "Masih mati")
    assert await connection.fetchval("SELECT assignee_nik FROM problem WHERE id = $1", problem_id) == DESK_TOO


@pytest.mark.parametrize("nik", [NET, PIC, REPORTER, "10009", "99999"])
async def test_nobody_else_can_be_given_it(connection: Connection, nik: str):
    problem_id = await problem_in(connection, "open")
    await take(connection, await change(connection, problem_id, DESK_TOO))
    with pytest.raises(ProblemChanged):
        await assign(connection, await change(connection, problem_id, DESK), nik)


async def test_who_leaves_at_that_moment_is_not_given_it(connection: Connection, database_url: str):
    """Whichever comes first, the other sees it."""
    problem_id = await problem_in(connection, "open")
    wish = await change(connection, problem_id, DESK)
    async with connected(database_url) as other:
        async with connection.transaction():
            await connection.execute("UPDATE employee SET active = false WHERE nik = $1", DESK_TOO)
            assigning = asyncio.create_task(assign(other, wish, DESK_TOO))
            await blocked(connection)
        with pytest.raises(ProblemChanged):
            await assigning


async def test_what_waits_or_a_colleague_works_on_does_not_come_next(connection: Connection):
    mine, theirs, waiting = [await problem_in(connection, "open") for _ in range(3)]
    await take(connection, await change(connection, mine, DESK))
    await take(connection, await change(connection, theirs, DESK_TOO))
    await pause(connection, await change(connection, waiting, DESK))
    assert await get_next(connection, await viewer(connection, DESK), 0) == mine
    assert await get_next(connection, await viewer(connection, DESK), mine) is None
